from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from ner.errors import BadInputError
from ner.labels import Label
from training.corpora import Document
from training.evaluation.gold import GoldLine, Mark
from training.marks import read_marks

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "marks" / "lines.jsonl"
TEXT = "We bake bread.\nYou know Öfen and Excel."
POST = Document("p1", "post", "a", "Baker", "en", TEXT)


def row(**changes: Any) -> dict[str, Any]:
    line = TEXT[15:]
    spans = [[9, 13, "TECHNICAL"], [18, 23, "TECHNOLOGY"]]
    stated = {"doc_id": "p1", "start": 15, "end": len(TEXT), "spans": spans}
    return {**stated, "crc32": zlib.crc32(line.encode()), **changes}


def write(folder: Path, *rows: Any) -> Path:
    path = folder / "lines.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    return path


def test_marks_are_joined_with_the_text_of_their_document(tmp_path: Path) -> None:
    (line,) = read_marks(write(tmp_path, row(), row(doc_id="not here")), [POST])
    marks = (Mark(9, 13, Label.TECHNICAL), Mark(18, 23, Label.TECHNOLOGY))
    assert line == GoldLine("p1:15", "p1", "p1", "You know Öfen and Excel.", marks, "en")
    assert [line.text[m.start : m.end] for m in line.marks] == ["Öfen", "Excel"]


def test_a_line_that_reads_otherwise_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"row 2 of .* another text of p1"):
        read_marks(write(tmp_path, row(), row(start=14)), [POST])


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {"doc_id": "p1"},
        row(spans=[[1, 2, "SKILL"]]),
        row(spans=[[1, 2]]),
        row(crc32="x"),
        row(spans=[[0, 400, "SOFT"]]),
        row(spans=[["a", "b", "SOFT"]]),
        row(spans=[[True, 5, "SOFT"]]),
        row(spans=[[5, 2, "SOFT"]]),
        row(spans=[[2, 2, "SOFT"]]),
        row(spans=[[-3, 2, "SOFT"]]),
        row(spans=[[0, 5, "SOFT"], [4, 8, "SOFT"]]),
        row(start="a"),
        row(start=-3),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, broken: Any) -> None:
    with pytest.raises(BadInputError, match=r"row 2 of .* holds no marked line"):
        read_marks(write(tmp_path, row(), broken), [POST])
    with pytest.raises(BadInputError, match="is missing"):
        read_marks(tmp_path / "absent", [POST])


def test_marks_come_sorted(tmp_path: Path) -> None:
    (line,) = read_marks(write(tmp_path, row(spans=[*reversed(row()["spans"])])), [POST])
    assert [mark.start for mark in line.marks] == [9, 18]


def test_bytes_that_are_not_utf_8_are_named_by_their_row(tmp_path: Path) -> None:
    path = write(tmp_path, row())
    path.write_bytes(path.read_bytes() + b'{"doc_id": "\xff"}\n')
    with pytest.raises(BadInputError, match=r"row 2 of .* holds no marked line: .*utf-8"):
        read_marks(path, [POST])


def test_only_a_line_feed_ends_a_row(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    text = json.dumps(row(doc_id="a\u2028b"), ensure_ascii=False) + "\n"
    path.write_text(text + json.dumps(row()) + "\n", encoding="utf-8")
    assert len(read_marks(path, [POST])) == 1


def test_the_shipped_marks_hold_no_text_and_their_spans_lie_in_their_lines() -> None:
    rows = [json.loads(line) for line in SHIPPED.read_text(encoding="utf-8").splitlines()]
    assert len(rows) > 1_000
    for stated in rows:
        assert set(stated) == {"doc_id", "start", "end", "crc32", "spans"}
        end = 0
        for start, stop, label in stated["spans"]:
            assert end <= start < stop <= stated["end"] - stated["start"]
            assert label in set(Label)
            end = stop
    assert len({(stated["doc_id"], stated["start"]) for stated in rows}) == len(rows)
