"""What users of such systems ran into, with the weights that are shipped: occupations and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from journey_texts import SAMPLES, TASKS

from matching import Link, Matcher
from matching.licences import LICENSED
from metier.documents.read import read_document
from ner.errors import UsageError

# What a resume's best occupations must have among them. There is more than one right answer for
# some: ESCO has several nurses, and trades of electricians by what they work on.
RIGHT = {
    "nurse_en": r"(?<!veterinary )\bnurse\b",
    "accountant_en": r"\baccountant\b",
    "data_engineer_en": r"\bdata engineer\b",
    "elektroniker_de": r"elektr",
}


def test_three_mentions_of_one_tool_are_one_entry_with_three_places(matcher: Matcher) -> None:
    text = (
        "Your profile\n- Very good knowledge of Excel and bookkeeping\n"
        "- Data analysis with Excel and Power BI\n- Experience with Excel and SAP is a must\n"
    )
    found = matcher.recommend(text, kind="post").skills
    concepts = [one.skill.uri for one in found if one.skill is not None]
    assert len(concepts) == len(set(concepts))
    for one in found:
        for mention in one.mentions:
            assert text[mention.start : mention.end] == mention.text
    (excel,) = [one for one in found if "Excel" in {mention.text for mention in one.mentions}]
    places = [match.start() for match in re.finditer("Excel", text)]
    assert [mention.start for mention in excel.mentions if mention.text == "Excel"] == places


@pytest.mark.parametrize("kind", ["auto", "post"])
def test_three_names_of_one_tool_are_one_concept_with_three_places(
    matcher: Matcher, kind: str
) -> None:
    text = "Excel skills are needed. Your Excel skill counts. You know MS Excel."
    (found,) = matcher.recommend(text, kind=kind).skills
    assert found.skill is not None
    assert found.skill.label == "use spreadsheets software"
    places = [(mention.start, mention.text) for mention in found.mentions]
    assert places == [(0, "Excel"), (30, "Excel"), (59, "MS Excel")]


@pytest.mark.parametrize("text", ["Nurse", "Krankenpfleger"])
def test_a_title_alone_is_answered_with_low_confidence(matcher: Matcher, text: str) -> None:
    found = matcher.recommend(text)
    assert re.search(r"\bnurse\b", found.recommendations[0].occupation.label)
    assert found.confidence == "low"


@pytest.mark.parametrize("text", ["", " \n "])
def test_nothing_is_recommended_for_an_empty_profile(matcher: Matcher, text: str) -> None:
    found = matcher.recommend(text)
    assert (list(found.recommendations), found.confidence) == ([], "low")


@pytest.mark.parametrize("limit", [0, -1])
def test_fewer_than_one_occupation_is_refused(matcher: Matcher, limit: int) -> None:
    with pytest.raises(UsageError, match=str(limit)):
        matcher.recommend(TASKS, limit)


def test_a_limit_above_the_number_of_occupations_gives_each_once(matcher: Matcher) -> None:
    assert len(matcher.recommend(TASKS, 1)) == 1
    everyone = [one.occupation.uri for one in matcher.recommend(TASKS, 10**6)]
    known = {
        concept.uri
        for concept in matcher.space.concepts.values()
        if concept.kind == "occupation" and concept.status == "released"
    }
    assert len(everyone) == len(known) > 2_000
    assert set(everyone) == known


def uris(value: Any) -> Iterator[str]:
    """Every URI anywhere in JSON."""
    if isinstance(value, dict):
        yield from [value["uri"]] if "uri" in value else []
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from uris(part)


def test_every_uri_of_an_answer_resolves_in_the_taxonomy_it_names(matcher: Matcher) -> None:
    text = read_document(SAMPLES / "resumes" / "nurse_en.pdf").text
    answer = matcher.recommend(text).to_dict()
    assert answer["taxonomy"] == matcher.space.taxonomy
    assert answer["taxonomy"].startswith("ESCO 1.2")
    named = set(uris(answer))
    assert len(named) > 20
    for uri in named:
        concept = matcher.space.concepts[uri]
        assert concept.label("en")
        assert concept.label("de")
        assert concept.status == "released"


@pytest.mark.parametrize("name", RIGHT)
def test_a_sample_resume_gets_the_right_occupation_among_the_best_three(
    matcher: Matcher, name: str
) -> None:
    document = read_document(SAMPLES / "resumes" / f"{name}.pdf")
    found = matcher.recommend(document.text, limit=3)
    labels = [one.occupation.label for one in found]
    assert any(re.search(RIGHT[name], label, re.IGNORECASE) for label in labels), labels
    assert found.confidence == "ok"
    for one in found:
        for matched in one.matched:
            for piece in matched.evidence:
                assert document.text[piece.start : piece.end] == piece.text


def test_a_nurse_is_sent_into_no_other_licensed_profession(matcher: Matcher) -> None:
    text = (SAMPLES / "resumes" / "nurse_en.txt").read_text("utf-8")
    groups = {one.occupation.isco for one in matcher.recommend(text).recommendations}
    assert groups & set(LICENSED) == {"2221"}


@pytest.mark.parametrize(
    ("name", "foreign"),
    [
        ("accountant_en", {"reforestation", "query languages"}),
        ("data_engineer_en", {"cleaning products", "types of pipelines", "DB2"}),
        ("nurse_en", {"types of lifts", "train crew members"}),
    ],
)
def test_words_of_a_resume_are_not_taken_for_skills_of_another_trade(
    matcher: Matcher, name: str, foreign: set[str]
) -> None:
    resume = read_document(str(SAMPLES / "resumes" / f"{name}.pdf")).text
    listed = {one.label for one in matcher.recommend(resume, limit=1).skills if one.skill}
    assert len(listed) >= 5
    assert not listed & foreign


def test_a_word_alone_is_linked_to_what_it_names_in_any_trade(matcher: Matcher) -> None:
    answer = matcher.link("pipelines")
    assert isinstance(answer, Link)
    assert answer.concept.label == "types of pipelines"


def test_a_german_resume_is_answered_with_german_labels(matcher: Matcher) -> None:
    text = read_document(SAMPLES / "resumes" / "elektroniker_de.pdf").text
    found = matcher.recommend(text, limit=3)
    assert found.language == "de"
    concepts = matcher.space.concepts
    named = [one.occupation for one in found] + [
        matched.skill for one in found for matched in one.matched
    ]
    assert [one.label for one in named] == [concepts[one.uri].label("de") for one in named]
    assert all(one.occupation.label != concepts[one.occupation.uri].label("en") for one in found)


def test_a_title_in_capitals_is_read_like_any_other(matcher: Matcher) -> None:
    loud, calm = (
        [one.occupation for one in matcher.recommend(text, limit=5)]
        for text in ("LORRY DRIVER", "lorry driver")
    )
    assert loud == calm
    assert "driver" in loud[0].label


@pytest.mark.parametrize(
    ("sentence", "label"),
    [
        ("You will take blood samples, weigh patients and tidy the room.", r"blood sample"),
        ("Benefits, a parking space and knowledge of PostgreSQL or MySQL.", r"PostgreSQL|MySQL"),
        ("Sie räumen Regale ein, kassieren und beraten am Telefon Kunden.", r"customer|shelves"),
    ],
)
def test_a_sentence_of_several_things_is_linked_to_one_of_its_skills(
    matcher: Matcher, sentence: str, label: str
) -> None:
    answer = matcher.link(sentence)
    found = answer.concept if isinstance(answer, Link) else answer.best
    assert found is not None
    assert re.search(label, found.label), found
