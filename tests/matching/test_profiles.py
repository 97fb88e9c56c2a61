"""Scores of occupations, and reasons that are the terms of the score."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from toy_space import BASE

from matching.encoder import Encoder
from matching.explain import explained
from matching.linking import Mention
from matching.occupations import (
    Signals,
    Weights,
    about,
    best,
    counting,
    read_signals,
    scores,
    shown,
)
from matching.profiles import OPTIONAL_WEIGHT, Profiles, profiles
from matching.ranking import OWN_SHARE
from matching.senses import Stretches, skill_scores
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


def of_mentions(count: int) -> dict[str, NDArray[Any]]:
    return {"skill": np.zeros(count, np.int64), "fit": np.zeros(count, np.float32)}


def rows(size: int) -> st.SearchStrategy[NDArray[np.float32]]:
    numbers = st.lists(shares, min_size=size, max_size=size)
    return numbers.map(lambda row: np.array(row, np.float32))


signals_of_a_text = st.builds(
    lambda mentions, **others: Signals(**others, **of_mentions(mentions)),
    names=rows(3),
    descriptions=rows(3),
    titles=rows(3),
    named=rows(3),
    near=rows(4),
    mention=st.lists(st.integers(0, 1), min_size=4, max_size=4).map(np.array),
    mentions=st.integers(1, 40),
)


@pytest.fixture(scope="module")
def table(space: Space) -> Profiles:
    return profiles(space, (BAKER, SAILMAKER, WELDER), SKILLS)


def change(signals: Signals, uri: str, level: float) -> Signals:
    """The signals of a text that shows one skill otherwise."""
    values = signals.near.copy()
    values[SKILLS.index(uri)] = WEIGHTS.known + level * (WEIGHTS.sure - WEIGHTS.known)
    return replace(signals, near=values)


def everywhere(space: Space) -> Profiles:
    """All occupations and skills."""
    return profiles(space, space.uris_of("occupation"), space.uris_of("skill"))


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
    levels = shown(signals, WEIGHTS)
    filled = table.shares(levels, signals.mentions)
    for place in PLACES:
        terms = table.portion(place, signals.mentions) * levels[table.skill[table.of(place)]]
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


def test_a_licence_that_no_title_names_is_lost_and_told(space: Space, table: Profiles) -> None:
    licensed = replace(table, licensed=np.array([-1, 0, -1]))
    named = np.array([0.9, 0.4, 0.2], np.float32)
    nothing = np.zeros(4, np.float32)
    signals = Signals(
        np.full(3, 0.5, np.float32),
        np.full(3, 0.5, np.float32),
        named**2,
        named,
        nothing,
        np.zeros(4, np.int64),
        **of_mentions(1),
    )
    lost = scores(table, signals, WEIGHTS) - scores(licensed, signals, WEIGHTS)
    wanted = WEIGHTS.licence * (WEIGHTS.named - 0.4)
    assert lost == pytest.approx([0, wanted, 0], abs=1e-6)
    told = [
        explained(space, licensed, signals, WEIGHTS, MENTIONS, place, "en").parts["licence"]
        for place in PLACES
    ]
    assert told == pytest.approx([0, -wanted, 0], abs=1e-6)
    assert (
        not scores(table, signals, WEIGHTS)[1]
        - scores(licensed, signals, replace(WEIGHTS, licence=0.0))[1]
    )


@given(signals=signals_of_a_text)
def test_every_skill_of_an_occupation_is_matched_or_missing_and_coverage_weighs_the_essential(
    space: Space, table: Profiles, signals: Signals
) -> None:
    levels = dict(zip(SKILLS, shown(signals, WEIGHTS), strict=True))
    for place, uri in enumerate((BAKER, SAILMAKER, WELDER)):
        answer = explained(space, table, signals, WEIGHTS, MENTIONS, place, "en")
        essential, optional = space.skills_of(uri)
        matched = {one.skill.uri: one.relation for one in answer.matched}
        missing = [one.skill.uri for one in answer.missing_essential]
        spare = [one.skill.uri for one in answer.missing_optional]
        assert sorted([*matched, *missing, *spare]) == sorted({*essential, *optional} & {*SKILLS})
        told = [one for one, relation in matched.items() if relation == "essential"]
        assert {*told, *missing} == set(essential)
        assert {*matched} == {one for one in {*essential, *optional} if levels.get(one, 0) > 0}
        covered = sum(float(levels[one]) for one in essential) / len(essential)
        assert answer.coverage == pytest.approx(covered, abs=1e-4)
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
    unseen = np.full(4, -1, np.float32)
    signals = Signals(zero, zero, zero, zero, unseen, np.zeros(4, np.int64), **of_mentions(1))
    for level, coverage in ((0.0, 0.0), (0.2, 0.2), (1.0, 1.0)):
        answer = explained(space, table, change(signals, DOUGH, level), WEIGHTS, MENTIONS, 0, "en")
        assert answer.coverage == pytest.approx(coverage, abs=1e-4)
        # Weakly shown is shown: named with its evidence, and no gap.
        assert [one.skill.uri for one in answer.matched] == ([DOUGH] if level else [])
        assert [one.skill.uri for one in answer.missing_essential] == ([] if level else [DOUGH])
    optional_only = explained(space, table, change(signals, OVENS, 1), WEIGHTS, MENTIONS, 0, "en")
    assert optional_only.coverage == 0


def vectors(encoder: Encoder, *texts: str) -> NDArray[np.float32]:
    return encoder.encode(texts)


def alone(said: NDArray[np.float32]) -> Stretches:
    """Mentions that are their own sentences."""
    every = np.arange(len(said))
    return Stretches(said, said, every, np.ones(len(said), np.bool_))


def test_a_skill_is_shown_by_the_mention_that_names_it_best(space: Space, encoder: Encoder) -> None:
    nothing = np.zeros((0, space.dimension), np.float32)
    whole = everywhere(space)
    said = vectors(encoder, "weld seams", "knead dough", "knead dough")
    signals = read_signals(space, whole, nothing, nothing, alone(said))
    for uri, mention in ((SEAMS, 0), (DOUGH, 1)):
        place = whole.skills.index(uri)
        assert signals.near[place] == pytest.approx(1, abs=0.01)
        assert shown(signals, WEIGHTS)[place] == 1
        assert signals.mention[place] == mention
    assert signals.mentions == 3
    assert [whole.skills[place] for place in signals.skill[:, 0]] == [SEAMS, DOUGH, DOUGH]
    np.testing.assert_allclose(signals.fit[:, 0], 1, atol=0.01)
    assert signals.skill.shape == signals.fit.shape == (3, 5)
    assert (np.diff(signals.fit, axis=1) <= 0).all()
    assert all(len(set(row)) == 5 for row in signals.skill.tolist())
    assert not about(signals, WEIGHTS).any()
    assert not signals.titles.any()
    silent = read_signals(space, whole, nothing, nothing, alone(nothing))
    assert (silent.near == -1).all()
    assert not shown(silent, WEIGHTS).any()


def test_signals_depend_on_no_weight_and_the_weights_mix_them(
    space: Space, encoder: Encoder
) -> None:
    nothing = np.zeros((0, space.dimension), np.float32)
    windows = vectors(encoder, "bread maker", "Bakes bread w1")
    signals = read_signals(space, everywhere(space), windows, nothing, alone(nothing))
    named, _ = space.scores(windows, "occupation", own_share=OWN_SHARE)
    described, _ = space.scores(windows, "occupation", description_weight=1.0)
    counts = np.exp(described.max(axis=1) / 0.1)
    counts /= counts.sum()
    for share in (0.0, 0.3, 0.5, 1.0):
        wanted = counts @ ((1 - share) * named + share * described)
        mixed = about(signals, replace(WEIGHTS, description=share))
        np.testing.assert_allclose(mixed, wanted, atol=1e-5)
    strict, mild = (replace(WEIGHTS, known=known, sure=0.9) for known in (0.8, 0.2))
    some = replace(signals, near=np.array([0.8, 0.55, 0.2, 0.95], np.float32))
    np.testing.assert_allclose(shown(some, strict), [0, 0, 0, 1], atol=1e-6)
    np.testing.assert_allclose(shown(some, mild), [6 / 7, 0.5, 0, 1], atol=1e-6)


def test_windows_that_are_near_no_occupation_hardly_count(space: Space, encoder: Encoder) -> None:
    nothing = np.zeros((0, space.dimension), np.float32)
    told = vectors(encoder, "Bakes bread w1")
    among = vectors(encoder, "w3 w4", "Bakes bread w1", "w5 w6", "w7 w8")
    single, mixed = (
        about(read_signals(space, everywhere(space), windows, nothing, alone(nothing)), WEIGHTS)
        for windows in (told, among)
    )
    np.testing.assert_allclose(mixed, single, atol=0.02)


def test_a_title_that_is_the_name_counts_for_more_than_one_of_its_field(
    space: Space, encoder: Encoder
) -> None:
    nothing = np.zeros((0, space.dimension), np.float32)
    titles = vectors(encoder, "baker w1", "baker")
    signals = read_signals(space, everywhere(space), nothing, titles, alone(nothing))
    plain = space.scores(titles, "occupation", own_share=OWN_SHARE)[0].max(axis=0)
    np.testing.assert_allclose(signals.titles, np.clip(plain, 0, 1) ** 2, atol=1e-6)
    assert signals.titles.max() == pytest.approx(1, abs=0.02)


def test_one_mention_counts_for_its_five_nearest_skills_and_those_just_as_near() -> None:
    falling = np.array([[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]], np.float32)
    assert (counting(falling) > -1).sum() == 5
    tied = np.array([[0.9, 0.8, 0.7, 0.6, 0.5, 0.5, 0.3]], np.float32)
    assert (counting(tied) > -1).sum() == 6, "what is tied stands or falls together"
    alike = np.array([[0.9, 0.89, 0.89, 0.88, 0.88, 0.875, 0.86]], np.float32)
    kept = counting(alike)
    assert kept[0].tolist() == [*alike[0, :6].tolist(), -1.0]
    few = falling[:, :3]
    assert np.array_equal(counting(few), few)
    both = np.concatenate([falling, falling[:, ::-1]])
    assert np.array_equal(counting(both), counting(both[::-1])[::-1]), "each mention alone"


def test_many_mentions_are_read_like_few(space: Space, encoder: Encoder) -> None:
    nothing = np.zeros((0, space.dimension), np.float32)
    whole = everywhere(space)
    said = vectors(encoder, *(f"w{n % 40} w{n % 7}" for n in range(600)), "sew sails")
    signals = read_signals(space, whole, nothing, nothing, alone(said))
    near = counting(np.vstack(list(skill_scores(space, alone(said)))))
    assert np.array_equal(signals.mention, near.argmax(axis=0))
    assert signals.mention[whole.skills.index(SEWING)] == 600
    np.testing.assert_allclose(signals.near, near.max(axis=0), atol=1e-6)


def test_no_query_has_no_scores_but_names_every_concept(space: Space) -> None:
    nothing = np.zeros((0, space.dimension), np.float32)
    table, uris = space.scores(nothing, "skill", description_weight=0.5)
    assert table.shape == (0, len(uris))
    assert set(SKILLS) < set(uris)
    assert f"{BASE}/skill/old" not in uris
    assert space.uris_of("skill") == uris
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


@pytest.mark.parametrize(
    ("limit", "least", "expected"),
    [
        (None, 0.0, [1, 2, 0, 3, 4]),
        (None, 0.35, [1, 2, 0, 3]),
        (None, 0.9, [1, 2, 0]),
        (2, 0.9, [1, 2]),
        (5, 0.9, [1, 2, 0, 3, 4]),
        (9, 0.0, [1, 2, 0, 3, 4]),
    ],
)
def test_without_a_limit_the_best_three_and_others_with_a_score_are_taken(
    limit: int | None, least: float, expected: list[int]
) -> None:
    ranked = np.array([0.5, 0.8, 0.8, 0.4, 0.3], np.float32)
    assert best(ranked, limit, replace(WEIGHTS, least=least)).tolist() == expected
    assert len(best(np.zeros(30, np.float32), None, WEIGHTS)) == 10


def test_a_line_names_what_it_lies_nearly_as_near_to_as_to_anything(
    space: Space, encoder: Encoder
) -> None:
    whole = everywhere(space)
    nothing = np.zeros((0, space.dimension), np.float32)
    lines = vectors(encoder, "baker", "baker of sails")
    signals = read_signals(space, whole, nothing, lines, alone(nothing))
    near, _ = space.scores(lines, "occupation", own_share=OWN_SHARE)
    assert signals.named.max() == near.max()
    for place in range(near.shape[1]):
        named = [row[place] for row in near if row[place] >= row.max() - 0.1]
        assert signals.named[place] == pytest.approx(max(named, default=0), abs=1e-6)
    assert np.count_nonzero(signals.named) < near.shape[1]
