"""The out folder of a run: what the run was started with, and files that are whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ner.errors import UsageError
from ner.weights import sha256_of_file

STARTED = "started.json"


def writable_folder(folder: Path, option: str) -> Path:
    """`folder`, made where it is missing; UsageError where it cannot be used.

    `option` names it on the command line; "" where nothing does.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as problem:
        raise UsageError(
            f"nothing can be written to the folder {folder}: {problem.strerror}",
            f"name another folder with {option}" if option else "check its rights and free room",
        ) from problem


def goes_on(
    out: Path,
    states: str,
    recipe: Mapping[str, Any],
    base: Path | str,
    texts: Iterable[bytes],
    resume: bool,
) -> bool:
    """Whether a run goes on from what `out` holds; if not, it is made ready for a new run.

    `states` is the pattern of the files that this kind of run goes on from, `texts` what it learns
    from. A new run removes such files and the log of an older one, and notes what it is started
    with. Raises UsageError where the run to be resumed was started with something else.
    """
    note, old = out / STARTED, sorted(out.glob(states))
    digest = hashlib.sha256()
    for text in texts:
        digest.update(b"%d " % len(text) + text)
    given = {"recipe": dict(recipe), "base": _base(base), "texts": digest.hexdigest()}
    if resume and (old or note.is_file()):
        _check(note, given)
        return True
    for path in (note, *old, out / "log.json"):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    write_whole(note, json.dumps(given, indent=2) + "\n")
    return False


def _check(note: Path, given: Mapping[str, Any]) -> None:
    try:
        noted = json.loads(note.read_bytes())
        recipe, ours = noted["recipe"], given["recipe"]
        other = [n for n in sorted({*recipe, *ours}) if recipe.get(n) != ours.get(n)]
        other += [part for part in ("base", "texts") if noted[part] != given[part]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise UsageError(
            f"what the run in {note.parent} was started with is not known: {note} cannot be read",
            "run without --resume to start afresh",
        ) from problem
    if other:
        raise UsageError(
            f"the run in {note.parent} was started with another {', '.join(other)}",
            "run without --resume to start afresh, or with what it was started with",
        )


def _base(base: Path | str) -> str:
    """A hash of the files that decide what a base folder is; the name of a base of another kind."""
    if not Path(base).is_dir():
        return str(base)
    names = ("config.json", "tokenizer.json", "*.safetensors", "*.bin")
    files = sorted(path for name in names for path in Path(base).glob(name))
    lines = "\n".join(f"{path.name} {sha256_of_file(path)}" for path in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def newest_whole(steps: Path) -> Path | None:
    """The newest checkpoint of a trainer of transformers that was written to its end, if any.

    The state is written last. A checkpoint without it is removed: the trainer counts it among those
    that it keeps.
    """
    whole: dict[int, Path] = {}
    for path in steps.glob("checkpoint-*"):
        try:
            whole[json.loads((path / "trainer_state.json").read_bytes())["global_step"]] = path
        except (OSError, ValueError, KeyError, TypeError):
            shutil.rmtree(path)
    return whole[max(whole)] if whole else None


def write_whole(path: Path, content: str) -> None:
    """Write a text file that a kill leaves as it was or has replaced."""
    unfinished = path.with_name(f"{path.name}.tmp")
    unfinished.write_text(content, encoding="utf-8")
    os.replace(unfinished, path)


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """A new folder to fill, which takes the place of `folder` once it is whole."""
    made, old = (folder.with_name(f".{folder.name}.{part}") for part in ("new", "old"))
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    try:
        yield made
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        made.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(made, ignore_errors=True)
