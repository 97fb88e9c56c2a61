from __future__ import annotations

import json
from pathlib import Path

import pytest

from ner.errors import BadInputError
from training.evaluation.occupations import (
    Document,
    evaluate_occupations,
    read_documents,
    score,
)


class FirstWord:
    """Ranks a fixed list, the URI that the text begins with first."""

    def rank_occupations(self, text: str, limit: int = 100) -> list[tuple[str, float]]:
        first = text.split()[0]
        uris = [first, *(uri for uri in ("u", "v", "w") if uri != first)]
        return [(uri, 1.0 / at) for at, uri in enumerate(uris[:limit], start=1)]


def write(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "docs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_ranks_beyond_a_hundred_count_as_not_found() -> None:
    ranking = [f"x{n}" for n in range(99)]
    documents = [Document("a", ("u",)), Document("b", ("v",)), Document("c", ("x3", "x8"))]
    rankings = [[*ranking, "u"], [*ranking, "u", "v"], ranking]
    figures = {key: figure.value for key, figure in score(documents, rankings).items()}
    assert figures["mrr@100"] == pytest.approx((1 / 100 + 0 + 1 / 4) / 3)
    assert figures["hit@1"] == 0.0
    assert figures["hit@5"] == figures["hit@10"] == pytest.approx(1 / 3)


def test_documents_that_cannot_be_scored_are_counted(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {"query_text": "v is it", "esco_uris": ["v", "old"]},
        {"query_text": "w is it", "esco_uris": "u w"},
        {"query_text": " ", "esco_uris": ["u"]},
        {"query_text": "x", "esco_uris": []},
        {"query_text": "x", "esco_uris": None},
        {"query_text": "x", "esco_uris": ["old"]},
    )
    report = evaluate_occupations(path, FirstWord(), {"u", "v", "w"}, "m", "ESCO 9").to_dict()
    assert report["n"] == 2
    assert report["dropped"] == {"blank_text": 1, "no_uri": 2, "uri_not_a_candidate": 1}
    assert report["mrr@100"] == 1.0
    assert {"hit@1", "hit@5", "hit@10", "mrr@100.low", "mrr@100.high"} <= set(report)
    assert (report["model"], report["taxonomy"]) == ("m", "ESCO 9")


def test_another_text_column_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, {"query_text": "u", "masked": "v", "esco_uris": ["u"]})
    assert read_documents(path, "masked").documents == (Document("v", ("u",)),)
    with pytest.raises(BadInputError) as caught:
        read_documents(path, "absent")
    assert "absent, esco_uris" in caught.value.hint


def test_uris_of_a_wrong_type_name_the_line(tmp_path: Path) -> None:
    path = write(tmp_path, {"query_text": "u", "esco_uris": [1]})
    with pytest.raises(BadInputError, match="line 1"):
        read_documents(path)


def test_a_file_without_any_usable_document_is_bad_input(tmp_path: Path) -> None:
    path = write(tmp_path, {"query_text": "u", "esco_uris": ["old"]})
    with pytest.raises(BadInputError, match="no document of 1"):
        read_documents(path, known={"u"})
