from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from training.overlap import LIMIT, SHINGLE, overlapping, shingles

words = st.text(alphabet="abcdefghij", min_size=1, max_size=6)
texts = st.lists(words, min_size=1, max_size=40).map(" ".join)


def numbered(first: int, last: int) -> str:
    return " ".join(f"w{number}" for number in range(first, last))


@given(texts)
def test_a_text_overlaps_itself(text: str) -> None:
    assert overlapping([text], [text]) == [True]


@given(texts, st.lists(texts, max_size=4))
def test_more_texts_kept_apart_never_set_a_text_free(text: str, others: list[str]) -> None:
    assert overlapping([text], [*others, text]) == [True]


@given(texts, texts)
def test_overlap_is_mutual(one: str, other: str) -> None:
    assert overlapping([one], [other]) == overlapping([other], [one])


@given(texts)
def test_nothing_shared_is_no_overlap(text: str) -> None:
    assert overlapping([text], [text.translate(str.maketrans("abcdefghij", "klmnopqrst"))]) == [
        False
    ]


@given(st.lists(texts, max_size=5), st.lists(texts, max_size=5))
def test_texts_are_judged_one_by_one_in_order(some: list[str], apart: list[str]) -> None:
    assert overlapping(some, apart) == [overlapping([text], apart)[0] for text in some]


def test_case_and_punctuation_do_not_matter() -> None:
    text = "We look for a nurse who likes night shifts"
    assert overlapping([text], [text.upper().replace(" ", " - ") + "!"]) == [True]


def test_the_shorter_text_sets_the_limit() -> None:
    long, short = numbered(0, 400), numbered(100, 130)
    assert overlapping([short], [long]) == [True]
    assert overlapping([long], [short]) == [True]


def test_a_share_at_the_limit_is_still_free() -> None:
    # 20 shingles each; 6 shared ones are exactly 0.3 of them.
    text = numbered(0, 20 + SHINGLE - 1)
    shared = numbered(0, 6 + SHINGLE - 1)
    at_limit = shared + " " + " ".join(f"x{n}" for n in range(14))
    assert len(shingles(text)) == len(shingles(at_limit)) == 20
    assert len(shingles(text) & shingles(at_limit)) == LIMIT * 20
    assert overlapping([text], [at_limit]) == [False]
    above = numbered(0, 7 + SHINGLE - 1) + " " + " ".join(f"x{n}" for n in range(13))
    assert overlapping([text], [above]) == [True]


def test_a_text_without_words_overlaps_nothing() -> None:
    assert overlapping(["", " … "], ["", "a nurse"]) == [False, False]
