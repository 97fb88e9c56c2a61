"""Files of our own in a checkout: one JSON object a line, made for this project."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from ner.errors import BadInputError

Row = TypeVar("Row")


def own_rows(path: Path, what: str, read: Callable[[Any], Row]) -> Iterator[tuple[int, Row]]:
    """Number (from 1) and content of each line of `path`, as `read` makes it of the JSON.

    Raises BadInputError for a file that is missing or cannot be read, and for a line that is no
    JSON in UTF-8 or from which `read` raises ValueError, KeyError or TypeError; `what` says in the
    message what a line should hold.
    """
    if not path.is_file():
        raise BadInputError(
            f"{path} is missing",
            "run from a checkout of the repository, or name its folder data with --texts",
        )
    try:
        # Bytes: JSON has lines of its own only at line feeds, and each is decoded where it is read.
        lines = path.read_bytes().splitlines()
    except OSError as problem:
        raise BadInputError(
            f"{path} cannot be read: {problem.strerror}", "check its permissions"
        ) from problem
    for number, line in enumerate(lines, start=1):
        try:
            row = read(json.loads(line))
        except (ValueError, KeyError, TypeError) as problem:
            raise BadInputError(
                f"row {number} of {path} holds no {what}: {problem}",
                "fetch the file again: it seems to be damaged",
            ) from problem
        yield number, row
