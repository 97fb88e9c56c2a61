"""Fixtures around the toy taxonomy and the toy encoder of `toy_space`."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_space import TAGGED, esco_tables, write_encoder, write_files
from toy_tagger import write_tagger

from matching.encoder import Encoder
from matching.matcher import Matcher
from matching.sources import read_esco
from matching.space import Space
from matching.space_build import build_space
from matching.taxonomy import Taxonomy


@pytest.fixture
def esco_folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "esco v1.9.3", esco_tables())


@pytest.fixture(scope="session")
def taxonomy(tmp_path_factory: pytest.TempPathFactory) -> Taxonomy:
    folder = write_files(tmp_path_factory.mktemp("taxonomy") / "v1.9.3", esco_tables())
    return read_esco(folder)


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> Encoder:
    return Encoder.load(encoder_folder)


@pytest.fixture(scope="session")
def space(taxonomy: Taxonomy, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Space:
    return build_space(taxonomy, encoder, tmp_path_factory.mktemp("space") / "esco", hnsw=True)


@pytest.fixture(scope="session")
def tagger_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tagger(tmp_path_factory.mktemp("weights") / "tagger", TAGGED)


@pytest.fixture(scope="session")
def matcher(tagger_folder: Path, encoder_folder: Path, space: Space) -> Matcher:
    """Loaded from folders, as users do."""
    return Matcher.load(tagger_folder, encoder_folder, space.folder)
