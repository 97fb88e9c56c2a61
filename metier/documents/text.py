"""Plain text from bytes whose encoding nobody wrote down."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from ner.errors import BadInputError

_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


_CONVERT = "Convert it, for example: iconv -f WINDOWS-1252 -t UTF-8 OLD.txt > NEW.txt"


def decode_text(data: bytes, source: str) -> str:
    """The text of `data`: UTF-8, or UTF-16 and UTF-32 with a byte order mark.

    Other encodings are refused, not guessed: a wrong guess spoils names and offsets silently.
    """
    encoding = _marked(data) or "utf-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInputError(
            f"{source} is not {encoding.upper().removesuffix('-SIG')} text: byte"
            f" 0x{data[error.start]:02x} in line {line} (offset {error.start:,})",
            _CONVERT,
        ) from error


def decode_lines(lines: Iterable[bytes], source: str) -> Iterator[str]:
    """The lines of a UTF-8 text, with their ends; only the first may begin with a mark.

    Raises BadInputError with the number of the line that is not UTF-8, and the place in it.
    """
    for number, line in enumerate(lines, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise BadInputError(
                f"line {number} of {source} is not UTF-8 text: byte 0x{line[error.start]:02x}"
                f" (offset {error.start:,} in the line)",
                _CONVERT,
            ) from error


def is_wide(data: bytes) -> bool:
    """Whether `data` is marked as UTF-16 or UTF-32, where a line end is several bytes."""
    return _marked(data) not in (None, "utf-8-sig")


def _marked(data: bytes) -> str | None:
    return next((name for mark, name in _MARKS if data.startswith(mark)), None)
