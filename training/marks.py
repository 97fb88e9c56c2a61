"""Marks of our own on lines of the posts and resumes in METIER_DATA; their texts stay there."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ner.errors import BadInputError
from ner.labels import Label
from training.corpora import Document
from training.evaluation.gold import GoldLine, Mark
from training.own_texts import own_rows


def read_marks(path: Path, documents: Iterable[Document]) -> list[GoldLine]:
    """The marked lines of `path` whose document is among `documents`, in the order of the file.

    A row is `{"doc_id", "start", "end", "crc32", "spans": [[start, end, label], ...]}`: where the
    line stands in the document's text, the CRC-32 of its UTF-8 bytes, and its spans, half-open in
    the line. Lines of one document are neighbours, one block. Raises BadInputError for a missing
    file, a broken row, and a line that reads otherwise in the document.
    """
    texts = {document.doc_id: document for document in documents}

    def read(row: Any) -> tuple[slice, tuple[Mark, ...], Document | None, int]:
        start, end = row["start"], row["end"]
        if type(start) is not int or type(end) is not int or not 0 <= start < end:
            raise ValueError(f"{start!r}:{end!r} is no place of a line")
        marks = _marks(row["spans"], end - start)
        return slice(start, end), marks, texts.get(row["doc_id"]), int(row["crc32"])

    lines = []
    for number, (place, marks, document, wanted) in own_rows(path, "marked line", read):
        if document is None:
            continue
        text = document.text[place]
        if zlib.crc32(text.encode()) != wanted:
            raise BadInputError(
                f"row {number} of {path} was marked on another text of {document.doc_id}",
                "use the posts and resumes that the marks were made on",
            )
        name = f"{document.doc_id}:{place.start}"
        lines.append(
            GoldLine(name, document.doc_id, document.doc_id, text, marks, document.language)
        )
    return lines


def _marks(spans: Any, length: int) -> tuple[Mark, ...]:
    """Sorted marks; ValueError where one is not inside the line, or overlaps its neighbour."""
    marks = sorted(Mark(start, end, Label(label)) for start, end, label in spans)
    free = 0
    for mark in marks:
        start, end = mark.start, mark.end
        if type(start) is not int or type(end) is not int or not free <= start < end <= length:
            raise ValueError(f"the span {start!r}:{end!r} is not between {free} and {length}")
        free = end
    return tuple(marks)
