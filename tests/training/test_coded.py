from __future__ import annotations

import json
import random
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from matching.taxonomy import Concept, Labels, Taxonomy
from ner.errors import BadInputError
from training.corpora import Document
from training.pairs import coded
from training.pairs.coded import Coded, coded_documents, coded_titles, read_coded

NURSE = Concept("o/nurse", "occupation", labels={"en": Labels("ward nurse")})
COOK = Concept(
    "o/cook", "occupation", labels={"en": Labels("cook", ("night ward caterer", "canteen cook"))}
)
OLD = Concept("o/retired", "occupation", labels={"en": Labels("lamplighter")}, status="obsolete")
TAXONOMY = Taxonomy(
    "ESCO", "test", ("en",), {concept.uri: concept for concept in (NURSE, COOK, OLD)}, ()
)
BODY = "The night ward nurse looks after twelve beds, and keeps records of all of them. " * 12
POST = Document("1", "post", "a", "Night Ward Nurse (m/f/d)", "en", BODY)
RESUME = Document("2", "resume", "b", "", "en", BODY)


def row(document: Document, **other: Any) -> dict[str, Any]:
    return {
        "doc_id": document.doc_id,
        "crc32": zlib.crc32(document.title.encode()),
        "uri": "o/nurse",
        "not": ["o/cook"],
        **other,
    }


def read(folder: Path, *rows: dict[str, Any]) -> list[Coded]:
    path = folder / "coded.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    return read_coded(path, [POST, RESUME], TAXONOMY, random.Random(1))


def test_rows_of_unknown_documents_and_concepts_are_passed_over(tmp_path: Path) -> None:
    rows = [
        row(POST),
        row(POST, doc_id="9"),
        row(POST, uri="o/gone"),
        row(POST, uri="o/retired"),
    ]
    assert read(tmp_path, *rows) == [Coded(POST, NURSE, (COOK,))]


def test_a_title_is_asked_against_the_name_that_misled(tmp_path: Path) -> None:
    pairs = list(coded_titles(read(tmp_path, row(POST), row(RESUME)), random.Random(1)))
    (pair,) = pairs
    assert pair.anchor in {"Night Ward Nurse (m/f/d)", "Night Ward Nurse"}
    assert (pair.positive, pair.negative) == ("ward nurse", "night ward caterer")


def test_a_name_that_is_the_right_ones_too_misleads_nobody(tmp_path: Path) -> None:
    shared = ("Ward Nurse", "night ward nurse (m/f/d)", "night ward caterer")
    taken = replace(COOK, labels={"en": Labels("ward nurse", shared)})
    found = [Coded(POST, NURSE, (taken,))]
    assert {pair.negative for pair in coded_titles(found, random.Random(1))} == {
        "night ward caterer"
    }
    alike = replace(COOK, labels={"en": Labels("ward nurse")})
    assert not list(coded_titles([Coded(POST, NURSE, (alike,))], random.Random(1)))


def test_documents_are_asked_without_the_title_in_their_text(tmp_path: Path) -> None:
    found = read(tmp_path, row(POST), row(RESUME))
    anchors = {
        pair.anchor for n in range(20) for pair in coded_documents(found, "post", random.Random(n))
    }
    assert any(anchor.startswith("Night Ward Nurse (m/f/d)\n") for anchor in anchors)
    assert not any("night ward nurse" in anchor for anchor in anchors)
    (resume,) = coded_documents(found, "resume", random.Random(1))
    assert "night ward nurse" in resume.anchor
    assert resume.negative == "cook"


def test_one_occupation_does_not_fill_the_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coded, "PER_OCCUPATION", 2)
    assert (
        len(read(tmp_path, *[row(POST)] * 3, row(POST, uri="o/cook", **{"not": ["o/nurse"]}))) == 3
    )


def test_a_title_that_reads_otherwise_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"row 2 of .* another title of 1"):
        read(tmp_path, row(POST), row(POST, crc32=5))


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"doc_id": "1"}',
        json.dumps(row(POST, crc32="x")),
        json.dumps(row(POST, **{"not": 5})),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "coded.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(BadInputError, match=r"row 1 of .* holds no coded document"):
        read_coded(path, [POST], TAXONOMY, random.Random(1))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"coded\.jsonl is missing"):
        read_coded(tmp_path / "coded.jsonl", [POST], TAXONOMY, random.Random(1))


def test_the_shipped_codes_hold_no_text_and_turn_down_other_occupations() -> None:
    path = Path(__file__).resolve().parents[2] / "data" / "titles" / "coded.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) > 1_000
    for stated in rows:
        assert set(stated) == {"doc_id", "crc32", "uri", "not"}
        assert stated["uri"] not in stated["not"]
        assert all("/occupation/" in uri for uri in (stated["uri"], *stated["not"]))
    assert len({stated["doc_id"] for stated in rows}) == len(rows)
