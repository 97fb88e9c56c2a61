"""How a matcher is put together, kept and copied."""

from __future__ import annotations

import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from toy_space import BASE, write_encoder

from matching.encoder import Encoder
from matching.matcher import Matcher
from matching.space import Space
from matching.space_build import build_space
from matching.taxonomy import Taxonomy
from ner.errors import WeightsError

POST = """Baker of bread

We are looking for a bread maker for our shop at the harbour.
•  Knead dough by hand, and knead
   dough by machine
"""


def test_a_pickled_matcher_is_loaded_again_from_its_folders(matcher: Matcher) -> None:
    packed = pickle.dumps(matcher)
    assert len(packed) < 2_500
    assert pickle.loads(packed).recommend(POST) == matcher.recommend(POST)


def test_a_pickled_matcher_keeps_what_was_set(
    tagger_folder: Path, encoder_folder: Path, space: Space
) -> None:
    strict = Matcher.load(tagger_folder, encoder_folder, space.folder)
    strict.threshold, strict.weights = 0.99, replace(strict.weights, titles=0.5)
    copy = pickle.loads(pickle.dumps(strict))
    assert (copy.threshold, copy.weights) == (0.99, strict.weights)


def test_linking_needs_no_tagger_and_reading_a_document_does(
    encoder_folder: Path, space: Space, tmp_path: Path
) -> None:
    blind = Matcher.load(tmp_path / "nowhere", encoder_folder, space.folder)
    assert blind.link("knead dough").concept.uri == f"{BASE}/skill/dough"  # type: ignore[union-attr]
    for read in (lambda: blind.recommend(POST), lambda: blind.model):
        with pytest.raises(WeightsError, match="nowhere"):
            read()


def test_a_space_of_another_encoder_is_refused_by_the_matcher_too(
    matcher: Matcher, tmp_path: Path
) -> None:
    other = Encoder.load(write_encoder(tmp_path / "other", seed=1))
    with pytest.raises(WeightsError, match=r"toy0.*toy1") as caught:
        Matcher(matcher.tagger, other, matcher.space)
    assert "metier taxonomy build" in caught.value.hint


def test_a_matcher_remembers_its_folders_wherever_the_process_goes(
    matcher: Matcher,
    tagger_folder: Path,
    encoder_folder: Path,
    space: Space,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tagger_folder.parent)
    folders = [os.path.relpath(one) for one in (tagger_folder, encoder_folder, space.folder)]
    moved = Matcher.load(*folders)
    packed = pickle.dumps(moved)
    monkeypatch.chdir(tmp_path)
    assert moved.recommend(POST) == matcher.recommend(POST)
    assert pickle.loads(packed).recommend(POST) == matcher.recommend(POST)


def test_threads_that_meet_a_fresh_matcher_load_one_tagger(
    tagger_folder: Path, encoder_folder: Path, space: Space
) -> None:
    fresh = Matcher.load(tagger_folder, encoder_folder, space.folder)
    with ThreadPoolExecutor(8) as pool:
        taggers = list(pool.map(lambda _: fresh.tagger, range(8)))
    assert len({id(tagger) for tagger in taggers}) == 1


def test_a_matcher_put_together_by_hand_says_that_it_cannot_be_pickled(matcher: Matcher) -> None:
    loose = Matcher(matcher.tagger, matcher.encoder, matcher.space)
    with pytest.raises(TypeError, match="folders"):
        pickle.dumps(loose)


@pytest.mark.parametrize("kind", ["skill", "occupation"])
def test_a_taxonomy_of_one_kind_of_concept_is_read_as_well(
    kind: str, taxonomy: Taxonomy, encoder: Encoder, matcher: Matcher, tmp_path: Path
) -> None:
    concepts = {uri: one for uri, one in taxonomy.concepts.items() if one.kind == kind}
    alone = replace(taxonomy, concepts=concepts, relations=(), broader=())
    space = build_space(alone, encoder, tmp_path / "space")
    answer = Matcher(matcher.tagger, encoder, space).recommend(POST)
    assert bool(answer.recommendations) == (kind == "occupation")
    assert any(one.skill for one in answer.skills) == (kind == "skill")
