"""Fixtures around the real command and the shipped weights."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import offline
import pytest


@pytest.fixture
def run_metier(tmp_path: Path) -> offline.Run:
    """`metier ARGUMENTS` as a process of its own that cannot reach the network."""
    return offline.offline_metier(tmp_path)


@pytest.fixture(scope="session")
def shipped_tagger() -> Path:
    """The folder of the shipped tagger."""
    return offline.shipped("tagger") / "tagger"


@pytest.fixture(scope="session")
def shipped_all() -> Path:
    """The folder that holds tagger, encoder and space."""
    return offline.shipped("tagger", "encoder", "space")


@pytest.fixture(scope="session")
def make_pdf() -> Callable[..., bytes]:
    """A PDF of pages, each a list of (x, y, text) in the order in which they are drawn."""
    return offline.make_pdf


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
