from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from ner.errors import BadInputError
from training.evaluation.tables import read_lines, read_table, require


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_bytes(content.encode())
    return path


def cells(path: Path) -> list[dict[str, object]]:
    return [dict(row.cells) for row in read_table(path).rows]


def test_a_plain_and_a_gzip_file_give_the_same_rows(tmp_path: Path) -> None:
    content = 'a,b\r\n1,"x, ""y""\nz"\r\n2,\r\n'
    plain = write(tmp_path, "plain.csv", content)
    packed = tmp_path / "packed.csv.gz"
    packed.write_bytes(gzip.compress(content.encode()))
    assert cells(plain) == cells(packed) == [{"a": "1", "b": 'x, "y"\nz'}, {"a": "2", "b": ""}]


def test_rows_know_the_line_they_start_on(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", 'a,b\n1,"two\nlines"\n\n2,x\n')
    assert [row.line for row in read_table(path).rows] == [2, 5]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, "t.csv", "\ufeffa,b\n1,2\n")).columns == ("a", "b")


def test_tab_separated_and_json_lines_are_read(tmp_path: Path) -> None:
    assert cells(write(tmp_path, "t.tsv", "a\tb\n1\t2,3\n")) == [{"a": "1", "b": "2,3"}]
    assert cells(write(tmp_path, "t.jsonl", '{"a": 1}\n\n{"b": [2]}\n')) == [{"a": 1}, {"b": [2]}]


def test_parquet_rows_come_with_their_lists(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="parquet needs the extra train")
    parquet = pytest.importorskip("pyarrow.parquet", reason="parquet needs the extra train")
    path = tmp_path / "t.parquet"
    parquet.write_table(arrow.table({"text": ["x", None], "uris": [["u", "v"], []]}), path)
    assert cells(path) == [{"text": "x", "uris": ["u", "v"]}, {"text": None, "uris": []}]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.csv", "a,b\n1,2\n1,2,3\n", "line 3: 3 cells"),
        ("t.csv", 'a,b\n1,2\n1,"2\n', "line 3: no valid CSV"),
        ("t.csv", "", "empty"),
        ("t.jsonl", '{"a": 1}\n{"a": \n', "line 2: no valid JSON"),
        ("t.jsonl", "[1]\n", "line 1: not a JSON object"),
        ("t.jsonl", "[" * 100_000 + "\n", "line 1: no valid JSON"),
        ("t.xlsx", "", "'.xlsx' cannot be read"),
        ("t", "", "cannot be read"),
    ],
)
def test_a_broken_file_is_named_with_its_line(
    tmp_path: Path, name: str, content: str, said: str
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(BadInputError) as caught:
        read_table(path)
    assert str(path) in caught.value.message
    assert said in caught.value.message
    assert caught.value.hint


def test_damaged_gzip_wrong_encoding_and_missing_files_are_bad_input(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n" + b"1,2\n" * 1000)
    for name, content in [
        ("cut.csv.gz", packed[: len(packed) // 2]),
        ("plain.csv.gz", b"a,b\n1,2\n"),
        ("latin.csv", "a,b\nü,2\n".encode("latin-1")),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadInputError, match=name):
            read_table(tmp_path / name)
    with pytest.raises(BadInputError, match="there is no file"):
        read_table(tmp_path / "absent.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(BadInputError, match=r"folder\.csv"):
        read_table(tmp_path / "folder.csv")


def test_a_damaged_parquet_file_is_bad_input(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="parquet needs the extra train")
    with pytest.raises(BadInputError, match="no valid parquet"):
        read_table(write(tmp_path, "t.parquet", "PAR1 nothing of the kind PAR1"))
    with pytest.raises(BadInputError, match="there is no file"):
        read_table(tmp_path / "absent.parquet")


def test_the_first_layout_that_fits_is_taken_and_a_misfit_names_the_columns(
    tmp_path: Path,
) -> None:
    table = read_table(write(tmp_path, "t.csv", "query,uris,more\nq,u,m\n"))
    assert require(table, [("title", "uri"), ("query", "uris")]) == ("query", "uris")
    with pytest.raises(BadInputError) as caught:
        require(table, [("title", "uri")])
    assert "query, uris, more" in caught.value.message
    assert "(title, uri)" in caught.value.hint


def test_a_file_of_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "t.csv", "query,uris\n"))
    with pytest.raises(BadInputError, match="no rows"):
        require(table, [("query", "uris")])


def test_a_cell_that_is_no_text_is_bad_input_and_null_is_empty(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "t.jsonl", '{"a": null}\n{"a": 7}\n'))
    assert table.text(table.rows[0], "a") == ""
    with pytest.raises(BadInputError, match="line 2"):
        table.text(table.rows[1], "a")


def test_lines_are_stripped_and_blank_ones_left_out(tmp_path: Path) -> None:
    assert read_lines(write(tmp_path, "v.txt", " a \n\n\tb\r\n")) == ["a", "b"]


def test_a_cell_may_be_longer_than_the_csv_module_allows(tmp_path: Path) -> None:
    limit = csv.field_size_limit()
    long = "x" * (limit + 1)
    assert cells(write(tmp_path, "t.csv", f"a,b\n1,{long}\n")) == [{"a": "1", "b": long}]
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize(
    ("content", "line"),
    [('a,"b\n1,2\n', 1), ('a,b\n1,2\n3,"4\n' + "5,6\n" * 50_000, 3)],
)
def test_a_quote_that_stays_open_is_named_by_file_and_line(
    tmp_path: Path, content: str, line: int
) -> None:
    path = write(tmp_path, "t.csv", content)
    with pytest.raises(BadInputError, match=rf"t\.csv, line {line}: no valid CSV") as caught:
        read_table(path)
    assert "quote" in caught.value.hint
