"""What an answer shows of a sentence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from matching.contacts import contacts, masked, overlaps
from matching.excerpts import excerpt
from matching.matcher import Matcher


def test_a_short_sentence_is_shown_whole() -> None:
    assert excerpt("We knead dough daily.", 9, 14) == "We knead dough daily."


def test_of_a_long_sentence_whole_words_on_either_side_are_shown() -> None:
    words = [f"word{number}" for number in range(200)]
    sentence = " ".join(words)
    begin = sentence.index("word100")
    shown = excerpt(sentence, begin, begin + 7)
    assert shown.startswith("… word")
    assert shown.endswith(" …")
    assert set(shown.strip("… ").split()) <= set(words)
    assert "word100" in shown
    assert 300 < len(shown) < 420


def test_contacts_beside_a_skill_are_not_shown() -> None:
    sentence = f"{'x ' * 90}Write to jane.doe@example.org, I knead dough; call 0171 2345678."
    begin = sentence.index("dough")
    shown = excerpt(sentence, begin, begin + 5)
    assert shown.endswith("Write to –, I knead dough; call –.")
    assert not contacts(shown)


@given(st.text(max_size=900), st.integers(0, 900), st.integers(0, 40))
def test_what_was_marked_is_shown_in_any_sentence(text: str, begin: int, length: int) -> None:
    begin = min(begin, len(text))
    end = min(begin + length, len(text))
    shown = excerpt(text, begin, end)
    assert text[begin:end] in shown
    assert len(shown) <= 404 + length


def test_an_answer_grows_with_the_text_and_not_with_its_square(matcher: Matcher) -> None:
    def characters(times: int) -> int:
        # No sentence ends in it: each skill stands in one and the same sentence.
        answer = matcher.recommend(", ".join(["knead dough", "sew sails"] * times))
        return sum(len(one.sentence) for skill in answer.skills for one in skill.mentions)

    assert characters(400) < 12 * characters(40)


def test_a_contact_in_a_text_is_masked_where_it_stands() -> None:
    assert masked("Jane <jane@example.org>, tel. 0171 2345678") == "Jane <–>, –"
    assert masked("knead dough") == "knead dough"


def test_a_stretch_overlaps_a_contact_if_they_share_a_character() -> None:
    places = [(5, 10), (20, 30)]
    for start, end, expected in (
        *((0, 5, False), (0, 6, True), (9, 12, True), (10, 20, False), (10, 21, True)),
        *((29, 40, True), (30, 40, False), (12, 13, False), (4, 40, True)),
    ):
        assert overlaps(places, start, end) is expected
    assert not overlaps([], 0, 5)


def test_contacts_have_no_say_in_a_link(matcher: Matcher) -> None:
    plain = matcher.link("You knead dough for our bread, or write")
    other = "You knead dough for our bread, or write sew.sails@sails-of-sewers.example.org"
    said = matcher.link(other)
    assert said.text == other
    assert abs(said.score - plain.score) < 0.02
