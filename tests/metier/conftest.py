"""The real command, and PDFs made for one test."""

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


@pytest.fixture
def run_metier(tmp_path: Path) -> Run:
    """`metier ARGUMENTS` as a process of its own that cannot reach the network."""
    (tmp_path / "no_network").mkdir()
    (tmp_path / "no_network" / "sitecustomize.py").write_text(NO_NETWORK)
    path = os.pathsep.join([str(tmp_path / "no_network"), str(ROOT)])

    def run(
        *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        clean = {name: value for name, value in os.environ.items() if name != "METIER_HOME"}
        return subprocess.run(
            [sys.executable, "-m", "metier", *arguments],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env={**clean, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **(env or {})},
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def shipped_tagger() -> Path:
    """The folder of the shipped tagger."""
    if not (PRETRAINED / "tagger" / "manifest.json").is_file():
        pytest.skip("no trained tagger in metier/pretrained")
    return PRETRAINED / "tagger"


@pytest.fixture(scope="session")
def shipped_all(shipped_tagger: Path) -> Path:
    """The folder that holds tagger, encoder and space."""
    for kind in ("encoder", "space"):
        if not (PRETRAINED / kind / "manifest.json").is_file():
            pytest.skip(f"no trained {kind} in metier/pretrained")
    return PRETRAINED


@pytest.fixture(scope="session")
def make_pdf() -> Callable[..., bytes]:
    """A PDF of pages, each a list of (x, y, text) in the order in which they are drawn."""
    canvas = pytest.importorskip("reportlab.pdfgen.canvas")

    def make(*pages: Sequence[Place], size: float = 10, **options: Any) -> bytes:
        out = io.BytesIO()
        paper = canvas.Canvas(out, pagesize=(595, 842), **options)
        for page in pages:
            paper.setFont("Helvetica", size)
            for x, y, text in page:
                paper.drawString(x, y, text)
            paper.showPage()
        paper.save()
        return out.getvalue()

    return make


@pytest.fixture(scope="session")
def scanned_pdf() -> bytes:
    """One page that is an image."""
    canvas = pytest.importorskip("reportlab.pdfgen.canvas")
    utils = pytest.importorskip("reportlab.lib.utils")
    image = pytest.importorskip("PIL.Image")
    out = io.BytesIO()
    paper = canvas.Canvas(out, pagesize=(595, 842))
    paper.drawImage(utils.ImageReader(image.new("RGB", (300, 400), "white")), 50, 200)
    paper.showPage()
    paper.save()
    return out.getvalue()
