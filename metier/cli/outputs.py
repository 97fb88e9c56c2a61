"""How answers are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


def print_json(value: Any) -> None:
    """One object on one line, in UTF-8; flushed, so that a pipe sees each answer at once."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_text(text: str = "") -> None:
    """A text and a line end."""
    sys.stdout.write(text + "\n")


def warn(message: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"warning: {message}\n")


def fail(message: str, hint: str = "") -> None:
    """The form of every error: what happened, then what to do."""
    sys.stderr.write(f"error: {message}\n")
    if hint:
        sys.stderr.write(f"hint: {hint}\n")


def columns(rows: Iterable[Sequence[str]], indent: str = "") -> str:
    """Rows as text with aligned columns."""
    table = [tuple(row) for row in rows]
    widths = [max(map(len, cells)) for cells in zip(*table, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in table
    )
    return "\n".join(indent + line.rstrip() for line in lines)


def counted(items: Iterable[T], unit: str) -> Iterator[T]:
    """The items, with a counter on standard error where a person looks at it and only there."""
    shown = sys.stderr.isatty() and not sys.stdout.isatty()
    number = 0
    for number, item in enumerate(items, start=1):
        yield item
        if shown and number % 10 == 0:
            sys.stderr.write(f"\r{number:,} {unit}")
    if shown and number:
        sys.stderr.write(f"\r{number:,} {unit}\n")


def progress(unit: str) -> Callable[[int, int], None] | None:
    """A counter on standard error, or None where no person is looking at a terminal."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        end = "\n" if done >= total else ""
        sys.stderr.write(f"\r{done:,} of {total:,} {unit}{end}")
        sys.stderr.flush()

    return show
