"""The real command as a process without a network, and PDFs made for one test."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRETRAINED = ROOT / "metier" / "pretrained"

# Loaded by Python itself before anything of ours: every use of the network is an error.
NO_NETWORK = """
import socket

def refuse(*arguments, **options):
    raise OSError("the network was used")

socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.create_connection = refuse
socket.getaddrinfo = refuse
"""

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
Place = tuple[float, float, str]  # points from the left and from the bottom


def offline_python(folder: Path) -> Run:
    """`python ARGUMENTS` in `folder`, as a process of its own that cannot reach the network."""
    guard = folder / "no_network"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(NO_NETWORK)
    path = os.pathsep.join([str(guard), str(ROOT)])

    def run(
        *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        clean = {name: value for name, value in os.environ.items() if name != "METIER_HOME"}
        return subprocess.run(
            [sys.executable, *arguments],
            input=stdin,
            capture_output=True,
            cwd=folder,
            env={**clean, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **(env or {})},
            timeout=120,
            check=False,
        )

    return run


def offline_metier(folder: Path) -> Run:
    """`metier ARGUMENTS`, run as `offline_python` does."""
    python = offline_python(folder)
    return lambda *arguments, **options: python("-m", "metier", *arguments, **options)


def make_pdf(*pages: Sequence[Place], size: float = 10, **options: Any) -> bytes:
    """A PDF of pages, each a list of (x, y, text) in the order in which they are drawn."""
    canvas = pytest.importorskip("reportlab.pdfgen.canvas")
    out = io.BytesIO()
    paper = canvas.Canvas(out, pagesize=(595, 842), **options)
    for page in pages:
        paper.setFont("Helvetica", size)
        for x, y, text in page:
            paper.drawString(x, y, text)
        paper.showPage()
    paper.save()
    return out.getvalue()


def shipped(*kinds: str) -> Path:
    """The folder of the shipped weights; skips where one of `kinds` has not been trained."""
    for kind in kinds:
        if not (PRETRAINED / kind / "manifest.json").is_file():
            pytest.skip(f"no trained {kind} in metier/pretrained")
    return PRETRAINED
