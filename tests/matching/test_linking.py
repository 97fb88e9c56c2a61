"""From phrases to skills of the taxonomy, and from mentions to the skills of a document."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from toy_space import BASE

from matching.answers import Link, Unlinked
from matching.encoder import Encoder
from matching.linking import Linking, Mention, found_skills, link_mentions, link_vectors
from matching.matcher import Matcher
from matching.occupations import Signals
from matching.space import Space
from ner.errors import UsageError


def linking(space: Space, threshold: float) -> Linking:
    return Linking(space, threshold, None, "en", "m")


def test_a_phrase_is_linked_to_the_skill_it_names(matcher: Matcher) -> None:
    link = matcher.link("prepare dough")
    assert isinstance(link, Link)
    assert (link.concept.uri, link.concept.label) == (f"{BASE}/skill/dough", "knead dough")
    assert link.score == pytest.approx(1, abs=0.01)
    assert (link.text, link.taxonomy) == ("prepare dough", "ESCO 1.9.3")
    assert str(link).startswith("prepare dough -> knead dough (")


def test_the_label_of_a_link_is_in_the_language_asked_for(matcher: Matcher) -> None:
    link = matcher.link("knead dough", "de")
    assert isinstance(link, Link)
    assert link.concept.label == "Teig kneten"
    with pytest.raises(UsageError, match="'xx'") as caught:
        matcher.link("knead dough", "xx")
    assert "en, de" in caught.value.hint


def test_what_the_taxonomy_lacks_is_not_linked_but_the_nearest_is_named(matcher: Matcher) -> None:
    answer = matcher.link("underwater basketry")
    assert isinstance(answer, Unlinked)
    assert answer.best is not None
    assert answer.best.uri in matcher.space.concepts
    assert answer.score < matcher.threshold
    assert "not in the taxonomy, nearest: " in str(answer)


@pytest.mark.parametrize("text", ["", " ", "  \n", "\u200b", "– !", "jane@example.org"])
def test_a_phrase_without_a_word_is_near_to_nothing(matcher: Matcher, text: str) -> None:
    answer = matcher.link(text)
    assert isinstance(answer, Unlinked)
    assert (answer.text, answer.best, answer.score) == (text, None, 0.0)


def test_links_turn_into_json_that_tells_them_apart(matcher: Matcher) -> None:
    for text, linked in (("sew sails", True), ("underwater basketry", False), ("", False)):
        answer = json.loads(json.dumps(matcher.link(text).to_dict()))
        assert answer["linked"] is linked
        assert answer["text"] == text


def test_what_a_link_prints_of_a_text_cannot_steer_a_terminal(matcher: Matcher) -> None:
    for text in ("knead dough\n", "\x1b]0;basketry\a"):
        printed = str(matcher.link(text))
        assert printed.isprintable()
        assert " -> " in printed


def test_the_threshold_itself_is_enough(space: Space, encoder: Encoder) -> None:
    vectors = encoder.encode(["knead dough w1"])
    score = link_vectors(linking(space, 0.0), ["x"], vectors)[0].score
    at, above = (link_vectors(linking(space, t), ["x"], vectors)[0] for t in (score, score + 1e-4))
    assert isinstance(at, Link)
    assert isinstance(above, Unlinked)


def test_a_coined_word_is_linked_to_a_skill_with_that_word_in_a_name_alone(
    space: Space, encoder: Encoder
) -> None:
    vectors = encoder.encode(["knead dough", "knead dough"])
    other, same = link_vectors(linking(space, 0.5), ["doughDB", "Dough"], vectors)
    assert isinstance(other, Unlinked)
    assert other.best is not None
    assert other.score > 0.5
    assert isinstance(same, Link)


def test_no_phrases_have_no_links(space: Space) -> None:
    nothing = np.zeros((0, space.dimension), np.float32)
    assert link_vectors(linking(space, 0.5), [], nothing) == []


def test_mentions_are_linked_from_the_threshold_on_and_to_nothing_without_skills(
    space: Space,
) -> None:
    skills = (f"{BASE}/skill/dough", f"{BASE}/skill/sewing")
    mentions = [Mention(0, 5, "dough", "dough sails"), Mention(6, 11, "sails", "dough sails")]
    zero = np.zeros(1, np.float32)
    signals = Signals(
        *(zero, zero, zero, zero, zero, np.zeros(1, np.int64)),
        *(np.array([[0, 1], [1, 0]]), np.array([[0.7, 0.1], [0.69, 0.1]])),
    )
    asked = linking(space, 0.7)
    first, second = link_mentions(asked, skills, mentions, signals)
    assert isinstance(first, Link)
    assert (first.text, first.concept.uri, first.score) == ("dough", skills[0], 0.7)
    assert isinstance(second, Unlinked)
    assert second.best is not None
    assert second.best.uri == skills[1]
    empty = replace(signals, skill=np.zeros((2, 0), np.int64), fit=np.zeros((2, 0), np.float32))
    for answer in link_mentions(asked, (), mentions, empty):
        assert isinstance(answer, Unlinked)
        assert answer.best is None
    # A wording has one sense in a document: that of the mention which fits best.
    twice = [mentions[0], Mention(20, 26, "Dough", "Dough")]
    for mention, answer in zip(twice, link_mentions(asked, skills, twice, signals), strict=True):
        assert isinstance(answer, Link)
        assert (answer.concept.uri, answer.score) == (skills[0], 0.7)
        assert answer.text == mention.text
    nothing = replace(signals, skill=np.zeros((0, 2), np.int64), fit=np.zeros((0, 2), np.float32))
    assert link_mentions(asked, skills, [], nothing) == []


def test_mentions_are_gathered_by_concept_and_by_wording(space: Space, encoder: Encoder) -> None:
    said = ["sew sails", "Basketry  weaving", "stitch sails", "basketry weaving", "SEW sails"]
    mentions = [Mention(10 * n, 10 * n + len(text), text, text) for n, text in enumerate(said)]
    links = link_vectors(linking(space, 0.6), said, encoder.encode(said))
    sewing, basketry = found_skills(mentions, links)
    assert sewing.skill is not None
    assert (sewing.skill.uri, sewing.label) == (f"{BASE}/skill/sewing", "sew sails")
    assert [one.start for one in sewing.mentions] == [0, 20, 40]
    assert sewing.score == max(links[n].score for n in (0, 2, 4))
    assert basketry.skill is None
    assert basketry.label == "Basketry  weaving"
    assert [one.start for one in basketry.mentions] == [10, 30]
