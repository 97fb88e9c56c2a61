"""Reading order of a page, from the boxes of its words.

A PDF says where words stand, not in which order they are read. Words are gathered into rows (one
baseline), and rows into regions by a recursive cut (after the XY-cut of Nagy and Seth 1984) at
vertical gutters: strips that no word crosses over several rows. A gutter parts either

- columns, each read to its end before the next one, or
- a margin (dates, places or headings beside the text they belong to), read with its row.

Lengths are PDF points; y grows upwards, as in PDF.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

MIN_GUTTER = 6.0  # points; justified text has word gaps of 3 to 5
MIN_COLUMN_ROWS = 3
MIN_MARGIN_ROWS = 2  # one wide gap alone may be a justified line
LONGEST_MARGIN_CELL = 4  # rows; "Professional / Affiliations / & Activities" takes three

_DATED = re.compile(r"\b[12]\d{3}\b|\b\d{1,2}[./]\d{2,4}\b")
_OPEN_DATE = re.compile(
    r"(?:[-–—]|\b(?:to|bis|since|seit|jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])"
    r"[a-zä]*\.?)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its box; `order` is its place in the file's own sequence."""

    text: str
    x0: float
    x1: float
    baseline: float
    height: float
    order: int


@dataclass(frozen=True, slots=True)
class Row:
    """Words on one baseline, left to right, and the margin cells (x, text) read with them."""

    words: tuple[Word, ...]
    baseline: float
    cells: tuple[tuple[float, str], ...] = ()
    edge: float = float("inf")  # where a margin on the right begins

    @property
    def x0(self) -> float:
        return self.words[0].x0

    @property
    def x1(self) -> float:
        return self.words[-1].x1

    @property
    def height(self) -> float:
        return max(word.height for word in self.words)

    @property
    def body(self) -> str:
        """The words alone, without the margins."""
        return " ".join(word.text for word in self.words)

    @property
    def text(self) -> str:
        parts = sorted([(self.x0, self.body), *self.cells], key=lambda part: part[0])
        return " ".join(text for _, text in parts)


@dataclass(frozen=True, slots=True)
class Gutter:
    """A vertical strip at `x` that no word crosses in rows `first` to `last` (exclusive)."""

    x: float
    first: int
    last: int


def reading_order(words: Iterable[Word]) -> list[list[Row]]:
    """Flows of rows in reading order; each flow is one column (or part of one) of the page."""
    return _order(_rows(list(words)))


def _rows(words: list[Word]) -> list[Row]:
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (-word.baseline, word.x0, word.order)):
        # Raised and lowered characters, and cells set a point apart, belong to one row.
        if rows:
            first = max(rows[-1], key=lambda other: other.height)
            if abs(first.baseline - word.baseline) <= 0.3 * max(first.height, word.height):
                rows[-1].append(word)
                continue
        rows.append([word])
    return [_row(row) for row in rows]


def _row(
    words: Iterable[Word],
    cells: Iterable[tuple[float, str]] = (),
    edge: float = float("inf"),
) -> Row:
    line = tuple(sorted(words, key=lambda word: (word.x0, word.order)))
    return Row(line, max(line, key=lambda word: word.height).baseline, tuple(cells), edge)


def _order(rows: list[Row]) -> list[list[Row]]:
    while len(rows) > 1:
        gutters = _gutters(rows)
        columns = [gutter for gutter in gutters if _is_columns(rows, gutter)]
        if columns:
            gutter = max(columns, key=lambda gutter: _rank(rows, gutter))
            left, right = _sides(rows[gutter.first : gutter.last], gutter.x)
            parts = (rows[: gutter.first], left, right, rows[gutter.last :])
            return [flow for part in parts for flow in _order(part)]
        margins = [gutter for gutter in gutters if _pairs(rows, gutter) >= MIN_MARGIN_ROWS]
        if not margins:
            break
        gutter = max(margins, key=lambda gutter: _rank(rows, gutter))
        # The margin's words leave the rows: fewer pairs each turn, so this ends.
        merged = _merge_margin(rows[gutter.first : gutter.last], gutter.x)
        rows = [*rows[: gutter.first], *merged, *rows[gutter.last :]]
    return [rows] if rows else []


def _pairs(rows: Sequence[Row], gutter: Gutter) -> int:
    return sum(_has_both(row, gutter.x) for row in rows[gutter.first : gutter.last])


