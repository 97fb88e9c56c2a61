"""What a file is, told by its first bytes: a name may lie."""

from __future__ import annotations

import string

from metier.documents.text import is_wide

_PDF = b"%PDF-"
_WORDS = frozenset(string.ascii_letters.encode() + string.digits.encode())
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\v\f\r") | {127}

_GIVE_TEXT = "Give a resume or a job post as PDF or plain text."
# First bytes, so many that no text begins with them -> what the file is and what to do with it.
_OTHERS: tuple[tuple[bytes | tuple[bytes, ...], str, str], ...] = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Word (.doc) or Office file",
        "Save it as PDF or plain text.",
    ),
    (b"{\\rtf1", "an RTF file", "Save it as PDF or plain text."),
    (b"\x89PNG\r\n\x1a\n", "a PNG image", "Give text, or run OCR on it first."),
    (b"\xff\xd8\xff", "a JPEG image", "Give text, or run OCR on it first."),
    ((b"GIF87a", b"GIF89a"), "a GIF image", "Give text, or run OCR on it first."),
    (b"II*\x00", "a TIFF image", "Give text, or run OCR on it first."),
    (b"MM\x00*", "a TIFF image", "Give text, or run OCR on it first."),
    (b"\x1f\x8b", "a gzip file", "Unpack it first, for example with gunzip."),
    (tuple(b"BZh%d1AY&SY" % level for level in range(1, 10)), "a bzip2 file", "Unpack it first."),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it first."),
    (b"Rar!\x1a\x07", "a RAR archive", "Unpack it first."),
    # After the mark begins Thrift: its first field is always a number of four bytes, type 5.
    (b"PAR1\x15", "a Parquet file", "Export the text column, one text a line, and use --lines."),
    (b"\x7fELF", "a program", _GIVE_TEXT),
)
# How much of a file is looked at for NULs; a program may leave one or two in a text.
_HEAD = 8000
_FEW = 2


def is_pdf(data: bytes) -> bool:
    """Whether these are the bytes of a PDF.

    Readers accept some bytes before its header. Blanks, a byte order mark or what no text holds
    may stand there; after words, the marker is only mentioned.
    """
    before, marker, _ = data[:1024].partition(_PDF)
    if not marker:
        return False
    return not any(byte in _WORDS for byte in before) or any(byte in _CONTROL for byte in before)


def foreign_kind(data: bytes) -> tuple[str, str] | None:
    """(what it is, what to do) for files that are neither text nor PDF, else None."""
    if data.startswith(b"PK\x03\x04"):
        return _zip_kind(data)
    for magic, kind, advice in _OTHERS:
        if data.startswith(magic):
            return kind, advice
    head = data[:_HEAD]
    if not is_wide(data) and head.count(0) > max(_FEW, len(head) // 100):
        return "a binary file (or UTF-16 without a byte order mark)", _GIVE_TEXT
    return None


def _zip_kind(data: bytes) -> tuple[str, str]:
    if b"word/" in data:
        return "a Word (.docx) file", "Save it as PDF or plain text."
    if b"opendocument.text" in data[:200]:
        return "an OpenDocument (.odt) file", "Save it as PDF or plain text."
    return "a zip archive", "Unpack it and give the files inside."
