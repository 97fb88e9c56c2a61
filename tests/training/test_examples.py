from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from ner.clean import clean
from ner.decode import decode
from ner.labels import BIO_TAGS, Label
from ner.segments import segment
from training.evaluation.gold import GoldLine, Mark
from training.examples import IGNORED, TAG_ID, epoch_of, example, word_tags

T, K, B, S = Label


def marked(text: str, *parts: tuple[str, Label], name: str = "x-001a") -> GoldLine:
    marks = [Mark(text.index(part), text.index(part) + len(part), label) for part, label in parts]
    return GoldLine(name, name[:-1], "doc", text, tuple(marks), "en")


def read_back(tokenizer: Tokenizer, lines: list[GoldLine]) -> list[tuple[str, Label]]:
    """The text and label of each span that the tags of an example mean, as the tagger reads it."""
    made = example(tokenizer, lines, 10_000)
    text = "\n".join(clean(line.text).text.replace("\n", " ") for line in lines)
    pieces = segment(tokenizer, text)
    assert made.ids.tolist() == pieces.ids.tolist()
    asked = made.tags != IGNORED
    assert asked.tolist() == pieces.first.tolist()
    logits = np.full((len(pieces.words), len(BIO_TAGS)), -50.0)
    logits[:, 0] = 0.0
    for word, tag in zip(pieces.word[asked], made.tags[asked], strict=True):
        logits[word, 0] = -50.0
        logits[word, tag] = 50.0
    words = pieces.words
    return [
        (text[words[first][0] : words[last - 1][1]], label)
        for first, last, label, _ in decode(logits, pieces.line)
    ]


@st.composite
def words_and_spans(draw: st.DrawFn) -> tuple[list[tuple[int, int]], list[Any]]:
    """Words with and without blanks between them, and disjoint spans anywhere over them."""
    words, at = [], 0
    for gap, size in draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5)), max_size=12)):
        words.append((at + gap, at + gap + size))
        at += gap + size
    cuts = sorted(draw(st.sets(st.integers(0, at), max_size=8)))
    spans = [
        (start, end, draw(st.sampled_from(list(Label))))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    return words, draw(st.permutations(spans))


@given(words_and_spans())
def test_tags_are_always_valid_bio(drawn: tuple[list[tuple[int, int]], list[Any]]) -> None:
    words, spans = drawn
    tags = [BIO_TAGS[tag] for tag in word_tags(words, spans)]
    for before, tag in zip(["O", *tags], tags, strict=False):
        if tag.startswith("I-"):
            assert before in (f"B-{tag[2:]}", tag)


@given(words_and_spans())
def test_a_word_is_tagged_when_a_span_touches_it(
    drawn: tuple[list[tuple[int, int]], list[Any]],
) -> None:
    words, spans = drawn
    for (start, end), tag in zip(words, word_tags(words, spans), strict=True):
        touched = any(s < end and e > start for s, e, _ in spans)
        assert (tag != TAG_ID["O"]) == touched


def test_neighbouring_spans_of_one_label_stay_two() -> None:
    tags = word_tags([(0, 3), (4, 7), (8, 9)], [(4, 9, T), (0, 3, T)])
    assert [BIO_TAGS[tag] for tag in tags] == ["B-TECHNOLOGY", "B-TECHNOLOGY", "I-TECHNOLOGY"]


def test_an_empty_span_tags_nothing() -> None:
    assert word_tags([(0, 6)], [(3, 3, T)]) == [TAG_ID["O"]]


def test_spans_of_a_joined_block_land_on_the_right_words(tiny_tokenizer: Tokenizer) -> None:
    block = [
        marked("we need Python and Excel", ("Python", T), ("Excel", T)),
        marked("• wound care", ("wound care", K)),
        marked("nothing here"),
        marked("team work, planning", ("team work", S), ("planning", B)),
    ]
    assert read_back(tiny_tokenizer, block) == [
        ("Python", T),
        ("Excel", T),
        ("wound care", K),
        ("team work", S),
        ("planning", B),
    ]


@pytest.mark.parametrize(
    ("text", "part", "cleaned"),
    [
        ("we\u00a0need\u00a0wound\u00a0care now", "wound\u00a0care", "wound care"),
        ("re\u0301sume\u0301 and re\u0301sume\u0301 writing now", "writing", "writing"),
        ("a re\u0301sume\u0301 now", "re\u0301sume\u0301", "résumé"),
        ("\u200bwe need\u200b Py\u200bthon\u200b now", "Py\u200bthon", "Python"),
        ("soft\u00adware and Ex\u00adcel, now", "Ex\u00adcel", "Excel"),
        ("a\r\nb and team\r\nwork now", "team\r\nwork", "team work"),
        ("x\x00\x00 Python", "Python", "Python"),
    ],
)
def test_cleaning_keeps_spans_on_their_words(
    tiny_tokenizer: Tokenizer, text: str, part: str, cleaned: str
) -> None:
    first = marked("\u200bwe\u200b need Excel", ("Excel", T))
    lines = [first, marked(text, (part, K)), first]
    assert read_back(tiny_tokenizer, lines) == [("Excel", T), (cleaned, K), ("Excel", T)]


def test_an_example_is_cut_at_the_window(tiny_tokenizer: Tokenizer) -> None:
    made = example(tiny_tokenizer, [marked("we need Python " * 50)], 20)
    assert len(made.ids) == len(made.tags) == 20


def lines_of_two_blocks() -> list[GoldLine]:
    english = [marked("we need Python", name=f"e-001{letter}") for letter in "abcd"]
    german = [
        GoldLine(f"d-001{letter}", "d-001", "doc", "Kenntnisse in Excel", (), "de")
        for letter in "abcd"
    ]
    return [*english, *german]


@pytest.mark.parametrize(("joined", "count"), [(0.0, 4 + 3 * 4), (1.0, 1 + 3 * 1)])
def test_blocks_come_as_lines_or_joined_and_german_ones_more_often(
    tiny_tokenizer: Tokenizer, joined: float, count: int
) -> None:
    made = epoch_of(tiny_tokenizer, lines_of_two_blocks(), 256, joined, 3, random.Random(1))
    assert len(made) == count


def test_lines_without_a_word_are_left_out(tiny_tokenizer: Tokenizer) -> None:
    lines = [marked("we need", name="x-001a"), marked(" \u200b ", name="x-002a")]
    assert len(epoch_of(tiny_tokenizer, lines, 256, 0.5, 1, random.Random(1))) == 1
