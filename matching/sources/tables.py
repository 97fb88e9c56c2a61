"""Reading comma-separated tables so that an error names file, line, column and remedy.

Tables are RFC 4180 with a header line, in UTF-8 (a byte-order mark is taken off), plain or
gzip. A row is known by the line of the file it starts on, since quoted fields span lines.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ner.errors import BadInputError

# Longest field accepted; the csv module's own limit (131,072) is below a long description list.
_FIELD_LIMIT = 4_000_000
_UNDECODED = re.compile("[\udc80-\udcff]")

Row = tuple[int, tuple[str, ...]]


def read_table(path: Path, required: Sequence[str], optional: Sequence[str] = ()) -> Iterator[Row]:
    """Yield (line, values) for each row; values follow `required` then `optional` columns.

    An absent optional column gives "" in every row; columns that nobody asked for are skipped.
    Raises BadInputError for an unreadable file, broken gzip, a byte that is not UTF-8, a missing
    or repeated column, and a row with too few or too many fields.
    """
    text = _read_text(path)
    rows = _raw_rows(path, text)
    _, header = next(rows, (1, []))
    names = [name.strip() for name in header]
    _check_header(path, names, required)
    places = [names.index(name) if name in names else -1 for name in (*required, *optional)]
    width = len(names)
    for line, row in rows:
        if len(row) != width:
            raise _wrong_width(path, line, row, names)
        yield line, tuple([row[place] if place >= 0 else "" for place in places])


def bad_cell(path: Path, line: int, column: str, problem: str, hint: str) -> BadInputError:
    """The error for one cell of a table: `problem` completes "FILE, line N, column C: "."""
    return BadInputError(f"{path}, line {line}, column {column}: {problem}", hint)


def _read_text(path: Path) -> str:
    # Not left to "utf-8-sig", whose errors count their bytes from after the mark.
    data = _read_bytes(path).removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _undecodable(path, data, error) from None


def _read_bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInputError(
            f"{path} cannot be read: {error.strerror or error}",
            "Check that the file exists and that you may read it.",
        ) from None
    # By content and not by name: browsers and tools unpack or rename downloads.
    if path.suffix != ".gz" and not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInputError(
            f"{path} is a damaged gzip file: {error}",
            "Download or copy the file again; `gzip -t FILE` checks it.",
        ) from None


def _undecodable(path: Path, data: bytes, error: UnicodeDecodeError) -> BadInputError:
    """Name line and column of the first byte that is not UTF-8."""
    hint = "Save the table as UTF-8 (in a spreadsheet: 'CSV UTF-8')."
    problem = f"byte 0x{data[error.start]:02x} is not UTF-8"
    line = data.count(b"\n", 0, error.start) + 1
    names: list[str] = []
    try:
        for _, row in _raw_rows(path, data.decode("utf-8", "surrogateescape")):
            for place, value in enumerate(row):
                if _UNDECODED.search(value):
                    column = names[place] if place < len(names) else str(place + 1)
                    return bad_cell(path, line, column, problem, hint)
            names = names or row
    except BadInputError:
        pass  # the undecodable byte is the earlier trouble, and the one to report
    return BadInputError(f"{path}, line {line}: {problem}", hint)


def _raw_rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(max(csv.field_size_limit(), _FIELD_LIMIT))
    # newline="" leaves line ends inside quoted fields to the csv module.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for row in reader:
            if row:
                yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        raise BadInputError(
            f"{path}, line {start}: the row that starts here is broken ({error})",
            "Look for a quotation mark that is not closed, or not doubled inside a field.",
        ) from None


def _check_header(path: Path, names: list[str], required: Sequence[str]) -> None:
    repeated = sorted(name for name, times in Counter(names).items() if name and times > 1)
    if repeated:
        raise BadInputError(
            f"{path}, line 1: column {repeated[0]} occurs twice",
            "Remove or rename one of the two columns.",
        )
    missing = [name for name in required if name not in names]
    if not missing:
        return
    hint = "Use the file as the publisher gives it, with its header line."
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        hint = "Save the table with commas between the columns."
    found = ", ".join(names[:20]) if names else "nothing: the file is empty"
    raise BadInputError(
        f"{path}, line 1: column {', '.join(missing)} is missing (found {found})", hint
    )


def _wrong_width(path: Path, line: int, row: list[str], names: list[str]) -> BadInputError:
    if len(row) < len(names):
        column, problem = names[len(row)], "no field for it and what follows"
    else:
        column, problem = names[-1], "more fields follow after the last column"
    return bad_cell(
        path,
        line,
        column,
        f"the row has {len(row)} fields, the header {len(names)}: {problem}",
        "Look for a missing quotation mark or a comma outside quotation marks in this row.",
    )
