"""What users of such systems ran into, as far as it hangs on mechanics and not on the weights."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from ner import SkillTagger, TaggedText

MIXED_BATCH: list[object] = ["", " ", "\u200b", 3.5, None]


def surfaces(tagged: TaggedText) -> list[str]:
    return [span.text for span in tagged.spans]


@pytest.mark.parametrize(
    "text",
    [
        "   Python",
        "use  Python   daily",
        "first\r\nPython\r\n",
        "use\u00a0Python\u00a0daily",
        "🚀 Python 👩\u200d💻",
        "re\u0301sume\u0301 in Python",
        "עברית \u200fPython\u200f עברית",
    ],
)
def test_offsets_fit_the_text_as_it_was_given(tagger: SkillTagger, text: str) -> None:
    tagged = tagger.tag(text)
    assert "Python" in surfaces(tagged)
    assert all(text[span.start : span.end] == span.text for span in tagged.spans)


def test_a_skill_in_the_last_line_of_a_long_post_is_found(tagger: SkillTagger) -> None:
    text = "many plain words here\n" * 750 + "and Terraform"
    (span,) = tagger.tag(text).spans
    assert (span.text, span.start) == ("Terraform", len(text) - len("Terraform"))


def test_names_with_punctuation_are_found_once_and_whole(tagger: SkillTagger) -> None:
    tagged = tagger.tag("C++, C#, .NET, Node.js, CI/CD, T-SQL, IDS/IPS")
    names = ["C++", "C#", ".NET", "Node.js", "CI/CD", "T-SQL", "IDS", "IPS"]
    assert surfaces(tagged) == names


def test_no_part_of_a_word_is_a_skill(tagger: SkillTagger) -> None:
    tagged = tagger.tag("platform, Salesforce, Android, Fortran, standards")
    assert surfaces(tagged) == ["Salesforce", "Android", "Fortran"]


def test_items_joined_by_a_slash_or_and_are_separate(tagger: SkillTagger) -> None:
    tagged = tagger.tag("planning and organisation skills; SQL/NoSQL databases")
    assert surfaces(tagged) == ["planning", "organisation", "SQL", "NoSQL"]


def test_odd_members_of_a_batch_get_answers_in_order_with_a_status(tagger: SkillTagger) -> None:
    answers = list(tagger.tag_many([*MIXED_BATCH, "Python"]))
    assert [answer.status for answer in answers] == [
        "empty",
        "empty",
        "empty",
        "not_text",
        "not_text",
        "ok",
    ]
    assert answers[3].warnings == ("expected a text, got float",)
    assert answers[2].text == "\u200b"


def test_the_company_and_the_order_of_texts_change_nothing(tagger: SkillTagger) -> None:
    texts: list[object] = [*MIXED_BATCH, "Python " * 90, "wound care", "C++ und Präzision"]
    texts += [f"Excel {number}" for number in range(56)]
    alone = [tagger.tag(text) for text in texts]
    for size in (1, 8, 64):
        batches = [texts[start : start + size] for start in range(0, 64, size)]
        assert [answer for batch in batches for answer in tagger.tag_many(batch)] == alone
    order = list(range(len(texts)))
    random.Random(5).shuffle(order)
    shuffled = tagger.tag_many([texts[index] for index in order], workers=4)
    assert list(shuffled) == [alone[index] for index in order]


def test_a_language_that_the_model_was_not_made_for_is_warned_about(
    new_folder: Callable[..., Path], tagger: SkillTagger
) -> None:
    german = "Wir suchen eine Fachkraft mit Erfahrung in Python und der Pflege"
    assert tagger.tag(german).language == "de"
    assert tagger.tag(german).warnings == ()
    english_only = SkillTagger.load(new_folder(languages=["en"]))
    tagged = english_only.tag(german)
    assert tagged.language == "de"
    assert "trained on (en)" in tagged.warnings[0]
    assert surfaces(tagged) == ["Python"]


def test_german_nouns_alone_are_warned_about_by_a_model_without_german(
    new_folder: Callable[..., Path], tagger: SkillTagger
) -> None:
    nouns = "Wundversorgung, Medikamentengabe, Dienstplanung, Teamfähigkeit"
    assert tagger.tag(nouns).warnings == ()
    tagged = SkillTagger.load(new_folder(languages=["en"])).tag(nouns)
    assert tagged.language == "de"
    assert "trained on (en)" in tagged.warnings[0]


def test_a_model_that_does_not_say_its_languages_warns_of_none(
    new_folder: Callable[..., Path],
) -> None:
    tagged = SkillTagger.load(new_folder(languages=[])).tag("Wundversorgung, Dienstplanung")
    assert (tagged.language, tagged.warnings) == ("und", ())


@pytest.mark.parametrize("between", ["\t", " \t ", "\t\t", "\n", "\r\n"])
def test_no_skill_crosses_from_one_cell_of_a_table_to_the_next(
    tagger: SkillTagger, between: str
) -> None:
    text = f"\twound{between}care\tPython\tC++{between}\t\twound care"
    tagged = tagger.tag(text)
    assert surfaces(tagged)[0] == "wound"
    assert surfaces(tagged)[-3:] == ["Python", "C++", "wound care"]
    assert all(text[span.start : span.end] == span.text for span in tagged.spans)
    assert not any("\t" in span.text or "\n" in span.text for span in tagged.spans)


def test_printing_a_result_shows_its_skills_as_a_table(tagger: SkillTagger) -> None:
    lines = str(tagger.tag("We use Python and do wound care")).splitlines()
    assert lines[0].split() == ["label", "skill", "score", "offsets"]
    assert lines[1].split()[:2] == ["TECHNOLOGY", "Python"]
    assert lines[2].split()[:3] == ["TECHNICAL", "wound", "care"]
