"""How likely a link is, from its traits."""

from __future__ import annotations

import math
from dataclasses import astuple, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_space import BASE

from matching.answers import Link, Unlinked
from matching.calibration import read_calibration
from matching.likelihood import LEAST_FIT, Likelihood, Traits, traits_of
from matching.linking import Linking
from matching.names import likeness
from matching.ranking import Hit
from matching.space import Space
from ner.errors import WeightsError
from ner.labels import Label

NONE = Traits(0, 0, 0, 0, 0, 0, 0, 0)
STATED: dict[str, Any] = {
    "intercept": -4,
    "weights": {**{field.name: 0 for field in fields(Traits)}, "fit": 5, "sure": 2},
    "usual": {**{field.name: 0 for field in fields(Traits)}, "fit": 0.7, "sure": 0.5},
}


def test_the_likelihood_is_that_of_a_logistic_regression() -> None:
    model = read_calibration({"likelihood": STATED}, "toy").likelihood
    assert model is not None
    said = replace(NONE, fit=0.8, sure=0.9)
    assert model.of(said) == pytest.approx(1 / (1 + math.exp(4 - 5 * 0.8 - 2 * 0.9)))
    # The usual value stands for what is not known.
    assert model.of(replace(said, sure=None)) == model.of(replace(said, sure=0.5))


numbers = st.floats(-1e6, 1e6)


@given(numbers, st.lists(numbers | st.none(), min_size=7, max_size=7), numbers)
def test_a_likelihood_lies_between_0_and_1_whatever_is_stated(
    fit: float, others: list[Any], w: float
) -> None:
    likely = Likelihood(w, Traits(*[w] * 8), NONE).of(Traits(fit, *others))
    assert 0 <= likely <= 1
    assert fit >= LEAST_FIT or likely == 0


def test_traits_are_those_of_the_stretch_and_of_the_skill(space: Space) -> None:
    found = traits_of(space, "Knead  dough!", f"{BASE}/skill/dough", 0.9, Label.TECHNOLOGY, 0.75)
    assert found == Traits(0.9, math.log(2), 1.0, math.log(2), 0.0, 0.0, 0.75, 1.0)
    other = traits_of(space, "Öfen", f"{BASE}/skill/ovens", 0.8, Label.SOFT, 0.5)
    assert (other.knowledge, other.likeness, other.technology) == (1.0, 1.0, 0.0)
    alone = traits_of(space, "", f"{BASE}/skill/cpp", 0.1)
    assert (alone.words, alone.likeness, alone.sure, alone.technology) == (0.0, 0.0, None, None)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("dough", "Dough", 1.0),
        ("dough", "sails", 0.0),
        ("", "", 0.0),
        ("ab", "abc", 1 / 4),
        ("knead dough", "dough", 5 / 11),
    ],
)
def test_likeness_is_the_share_of_letter_triples(one: str, other: str, expected: float) -> None:
    assert likeness(one, other) == likeness(other, one) == pytest.approx(expected)


def test_of_skills_that_fit_nearly_as_well_the_likeliest_is_taken(space: Space) -> None:
    hits = [Hit(f"{BASE}/skill/{name}", fit) for name, fit in (("ovens", 0.8), ("dough", 0.78))]
    far = [hits[0], Hit(hits[1].uri, 0.7)]
    by_fit = Linking(space, 0.5, None, "en", "m")
    skilled = {**STATED["weights"], "knowledge": -3}
    model = read_calibration({"likelihood": {**STATED, "weights": skilled}}, "toy").likelihood
    by_likelihood = replace(by_fit, likelihood=model)
    for rule, given_hits, uri in (
        (by_fit, hits, hits[0].uri),
        (by_likelihood, hits, hits[1].uri),
        (by_likelihood, far, hits[0].uri),
    ):
        answer = rule.answer("work", given_hits)
        found = answer.concept if isinstance(answer, Link) else answer.best
        assert found is not None
        assert found.uri == uri
    assert isinstance(by_likelihood.answer("work", hits), Link)
    assert isinstance(replace(by_likelihood, threshold=0.9).answer("work", hits), Unlinked)
    assert by_fit.answer("work", []) == Unlinked("work", None, 0.0, "m", space.taxonomy)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"intercept": None}, "intercept None"),
        ({"weights": None}, "weights of the likelihood .* no object"),
        ({"usual": {"fit": 1}}, "words None"),
        ({"bias": 1}, "'bias'"),
        ({"weights": {**STATED["weights"], "length": 1}}, "'length'"),
    ],
)
def test_a_likelihood_that_cannot_be_used_is_refused_by_name(
    change: dict[str, Any], named: str
) -> None:
    with pytest.raises(WeightsError, match=named):
        read_calibration({"likelihood": {**STATED, **change}}, "toy")
    assert len(astuple(NONE)) == len(STATED["weights"])
