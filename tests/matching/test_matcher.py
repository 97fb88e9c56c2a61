"""Whole documents to ranked occupations with reasons, on a toy taxonomy and toy weights."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_space import BASE
from toy_tagger import write_tagger

from matching.answers import Named, Recommendations
from matching.encoder import Encoder
from matching.matcher import Matcher
from matching.occupations import Weights
from matching.passages import grouped, sentences
from matching.space import Space
from ner.errors import UsageError
from ner.tagger import SkillTagger

BAKER, SAILMAKER, WELDER = (
    f"{BASE}/occupation/{name}" for name in ("baker", "sailmaker", "welder")
)
POST = """Baker of bread

We are looking for a bread maker for our shop at the harbour. You will work at night.
•  Knead dough by hand, and knead
   dough by machine
•  watch the ovens and the bakers of tomorrow
•  underwater basketry is a plus
Bakes bread with all of us, every day, and likes it.
"""
GERMAN = """Brotbäcker gesucht

Wir sind ein kleiner Betrieb und suchen für die Nacht einen Menschen, der mit uns arbeitet.
- Teig kneten und mit dem Ofen umgehen
- die Öfen sauber halten
Sie sind pünktlich und nicht aus der Ruhe zu bringen.
"""
FILLER = [
    "\n".join(f"filler words w{k % 40} w{(7 * n + k) % 40}" for k in range(30)) for n in range(8)
]


def uris(value: Any) -> set[str]:
    """Every URI anywhere in JSON."""
    if isinstance(value, dict):
        return (
            {value["uri"]} | uris(list(value.values()))
            if "uri" in value
            else uris(list(value.values()))
        )
    return set().union(*map(uris, value)) if isinstance(value, list) else set()


def ranks(answer: Recommendations) -> list[str]:
    return [one.occupation.uri for one in answer.recommendations]


@pytest.fixture(scope="module")
def answer(matcher: Matcher) -> Recommendations:
    return matcher.recommend(POST)


def test_the_occupation_that_a_post_describes_comes_first(answer: Recommendations) -> None:
    best = answer.recommendations[0]
    assert (best.occupation.uri, best.occupation.label) == (BAKER, "baker")
    assert best.occupation.isco == "7512"
    assert [one.skill.label for one in best.matched] == ["knead dough", "ovens"]
    assert [one.relation for one in best.matched] == ["essential", "optional"]
    assert best.coverage == 1
    assert best.missing_essential == best.missing_optional == ()
    welder = next(one for one in answer.recommendations if one.occupation.uri == WELDER)
    assert [one.skill.label for one in welder.missing_essential] == ["weld seams"]
    assert welder.coverage == 0
    scores = [one.score for one in answer.recommendations]
    assert scores == sorted(scores, reverse=True)
    assert (answer.confidence, answer.language, answer.warnings) == ("ok", "en", ())


def test_evidence_is_a_slice_of_the_text_inside_its_sentence(answer: Recommendations) -> None:
    evidence = [
        one for item in answer.recommendations for skill in item.matched for one in skill.evidence
    ] + [one for skill in answer.skills for one in skill.mentions]
    assert len(evidence) >= 6
    for one in evidence:
        assert answer.text[one.start : one.end] == one.text != ""
        assert one.text in one.sentence
        assert one.sentence in answer.text


def test_offsets_are_those_of_the_original_text(matcher: Matcher) -> None:
    messy = "\u200b \u00a0" + POST.replace("\n", "\r\n").replace("by hand", "by\u00adhand 🍞")
    found = matcher.recommend(messy)
    assert found.text == messy
    assert found.recommendations[0].occupation.uri == BAKER
    for skill in found.skills:
        for one in skill.mentions:
            assert messy[one.start : one.end] == one.text


def test_three_mentions_of_a_skill_are_one_entry_with_three_places(matcher: Matcher) -> None:
    text = "Sew sails well.\nYou stitch sails for us.\nWe sew sails; no basketry."
    text = text.replace("Sew", "sew")
    sewing, basketry = matcher.recommend(text, kind="post").skills
    assert sewing.skill is not None
    assert sewing.skill.uri == f"{BASE}/skill/sewing"
    assert [one.text for one in sewing.mentions] == ["sew sails", "stitch sails", "sew sails"]
    assert [one.start for one in sewing.mentions] == [0, 20, 44]
    assert (basketry.skill, basketry.label) == (None, "basketry")


def test_removing_a_mention_takes_its_skill_and_its_contribution_away(
    matcher: Matcher, answer: Recommendations
) -> None:
    without = matcher.recommend(POST.replace("watch the ovens", "watch the w3"))
    before, after = answer.recommendations[0], without.recommendations[0]
    assert {one.skill.label for one in before.matched} == {"knead dough", "ovens"}
    assert {one.skill.label for one in after.matched} == {"knead dough"}
    assert [one.skill.label for one in after.missing_optional] == ["ovens"]


@pytest.mark.parametrize("limit", [0, -1])
def test_fewer_than_one_occupation_is_refused(matcher: Matcher, limit: int) -> None:
    with pytest.raises(UsageError, match=str(limit)):
        matcher.recommend(POST, limit)
    with pytest.raises(UsageError, match=str(limit)):
        matcher.rank_occupations(POST, limit)


def test_a_limit_above_the_number_of_occupations_gives_all_of_them(matcher: Matcher) -> None:
    everyone = ranks(matcher.recommend(POST, 10_000))
    assert sorted(everyone) == sorted((BAKER, SAILMAKER, WELDER))
    for limit in (1, 2):
        assert ranks(matcher.recommend(POST, limit)) == everyone[:limit]
    assert [uri for uri, _ in matcher.rank_occupations(POST, 10_000)] == everyone


def test_ranking_without_reasons_gives_the_same_scores(
    matcher: Matcher, answer: Recommendations
) -> None:
    ranked = matcher.rank_occupations(POST)
    assert [uri for uri, _ in ranked] == ranks(answer)
    told = [one.score for one in answer.recommendations]
    assert [score for _, score in ranked] == pytest.approx(told, abs=2e-6)


@pytest.mark.parametrize("text", ["", "   ", "\n\t\n", "\u200b", "12 34 -- !!", "jane@example.org"])
@pytest.mark.parametrize("kind", ["auto", "resume", "post", "title"])
def test_a_text_that_says_nothing_has_no_recommendations(
    matcher: Matcher, text: str, kind: str
) -> None:
    found = matcher.recommend(text, kind=kind)
    assert (found.recommendations, found.skills, found.confidence) == ((), (), "low")
    assert found.text == text
    assert matcher.rank_occupations(text) == []
    assert "No occupation can be recommended" in str(found)


def test_a_lone_title_is_ranked_but_marked_as_little_to_go_by(matcher: Matcher) -> None:
    found = matcher.recommend("Baker")
    assert ranks(found)[0] == BAKER
    assert found.confidence == "low"
    assert "guess" in str(found)


def test_a_text_that_is_called_a_title_is_one(matcher: Matcher) -> None:
    found = matcher.recommend("Sewer of sails", kind="title")
    assert ranks(found)[0] == SAILMAKER
    assert found.confidence == "ok"
    assert found.recommendations[0].parts["titles"] == pytest.approx(
        matcher.weights.titles, abs=0.01
    )


@pytest.mark.parametrize("kind", ["letter", "", "Title"])
def test_an_unknown_kind_is_refused_with_the_known_ones(matcher: Matcher, kind: str) -> None:
    with pytest.raises(UsageError) as caught:
        matcher.recommend(POST, kind=kind)
    assert "auto, resume, post, title" in caught.value.hint


def test_labels_are_in_the_language_of_the_text(matcher: Matcher) -> None:
    found = matcher.recommend(GERMAN)
    best = found.recommendations[0]
    assert found.language == "de"
    assert best.occupation.label == "Bäcker/Bäckerin"
    assert {one.skill.label for one in best.matched} == {"Teig kneten", "Öfen"}
    # A skill without a German label keeps its English one.
    welder = next(one for one in found.recommendations if one.occupation.uri == WELDER)
    assert welder.missing_essential[0].skill.label == "weld seams"


def test_labels_are_in_the_language_asked_for(matcher: Matcher) -> None:
    found = matcher.recommend(GERMAN, language="en")
    assert found.recommendations[0].occupation.label == "baker"
    assert found.language == "de"
    assert ranks(found) == ranks(matcher.recommend(GERMAN))
    with pytest.raises(UsageError, match="'fr'") as caught:
        matcher.recommend(GERMAN, language="fr")
    assert "en, de" in caught.value.hint


def test_the_dictionary_has_the_documented_keys_and_is_json(answer: Recommendations) -> None:
    plain = json.loads(json.dumps(answer.to_dict()))
    assert set(plain) == {
        "recommendations", "skills", "text", "language", "model", "taxonomy", "confidence",
        "warnings",
    }  # fmt: skip
    one = plain["recommendations"][0]
    assert set(one) == {
        "occupation", "score", "parts", "coverage", "matched", "missing_essential",
        "missing_optional",
    }  # fmt: skip
    assert set(one["occupation"]) == {"uri", "label", "isco"}
    matched = one["matched"][0]
    assert set(matched) == {"skill", "relation", "score", "contribution", "evidence"}
    assert set(matched["skill"]) == {"uri", "label"}
    assert Named("urn:o", "keeper", "").to_dict() == {"uri": "urn:o", "label": "keeper", "isco": ""}
    assert set(matched["evidence"][0]) == {"start", "end", "text", "sentence"}
    missing = [item for each in plain["recommendations"] for item in each["missing_essential"]]
    assert missing
    assert all(set(item) == {"uri", "label", "gain"} for item in missing)
    assert {frozenset(skill) for skill in plain["skills"]} == {
        frozenset({"skill", "label", "score", "mentions"})
    }
    assert {skill["skill"] is None for skill in plain["skills"]} == {True, False}


def test_every_uri_in_an_answer_resolves_in_the_taxonomy_it_names(
    matcher: Matcher, answer: Recommendations
) -> None:
    named = uris(answer.to_dict())
    assert len(named) >= 6
    for uri in named:
        concept = matcher.space.concepts[uri]
        assert concept.label("en")
        assert concept.status == "released"
    assert answer.taxonomy == "ESCO 1.9.3"


def test_an_answer_prints_as_occupations_with_reasons(answer: Recommendations) -> None:
    lines = str(answer).splitlines()
    assert lines[0].startswith(" 1. baker (ISCO 7512)  0.")
    assert "100% of the essential skills shown" in lines[1]
    assert any(line.strip() == '+ knead dough (essential): "Knead dough"' for line in lines)
    assert any("- not shown: weld seams" in line for line in lines)
    assert lines[-1].startswith("ESCO 1.9.3; toy")
    assert "Recommendation(" not in str(answer)


def test_what_an_answer_prints_of_a_text_cannot_steer_a_terminal(answer: Recommendations) -> None:
    best = answer.recommendations[0]
    said = replace(best.matched[0].evidence[0], text="knead\x1b[31m\n\u202edough")
    matched = replace(best.matched[0], evidence=(said,))
    printed = str(replace(answer, recommendations=(replace(best, matched=(matched,)),)))
    assert '"knead [31m dough"' in printed
    assert "\x1b" not in printed


def test_a_warning_about_the_language_is_handed_on(matcher: Matcher) -> None:
    french = "Nous cherchons pour notre boulangerie une personne avec des mains dans la pâte."
    found = matcher.recommend(french)
    assert found.language == "other"
    assert len(found.warnings) == 1
    assert str(found).startswith("warning: ")


@pytest.mark.parametrize(
    "contact",
    [
        "Tom Welder, weld.seams@example.org",
        "Welder: +49 30 123 456 78",
        "metal joiner https://example.org/welder",
        "Welder, Tel. 555-0178",
    ],
)
def test_contacts_move_no_score(matcher: Matcher, contact: str) -> None:
    plain = dict(matcher.rank_occupations(POST))
    for text in (f"{contact}\n{POST}", f"{POST}{contact}\n"):
        moved = dict(matcher.rank_occupations(text))
        # The sums run over other blocks of memory: equal but for the last bits.
        assert moved == pytest.approx(plain, abs=1e-6)


def test_a_word_inside_a_mail_or_web_address_shows_no_skill(matcher: Matcher) -> None:
    for address in ("weld.seams@example.org", "https://example.org/weld/seams"):
        found = matcher.recommend(f"{POST}Write to {address} soon.\n")
        assert found.skills == matcher.recommend(POST).skills
    assert len(matcher.recommend(f"{POST}weld seams\n").skills) > len(found.skills)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_the_sections_changes_little(matcher: Matcher, seed: int) -> None:
    sections = [*FILLER, *(part for part in POST.split("\n\n") if part.strip())]
    first = matcher.recommend("\n\n".join(sections))
    random.Random(seed).shuffle(sections)
    other = matcher.recommend("\n\n".join(sections))
    assert ranks(other) == ranks(first)
    before = {one.occupation.uri: one.score for one in first.recommendations}
    after = {one.occupation.uri: one.score for one in other.recommendations}
    assert after == pytest.approx(before, abs=0.05)


def test_the_only_relevant_job_counts_on_the_last_page_too(matcher: Matcher) -> None:
    pages = "\n\n".join(FILLER * 3)
    first, last = matcher.recommend(f"{POST}\n\n{pages}"), matcher.recommend(f"{pages}\n\n{POST}")
    assert ranks(first)[0] == ranks(last)[0] == BAKER
    assert len(first.recommendations[0].matched) == len(last.recommendations[0].matched) == 2


def test_a_job_counts_as_much_before_as_behind_many_pages_of_another(matcher: Matcher) -> None:
    job, other = "\n".join(["Bakes bread for us."] * 30), "\n".join(FILLER * 2)
    assert len(grouped(sentences(other))) >= 12

    def said(text: str) -> float:
        found = matcher.recommend(text, kind="resume").recommendations
        return next(one.parts["document"] for one in found if one.occupation.uri == BAKER)

    assert said(f"{other}\n{job}") == pytest.approx(said(f"{job}\n{other}"), abs=0.02)
    assert said(f"{other}\n{job}") > 0.5 * said(job)


@pytest.mark.parametrize("words", [24, 25])
def test_confidence_is_low_for_few_words_and_where_nothing_is_named(
    matcher: Matcher, words: int
) -> None:
    filler = " ".join(["filler"] * (words - 2))
    assert matcher.recommend(f"knead dough {filler}").confidence == ("ok" if words > 24 else "low")
    assert matcher.recommend(f"filler filler {filler}").confidence == "low"


def test_ties_keep_the_order_of_the_taxonomy_for_every_limit(
    encoder: Encoder, space: Space, tagger_folder: Any
) -> None:
    only_skills = Weights(document=0, titles=0, skills=1)
    level = Matcher(SkillTagger.load(tagger_folder), encoder, space, only_skills)
    text = "w1 w2 w3 w4 w5 w6 w7 w8 w9 and nothing that a skill of ours would be shown by"
    order = [uri for uri in space.uris if uri in (BAKER, SAILMAKER, WELDER)]
    assert {score for _, score in level.rank_occupations(text)} == {0.0}
    for limit in (1, 2, 3, 9):
        assert ranks(level.recommend(text, limit)) == order[:limit]


def test_the_same_text_has_the_same_answer(matcher: Matcher, answer: Recommendations) -> None:
    assert matcher.recommend(POST) == answer


@pytest.mark.parametrize("text", [None, 7, b"baker", ["baker"]])
def test_anything_but_a_text_is_refused_in_a_sentence(matcher: Matcher, text: Any) -> None:
    for ask in (matcher.recommend, matcher.rank_occupations, matcher.link):
        with pytest.raises(UsageError, match=f"expected a text, got {type(text).__name__}"):
            ask(text)


def test_three_wordings_of_one_skill_are_one_concept_with_three_places(
    matcher: Matcher, tmp_path: Path
) -> None:
    marked = {"MS": "B-TECHNOLOGY", **dict.fromkeys(("Excel", "skills", "skill"), "I-TECHNOLOGY")}
    tagger = SkillTagger.load(write_tagger(tmp_path / "weights" / "tagger", marked))
    text = "We ask for Excel skills.\nYour Excel skill counts.\nYou know MS Excel well."
    found = Matcher(tagger, matcher.encoder, matcher.space).recommend(text, kind="post")
    (excel,) = found.skills
    assert excel.skill is not None
    assert (excel.skill.uri, excel.label) == (f"{BASE}/skill/excel", "Excel")
    said = ["Excel skills", "Excel skill", "MS Excel"]
    assert [one.text for one in excel.mentions] == said
    assert [(one.start, one.end) for one in excel.mentions] == [(11, 23), (30, 41), (59, 67)]


def test_weights_decide_which_part_counts(matcher: Matcher) -> None:
    titles = Matcher(
        matcher.tagger, matcher.encoder, matcher.space, replace(matcher.weights, titles=0.0)
    )
    best = titles.recommend(POST).recommendations[0]
    assert best.parts["titles"] == 0
    assert np.isclose(best.score, best.parts["document"] + best.parts["skills"])
