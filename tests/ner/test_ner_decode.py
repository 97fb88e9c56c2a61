import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ner.decode import best_tags, decode
from ner.labels import BIO_TAGS, Label

TAGS = len(BIO_TAGS)
score_matrices = st.integers(1, 12).flatmap(
    lambda count: arrays(np.float64, (count, TAGS), elements=st.floats(-9, 9, width=32))
)


def scores_for(*tags: str, strength: float = 5.0) -> npt.NDArray[np.float64]:
    scores = np.zeros((len(tags), TAGS))
    scores[np.arange(len(tags)), [BIO_TAGS.index(tag) for tag in tags]] = strength
    return scores


def allowed(before: str | None, tag: str) -> bool:
    if not tag.startswith("I-"):
        return True
    return before is not None and before[2:] == tag[2:]


@given(score_matrices, st.data())
def test_an_inside_tag_never_follows_outside_or_another_label(
    scores: npt.NDArray[np.float64], data: st.DataObject
) -> None:
    opens = np.array(data.draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores))))
    opens[0] = True
    tags = [BIO_TAGS[tag] for tag in best_tags(scores, opens)]
    before: str | None = None
    for tag, starts_line in zip(tags, opens, strict=True):
        assert allowed(None if starts_line else before, tag)
        before = tag


@given(
    st.integers(1, 3).flatmap(
        lambda count: arrays(np.float64, (count, TAGS), elements=st.floats(-9, 9, width=32))
    )
)
def test_no_allowed_sequence_scores_higher(scores: npt.NDArray[np.float64]) -> None:
    count = len(scores)
    opens = np.arange(count) == 0
    best = max(
        sum(scores[word, tag] for word, tag in enumerate(sequence))
        for sequence in itertools.product(range(TAGS), repeat=count)
        if all(
            allowed(BIO_TAGS[sequence[word - 1]] if word else None, BIO_TAGS[tag])
            for word, tag in enumerate(sequence)
        )
    )
    found = scores[np.arange(count), best_tags(scores, opens)].sum()
    assert found == pytest.approx(best)


@given(score_matrices)
def test_spans_are_ordered_disjoint_and_scored_as_probabilities(
    scores: npt.NDArray[np.float64],
) -> None:
    spans = decode(scores)
    assert all(0 <= first < last <= len(scores) for first, last, _, _ in spans)
    assert all(0 < score <= 1 for _, _, _, score in spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


def test_a_span_never_crosses_a_line() -> None:
    scores = scores_for("B-SOFT", "I-SOFT", "I-SOFT")
    assert [span[:2] for span in decode(scores)] == [(0, 3)]
    across = decode(scores, np.array([0, 0, 1]))
    assert (0, 2) in [span[:2] for span in across]
    assert all(last <= 2 or first >= 2 for first, last, _, _ in across)


def test_neighbouring_spans_of_one_label_stay_apart() -> None:
    spans = decode(scores_for("B-SOFT", "B-SOFT", "I-SOFT", "O", "B-BUSINESS"))
    assert [span[:3] for span in spans] == [
        (0, 1, Label.SOFT),
        (1, 3, Label.SOFT),
        (4, 5, Label.BUSINESS),
    ]


def test_the_score_is_the_mean_probability_of_the_label() -> None:
    scores = np.log(np.full((2, TAGS), 0.5 / (TAGS - 2)))
    begin, inside = BIO_TAGS.index("B-TECHNICAL"), BIO_TAGS.index("I-TECHNICAL")
    scores[0, [begin, inside]] = np.log([0.3, 0.2])
    scores[1, [begin, inside]] = np.log([0.1, 0.4])
    ((first, last, label, score),) = decode(scores)
    assert (first, last, label) == (0, 2, Label.TECHNICAL)
    assert score == pytest.approx(0.5)


def test_a_span_is_cut_back_to_words_that_may_begin_and_end_it() -> None:
    scores = scores_for("B-SOFT", "I-SOFT", "I-SOFT", "I-SOFT", "O", "B-SOFT")
    scores[[0, 3]] /= 2
    loose = np.array([True, False, False, True, True, True])
    assert [span[:2] for span in decode(scores)] == [(0, 4), (5, 6)]
    ((first, last, label, score),) = decode(scores, loose=loose)
    assert (first, last, label) == (1, 3, Label.SOFT)
    # The mean over the words that are left, which are surer than the others.
    ((*_, inside),) = decode(scores_for("B-SOFT", "I-SOFT"))
    assert score == pytest.approx(inside)


def test_a_loose_word_inside_a_span_stays() -> None:
    scores = scores_for("B-SOFT", "I-SOFT", "I-SOFT")
    assert [span[:2] for span in decode(scores, loose=np.array([False, True, False]))] == [(0, 3)]


def test_no_words_give_no_spans() -> None:
    assert decode(np.zeros((0, TAGS))) == []


def test_the_tags_keep_their_class_ids() -> None:
    assert BIO_TAGS == (
        "O",
        "B-TECHNOLOGY",
        "I-TECHNOLOGY",
        "B-TECHNICAL",
        "I-TECHNICAL",
        "B-BUSINESS",
        "I-BUSINESS",
        "B-SOFT",
        "I-SOFT",
    )
