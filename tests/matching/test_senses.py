"""Which sense of a word is meant: its sentence and its document have a say."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from toy_space import BASE

from matching.encoder import Encoder
from matching.matcher import Matcher
from matching.profiles import profiles
from matching.ranking import OWN_SHARE
from matching.senses import (
    DESCRIPTION_SHARE,
    DOCUMENT_LOSS,
    SENTENCE_LOSS,
    Stretches,
    behind,
    in_document,
    skill_scores,
)
from matching.space import Space

DOUGH, SEAMS = f"{BASE}/skill/dough", f"{BASE}/skill/seams"
COSINES = st.floats(-1, 1, width=32)


def scored(
    space: Space, encoder: Encoder, said: list[str], around: list[str], places: list[int]
) -> NDArray[np.float32]:
    stretches = Stretches(
        encoder.encode(said),
        encoder.encode(around),
        np.array(places),
        np.ones(len(said), np.bool_),
    )
    return np.vstack(list(skill_scores(space, stretches)))


def test_the_five_nearest_are_what_a_text_is_about() -> None:
    near = np.array([[0.9, 0.8, 0.7, 0.6, 0.5, 0.2], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]], np.float32)
    wanted = [[0, 0, 0, 0.1, 0.2, 0.5], [0.2, 0.2, 0.2, 0.2, 0.2, 0]]
    np.testing.assert_allclose(behind(near), wanted, atol=1e-6)
    np.testing.assert_allclose(behind(near[0, :2]), [0, 0.05], atol=1e-6)


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 9)), elements=COSINES))
def test_nothing_is_ahead_of_the_nearest(near: NDArray[np.float32]) -> None:
    distance = behind(near)
    assert (distance >= 0).all()
    assert (distance[np.arange(len(near)), near.argmax(axis=1)] <= 1e-6).all()


def test_a_sentence_about_something_else_makes_a_word_mean_less(
    space: Space, encoder: Encoder
) -> None:
    _, uris = space.scores(encoder.encode(["x"]), "skill")
    dough = uris.index(DOUGH)
    own, foreign, both = (
        scored(space, encoder, ["knead dough"], [around], [0])[0]
        for around in ("knead dough", "weld seams join metal", "knead dough, weld seams")
    )
    assert own[dough] == pytest.approx(1, abs=0.01)
    assert foreign[dough] < both[dough] <= own[dough]
    meant, _ = space.scores(encoder.encode(["weld seams join metal"]), "skill", own_share=OWN_SHARE)
    wanted = own - SENTENCE_LOSS * behind(meant)[0]
    np.testing.assert_allclose(foreign[dough], wanted[dough], atol=0.01)


def test_a_description_vouches_for_the_names_of_its_skill(space: Space, encoder: Encoder) -> None:
    said = encoder.encode(["sew sails", "knead dough"])
    wanted, _ = space.scores(
        said, "skill", description_weight=DESCRIPTION_SHARE, own_share=OWN_SHARE
    )
    alone = scored(
        space, encoder, ["sew sails", "knead dough"], ["sew sails", "knead dough"], [0, 1]
    )
    assert (alone <= wanted + 1e-6).all()
    np.testing.assert_allclose(alone.max(axis=1), wanted.max(axis=1), atol=1e-6)


def test_stretches_of_one_sentence_share_it_in_whatever_order_they_come(
    space: Space, encoder: Encoder
) -> None:
    said = [f"w{n % 9} dough" for n in range(300)]
    around = ["knead dough", "weld seams"]
    places = [n % 2 for n in range(300)]
    together = scored(space, encoder, said, around, places)
    for n in (0, 1, 255, 256, 299):
        one = scored(space, encoder, [said[n]], [around[places[n]]], [0])
        np.testing.assert_allclose(together[n], one[0], atol=1e-5)


def test_only_skills_of_a_trade_suffer_from_a_foreign_document() -> None:
    scores = np.array([[0.9, 0.8], [0.9, 0.8]], np.float32)
    far = np.array([0.4, 0.0], np.float32)
    kept = in_document(scores, np.array([True, False]), far)
    np.testing.assert_allclose(kept, [[0.9 - DOCUMENT_LOSS * 0.4, 0.8], [0.9, 0.8]], atol=1e-6)


def test_a_skill_is_as_foreign_as_the_nearest_occupation_that_asks_for_it(space: Space) -> None:
    baker, welder = f"{BASE}/occupation/baker", f"{BASE}/occupation/welder"
    excel = f"{BASE}/skill/excel"
    table = profiles(space, (baker, welder), (DOUGH, SEAMS, excel))
    nearness = np.array([0.7, 0.3], np.float32)
    np.testing.assert_allclose(table.foreign(nearness), [0, 0.2, 0], atol=1e-6)
    nobody = profiles(space, (), (DOUGH,))
    assert not nobody.foreign(np.zeros(0, np.float32)).any()


def test_a_sentence_with_an_address_says_nothing_about_the_skills_in_it(matcher: Matcher) -> None:
    found = matcher.recommend("knead dough and weld seams: call +49 30 123 456 78").skills
    assert [one.label for one in found] == ["knead dough", "weld seams"]
    for one in found:
        assert one.score == matcher.link(one.label).score
    plain = matcher.recommend("knead dough and weld seams: call us").skills
    assert plain[0].score < found[0].score


def test_many_skills_in_one_line_cost_no_more_than_as_many_lines(matcher: Matcher) -> None:
    began = time.perf_counter()
    found = matcher.recommend("knead dough, " * 4_000).skills
    assert [len(one.mentions) for one in found] == [4_000]
    # Searching the line for addresses once a mention took minutes.
    assert time.perf_counter() - began < 15
