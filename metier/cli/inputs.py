"""The lines of a file or of standard input, each a text of its own."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import chain

from metier.documents.kinds import foreign_kind, is_pdf
from metier.documents.read import named, opened, read_bytes
from metier.documents.text import decode_lines, is_wide
from ner.errors import BadInputError


def read_lines(path: str) -> Iterator[str]:
    """The lines of a file or, for "-", of standard input as they arrive, without their line ends.

    Only a line feed, alone or after a carriage return, ends a line. A PDF gives the lines of its
    text. Raises BadInputError naming the line that is not UTF-8.
    """
    source = named(path)
    with opened(path) as stream:
        first = stream.readline()
        if not first:
            raise BadInputError(f"{source} is empty (0 bytes)", "Give one text a line.")
        if is_wide(first) or is_pdf(first) or foreign_kind(first) is not None:
            # Not read line by line: the end of a line is not one byte there.
            lines: Iterator[str] = io.StringIO(read_bytes(first + stream.read(), source).text)
        else:
            lines = decode_lines(chain([first], stream), source)
        for line in lines:
            yield line.rstrip("\r\n")
