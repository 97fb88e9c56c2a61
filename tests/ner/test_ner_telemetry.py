"""ONNX Runtime reports its use unless it is told not to before it is imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("HOME", "XDG_CACHE_HOME", "TMPDIR")


def run_fresh(folder: Path, code: str, **settings: str) -> str:
    """What `code` prints in a process of its own whose caches lie in `folder`."""
    for name in PLACES:
        (folder / name).mkdir()
    # The import of `ner` into these tests has set the variable for their children.
    env = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    env |= {name: str(folder / name) for name in PLACES} | {"PYTHONPATH": str(ROOT)} | settings
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=env,
        timeout=120,
        check=True,
    )
    return done.stdout


def test_tagging_leaves_no_file_behind(toy_folder: Path, tmp_path: Path) -> None:
    code = (
        f"from ner import SkillTagger; print(SkillTagger.load({str(toy_folder)!r}).tag('Python'))"
    )
    assert "TECHNOLOGY" in run_fresh(tmp_path, code)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("module", ["ner", "ner.errors", "matching", "training.extras"])
def test_telemetry_is_off_before_the_runtime_can_be_imported(tmp_path: Path, module: str) -> None:
    code = (
        f"import os, sys, {module};"
        " print(os.environ['ORT_DISABLE_TELEMETRY'], 'onnxruntime' in sys.modules)"
    )
    assert run_fresh(tmp_path, code).split() == ["1", "False"]


def test_a_setting_of_the_user_stays(tmp_path: Path) -> None:
    code = "import ner, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    assert run_fresh(tmp_path, code, ORT_DISABLE_TELEMETRY="0").strip() == "0"
