"""A sentence read as a whole and in parts."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.answers import Link
from matching.matcher import Matcher
from matching.parts import WHOLE_SHARE, is_phrase, parts, whole_and_parts
from matching.space import Space
from ner.errors import WeightsError


def test_a_phrase_has_no_parts() -> None:
    assert is_phrase("reconcile bank statements")
    assert parts("Excel, Word and Outlook", ["Excel"]) == []


def test_parts_are_the_clauses_and_then_what_is_marked_each_once() -> None:
    text = "You bake bread, clean ovens and order flour (e-mail) or yeast."
    assert parts(text, ["order flour", "ovens"]) == [
        "You bake bread",
        "clean ovens",
        "order flour",
        "e-mail",
        "yeast",
        "ovens",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "handles sandstone orders for brands in Nordhausen",
        "earns 1,000 euros in 3.5 days with CI/CD",
        "knows .NET better than most people do.",
        "- plans the work of others\n",
    ],
)
def test_what_is_no_list_is_not_cut(text: str) -> None:
    assert parts(text, [text.strip(" -\n.")]) == []


def test_sentences_and_short_marks_are_parts_too() -> None:
    text = "You bake bread. You program in R and/or C!"
    assert parts(text, ["R"]) == ["You bake bread", "You program in R", "R"]


@given(st.text(max_size=200), st.lists(st.text(max_size=9), max_size=3))
def test_no_part_is_the_whole_or_given_twice_or_empty(text: str, marked: list[str]) -> None:
    found = parts(text, marked)
    assert len(set(found)) == len(found)
    assert text not in found
    assert "" not in found


def test_the_best_part_is_weighed_with_the_whole() -> None:
    scores = np.array([[0.5, 0.1], [0.2, 0.9], [0.4, 0.3]], np.float32)
    share = WHOLE_SHARE
    expected = [share * 0.5 + (1 - share) * 0.4, share * 0.1 + (1 - share) * 0.9]
    assert whole_and_parts(scores) == pytest.approx(np.array(expected), abs=1e-6)
    assert whole_and_parts(scores[:1]).tolist() == scores[0].tolist()


def test_a_sentence_is_linked_by_its_parts(matcher: Matcher) -> None:
    text = "In the early morning you and your colleagues stitch sails (indoors)"
    link = matcher.link(text)
    whole = matcher.space.best(matcher.encoder.encode([text]), "skill", 1)[0][0]
    part = matcher.space.best(matcher.encoder.encode(["stitch sails"]), "skill", 1)[0][0]
    assert isinstance(link, Link) or link.best is not None
    found = link.concept if isinstance(link, Link) else link.best
    assert found is not None
    assert found.uri == part.uri
    assert link.score > whole.score


def test_a_sentence_of_a_thousand_parts_is_linked_by_the_last_of_them(matcher: Matcher) -> None:
    text = ", ".join([*(f"basketry {n}" for n in range(1_000)), "stitch sails"])
    link = matcher.link(text)
    found = link.concept if isinstance(link, Link) else link.best
    assert found is not None
    assert found.uri.endswith("/sewing")


def test_a_sentence_needs_the_tagger_and_says_which_one_it_used(
    encoder_folder: Path, space: Space, tmp_path: Path, matcher: Matcher
) -> None:
    sentence = "You stitch sails all day long"
    assert matcher.link(sentence).model == matcher.model
    assert matcher.link("stitch sails").model == matcher.encoder.model
    without = Matcher.load(tmp_path / "absent", encoder_folder, space.folder)
    assert without.link("stitch sails").score > 0.9
    with pytest.raises(WeightsError):
        without.link(sentence)


def test_a_run_of_stops_is_read_in_time_that_grows_with_its_length() -> None:
    def seconds(size: int) -> float:
        begin = time.perf_counter()
        parts("a b c d " + "." * size + "x", [])
        return time.perf_counter() - begin

    assert seconds(60_000) < 40 * max(seconds(6_000), 0.002)
