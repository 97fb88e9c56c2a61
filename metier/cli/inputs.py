"""Where the texts of a command come from: files, standard input, or its lines."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from metier.documents.kinds import foreign_kind, is_pdf
from metier.documents.read import STDIN, read_bytes
from metier.documents.text import decode_text
from ner.errors import BadInputError


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """The bytes of a file or, for "-", of standard input."""
    if path == STDIN:
        yield sys.stdin.buffer
        return
    try:
        file = open(path, "rb")  # noqa: SIM115 - closed below; the errors of opening are ours
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInputError(
            f"{path} cannot be read: {reason}",
            "Give the path of a text file, or - for standard input.",
        ) from error
    with file:
        yield file


def read_lines(path: str) -> Iterator[str]:
    """The lines of a file or of standard input as they arrive, without their line ends.

    A PDF gives the lines of its text. Raises BadInputError naming the line that is not UTF-8.
    """
    source = "standard input" if path == STDIN else path
    with opened(path) as stream:
        try:
            first = stream.readline()
            yield from _decoded(first, stream, source)
        except IsADirectoryError:
            raise BadInputError(
                f"{path} is a folder, not a file", "Give the path of a text file."
            ) from None


def _decoded(first: bytes, rest: BinaryIO, source: str) -> Iterator[str]:
    wide = first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if wide or is_pdf(first) or foreign_kind(first) is not None:
        # Not read line by line: the end of a line is not one byte there.
        yield from read_bytes(first + rest.read(), source).text.splitlines()
        return
    number = 0
    for number, line in enumerate(_chain(first, rest), start=1):
        yield decode_text(line, f"line {number} of {source}").rstrip("\r\n")
    if not number:
        raise BadInputError(f"{source} is empty (0 bytes)", "Give one text a line.")


def _chain(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    if first:
        yield first
        yield from rest
