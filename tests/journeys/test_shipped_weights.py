"""What users of such systems ran into, with the weights that are shipped: skills in texts."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from journey_texts import COMPANY, OFFERS, POSTS, SAMPLES, TASKS, english_posts

from ner import SkillTagger, Span, TaggedText

PRETRAINED_LIMIT = 130_000_000  # bytes on disk; the wheel packs them and is weighed by `make check`
SCORE_TOLERANCE = 1e-4

FRENCH = """Nous cherchons une personne pour notre atelier à Lyon. Vous travaillez avec une équipe
de six personnes et vous êtes responsable de la maintenance des machines. Une expérience dans la
soudure et dans la lecture des plans est un avantage. Nous vous proposons un contrat stable."""

# Share of the spans that a sample post has both alone and between COMPANY and OFFERS, of those that
# it has in either, as measured with these weights.
AGREEMENT = {
    "accountant_en": 0.77,
    "chef_en": 0.76,
    "data_engineer_en": 0.80,
    "electrician_en": 0.61,
    "nurse_en": 0.85,
    "pflegefachkraft_de": 0.72,
    "softwareentwicklung_de": 0.95,
    "warehouse_supervisor_en": 0.75,
}


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
    body = english_posts()
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


def test_a_bare_list_of_such_names_is_found_whole_and_each_once(tagger: SkillTagger) -> None:
    tagged = tagger.tag("C++, C#, .NET, Node.js, CI/CD, T-SQL, IDS/IPS")
    assert [span.text for span in tagged.spans] == [*NAMED, "IDS", "IPS"]


def test_no_part_of_a_word_is_a_skill(tagger: SkillTagger) -> None:
    tricky = "Our platform: Salesforce, Android and Fortran, and the standards of the house."
    assert cut_words(tagger.tag(tricky)) == []
    for post in POSTS:
        assert cut_words(tagger.tag(post.read_text("utf-8"))) == []


def in_frame(tagger: SkillTagger, post: str) -> tuple[float, list[str]]:
    """Agreement of the spans of `post` alone and in the frame, and the spans in the frame."""
    alone = {(span.start, span.end) for span in tagger.tag(post).spans}
    assert len(alone) >= 8
    shift = len(COMPANY) + 1
    framed, outside = set(), []
    for span in tagger.tag(f"{COMPANY}\n{post}\n{OFFERS}").spans:
        if shift <= span.start < shift + len(post):
            framed.add((span.start - shift, span.end - shift))
        else:
            outside.append(span.text)
    return len(alone & framed) / len(alone | framed), outside


def test_text_about_the_employer_changes_little_about_the_skills_of_a_short_post(
    tagger: SkillTagger,
) -> None:
    """Measured: the same spans. One in ten may differ on another machine."""
    agreement, outside = in_frame(tagger, TASKS)
    assert agreement >= 0.9
    assert not outside


@pytest.mark.parametrize("name", AGREEMENT)
def test_text_about_the_employer_does_not_drown_the_skills_of_a_sample_post(
    tagger: SkillTagger, name: str
) -> None:
    """Measured: AGREEMENT, .61 to .95, and no span in the frame; the bar is .05 below.

    That is less than one would wish, and must not become worse unnoticed.
    """
    agreement, outside = in_frame(tagger, (SAMPLES / "posts" / f"{name}.txt").read_text("utf-8"))
    assert agreement >= AGREEMENT[name] - 0.05
    assert len(outside) <= 1, outside  # one more may come on another machine


def test_every_sample_post_has_its_measured_agreement() -> None:
    assert [path.stem for path in POSTS] == list(AGREEMENT)


def test_items_joined_by_and_or_a_slash_are_never_dropped(tagger: SkillTagger) -> None:
    text = "Your profile\n- Good planning and organisation skills; SQL/NoSQL databases\n"
    spans = tagger.tag(text).spans
    for item in ("planning", "organisation", "SQL/", "NoSQL"):
        start = text.index(item)
        assert covers(spans, start, start + len(item.rstrip("/"))), item


def test_joined_items_without_a_line_around_them_are_separate(tagger: SkillTagger) -> None:
    """Measured: "organisation" is missed here, and found where the words stand in a post."""
    tagged = tagger.tag("planning and organisation skills; SQL/NoSQL databases")
    found = [span.text for span in tagged.spans if span.text != "organisation"]
    assert found == ["planning", "SQL", "NoSQL databases"]


def test_cells_of_a_table_are_separate_skills(tagger: SkillTagger) -> None:
    text = "Your profile\nDocker\tKubernetes\nExperience with Docker\tKubernetes\tand Helm"
    tagged = tagger.tag(text)
    found = [span.text for span in tagged.spans]
    assert found == ["Docker", "Kubernetes", "Docker", "Kubernetes", "Helm"]
    assert all(text[span.start : span.end] == span.text for span in tagged.spans)


def test_no_skill_ends_with_a_slash_or_the_stop_of_its_sentence(tagger: SkillTagger) -> None:
    texts = ["Windows XP/Vista", "Experience with UI/UX design and Javascript."]
    texts += [post.read_text("utf-8") for post in POSTS]
    for text in texts:
        spans = tagger.tag(text).spans
        assert spans
        assert [span.text for span in spans if span.text.endswith(("/", "."))] == []


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


def test_the_shipped_files_fit_into_a_wheel(shipped_all: Path) -> None:
    sizes = [file.stat().st_size for file in shipped_all.rglob("*") if file.is_file()]
    assert sum(sizes) < PRETRAINED_LIMIT
