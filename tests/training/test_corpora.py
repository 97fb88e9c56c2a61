from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ner.errors import BadInputError
from ner.labels import Label
from training.corpora import data_folder as folder_of
from training.corpora import documents, gold, kept_apart, rows
from training.evaluation.gold import Mark


def test_the_folder_is_named_by_the_argument_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("METIER_DATA", raising=False)
    with pytest.raises(BadInputError) as caught:
        folder_of()
    assert "METIER_DATA" in caught.value.hint
    assert folder_of(tmp_path) == tmp_path
    monkeypatch.setenv("METIER_DATA", str(tmp_path))
    assert folder_of() == tmp_path
    with pytest.raises(BadInputError):
        folder_of(tmp_path / "absent")


def test_marked_lines_keep_their_spans_and_language(
    tmp_path: Path, write_gold: Callable[..., None]
) -> None:
    line = {"id": "d-7c", "doc_id": "7", "text": "SAP gut", "skills": {"SAP": "TECHNOLOGY"}}
    write_gold(tmp_path, "gold_de_dev", [line])
    (read,) = gold(tmp_path, "gold_de_dev")
    assert (read.language, read.block, read.doc_id) == ("de", "d-7", "7")
    assert read.marks == (Mark(0, 3, Label.TECHNOLOGY),)


@pytest.mark.parametrize(
    "second",
    [
        b'{"id": "b',
        b'{"id": "b", "doc_id": "1", "text": "x"}',
        b'{"id": "b", "doc_id": "1", "text": "x", "spans": [{"start": 0, "end": 1, "label": "A"}]}',
        b"[]",
    ],
)
def test_a_broken_marked_line_is_named_by_file_and_line(tmp_path: Path, second: bytes) -> None:
    (tmp_path / "gold").mkdir()
    good = b'{"id": "a", "doc_id": "1", "text": "x", "spans": []}\n'
    (tmp_path / "gold" / "gold_dev.jsonl").write_bytes(good + second + b"\n")
    with pytest.raises(BadInputError, match=r"gold_dev\.jsonl, line 2: "):
        gold(tmp_path, "gold_dev")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"gold_dev\.jsonl is missing"):
        gold(tmp_path, "gold_dev")
    with pytest.raises(BadInputError, match=r"posts\.parquet is missing"):
        rows(tmp_path / "posts.parquet")


def test_a_file_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "posts.xml").write_text("<a/>")
    with pytest.raises(BadInputError, match=r"a file ending in '\.xml' cannot be read"):
        rows(tmp_path / "posts.xml")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("posts.parquet", b"PAR1 and nothing more", "no valid parquet file"),
        ("posts.csv", b"a,b\n1,2,3\n", "line 2: 3 cells where the header has 2"),
        ("posts.csv.gz", gzip.compress(b"a,b\n")[:-4], "the gzip data is damaged"),
        ("posts.csv", b"a,b\n1,2\n", r"the columns are a, b"),
        ("posts.jsonl", b'{"text": 1}\n{"text": "x"}\n', "a column holds more than one type"),
    ],
)
def test_a_damaged_table_is_told(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    pytest.importorskip("datasets")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInputError, match=told) as caught:
        rows(tmp_path / name, ("text",) if "the columns" in told else ())
    assert str(tmp_path / name) in caught.value.message


@pytest.mark.slow
def test_rows_are_read_as_they_stand_and_leave_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets")
    cache = tmp_path / "cache"
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", cache)
    (tmp_path / "some.csv").write_text('a,b\n"x, ""y""\nz",\nNA,007\n')
    assert rows(tmp_path / "some.csv") == [{"a": 'x, "y"\nz', "b": None}, {"a": "NA", "b": "007"}]
    (tmp_path / "some.jsonl").write_text('{"a": [1, 2]}\n{"b": "", "a": []}\n')
    assert rows(tmp_path / "some.jsonl") == [{"a": [1, 2], "b": None}, {"a": [], "b": ""}]
    assert not cache.exists()


@pytest.mark.slow
def test_documents_that_share_text_with_what_is_scored_are_dropped(toy_data: Path) -> None:
    pytest.importorskip("datasets")
    found = {document.doc_id: document for document in documents(toy_data)}
    assert set(found) == {f"post-{n}" for n in range(12)} | {"resume-1", "resume-2"}
    headed, plain = found["resume-1"], found["resume-2"]
    assert (headed.title, headed.kind) == ("WARD NURSE", "resume")
    assert "WARD NURSE" not in headed.text
    assert plain.title == ""
    assert found["post-2"].language == "de"


@pytest.mark.slow
def test_nothing_is_read_where_the_benchmarks_to_keep_apart_are_missing(toy_data: Path) -> None:
    pytest.importorskip("datasets")
    (toy_data / "benchmarks" / "doc_to_esco" / "some.dev.parquet").unlink()
    with pytest.raises(BadInputError, match="doc_to_esco holds no benchmark"):
        documents(toy_data)


def runs_of_eight(text: str) -> set[str]:
    """The shingles once more, spelt out: the module keeps hashes."""
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[at : at + 8]) for at in range(max(1, len(words) - 7))}


@pytest.mark.slow
def test_no_development_document_is_left_among_training_documents(data_folder: Path) -> None:
    pytest.importorskip("datasets")
    texts, ids = kept_apart(data_folder)
    assert len(texts) > 100
    assert len(ids) > 100
    held = [runs_of_eight(text) for text in texts]
    where: dict[str, list[int]] = {}
    for number, marks in enumerate(held):
        for mark in marks:
            where.setdefault(mark, []).append(number)
    left = documents(data_folder)
    assert len(left) > 10_000
    for document in left:
        assert document.doc_id not in ids
        marks = runs_of_eight(document.text)
        shared: dict[int, int] = {}
        for mark in marks:
            for number in where.get(mark, ()):
                shared[number] = shared.get(number, 0) + 1
        for number, count in shared.items():
            assert count <= 0.3 * min(len(marks), len(held[number])), document.doc_id
