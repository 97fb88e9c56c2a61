from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner.errors import BadInputError
from ner.labels import Label
from training.evaluation.gold import GoldLine, Mark, blocks, read_gold
from training.evaluation.tagging import evaluate_tagging, in_lines, score
from training.evaluation.words import WordMark, line_words, snapped

T, B, S = Label.TECHNOLOGY, Label.BUSINESS, Label.SOFT


def line(name: str, text: str, *marks: Mark, doc: str = "") -> GoldLine:
    return GoldLine(name, name[:-1], doc or name, text, marks)


@dataclass(frozen=True)
class Tagged:
    spans: tuple[Mark, ...]


@dataclass(frozen=True)
class WordTagger:
    """Marks every occurrence of known words."""

    known: dict[str, Label]
    model: str = "words 1 0"

    def tag(self, text: str) -> Tagged:
        return Tagged(
            tuple(
                Mark(at, at + len(word), label)
                for word, label in self.known.items()
                for at in range(len(text))
                if text.startswith(word, at)
            )
        )


def test_figures_by_hand() -> None:
    gold = [
        line("a1", "Python and team work", Mark(0, 6, T), Mark(11, 20, S)),
        line("b1", "no skill here"),
        line("c1", "sales", Mark(0, 5, B)),
        line("d1", "also none"),
    ]
    found = [
        [Mark(0, 6, T), Mark(11, 15, S)],  # right; too short
        [Mark(3, 8, S)],  # wrong, on a clean line
        [Mark(0, 5, T)],  # right place, wrong label
        [],
    ]
    figures = {key: figure.value for key, figure in score(gold, found).figures.items()}
    assert figures["typed.micro.precision"] == pytest.approx(1 / 4)
    assert figures["typed.micro.recall"] == pytest.approx(1 / 3)
    assert figures["typed.micro.f1"] == pytest.approx(2 / 7)
    assert figures["typed.per_label.TECHNOLOGY.f1"] == pytest.approx(2 / 3)
    assert figures["typed.per_label.SOFT.f1"] == 0.0
    assert figures["typed.per_label.TECHNICAL.f1"] == 0.0
    assert figures["untyped.f1"] == pytest.approx(4 / 7)
    # Characters: 6 + 4 agree; 6 + 4 + 5 + 5 = 20 were found and 6 + 9 + 5 = 20 are marked.
    assert figures["characters.f1"] == pytest.approx(10 / 20)
    assert figures["seqeval.f1"] == pytest.approx(2 / 7)
    assert figures["clean_lines.flagged"] == 0.5


def test_perfect_and_empty_predictions_score_one_and_zero() -> None:
    gold = [line("a1", "Python", Mark(0, 6, T)), line("b1", "sales", Mark(0, 5, B))]
    for found, value in ((gold, 1.0), (None, 0.0)):
        predicted = [one.marks if found else () for one in gold]
        figures = score(gold, predicted).figures
        for key in ("typed.micro.f1", "untyped.f1", "characters.f1", "seqeval.f1"):
            assert figures[key].value == value


def test_a_gold_span_inside_a_word_is_widened_and_counted() -> None:
    gold = [line("a1", "Excelkenntnisse, SAP", Mark(0, 5, T), Mark(17, 20, T))]
    result = score(gold, [[Mark(0, 15, T), Mark(17, 20, T)]])
    assert result.unaligned == 1
    assert result.figures["seqeval.f1"].value == 1.0
    assert result.figures["typed.micro.f1"].value == 0.5


def test_two_spans_in_one_word_leave_one_word_mark() -> None:
    assert snapped("Excelkenntnisse", [Mark(0, 5, T), Mark(5, 15, B)]) == ([(0, 1, T)], 2)


def test_words_of_later_lines_keep_their_offsets() -> None:
    assert line_words("ab c\n\ndef") == [(0, 2), (3, 4), (6, 9)]


def test_lines_of_a_block_are_joined_and_spans_come_back_to_the_line_they_start_in() -> None:
    gold = [line("x1", "use C++"), line("x2", "and SAP"), line("y1", "alone")]
    first, second = blocks(gold)
    assert (first.lines, first.starts, first.text) == ((0, 1), (0, 8), "use C++\nand SAP")
    assert second.lines == (2,)
    spans = [Mark(4, 11, T), Mark(12, 15, T)]  # "C++\nand" runs over the line end
    assert in_lines(first, [7, 7], spans) == [[Mark(4, 7, T)], [Mark(4, 7, T)]]


def test_a_span_that_starts_on_the_line_feed_marks_nothing() -> None:
    (block,) = blocks([line("x1", "ab"), line("x2", "cd")])
    assert in_lines(block, [2, 2], [Mark(2, 5, T)]) == [[], []]


WORDS = ["Python", "sales", "team", "and", "the", "SQL"]


@st.composite
def sentences(draw: st.DrawFn) -> tuple[str, list[Mark], list[Mark]]:
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8))
    starts = np.cumsum([0, *(len(word) + 1 for word in words)])

    def marks() -> list[Mark]:
        found, at = [], 0
        while at < len(words):
            size = draw(st.integers(0, 3))
            if size:
                last = min(at + size, len(words)) - 1
                label = draw(st.sampled_from(list(Label)))
                found.append(Mark(int(starts[at]), int(starts[last]) + len(words[last]), label))
                at = last + 1
            else:
                at += 1
        return found

    return " ".join(words), marks(), marks()