def _gutters(rows: Sequence[Row]) -> list[Gutter]:
    """All strips with words on both sides; of those over the same rows the best ranked."""
    width = max(MIN_GUTTER, 0.6 * median(row.height for row in rows))
    gaps = [_gaps(row, max(width, 0.6 * row.height)) for row in rows]
    found: dict[tuple[int, int], Gutter] = {}
    for x in sorted({round((start + end) / 2) for row in gaps for start, end in row}):
        for gutter in _runs_without_words(rows, gaps, x, width):
            left, right = _sides(rows[gutter.first : gutter.last], gutter.x)
            if not left or not right or not _overlap(left, right):
                continue
            rival = found.get((gutter.first, gutter.last))
            if rival is None or _rank(rows, gutter) > _rank(rows, rival):
                found[gutter.first, gutter.last] = gutter
    return list(found.values())


def _runs_without_words(
    rows: Sequence[Row], gaps: Sequence[Sequence[tuple[float, float]]], x: float, width: float
) -> list[Gutter]:
    gutters: list[Gutter] = []
    first, start, end = 0, float("-inf"), float("inf")
    for number in range(len(rows) + 1):
        gap = _gap_at(rows[number], gaps[number], x) if number < len(rows) else None
        if gap is not None:
            start, end = max(start, gap[0]), min(end, gap[1])
            continue
        if number > first and 0.6 * width <= end - start < float("inf"):
            last = _without_next_heading(rows, first, number, x)
            gutters.append(Gutter((start + end) / 2, first, last))
        first, start, end = number + 1, float("-inf"), float("inf")
    return gutters


def _gaps(row: Row, width: float) -> list[tuple[float, float]]:
    return [
        (before.x1, after.x0)
        for before, after in pairwise(row.words)
        if after.x0 - before.x1 >= width
    ]


def _gap_at(row: Row, gaps: Sequence[tuple[float, float]], x: float) -> tuple[float, float] | None:
    """The free strip of the row around `x`, unbounded outside of its words."""
    if row.x1 <= x:
        return row.x1, float("inf")
    if row.x0 >= x:
        return float("-inf"), row.x0
    return next(((start, end) for start, end in gaps if start < x < end), None)


def _has_both(row: Row, x: float) -> bool:
    return row.x0 < x < row.x1


def _sides(rows: Iterable[Row], x: float) -> tuple[list[Row], list[Row]]:
    left, right = [], []
    for row in rows:
        words = [word for word in row.words if word.x0 < x]
        others = [word for word in row.words if word.x0 >= x]
        if words:
            left.append(_row(words, [c for c in row.cells if not others or c[0] < x], row.edge))
        if others:
            right.append(_row(others, [c for c in row.cells if not words or c[0] >= x], row.edge))
    return left, right


