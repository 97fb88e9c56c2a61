"""Fixtures for every test."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of the development files, named by METIER_DATA."""
    named = os.environ.get("METIER_DATA")
    if not named:
        pytest.skip("METIER_DATA is unset: the development files are not in the repository")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"METIER_DATA names {folder}, which is not a folder")
    return folder
