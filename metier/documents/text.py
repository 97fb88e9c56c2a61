"""Plain text from bytes whose encoding nobody wrote down."""

from __future__ import annotations

import codecs

from ner.errors import BadInputError

_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode_text(data: bytes, source: str) -> str:
    """The text of `data`: UTF-8, or UTF-16 and UTF-32 with a byte order mark.

    Other encodings are refused, not guessed: a wrong guess spoils names and offsets silently.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInputError(
            f"{source} is not {encoding.upper().removesuffix('-SIG')} text: byte"
            f" 0x{data[error.start]:02x} in line {line} (offset {error.start:,})",
            "Convert it, for example: iconv -f WINDOWS-1252 -t UTF-8 OLD.txt > NEW.txt",
        ) from error
