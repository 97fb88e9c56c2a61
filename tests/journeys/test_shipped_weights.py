"""What users of such systems ran into, with the weights that are shipped."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from offline import ROOT, Run

from matching import Link, Matcher
from matching.licences import LICENSED
from metier.documents.read import read_document
from ner import SkillTagger, Span, TaggedText
from ner.errors import UsageError

SAMPLES = ROOT / "data" / "samples"
POSTS = sorted((SAMPLES / "posts").glob("*.txt"))
PRETRAINED_LIMIT = 130_000_000  # bytes on disk; the wheel packs them and is weighed by `make check`
SCORE_TOLERANCE = 1e-4

COMPANY = """About us
Harrowgate Instruments was founded in 1974 and is still run by the family. Some 140 people work in
our house by the canal, and we have customers in nineteen countries. We believe in long lunches,
short meetings and honest answers.
"""
TASKS = """Your tasks
- Maintain and extend our order system in Python and PostgreSQL
- Write unit tests and take part in code reviews
- Prepare monthly reports in Excel for the sales department
- Answer questions of customers by phone and e-mail

Your profile
- Several years of experience with Python and SQL
- You know Docker, Git and Linux
- Experience with project management, ideally Scrum
- Good communication skills and attention to detail
- You solve problems on your own and like to work in a team
"""
OFFERS = """What we offer
Thirty days of holiday, a pension, fruit, a bicycle, a discount in the gym next door, and a training
budget that is yours to spend. Flexible hours and a free parking space.