def bio_tags(count: int, marks: Sequence[WordMark]) -> list[str]:
    """The IOB2 tags of `count` words, as seqeval reads them."""
    tags = ["O"] * count
    for first, end, label in marks:
        tags[first:end] = [f"B-{label}", *[f"I-{label}"] * (end - first - 1)]
    return tags


@given(st.lists(sentences(), min_size=1, max_size=6))
@settings(deadline=None, max_examples=60)
def test_our_strict_f1_is_that_of_seqeval_on_word_aligned_data(
    data: list[tuple[str, list[Mark], list[Mark]]],
) -> None:
    metrics = pytest.importorskip("seqeval.metrics", reason="seqeval is not installed")
    from seqeval.scheme import IOB2

    gold = [line(f"{n}a", text, *marks) for n, (text, marks, _) in enumerate(data)]
    predicted = [found for _, _, found in data]
    tags = [
        [
            bio_tags(len(line_words(text)), snapped(text, marks)[0])
            for text, marks in zip([one[0] for one in data], side, strict=True)
        ]
        for side in ([one[1] for one in data], predicted)
    ]
    names = {"precision": metrics.precision_score, "recall": metrics.recall_score}
    result = score(gold, predicted)
    assert result.unaligned == 0
    for part, function in {**names, "f1": metrics.f1_score}.items():
        expected = function(*tags, mode="strict", scheme=IOB2, zero_division=0)
        assert result.figures[f"typed.micro.{part}"].value == pytest.approx(expected)
        assert result.figures[f"seqeval.{part}"].value == pytest.approx(expected)


def write(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "gold.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def row(name: str, text: str, *spans: tuple[int, int, str]) -> dict[str, object]:
    marks = [{"start": s, "end": e, "label": label, "text": text[s:e]} for s, e, label in spans]
    return {"id": name, "doc_id": "d", "text": text, "spans": marks}


def test_gold_lines_are_read_with_offsets_in_code_points(tmp_path: Path) -> None:
    path = write(tmp_path, row("p1a", "🙂 SQL", (2, 5, "TECHNOLOGY")))
    assert read_gold(path) == [GoldLine("p1a", "p1", "d", "🙂 SQL", (Mark(2, 5, T),))]


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ([{"start": 0, "end": 9, "label": "SOFT", "text": "x"}], "not inside the text"),
        ([{"start": 3, "end": 3, "label": "SOFT", "text": ""}], "not inside the text"),
        ([{"start": True, "end": 3, "label": "SOFT", "text": "eam"}], "not inside the text"),
        ([{"start": 0, "end": 4, "label": "soft", "text": "team"}], "unknown label 'soft'"),
        ([{"start": 0, "end": 4, "label": ["SOFT"], "text": "team"}], "unknown label"),
        ([{"start": 0, "end": 4, "label": "SOFT", "text": "Team"}], "says 'Team'"),
        (
            [
                {"start": 0, "end": 4, "label": "SOFT", "text": "team"},
                {"start": 3, "end": 6, "label": "SOFT", "text": "m w"},
            ],
            "overlaps",
        ),
        (["team"], "not an object"),
        ("team", "not a list"),
    ],
)
def test_a_wrong_span_names_file_and_line(tmp_path: Path, spans: object, said: str) -> None:
    good = row("p1a", "fine")
    path = write(tmp_path, good, {"id": "p1b", "doc_id": "d", "text": "team w", "spans": spans})
    with pytest.raises(BadInputError) as caught:
        read_gold(path)
    assert f"{path}, line 2" in caught.value.message
    assert said in caught.value.message


def test_a_run_reports_lines_alone_and_in_context(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        row("p1a", "SQL", (0, 3, "TECHNOLOGY")),
        row("p1b", "and sales", (4, 9, "BUSINESS")),
        row("p2a", "nothing"),
    )
    tagger = WordTagger({"SQL": T, "sales": B, "nothing": S})
    report = evaluate_tagging(path, tagger, context=True).to_dict()
    assert report["n"] == 3
    assert report["documents"] == 1
    assert report["model"] == "words 1 0"
    assert report["taxonomy"] is None
    assert report["dropped"] == {"unaligned": 0}
    assert report["typed.per_label.BUSINESS.support"] == 1
    for prefix in ("", "context."):
        assert report[f"{prefix}typed.micro.f1"] == pytest.approx(4 / 5)
        assert report[f"{prefix}clean_lines.flagged"] == 1.0
    assert "context.untyped.f1" not in evaluate_tagging(path, tagger).to_dict()


@pytest.mark.parametrize("name", ["gold_dev", "gold_de_dev", "gold_train", "gold_de_train"])
def test_the_marked_files_are_read_whole(data_folder: Path, name: str) -> None:
    path = data_folder / "gold" / f"{name}.jsonl"
    gold = read_gold(path)
    assert len(gold) == len(path.read_text(encoding="utf-8").splitlines())
    assert score(gold, [one.marks for one in gold]).figures["typed.micro.f1"].value == 1.0
