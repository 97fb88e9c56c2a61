from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ner.errors import UsageError
from training.runs import STARTED, goes_on, newest_whole, replaced, writable_folder, write_whole

RECIPE: dict[str, Any] = {"kind": "mlm", "learning_rate": 0.1, "layers": [1, 2]}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def start(out: Path, base: Path | str, resume: bool = False, **changes: Any) -> bool:
    texts = changes.pop("texts", [b"we bake", b"bread"])
    return goes_on(out, "state*.pt", {**RECIPE, **changes}, base, texts, resume)


@pytest.fixture
def stopped(tmp_path: Path, base: Path) -> Path:
    """The out folder of a run that was stopped after its first state."""
    out = tmp_path / "out"
    out.mkdir()
    assert not start(out, base)
    for name in ("state.pt", "state-2.pt", "log.json", "other.txt"):
        (out / name).write_text("old")
    return out


def test_a_run_that_is_started_again_leaves_nothing_of_the_older_one(
    stopped: Path, base: Path
) -> None:
    assert not start(stopped, base, learning_rate=0.2)
    assert {path.name for path in stopped.iterdir()} == {STARTED, "other.txt"}
    assert start(stopped, base, resume=True, learning_rate=0.2)


def test_a_run_is_gone_on_from_with_what_it_was_started_with(stopped: Path, base: Path) -> None:
    assert start(stopped, base, resume=True)
    assert (stopped / "state.pt").read_text() == "old"
    (stopped / "state.pt").unlink()
    assert start(stopped, base, resume=True)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"learning_rate": 0.2}, "another learning_rate$"),
        ({"layers": [1]}, "another layers$"),
        ({"seed": 3}, "another seed$"),
        ({"texts": [b"we", b" bakebread"]}, "another texts$"),
        ({"base": "some/hub"}, "another base$"),
    ],
)
def test_a_run_that_was_started_with_something_else_is_not_gone_on_from(
    stopped: Path, base: Path, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        start(stopped, **{"base": base, "resume": True, **changes})
    assert "without --resume" in caught.value.hint
    assert (stopped / "state.pt").read_text() == "old"


def test_a_base_is_known_by_its_files_and_not_by_its_place(
    stopped: Path, base: Path, tmp_path: Path
) -> None:
    moved = base.rename(tmp_path / "moved")
    assert start(stopped, moved, resume=True)
    (moved / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(UsageError, match="another base"):
        start(stopped, moved, resume=True)


@pytest.mark.parametrize("content", [None, "{", "[]", '{"recipe": [], "base": 1, "texts": 2}'])
def test_a_state_without_a_note_of_its_start_is_not_gone_on_from(
    stopped: Path, base: Path, content: str | None
) -> None:
    note = stopped / STARTED
    note.unlink() if content is None else note.write_text(content)
    with pytest.raises(UsageError, match="is not known"):
        start(stopped, base, resume=True)


def test_an_empty_folder_is_a_new_run_even_if_it_is_to_be_resumed(
    tmp_path: Path, base: Path
) -> None:
    assert not start(tmp_path, base, resume=True)
    assert (tmp_path / STARTED).is_file()


def checkpoint(steps: Path, number: int, state: str | None = None) -> Path:
    folder = steps / f"checkpoint-{number}"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"")
    if state is not None:
        (folder / "trainer_state.json").write_text(state)
    return folder


def test_the_newest_checkpoint_that_is_whole_is_found_and_broken_ones_go(tmp_path: Path) -> None:
    assert newest_whole(tmp_path / "absent") is None
    for number in (3, 6, 12):
        checkpoint(tmp_path, number, json.dumps({"global_step": number}))
    checkpoint(tmp_path, 15)
    checkpoint(tmp_path, 18, '{"global_st')
    assert newest_whole(tmp_path) == tmp_path / "checkpoint-12"
    assert {path.name for path in tmp_path.iterdir()} == {f"checkpoint-{n}" for n in (3, 6, 12)}


@pytest.mark.parametrize("place", ["file", "file/out", "file/out/deeper"])
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match=r"nothing can be written to the folder .*file") as caught:
        writable_folder(tmp_path / place, "--out")
    assert "--out" in caught.value.hint
    assert writable_folder(tmp_path / "new" / "one", "--out").is_dir()


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    write_whole(tmp_path / "log.json", "first")
    write_whole(tmp_path / "log.json", "second")
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "log.json", "\ud800")
    assert (tmp_path / "log.json").read_text() == "second"


def fill(folder: Path, content: str, stop: bool = False) -> None:
    with replaced(folder) as made:
        (made / content).write_text(content)
        if stop:
            raise KeyboardInterrupt


def test_a_folder_is_replaced_when_the_new_one_is_whole(tmp_path: Path) -> None:
    final = tmp_path / "final"
    with pytest.raises(KeyboardInterrupt):
        fill(final, "broken", stop=True)
    assert not list(tmp_path.iterdir())
    fill(final, "first")
    with pytest.raises(KeyboardInterrupt):
        fill(final, "broken", stop=True)
    assert [path.name for path in final.iterdir()] == ["first"]
    # What a kill left does not disturb.
    (tmp_path / ".final.new" / "rest").mkdir(parents=True)
    (tmp_path / ".final.old" / "rest").mkdir(parents=True)
    fill(final, "second")
    assert [path.name for path in final.iterdir()] == ["second"]
    assert [path.name for path in tmp_path.iterdir()] == ["final"]
