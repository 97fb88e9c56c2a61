"""Plain text in the encodings that people have."""

from __future__ import annotations

import bz2
import io
import re
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.documents import read_bytes, read_document
from metier.documents.kinds import is_pdf
from metier.documents.text import decode_text
from ner.errors import BadInputError

TEXT = "Köchin für die Großküche, C++ 😀\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_with_or_without_its_mark(encoding: str) -> None:
    assert read_bytes(TEXT.encode(encoding), "post.txt").text == TEXT


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_utf8_text_comes_back_as_it_was(text: str) -> None:
    mark = text.startswith("\ufeff")
    assert decode_text(text.encode(), "x") == (text[1:] if mark else text)


def test_another_encoding_is_refused_with_the_place_and_the_way_out() -> None:
    with pytest.raises(
        BadInputError, match=r"old\.txt is not UTF-8 text: byte 0xfc in line 2"
    ) as e:
        read_bytes("Koch\nPrüfer".encode("latin-1"), "old.txt")
    assert "iconv" in e.value.hint


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_word_is_refused(data: bytes) -> None:
    with pytest.raises(BadInputError, match=r"empty|blanks"):
        read_bytes(data, "post.txt")


def test_a_missing_file_and_a_folder_are_called_so(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"missing\.txt does not exist"):
        read_document(tmp_path / "missing.txt")
    with pytest.raises(BadInputError, match="is a folder"):
        read_document(tmp_path)


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(BadInputError, match="cannot be read"):
        read_document("a\0b.txt")


@pytest.mark.parametrize(
    "before",
    [b"", b"\xef\xbb\xbf", b"\n \r\n", b"\x00\x01junk", b"\x1b%-12345X@PJL\r\n", b"\xfe--"],
)
def test_a_pdf_may_have_blanks_or_bytes_that_no_text_holds_before_its_header(before: bytes) -> None:
    assert is_pdf(before + b"%PDF-1.7\n")


@pytest.mark.parametrize("text", ["Files begin with %PDF- and end with %%EOF.", "Prüft %PDF-1.4"])
def test_a_text_that_mentions_the_marker_of_pdf_is_a_text(text: str) -> None:
    assert read_bytes(text.encode(), "post.txt").text == text
    assert not is_pdf(text.encode("latin-1"))


@pytest.mark.parametrize(
    "text",
    [
        "BZhang is our founder.",
        "GIF8 is a format",
        "PAR1S is our town",
        "Rar! said the pirate",
        "{\\rtf is how RTF begins",
        "a\0cook\0",
        "\0" * 20 + "Köchin " * 500,
    ],
)
def test_a_text_that_begins_like_another_format_or_holds_some_nuls_is_a_text(text: str) -> None:
    assert read_bytes(text.encode(), "post.txt").text == text


def tar_of(text: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        record = tarfile.TarInfo("post.txt")
        record.size = len(text)
        archive.addfile(record, io.BytesIO(text))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (tar_of(b"a cook\n" * 5000), "a binary file"),
        ("Koch und Kellner".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (bz2.compress(b"a cook"), "a bzip2 file"),
        (b"GIF87a\x01\x00", "a GIF image"),
        (b"PAR1\x15\x04\x15", "a Parquet file"),
        (b"Rar!\x1a\x07\x00", "a RAR archive"),
        (b"{\\rtf1\\ansi a cook}", "an RTF file"),
    ],
)
def test_another_format_is_refused_by_its_name(data: bytes, kind: str) -> None:
    with pytest.raises(BadInputError, match=f"post.txt is .*{re.escape(kind)}.* cannot be read"):
        read_bytes(data, "post.txt")
