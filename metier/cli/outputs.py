"""How answers are printed."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TextIO, TypeVar

T = TypeVar("T")


def open_streams() -> None:
    """Make standard output and error fit for what we write, whatever we were started with.

    A stream that is closed (`>&-`) leads nowhere. Answers are UTF-8 whatever the locale says; what
    cannot be encoded is escaped.
    """
    # Python has None for it. From the lowest, each number is taken again, lest a file that is
    # opened later gets it, and with it what a library writes to that stream.
    if sys.stdin is None:
        os.open(os.devnull, os.O_RDONLY)
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - as long as the process
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def discard(stream: TextIO) -> None:
    """Lead `stream` nowhere, with what it still holds: Python flushes it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def print_json(value: Any, indent: int | None = None) -> None:
    """One object in UTF-8, on one line unless `indent` is given; a pipe sees it at once."""
    print_text(json.dumps(value, ensure_ascii=False, indent=indent))
    flush()


def print_text(text: str = "") -> None:
    """A text and a line end. MetierError if it cannot be written, as on a full disk."""
    _written(lambda: sys.stdout.write(text + "\n"))


def flush() -> None:
    """Send on what was printed. MetierError if it cannot be written, as on a full disk."""
    _written(sys.stdout.flush)


def _written(write: Callable[[], object]) -> None:
    try:
        write()
    except BrokenPipeError:  # the reader has left: no error
        raise
    except OSError as error:
        from ner.errors import MetierError

        discard(sys.stdout)
        raise MetierError(
            f"standard output cannot be written: {error.strerror or error}",
            "Check the free room and the rights of the place that it goes to.",
        ) from error


def warn(message: str) -> None:
    """One line on standard error."""
    print_error(f"warning: {message}")


def fail(message: str, hint: str = "") -> None:
    """The form of every error: what happened, then what to do."""
    print_error(f"error: {message}" + (f"\nhint: {hint}" if hint else ""))


def print_error(text: str) -> None:
    """A text and a line end on standard error, or nowhere if it cannot be written."""
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:  # nobody can be told, and the exit code still says what happened
        discard(sys.stderr)


def columns(rows: Iterable[Sequence[str]], indent: str = "") -> str:
    """Rows as text with aligned columns."""
    table = [tuple(row) for row in rows]
    widths = [max(map(len, cells)) for cells in zip(*table, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in table
    )
    return "\n".join(indent + line.rstrip() for line in lines)


def counted(items: Iterable[T], unit: str, total: int | None = None) -> Iterator[T]:
    """The items, with a counter on standard error where a person looks at it and only there.

    Without a `total`, they are taken for answers printed as they come: on a terminal these say
    enough.
    """
    if not sys.stderr.isatty() or (total is None and sys.stdout.isatty()):
        yield from items
        return
    number = 0
    for number, item in enumerate(items, start=1):
        yield item
        if number % 10 == 0:
            _count(number, total, unit)
    _count(number, total, f"{unit}\n")


def progress(unit: str) -> Callable[[int, int], None] | None:
    """A counter for (done, total), or None where no person is looking at a terminal."""
    if not sys.stderr.isatty():
        return None
    return lambda done, total: _count(done, total, unit + ("\n" if done >= total else ""))


def _count(done: int, total: int | None, unit: str) -> None:
    of = "" if total is None else f" of {total:,}"
    sys.stderr.write(f"\r{done:,}{of} {unit}")
    sys.stderr.flush()
