"""Lines as texts of their own, from every kind of input."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from metier.cli.inputs import read_lines
from ner.errors import BadInputError

LINES = ["\ufeffCook", "", "a\u2028b\x0bc\x0cd\x85e\x1cf", "Köchin", "last"]


@pytest.fixture
def lines_of(tmp_path: Path) -> Callable[[bytes], list[str]]:
    def lines(data: bytes) -> list[str]:
        (tmp_path / "in.txt").write_bytes(data)
        return list(read_lines(str(tmp_path / "in.txt")))

    return lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_only_a_line_feed_ends_a_line_in_every_encoding(
    lines_of: Callable[[bytes], list[str]], encoding: str, end: str
) -> None:
    expected = ["first", *LINES]
    assert lines_of(end.join(expected).encode(encoding)) == expected
    assert lines_of((end.join(expected) + end).encode(encoding)) == expected


def test_a_big_endian_mark_of_utf_32_is_known_by_lines(
    lines_of: Callable[[bytes], list[str]],
) -> None:
    assert lines_of("\ufeffa\nb\n".encode("utf-32-be")) == ["a", "b"]


def test_only_the_first_line_loses_a_byte_order_mark(
    lines_of: Callable[[bytes], list[str]],
) -> None:
    assert lines_of(b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n") == ["a", "\ufeffb"]
    with pytest.raises(BadInputError, match=r"line 2 of .*in\.txt is not UTF-8 text: byte 0xff"):
        lines_of(b"a\n\xff\xfeb\x00\n")


def test_the_line_that_is_not_utf8_is_named_once(lines_of: Callable[[bytes], list[str]]) -> None:
    with pytest.raises(BadInputError) as e:
        lines_of(b"a\nb\ncaf\xe9\n")
    assert e.value.message.endswith("in.txt is not UTF-8 text: byte 0xe9 (offset 3 in the line)")
    assert e.value.message.startswith("line 3 of ")
    assert "line 1" not in e.value.message
    assert "iconv" in e.value.hint


def test_lines_arrive_before_the_next_one_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(io.BytesIO):
        read_so_far = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            self.read_so_far += 1
            return super().readline(size)

        def __next__(self) -> bytes:
            self.read_so_far += 1
            return super().__next__()

    stream = Slow(b"a\nb\nc\n")
    monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": stream}))
    lines: Iterator[str] = read_lines("-")
    assert (next(lines), stream.read_so_far) == ("a", 1)
    assert (next(lines), stream.read_so_far) == ("b", 2)


@pytest.mark.parametrize(
    ("name", "cause"), [("missing.txt", "does not exist"), ("", "is a folder, not a file")]
)
def test_what_cannot_be_opened_is_called_as_in_whole_texts(
    tmp_path: Path, name: str, cause: str
) -> None:
    with pytest.raises(BadInputError, match=cause):
        list(read_lines(str(tmp_path / name)))


@pytest.mark.parametrize(("data", "cause"), [(b"", "is empty"), (b"GIF89a\x01\x00\n", "GIF")])
def test_what_holds_no_line_of_text_is_refused(
    lines_of: Callable[[bytes], list[str]], data: bytes, cause: str
) -> None:
    with pytest.raises(BadInputError, match=cause):
        lines_of(data)
