"""Rows of a data file: .csv, .tsv, .jsonl or .txt, each plain or .gz, and .parquet.

Whatever is wrong with a file ends in a BadInputError that names file, line and what to do.
"""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ner.errors import BadInputError

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
# The csv module refuses cells over 131,072 characters, and a document may be longer.
_LONGEST_CELL = 2**31 - 1
KINDS = (".csv", ".tsv", ".jsonl", ".parquet", ".txt")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line (or row number in parquet), counted from 1, and its cells by column."""

    line: int
    cells: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Table:
    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def text(self, row: Row, column: str) -> str:
        """The cell as text; a missing or null cell is "" and anything but text is an error."""
        cell = row.cells.get(column)
        if cell is None:
            return ""
        if not isinstance(cell, str):
            raise bad_row(self.path, row.line, f"column {column!r} holds {cell!r}, not text")
        return cell


def bad_row(path: Path, line: int, what: str, hint: str = "correct this row") -> BadInputError:
    return BadInputError(f"{path}, line {line}: {what}", hint)


def kind_of(path: Path) -> str:
    """The layout by file name, ".gz" taken away; BadInputError for another ending."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    kind = suffixes[-1] if suffixes else ""
    if kind not in KINDS:
        raise BadInputError(
            f"{path}: a file ending in {kind or 'nothing'!r} cannot be read",
            f"give a file ending in one of {', '.join(KINDS)} (all but .parquet also with .gz)",
        )
    return kind


def read_table(path: Path) -> Table:
    """All rows of a .csv, .tsv, .jsonl or .parquet file."""
    kind = kind_of(path)
    if kind == ".parquet":
        return _read_parquet(path)
    if kind == ".jsonl":
        return _read_jsonl(path)
    if kind == ".txt":
        raise BadInputError(
            f"{path}: a .txt file has no columns", "give a .csv, .tsv, .jsonl or .parquet file"
        )
    return _read_csv(path, _SEPARATORS[kind])


def read_tabbed(path: Path) -> Table:
    """All rows of a tab-separated text file in which quotes are text, as O*NET publishes them."""
    return _read_csv(path, "\t", quotes=False)


def read_lines(path: Path) -> list[str]:
    """The lines of a text file, white space taken from both sides, blank ones left out."""
    with _opened(path) as file:
        return [line for line in (line.strip() for line in file) if line]


def require(table: Table, layouts: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The first of `layouts` (tuples of column names) whose columns the table has.

    Raises BadInputError where it has those of none, or has no rows.
    """
    for layout in layouts:
        if set(layout) <= set(table.columns):
            if not table.rows:
                raise BadInputError(
                    f"{table.path}: the file has no rows", "give a file with rows below its header"
                )
            return tuple(layout)
    wanted = " or ".join("(" + ", ".join(layout) + ")" for layout in layouts)
    raise BadInputError(
        f"{table.path}: the columns are {', '.join(table.columns) or 'none'}",
        f"the file needs the columns {wanted}",
    )


def _read_csv(path: Path, separator: str, quotes: bool = True) -> Table:
    rows: list[Row] = []
    with _opened(path) as file:
        records = _records(path, file, separator, quotes)
        header = tuple(name.strip() for name in next(records, (1, []))[1])
        if not header:
            raise BadInputError(f"{path}: the file is empty", "give a file with a header line")
        for start, cells in records:
            if cells and len(cells) != len(header):
                raise bad_row(
                    path,
                    start,
                    f"{len(cells)} cells where the header has {len(header)}",
                    "correct this row; a cell that holds the separator needs double quotes",
                )
            if cells:
                rows.append(Row(start, dict(zip(header, cells, strict=True))))
    return Table(path, header, tuple(rows))


def _records(
    path: Path, file: IO[str], separator: str, quotes: bool
) -> Iterator[tuple[int, list[str]]]:
    """The line that each record starts in, and its cells, which may be of any length."""
    reader = csv.reader(
        file,
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE,
        strict=True,
    )
    while True:
        start = reader.line_num + 1
        # The limit is the process's: others of it find it as it was.
        limit = csv.field_size_limit(_LONGEST_CELL)
        try:
            cells = next(reader, None)
        except csv.Error as problem:
            hint = "look for a quote that is never closed"
            raise bad_row(path, start, f"no valid CSV ({problem})", hint) from problem
        finally:
            csv.field_size_limit(limit)
        if cells is None:
            return
        yield start, cells


def _read_jsonl(path: Path) -> Table:
    rows: list[Row] = []
    columns: dict[str, None] = {}
    with _opened(path) as file:
        for line, content in enumerate(file, start=1):
            if not content.strip():
                continue
            try:
                cells = json.loads(content)
            except (ValueError, RecursionError) as problem:
                raise bad_row(path, line, f"no valid JSON ({problem})") from problem
            if not isinstance(cells, dict):
                raise bad_row(path, line, "not a JSON object", "write one object a line")
            rows.append(Row(line, cells))
            columns.update(dict.fromkeys(cells))
    return Table(path, tuple(columns), tuple(rows))


def _read_parquet(path: Path) -> Table:
    from training.extras import need

    arrow = need("pyarrow", "train")
    parquet = need("pyarrow.parquet", "train")
    try:
        # The handle is ours, so that a folder or a foreign file system is never opened by name.
        with path.open("rb") as file:
            table = parquet.read_table(file)
        rows = tuple(Row(line, cells) for line, cells in enumerate(table.to_pylist(), start=1))
        return Table(path, tuple(table.column_names), rows)
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    except (arrow.ArrowException, ValueError) as problem:
        raise BadInputError(
            f"{path}: no valid parquet file ({problem})", "make or copy the file again"
        ) from problem


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    """The text of a plain or gzip file; every failure while it is read becomes BadInputError."""
    try:
        opener = gzip.open if path.suffix.lower() == ".gz" else open
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError as problem:
        raise BadInputError(f"{path}: not UTF-8 ({problem})", "save the file as UTF-8") from problem
    except (OSError, EOFError, zlib.error) as problem:
        raise _unreadable(path, problem) from problem


def _unreadable(path: Path, problem: Exception) -> BadInputError:
    if isinstance(problem, FileNotFoundError):
        return BadInputError(f"there is no file {path}", "check the path")
    if isinstance(problem, gzip.BadGzipFile | EOFError | zlib.error):
        return BadInputError(
            f"{path}: the gzip data is damaged ({problem})", "make or copy the file again"
        )
    reason = getattr(problem, "strerror", None) or str(problem)
    return BadInputError(f"{path} cannot be read ({reason})", "check the path and its permissions")