We are an equal opportunity employer. We welcome people of every age, origin, religion, gender,
identity and orientation, with and without disabilities. If you need support with your application,
please tell us: Ms Okonjo will be glad to help.
"""
FRENCH = """Nous cherchons une personne pour notre atelier à Lyon. Vous travaillez avec une équipe
de six personnes et vous êtes responsable de la maintenance des machines. Une expérience dans la
soudure et dans la lecture des plans est un avantage. Nous vous proposons un contrat stable."""

# What a resume's best occupations must have among them. There is more than one right answer for
# some: ESCO has several nurses, and trades of electricians by what they work on.
RIGHT = {
    "nurse_en": r"(?<!veterinary )\bnurse\b",
    "accountant_en": r"\baccountant\b",
    "data_engineer_en": r"\bdata engineer\b",
    "elektroniker_de": r"elektr",
}


@pytest.fixture(scope="module")
def matcher(shipped_all: Path) -> Matcher:
    """Loaded by folder, so that no METIER_HOME stands in its way."""
    return Matcher.load(*(shipped_all / kind for kind in ("tagger", "encoder", "space")))


@pytest.fixture(scope="module")
def tagger(matcher: Matcher) -> SkillTagger:
    return matcher.tagger


def covers(spans: Iterable[Span], start: int, end: int) -> bool:
    """Whether one of the spans holds all of start:end."""
    return any(span.start <= start and end <= span.end for span in spans)


def touching(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    return [span for span in spans if span.start < end and start < span.end]


def cut_words(tagged: TaggedText) -> list[str]:
    """Spans that begin or end inside a run of letters and digits."""
    text = tagged.text

    def inside(place: int) -> bool:
        return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()

    return [span.text for span in tagged.spans if inside(span.start) or inside(span.end)]


def test_a_skill_in_the_last_line_of_three_thousand_words_is_found_there(
    tagger: SkillTagger,
) -> None:
    body = "\n".join(path.read_text("utf-8") for path in POSTS if path.stem.endswith("_en"))
    body = body.replace("Terraform", "our tools")
    assert len(body.split()) > 3_000
    text = f"{body}\nYou have worked with Python, Docker and Terraform."
    place = text.index("Terraform")
    assert place == text.rindex("Terraform")
    found = touching(tagger.tag(text).spans, place, place + len("Terraform"))
    assert [(span.start, span.text) for span in found] == [(place, "Terraform")]


NAMED = {
    "C++": "- At least three years of professional experience with C++ and Linux",
    "C#": "- Very good knowledge of C# and object-oriented programming",
    ".NET": "- You have built web applications with .NET and SQL Server",
    "Node.js": "- Hands-on experience in JavaScript, Node.js and React",
    "CI/CD": "- Experience with Docker, Kubernetes and CI/CD pipelines",
    "T-SQL": "- Strong T-SQL and database design skills",
}


def test_names_with_punctuation_are_never_cut_and_mostly_found(tagger: SkillTagger) -> None:
    whole = []
    for name, line in NAMED.items():
        start = line.index(name)
        end = start + len(name)
        spans = tagger.tag(f"Your profile\n{line}").spans
        shift = len("Your profile\n")
        for span in touching(spans, start + shift, end + shift):
            assert covers([span], start + shift, end + shift), (name, span.text)
        if covers(spans, start + shift, end + shift):
            whole.append(name)
    assert len(whole) >= 4, whole


def test_a_bare_list_of_such_names_marks_each_at_most_once(tagger: SkillTagger) -> None:
    text = "C++, C#, .NET, Node.js, CI/CD, T-SQL, IDS/IPS"
    spans = tagger.tag(text).spans
    for name in (*NAMED, "IDS", "IPS"):
        start = text.index(name)
        found = touching(spans, start, start + len(name))
        assert len(found) <= 1
        assert covers(found, start, start + len(name)) or not found


def test_no_part_of_a_word_is_a_skill(tagger: SkillTagger) -> None:
    tricky = "Our platform: Salesforce, Android and Fortran, and the standards of the house."
    assert cut_words(tagger.tag(tricky)) == []
    for post in POSTS:
        assert cut_words(tagger.tag(post.read_text("utf-8"))) == []


def test_text_about_the_employer_changes_little_about_the_skills_asked_for(
    tagger: SkillTagger,
) -> None:
    alone = {(span.start, span.end) for span in tagger.tag(TASKS).spans}
    shift = len(COMPANY) + 1
    framed = {
        (span.start - shift, span.end - shift)
        for span in tagger.tag(f"{COMPANY}\n{TASKS}\n{OFFERS}").spans
        if shift <= span.start < shift + len(TASKS)
    }
    assert len(alone) >= 8
    # The tolerance: one in ten may differ. They are equal on the machine where this was measured.
    assert len(alone & framed) / len(alone | framed) >= 0.9


def test_items_joined_by_and_or_a_slash_are_never_dropped(tagger: SkillTagger) -> None:
    text = "Your profile\n- Good planning and organisation skills; SQL/NoSQL databases\n"
    spans = tagger.tag(text).spans
    for item in ("planning", "organisation", "SQL/", "NoSQL"):
        start = text.index(item)
        assert covers(spans, start, start + len(item.rstrip("/"))), item


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


def close(one: TaggedText, other: TaggedText) -> bool:
    """Equal in all but the last digits of the scores."""
    assert [(span.start, span.end, span.label) for span in one.spans] == [
        (span.start, span.end, span.label) for span in other.spans
    ]
    apart = [abs(a.score - b.score) for a, b in zip(one.spans, other.spans, strict=True)]
    return one.status == other.status and max(apart, default=0) <= SCORE_TOLERANCE


def test_the_company_and_order_of_texts_change_no_answer(tagger: SkillTagger) -> None:
    odd: list[object] = ["", " ", "\u200b", 3.5, None]
    lines = [line for post in POSTS for line in post.read_text("utf-8").splitlines() if line]
    texts: list[object] = [*odd, POSTS[0].read_text("utf-8"), TASKS]
    texts += random.Random(1).sample(lines, 64 - len(texts))
    alone = [tagger.tag(text) for text in texts]
    assert sum(len(answer.spans) for answer in alone) >= 10
    assert [answer.status for answer in alone[:5]] == ["empty"] * 3 + ["not_text"] * 2
    for size in (1, 8, 64):
        batches = [texts[start : start + size] for start in range(0, len(texts), size)]
        answers = [answer for batch in batches for answer in tagger.tag_many(batch)]
        assert len(answers) == len(alone)
        assert all(map(close, answers, alone))
    order = list(range(len(texts)))
    random.Random(2).shuffle(order)
    shuffled = list(tagger.tag_many([texts[number] for number in order], workers=2))
    assert all(map(close, shuffled, [alone[number] for number in order]))


def test_german_is_read_without_a_warning_and_french_with_one(tagger: SkillTagger) -> None:
    german = tagger.tag((SAMPLES / "posts" / "pflegefachkraft_de.txt").read_text("utf-8"))
    assert (german.language, german.warnings) == ("de", ())
    assert len(german.spans) >= 3
    (warning,) = tagger.tag(FRENCH).warnings
    assert "language" in warning


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


def test_the_guard_of_these_tests_does_refuse_the_network(run_python: Run) -> None:
    code = "import socket; socket.create_connection(('127.0.0.1', 9))"
    assert b"OSError: the network was used" in run_python("-c", code).stderr


def test_tagging_and_matching_work_without_a_network(run_metier: Run, shipped_all: Path) -> None:
    post = SAMPLES / "posts" / "electrician_en.txt"
    tagged = run_metier("tag", "--json", stdin=post.read_bytes())
    assert (tagged.returncode, tagged.stderr) == (0, b"")
    assert json.loads(tagged.stdout)["spans"]
    resume = str(SAMPLES / "resumes" / "nurse_en.pdf")
    matched = run_metier("recommend", resume, "--limit", "3", "--json")
    assert (matched.returncode, matched.stderr) == (0, b"")
    assert len(json.loads(matched.stdout)["recommendations"]) == 3


def test_printing_an_answer_shows_a_table_of_skills(tagger: SkillTagger) -> None:
    tagged = tagger.tag(TASKS)
    header, *rows = str(tagged).splitlines()
    assert header.split() == ["label", "skill", "score", "offsets"]
    assert len(rows) == len(tagged.spans) >= 8
    for row, span in zip(rows, tagged.spans, strict=True):
        assert row.startswith(str(span.label))
        assert span.text in row
        assert row.endswith(f"{span.start}-{span.end}")
    assert TASKS not in str(tagged)


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


def test_the_shipped_files_fit_into_a_wheel(shipped_all: Path) -> None:
    sizes = [file.stat().st_size for file in shipped_all.rglob("*") if file.is_file()]
    assert sum(sizes) < PRETRAINED_LIMIT
