"""What the tagger returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ner.labels import Label

Status = Literal["ok", "empty", "not_text"]


@dataclass(frozen=True, slots=True)
class Span:
    """A skill in a text.

    Offsets are half-open, in Unicode code points of the ORIGINAL text (Python's own indices):
    ``text[start:end] == span.text``. `score` is the model's mean probability of `label`, 0..1.
    """

    start: int
    end: int
    label: Label
    score: float
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; the score rounded to six digits."""
        return {
            "start": self.start,
            "end": self.end,
            "label": str(self.label),
            "score": round(self.score, 6),
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class TaggedText:
    """A text and its skills, in order and never overlapping.

    `status` is "ok"; "empty" for a text without a word; "not_text" for any other object, whose
    `text` is then "". `model` is name, version and fingerprint; `language` as `ner.language` has
    it. Printing it shows a table.
    """

    text: str
    spans: tuple[Span, ...]
    model: str
    language: str
    status: Status = "ok"
    warnings: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "text": self.text,
            "spans": [span.to_dict() for span in self.spans],
            "model": self.model,
            "language": self.language,
            "status": self.status,
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        lines = [f"warning: {warning}" for warning in self.warnings]
        if not self.spans:
            nothing = {"ok": "no skills found", "empty": "empty text", "not_text": "not a text"}
            return "\n".join([nothing[self.status], *lines])
        header = ("label", "skill", "score", "offsets")
        rows = [
            (str(span.label), one_line(span.text), f"{span.score:.2f}", f"{span.start}-{span.end}")
            for span in self.spans
        ]
        widths = [max(len(row[column]) for row in (header, *rows)) for column in range(4)]
        table = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (header, *rows)
        ]
        return "\n".join([*table, *lines])


def one_line(text: str) -> str:
    """`text`, safe for a terminal and on one line: each unprintable character becomes a blank.

    A user's text may hold escape sequences, marks that turn the reading direction and line breaks.
    """
    return "".join(char if char.isprintable() else " " for char in text)
