"""A file, or standard input, to text."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from metier.documents.kinds import foreign_kind, is_pdf
from metier.documents.pdf import read_pdf
from metier.documents.text import decode_text
from ner.errors import BadInputError

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one file; `pages` is 0 for plain text."""

    text: str
    source: str
    pages: int = 0
    warnings: tuple[str, ...] = ()


def read_document(path: str | Path) -> Document:
    """The text of the PDF or text file at `path`; "-" reads standard input.

    Raises BadInputError with the cause: missing, a folder, not readable, empty, another format,
    a PDF that cannot be read, an unknown encoding.
    """
    if str(path) == STDIN:
        return read_bytes(sys.stdin.buffer.read(), "standard input")
    file = Path(path)
    hint = "Give the path of a PDF or text file, or - for standard input."
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise BadInputError(f"{file} does not exist", hint) from None
    except IsADirectoryError:
        raise BadInputError(f"{file} is a folder, not a file", hint) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInputError(f"{file} cannot be read: {reason}", hint) from error
    return read_bytes(data, str(file))


def read_bytes(data: bytes, source: str) -> Document:
    """The text of the bytes of a PDF or text file; `source` names it in errors."""
    if not data:
        raise BadInputError(f"{source} is empty (0 bytes)", "Give a file that has text.")
    if is_pdf(data):
        text, pages, warnings = read_pdf(data, source)
        return Document(text, source, pages, tuple(warnings))
    foreign = foreign_kind(data)
    if foreign is not None:
        kind, advice = foreign
        named = ", whatever its name says," if source.endswith((".pdf", ".txt")) else ""
        raise BadInputError(f"{source} is {kind}{named} and cannot be read", advice)
    if source.lower().endswith(".pdf"):
        raise BadInputError(
            f"{source} is not a PDF: it does not begin with %PDF",
            "Rename it to .txt if it is text, or export it to PDF again.",
        )
    text = decode_text(data, source)
    if not text.strip("\ufeff \t\r\n\x00"):
        raise BadInputError(f"{source} holds only blanks", "Give a file that has text.")
    return Document(text, source)
