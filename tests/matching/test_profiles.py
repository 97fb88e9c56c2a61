"""Scores of occupations, and reasons that are the terms of the score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from toy_space import BASE

from matching.encoder import Encoder
from matching.explain import explained
from matching.linking import Mention
from matching.occupations import Signals, Weights, read_signals, scores
from matching.profiles import OPTIONAL_WEIGHT, Profiles, profiles
from matching.space import Space

BAKER, SAILMAKER, WELDER = (
    f"{BASE}/occupation/{name}" for name in ("baker", "sailmaker", "welder")
)
DOUGH, OVENS, SEWING, SEAMS = (
    f"{BASE}/skill/{name}" for name in ("dough", "ovens", "sewing", "seams")
)
SKILLS = (DOUGH, OVENS, SEWING, SEAMS)
PLACES = range(3)
WEIGHTS = Weights()
MENTIONS = (Mention(0, 5, "dough", "dough sails"), Mention(6, 11, "sails", "dough sails"))

shares = st.floats(0, 1, width=32) | st.sampled_from((0.0, 1.0))
signals_of_a_text = st.builds(
    Signals,
    document=st.lists(shares, min_size=3, max_size=3).map(lambda row: np.array(row, np.float32)),
    titles=st.lists(shares, min_size=3, max_size=3).map(lambda row: np.array(row, np.float32)),
    shown=st.lists(shares, min_size=4, max_size=4).map(lambda row: np.array(row, np.float32)),
    mention=st.lists(st.integers(0, 1), min_size=4, max_size=4).map(np.array),
    mentions=st.integers(1, 40),
)


@pytest.fixture(scope="module")
def table(space: Space) -> Profiles:
    return profiles(space, (BAKER, SAILMAKER, WELDER), SKILLS)


def change(signals: Signals, uri: str, shown: float) -> Signals:
    values = signals.shown.copy()
    values[SKILLS.index(uri)] = shown
    return replace(signals, shown=values)


def test_a_profile_holds_its_skills_once_and_rare_essential_ones_weigh_most(
    space: Space, table: Profiles
) -> None:
    baker = table.of(0)
    assert [SKILLS[place] for place in table.skill[baker]] == [DOUGH, OVENS]
    assert table.essential[baker].tolist() == [True, False]
    one, other = table.weight[baker]
    assert other == pytest.approx(OPTIONAL_WEIGHT * one)
    assert len(profiles(space, (BAKER,), (OVENS,)).skill) == 1
    # Retired skills are not among those that a text can show.
    assert [SKILLS[place] for place in table.skill[table.of(1)]] == [SEWING]


def test_an_occupation_without_skills_scores_nothing_from_skills(space: Space) -> None:
    empty = profiles(space, (BAKER, SAILMAKER), (DOUGH,))
    filled = empty.shares(np.ones(1, np.float32), 1)
    assert filled[0] > 0
    assert filled[1] == 0
    assert empty.portion(1, 1).shape == (0,)


@given(signals=signals_of_a_text)
def test_a_share_is_the_sum_of_its_portions(table: Profiles, signals: Signals) -> None:
    filled = table.shares(signals.shown, signals.mentions)
    for place in PLACES:
        shown = signals.shown[table.skill[table.of(place)]]
        terms = table.portion(place, signals.mentions) * shown
        assert filled[place] == pytest.approx(float(terms.sum()), abs=1e-6)


@given(signals=signals_of_a_text)
def test_a_contribution_is_what_the_score_loses_without_the_skill(
    space: Space, table: Profiles, signals: Signals
) -> None:
    before = scores(table, signals, WEIGHTS)
    for place in PLACES:
        answer = explained(space, table, signals, WEIGHTS, MENTIONS, place, "en")
        for one in answer.matched:
            after = scores(table, change(signals, one.skill.uri, 0), WEIGHTS)
            assert one.contribution == pytest.approx(before[place] - after[place], abs=2e-6)
            assert one.contribution >= 0


@given(signals=signals_of_a_text)
def test_a_gain_is_what_the_score_wins_with_the_skill_fully_shown(
    space: Space, table: Profiles, signals: Signals
) -> None:
    before = scores(table, signals, WEIGHTS)
    for place in PLACES:
        answer = explained(space, table, signals, WEIGHTS, MENTIONS, place, "en")
        for one in (*answer.missing_essential, *answer.missing_optional):
            after = scores(table, change(signals, one.skill.uri, 1), WEIGHTS)
            assert one.gain == pytest.approx(after[place] - before[place], abs=2e-6)
            assert one.gain > 0


@given(signals=signals_of_a_text)
def test_the_parts_add_up_to_the_score_that_ranks(
    space: Space, table: Profiles, signals: Signals
) -> None:
    ranked = scores(table, signals, WEIGHTS)
    for place in PLACES:
        answer = explained(space, table, signals, WEIGHTS, MENTIONS, place, "en")
        assert sum(answer.parts.values()) == pytest.approx(answer.score, abs=1e-9)
        assert answer.score == pytest.approx(ranked[place], abs=2e-6)
        told = sum(one.contribution for one in answer.matched)
        assert told == pytest.approx(answer.parts["skills"], abs=2e-6)


@given(signals=signals_of_a_text)
def test_every_skill_of_an_occupation_is_matched_or_missing_and_coverage_counts_the_essential(
    space: Space, table: Profiles, signals: Signals
) -> None:
    for place, uri in enumerate((BAKER, SAILMAKER, WELDER)):
        answer = explained(space, table, signals, WEIGHTS, MENTIONS, place, "en")
        essential, optional = space.skills_of(uri)
        matched = {one.skill.uri: one.relation for one in answer.matched}
        missing = [one.skill.uri for one in answer.missing_essential]
        spare = [one.skill.uri for one in answer.missing_optional]
        assert sorted([*matched, *missing, *spare]) == sorted({*essential, *optional} & {*SKILLS})
        shown = [one for one, relation in matched.items() if relation == "essential"]
        assert {*shown, *missing} == set(essential)
        assert answer.coverage == round(len(shown) / len(essential), 4)
        for one in answer.matched:
            assert one.evidence == (
                MENTIONS[signals.mention[SKILLS.index(one.skill.uri)]].evidence(),
            )
        strengths = [one.contribution for one in answer.matched]
        assert strengths == sorted(strengths, reverse=True)


def test_coverage_goes_from_none_to_all_of_the_essential_skills(
    space: Space, table: Profiles
) -> None:
    zero = np.zeros(3, np.float32)
    signals = Signals(zero, zero, np.zeros(4, np.float32), np.zeros(4, np.int64), 1)
    for shown, coverage in ((signals, 0.0), (change(signals, DOUGH, 0.2), 1.0)):
        answer = explained(space, table, shown, WEIGHTS, MENTIONS, 0, "en")
        assert answer.coverage == coverage
    optional_only = explained(space, table, change(signals, OVENS, 1), WEIGHTS, MENTIONS, 0, "en")
    assert optional_only.coverage == 0


def vectors(encoder: Encoder, *texts: str) -> NDArray[np.float32]:
    return encoder.encode(texts)


def test_a_skill_is_shown_by_the_mention_that_names_it_best(space: Space, encoder: Encoder) -> None:
    nothing = np.zeros((0, space.dimension), np.float32)
    skills = space.scores(nothing, "skill")[1]
    whole = profiles(space, space.scores(nothing, "occupation")[1], skills)
    said = vectors(encoder, "weld seams", "knead dough", "knead dough")
    signals = read_signals(space, whole, nothing, nothing, said, WEIGHTS)
    for uri, mention in ((SEAMS, 0), (DOUGH, 1)):
        assert signals.shown[skills.index(uri)] == 1
        assert signals.mention[skills.index(uri)] == mention
    assert signals.mentions == 3
    assert not signals.document.any()
    assert not signals.titles.any()


def test_many_mentions_are_read_like_few(space: Space, encoder: Encoder) -> None:
    nothing = np.zeros((0, space.dimension), np.float32)
    skills = space.scores(nothing, "skill")[1]
    whole = profiles(space, space.scores(nothing, "occupation")[1], skills)
    said = vectors(encoder, *(f"w{n % 40} w{n % 7}" for n in range(600)), "sew sails")
    signals = read_signals(space, whole, nothing, nothing, said, WEIGHTS)
    near = space.scores(said, "skill")[0]
    assert np.array_equal(signals.mention, near.argmax(axis=0))
    assert signals.mention[skills.index(SEWING)] == 600
    expected = np.clip((near.max(axis=0) - WEIGHTS.known) / (WEIGHTS.sure - WEIGHTS.known), 0, 1)
    np.testing.assert_allclose(signals.shown, expected, atol=1e-6)


def test_no_query_has_no_scores_but_names_every_concept(space: Space) -> None:
    nothing = np.zeros((0, space.dimension), np.float32)
    table, uris = space.scores(nothing, "skill", description_weight=0.5)
    assert table.shape == (0, len(uris))
    assert set(SKILLS) < set(uris)
    assert f"{BASE}/skill/old" not in uris
    assert space.best(nothing, "skill", 1, exact=True) == []


def test_scores_of_all_concepts_are_those_that_best_ranks_by(
    space: Space, encoder: Encoder
) -> None:
    queries = vectors(encoder, "knead dough", "bread maker", "w1 w2", "")
    for weight in (0.0, 0.5):
        table, uris = space.scores(queries, "occupation", description_weight=weight)
        ranked = space.best(queries, "occupation", 3, description_weight=weight, exact=True)
        for row, hits in zip(table, ranked, strict=True):
            for hit in hits:
                assert row[uris.index(hit.uri)] == pytest.approx(hit.score, abs=1e-6)
        assert not table[3].any()
