"""Hand-marked lines as they lie in a JSONL file, checked before anything is scored on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ner.labels import Label
from training.evaluation.tables import Row, Table, bad_row, read_table, require


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A labelled stretch of a line, half-open, in code points."""

    start: int
    end: int
    label: Label


@dataclass(frozen=True, slots=True)
class GoldLine:
    """A line; lines of one `block` were neighbours, `doc_id` names the document they came from.

    `marks` are sorted and do not overlap; `language` is "" where the file does not tell it.
    """

    id: str
    block: str
    doc_id: str
    text: str
    marks: tuple[Mark, ...]
    language: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring lines as one text, joined with line feeds; `starts` is where each begins."""

    lines: tuple[int, ...]
    starts: tuple[int, ...]
    text: str


def read_gold(path: Path) -> list[GoldLine]:
    """The lines of a file laid out as the hand-marked ones: `id`, `text`, `spans`, `doc_id`.

    A span out of range, with an unknown label, with another text than the line has there, or
    overlapping its neighbour is a BadInputError naming file and line. Without `doc_id` a line
    belongs to its block, the `id` less its last letter.
    """
    table = read_table(path)
    require(table, [("id", "text", "spans")])
    return [_line(table, row) for row in table.rows]


def blocks(lines: Sequence[GoldLine]) -> list[Block]:
    """Lines of one block put together as one text, in the order of the file."""
    members: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        members[line.block].append(number)
    together = []
    for numbers in members.values():
        starts, at = [], 0
        for number in numbers:
            starts.append(at)
            at += len(lines[number].text) + 1
        text = "\n".join(lines[number].text for number in numbers)
        together.append(Block(tuple(numbers), tuple(starts), text))
    return together


def _line(table: Table, row: Row) -> GoldLine:
    name, text = table.text(row, "id"), table.text(row, "text")
    block = name[:-1] or name
    spans = row.cells.get("spans")
    if not name:
        raise bad_row(table.path, row.line, "no `id`")
    if not isinstance(spans, list):
        raise bad_row(table.path, row.line, "`spans` is not a list")
    marks = sorted(_mark(table, row.line, text, span) for span in spans)
    for left, right in pairwise(marks):
        if right.start < left.end:
            what = f"span {right.start}:{right.end} overlaps span {left.start}:{left.end}"
            raise bad_row(table.path, row.line, what, "spans of a line must not overlap")
    return GoldLine(name, block, table.text(row, "doc_id") or block, text, tuple(marks))


def _mark(table: Table, line: int, text: str, span: object) -> Mark:
    if not isinstance(span, dict):
        raise bad_row(table.path, line, f"a span is {span!r}, not an object")
    start, end, label = span.get("start"), span.get("end"), span.get("label")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        raise bad_row(
            table.path,
            line,
            f"span {start!r}:{end!r} is not inside the text of {len(text)} characters",
            "start and end are whole numbers, half-open, in code points of `text`",
        )
    if label not in list(Label):
        known = ", ".join(Label)
        raise bad_row(table.path, line, f"unknown label {label!r}", f"the labels are {known}")
    if span.get("text") != text[start:end]:
        what = f"span {start}:{end} is {text[start:end]!r} but says {span.get('text')!r}"
        raise bad_row(table.path, line, what, "offsets count code points of `text`")
    return Mark(start, end, Label(label))
