"""A file, or standard input, to text."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

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
    with opened(path) as stream:
        data = stream.read()
    return read_bytes(data, named(path))


@contextmanager
def opened(path: str | Path) -> Iterator[BinaryIO]:
    """The bytes of the file at `path`; "-" is standard input.

    Raises BadInputError with the cause: missing, a folder, not readable, standard input closed.
    """
    source = named(path)
    if str(path) == STDIN and sys.stdin is None:  # as Python has it where it is closed: `<&-`
        raise BadInputError(f"{source} is closed", "Give a file, or pipe a text in.")
    hint = "Give the path of a PDF or text file, or - for standard input."
    try:
        with nullcontext(sys.stdin.buffer) if str(path) == STDIN else open(path, "rb") as stream:
            yield stream
    except FileNotFoundError:
        raise BadInputError(f"{source} does not exist", hint) from None
    except IsADirectoryError:
        raise BadInputError(f"{source} is a folder, not a file", hint) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInputError(f"{source} cannot be read: {reason}", hint) from error


def named(path: str | Path) -> str:
    """How errors call what is read from `path`."""
    return "standard input" if str(path) == STDIN else str(path)


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
        but = ", whatever its name says," if source.endswith((".pdf", ".txt")) else ""
        raise BadInputError(f"{source} is {kind}{but} and cannot be read", advice)
    if source.lower().endswith(".pdf"):
        raise BadInputError(
            f"{source} is not a PDF: it does not begin with %PDF",
            "Rename it to .txt if it is text, or export it to PDF again.",
        )
    text = decode_text(data, source)
    if not text.strip("\ufeff \t\r\n\x00"):
        raise BadInputError(f"{source} holds only blanks", "Give a file that has text.")
    return Document(text, source)
