"""Reading one table: where a byte that is not UTF-8 stands, and headers of any width."""

from __future__ import annotations

import codecs
import time
from pathlib import Path

import pytest

from matching.sources.tables import read_table
from ner.errors import BadInputError


def write(folder: Path, content: bytes) -> Path:
    path = folder / "t.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"a,b\n1,2\n\xfe,3\n", "line 3, column a: byte 0xfe"),
        (b"a,b\n1,2\n3,\xfe4\n", "line 3, column b: byte 0xfe"),
        (b"\xfe,b\n1,2\n", "line 1, column 1: byte 0xfe"),
    ],
)
def test_a_byte_that_is_not_utf8_is_named_with_a_mark_before_it_or_without(
    tmp_path: Path, mark: bytes, content: bytes, place: str
) -> None:
    path = write(tmp_path, mark + content)
    with pytest.raises(BadInputError) as caught:
        list(read_table(path, ["a", "b"]))
    assert f"{path}, {place} is not UTF-8" in caught.value.message


def test_a_byte_order_mark_is_taken_off_once(tmp_path: Path) -> None:
    assert list(read_table(write(tmp_path, codecs.BOM_UTF8 + b"a\n1\n"), ["a"])) == [(2, ("1",))]
    with pytest.raises(BadInputError, match="column a is missing"):
        list(read_table(write(tmp_path, 2 * codecs.BOM_UTF8 + b"a\n1\n"), ["a"]))


def test_a_header_of_very_many_columns_is_read_in_linear_time(tmp_path: Path) -> None:
    names = ",".join(f"c{number}" for number in range(50_000))
    path = write(tmp_path, f"{names}\n{',' * 49_999}\n".encode())
    began = time.process_time()
    assert list(read_table(path, ["c7"])) == [(2, ("",))]
    assert time.process_time() - began < 5
    path = write(tmp_path, f"{names},c9,c8\n".encode())
    with pytest.raises(BadInputError, match="column c8 occurs twice"):
        list(read_table(path, ["c7"]))