def _overlap(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Whether the two sides share some height of the page."""
    return left[0].baseline >= right[-1].baseline and right[0].baseline >= left[-1].baseline


def _without_next_heading(rows: Sequence[Row], first: int, last: int, x: float) -> int:
    """Leave a heading below the columns to the full-width text that it heads."""
    if last == len(rows):
        return last
    end = last
    while end - 1 > first and not _has_both(rows[end - 1], x):
        above = rows[end - 2].baseline - rows[end - 1].baseline
        below = rows[end - 1].baseline - rows[end].baseline
        if above > 1.3 * below:
            return end - 1
        end -= 1
    return last


def _rank(rows: Sequence[Row], gutter: Gutter) -> tuple[int, float]:
    left, right = _sides(rows[gutter.first : gutter.last], gutter.x)
    shared = min(len(left), len(right))
    # Where the file itself writes one side after the other, its author saw two columns.
    return (2 * shared if _switches(left, right) <= 1 else shared, -gutter.x)


def _switches(left: Sequence[Row], right: Sequence[Row]) -> int:
    """How often the file goes from one side of the gutter to the other."""
    sides = sorted(
        [(row.words[0].order, 0) for row in left] + [(row.words[0].order, 1) for row in right]
    )
    return sum(before != after for (_, before), (_, after) in pairwise(sides))


def _is_columns(rows: Sequence[Row], gutter: Gutter) -> bool:
    """Whether both sides are texts of their own; else one is a margin of the other."""
    left, right = _sides(rows[gutter.first : gutter.last], gutter.x)
    shorter = min(len(left), len(right))
    if shorter < MIN_COLUMN_ROWS:
        return False
    minor, major = (left, right) if _letters(left) <= _letters(right) else (right, left)
    beside = [min(abs(row.baseline - other.baseline) for other in major) for row in minor]
    paired = [gap <= 0.35 * row.height for row, gap in zip(minor, beside, strict=True)]
    # A heading of a table stands beside nothing, so it says nothing of how rows are paired.
    free = [gap > 0.9 * row.height for row, gap in zip(minor, beside, strict=True)]
    dated = [bool(_DATED.search(row.body)) for row in minor]
    bare = sum(len(row.body) <= 3 for row in minor)
    if sum(paired) >= 0.9 * len(minor) and max(sum(dated), bare) >= 0.5 * len(minor):
        return False
    if _switches(left, right) <= 1:
        return True
    if sum(dated) >= 0.3 * len(minor) and sum(map(bool.__and__, dated, paired)) >= 0.9 * sum(dated):
        return False
    runs = _runs(minor)
    starts = sum(paired[run[0]] or free[run[0]] for run in runs)
    if starts >= 0.8 * len(runs) and max(map(len, runs)) <= LONGEST_MARGIN_CELL:
        return False
    if all(map(bool.__or__, paired, free)):
        return _holds_prose(minor, major)
    return True


def _holds_prose(minor: Sequence[Row], major: Sequence[Row]) -> bool:
    """A grid of cells or columns on the same baselines: columns hold running text."""
    if sum(row.body.endswith(":") for row in minor) >= 0.3 * len(minor):
        return False
    if _letters(minor) >= 18 * len(minor):
        return True
    return _flows(major) and len(minor) > LONGEST_MARGIN_CELL


def _letters(rows: Iterable[Row]) -> int:
    return sum(len(row.body) for row in rows)


def _runs(rows: Sequence[Row]) -> list[list[int]]:
    """Places of rows that follow one another without a blank line between."""
    runs = [[0]]
    for number, (above, below) in enumerate(pairwise(rows), start=1):
        if above.baseline - below.baseline <= 1.5 * max(above.height, below.height):
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _flows(rows: Sequence[Row]) -> bool:
    """Most lines come near to the right edge, as lines of a paragraph do."""
    start, edge = min(row.x0 for row in rows), max(row.x1 for row in rows)
    full = sum(row.x1 - start >= 0.7 * (edge - start) for row in rows)
    return full >= 0.6 * len(rows)


def _merge_margin(rows: Sequence[Row], x: float) -> list[Row]:
    """Read each cell of the margin with the row at which it starts."""
    on_left = _margin_is_left(*_sides(rows, x))
    merged: list[Row] = []
    above: Row | None = None
    anchor = -1  # the row in `merged` that took the cell of `above`
    place = 0.0  # where that cell starts: its next lines are read after it
    alone = False  # whether that row holds nothing but the cell
    for row in rows:
        inside = [word for word in row.words if (word.x0 < x) == on_left]
        others = [word for word in row.words if (word.x0 < x) != on_left]
        edge = row.edge if on_left else min(row.edge, x)
        rest = _row(others, row.cells, edge) if others else None
        if not inside:
            merged.append(replace(row, edge=edge))
            continue
        cell = _row(inside)
        if above is not None and not (alone and rest) and _continues(above, cell, rows):
            merged[anchor] = _extended(merged[anchor], (place, cell.body))
            if rest:
                merged.append(rest)
        else:
            place, alone, anchor = cell.x0, rest is None, len(merged)
            merged.append(_extended(rest, (place, cell.body)) if rest else row)
        above = cell
    return merged


def _margin_is_left(left: Sequence[Row], right: Sequence[Row]) -> bool:
    dates = [
        sum(len(row.body) <= 28 and bool(_DATED.search(row.body)) for row in side) / len(side)
        for side in (left, right)
    ]
    if (dates[0] >= 0.3) != (dates[1] >= 0.3):
        return dates[0] >= 0.3
    return _letters(left) <= _letters(right)


def _extended(row: Row, cell: tuple[float, str]) -> Row:
    return replace(row, cells=(*row.cells, cell))


def _continues(above: Row, below: Row, rows: Sequence[Row]) -> bool:
    """Two rows of one cell: neighbours in place and in the file, and not two dates."""
    if above.baseline - below.baseline > 1.8 * max(above.height, below.height):
        return False
    last, first = above.words[-1].order, below.words[0].order
    if any(last < word.order < first for row in rows for word in row.words) or first < last:
        return False
    if _OPEN_DATE.search(above.body):
        return True
    return not (_DATED.search(above.body) and _DATED.search(below.body))
