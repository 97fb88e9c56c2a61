from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from ner.errors import MissingExtraError, UsageError
from training.extras import need


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose modules can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_package_that_is_not_installed_is_told_with_the_command_that_installs_it() -> None:
    for module in ("no_such_package", "no_such_package.part"):
        with pytest.raises(MissingExtraError, match="no_such_package is not installed") as caught:
            need(module, "train")
        assert 'pip install "metier[train]"' in caught.value.hint


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("import no_such_dependency", "No module named 'no_such_dependency'"),
        ("raise ImportError('wrong binary')", "wrong binary"),
        ("raise OSError('libgomp.so.1: cannot open')", "libgomp"),
    ],
)
def test_a_package_that_is_installed_but_broken_is_told_as_that(
    installed: Path, content: str, told: str
) -> None:
    (installed / "broken_package.py").write_text(content)
    with pytest.raises(UsageError, match=f"broken_package is installed but .*{told}") as caught:
        need("broken_package", "train")
    assert not isinstance(caught.value, MissingExtraError)
    assert "--force-reinstall" in caught.value.hint
    assert "broken_package" not in sys.modules


@pytest.mark.slow
def test_transformers_and_datasets_leave_standard_error_to_us() -> None:
    transformers = pytest.importorskip("transformers")
    datasets = pytest.importorskip("datasets")
    need("sentence_transformers", "train")
    need("datasets", "train")
    assert transformers.utils.logging.get_verbosity() == logging.ERROR
    assert not transformers.utils.logging.is_progress_bar_enabled()
    assert datasets.are_progress_bars_disabled()
