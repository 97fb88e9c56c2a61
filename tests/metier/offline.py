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

# Names the file in which a process notes its uses of the network: one that it swallows is seen too.
NETWORK_LOG = "METIER_TEST_NETWORK_LOG"
# Loaded by Python itself before anything of ours: every use of the network is an error. What a
# native library does is not seen here; tests look for the files that it leaves.
NO_NETWORK = f"""
import os
import socket

def refuse(*arguments, **options):
    import traceback
    with open(os.environ[{NETWORK_LOG!r}], "a") as log:
        log.writelines(traceback.format_stack()[:-1])
    raise OSError("the network was used")

for name in ("connect", "connect_ex", "sendto", "sendmsg"):
    if hasattr(socket.socket, name):
        setattr(socket.socket, name, refuse)
for name in (
    "create_connection", "getaddrinfo", "gethostbyaddr", "gethostbyname", "gethostbyname_ex"
):
    setattr(socket, name, refuse)
"""
# What the tests themselves set, or what the import of `ner` into them has set.
NOT_PASSED_ON = ("METIER_HOME", "ORT_DISABLE_TELEMETRY")

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
Place = tuple[float, float, str]  # points from the left and from the bottom


def offline_python(folder: Path) -> Run:
    """`python ARGUMENTS` in `folder`, as a process of its own that cannot reach the network.

    Each try to is written to `network_log(folder)`.
    """
    guard = folder / "no_network"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(NO_NETWORK)
    path = os.pathsep.join([str(guard), str(ROOT)])

    def run(
        *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        passed_on = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
        own = {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", NETWORK_LOG: str(network_log(folder))}
        return subprocess.run(
            [sys.executable, *arguments],
            input=stdin,
            capture_output=True,
            cwd=folder,
            env={**passed_on, **own, **(env or {})},
            timeout=120,
            check=False,
        )

    return run


def network_log(folder: Path) -> Path:
    """Where the processes of `offline_python(folder)` note that they used the network."""
    return folder / "no_network" / "uses.txt"


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
