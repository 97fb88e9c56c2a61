from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation import bootstrap
from training.evaluation.metrics import (
    hit,
    precision_recall_f1,
    r_precision,
    recall,
    reciprocal_rank,
    relevant_ranks,
)
from training.evaluation.report import Figure, Report, prefixed


def test_ranks_count_better_candidates_and_earlier_ties() -> None:
    scores = np.array([0.5, 0.9, 0.5, 0.1, 0.5])
    assert relevant_ranks(scores, [2]) == [3]
    assert relevant_ranks(scores, [3, 1, 0]) == [1, 2, 5]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_ranks_of_all_candidates_are_a_stable_sort(values: list[int]) -> None:
    scores = np.array(values, dtype=np.float32)
    order = np.argsort(-scores, kind="stable")
    for rank, candidate in enumerate(order, start=1):
        assert relevant_ranks(scores, [int(candidate)]) == [rank]


def test_scores_that_follow_closely_on_each_other_have_a_rank_each() -> None:
    assert relevant_ranks(np.array([0.0, 0.8e-6, 1.6e-6]), [0, 1, 2]) == [1, 2, 3]


def test_equal_scores_are_told_apart_by_the_second_score() -> None:
    scores = np.array([0.5, 0.9, 0.9 + 1e-8, 0.9, 0.7])
    nearly = np.array([0.0, 0.3, 0.3 + 1e-8, 0.3, 0.0])
    assert [relevant_ranks(scores, [place], nearly) for place in (1, 2, 3)] == [[1], [2], [3]]
    assert relevant_ranks(scores, [3]) == [3]
    assert relevant_ranks(scores, [3], np.array([0.0, 0.1, 0.2, 0.3, 0.9])) == [1]
    assert relevant_ranks(scores, [3], np.array([0.0, 0.3, 0.9, 0.3, 0.0])) == [3]
    assert relevant_ranks(scores, [4], np.array([0.0, 0.1, 0.2, 0.3, 0.9])) == [4]


def test_rates_by_hand() -> None:
    ranks = [2, 4, 7]
    assert reciprocal_rank(ranks) == 0.5
    assert reciprocal_rank([101], limit=100) == 0.0
    assert reciprocal_rank([]) == 0.0
    assert (hit(ranks, 1), hit(ranks, 5)) == (0.0, 1.0)
    assert recall(ranks, 5) == pytest.approx(2 / 3)
    assert r_precision(ranks, 1) == 0.0
    assert r_precision(ranks, 2) == 0.5
    assert r_precision(ranks, 5) == pytest.approx(2 / 3)
    assert r_precision(ranks, 5, wanted=4) == 0.5
    assert r_precision(ranks, 10, wanted=4) == 0.75


def test_precision_recall_and_f1_by_hand_and_nothing_at_all_is_zero() -> None:
    right, found, wanted = np.array([[3.0, 0.0], [4.0, 0.0], [6.0, 0.0]])
    rates = precision_recall_f1(right, found, wanted)
    assert rates[0] == pytest.approx([0.75, 0.5, 0.6])
    assert rates[1] == pytest.approx([0.0, 0.0, 0.0])


def test_the_interval_holds_the_mean_and_repeats_with_its_seed() -> None:
    values = np.random.default_rng(1).random((200, 1))
    first = bootstrap.mean_figures(["m"], values)["m"]
    assert first == bootstrap.mean_figures(["m"], values)["m"]
    assert first.low is not None
    assert first.high is not None
    assert first.low < first.value < first.high
    # The standard error of a mean is sd / sqrt(n); a 95 % interval is about 3.92 of them wide.
    assert first.high - first.low == pytest.approx(3.92 * values.std() / 200**0.5, rel=0.15)


def test_units_are_drawn_whole() -> None:
    # All lines of a unit agree, so resampling units must spread more than resampling lines would.
    units = np.array([[10.0, 10.0], [0.0, 10.0], [10.0, 10.0], [0.0, 10.0]])
    figure = bootstrap.figures(["share"], units, lambda sums: sums[:, :1] / sums[:, 1:])["share"]
    assert (figure.value, figure.low, figure.high) == (0.5, 0.0, 1.0)


def test_a_single_unit_has_no_interval_and_no_unit_scores_zero() -> None:
    assert bootstrap.mean_figures(["m"], np.array([[0.25]]))["m"] == Figure(0.25)
    assert bootstrap.mean_figures(["m"], np.zeros((0, 1)))["m"] == Figure(0.0)


def test_a_report_is_one_flat_object_with_literal_keys() -> None:
    report = Report(
        task="titles",
        file="f.csv",
        n=2,
        dropped={"no_uri": 1},
        model="m",
        taxonomy="ESCO 1.2.0",
        seconds=1.234,
        figures={"rp@5": Figure(1 / 3, 0.25, 0.5), **prefixed("context", {"f1": Figure(1.0)})},
        counts={"candidates.n": 3},
        notes=("note",),
    )
    assert report.to_dict() == {
        "task": "titles",
        "file": "f.csv",
        "n": 2,
        "dropped": {"no_uri": 1},
        "model": "m",
        "taxonomy": "ESCO 1.2.0",
        "seconds": 1.23,
        "candidates.n": 3,
        "rp@5": 0.333333,
        "rp@5.low": 0.25,
        "rp@5.high": 0.5,
        "context.f1": 1.0,
        "notes": ["note"],
    }
