"""Fixtures of whole journeys: the command without a network, toy weights, the shipped weights."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from journey_toys import ToyHome

if TYPE_CHECKING:
    from matching import Matcher
    from ner import SkillTagger

# The toys of matching and the process of metier, also when this folder is tested alone.
TESTS = Path(__file__).resolve().parents[1]
sys.path += [
    str(TESTS / folder) for folder in ("matching", "metier") if str(TESTS / folder) not in sys.path
]

from offline import Run, offline_metier, offline_python, shipped  # noqa: E402
from toy_space import TAGGED, esco_tables, write_encoder, write_files  # noqa: E402
from toy_tagger import write_tagger  # noqa: E402


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> ToyHome:
    """Shared: tests only read it."""
    from matching.encoder import Encoder
    from matching.sources import read_esco
    from matching.space_build import build_space

    root = tmp_path_factory.mktemp("toy")
    home, esco = root / "home", write_files(root / "esco v1.9.3", esco_tables())
    write_tagger(home / "tagger", TAGGED)
    taxonomy = read_esco(esco)
    build_space(taxonomy, Encoder.load(write_encoder(home / "encoder")), home / "space", hnsw=True)
    other = Encoder.load(write_encoder(root / "other encoder", seed=1))
    build_space(taxonomy, other, root / "foreign space", hnsw=False)
    return ToyHome(home, esco, root / "foreign space")


@pytest.fixture
def run_metier(tmp_path: Path) -> Run:
    """`metier ARGUMENTS` in `tmp_path`, as a process of its own that cannot reach the network."""
    return offline_metier(tmp_path)


@pytest.fixture
def run_python(tmp_path: Path) -> Run:
    """`python ARGUMENTS`, run as `run_metier` does."""
    return offline_python(tmp_path)


@pytest.fixture(scope="session")
def shipped_all() -> Path:
    """The folder that holds the shipped tagger, encoder and space."""
    return shipped("tagger", "encoder", "space")


@pytest.fixture(scope="session")
def matcher(shipped_all: Path) -> Matcher:
    """Loaded by folder, so that no METIER_HOME stands in its way."""
    from matching import Matcher

    return Matcher.load(*(shipped_all / kind for kind in ("tagger", "encoder", "space")))


@pytest.fixture(scope="session")
def tagger(matcher: Matcher) -> SkillTagger:
    return matcher.tagger
