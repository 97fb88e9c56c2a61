import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ner.clean import clean

# Everything that Python can hold, lone surrogates too.
any_text = st.text(st.characters(exclude_categories=()))
marks_and_bases = st.text(
    st.sampled_from("aeo\u0301\u0323\u0308\u1112\u1161\u11ab\uac00\u0958\u0344\u2adc! \n"),
    max_size=12,
)


@pytest.mark.parametrize(
    ("original", "cleaned"),
    [
        ("a\r\nb\rc\u2028d\u0085e", "a\nb\nc\nd\ne"),
        ("a\r\r\n\nb", "a\n\n\nb"),
        ("a\u00a0b\u2009c\u3000d", "a b c d"),
        ("a\tb\t\tC++ \tc", "a\nb\n\nC++ \nc"),
        ("\ta\n•\tb\n1.\tc\n- \td", " a\n• b\n1. c\n-  d"),
        ("cafe\u0301\tb\u200b\tc", "café\nb\nc"),
        ("P\0y\0t\0h\0o\0n\0", "Python"),
        ("Py\u200bth\u00adon\ufeff", "Python"),
        ("\u200fPython\u200e \u202eSQL\u202c", "Python SQL"),
        ("re\u0301sume\u0301", "résumé"),
        ("Python\ud800", "Python\ufffd"),
        ("✔\ufe0fPython", "✔Python"),
        ("\u212b", "\u00c5"),
        ("", ""),
    ],
)
def test_characters_that_no_reader_sees_are_levelled(original: str, cleaned: str) -> None:
    assert clean(original).text == cleaned


@given(any_text)
@example("\u0301e\u0323\u0301")
@example("\U0001f469\u200d\U0001f4bb C\u0327\u0301")
def test_the_map_leads_every_character_back_in_order(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.text) == len(cleaned.starts) == len(cleaned.ends)
    previous = (0, 0)
    for index in range(len(cleaned.text)):
        start, end = cleaned.original(index, index + 1)
        assert 0 <= start < end <= len(text)
        assert previous <= (start, end)
        previous = (start, end)


@given(any_text)
def test_a_cleaned_stretch_and_its_original_clean_to_the_same(text: str) -> None:
    cleaned = clean(text)
    for begin, piece in enumerate(cleaned.text.split(" ")):
        offset = len(" ".join(cleaned.text.split(" ")[:begin])) + bool(begin)
        if piece and not unicodedata.category(piece[0]).startswith("M"):
            start, end = cleaned.original(offset, offset + len(piece))
            assert clean(text[start:end]).text == piece


@given(any_text)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text).text
    assert clean(once).text == once


@given(marks_and_bases)
@example("\u0308\u0323")
def test_accents_are_composed_as_nfc_does(text: str) -> None:
    assert clean(text).text == unicodedata.normalize("NFC", text)


def test_a_composed_character_maps_to_all_that_it_was_made_of() -> None:
    cleaned = clean("xe\u00ad\u0301y")
    assert cleaned.text == "xéy"
    assert cleaned.original(1, 2) == (1, 4)


def test_a_span_outside_the_text_is_refused() -> None:
    with pytest.raises(IndexError, match=r"0\.\.4"):
        clean("abc").original(0, 4)
    with pytest.raises(IndexError, match=r"1\.\.1"):
        clean("abc").original(1, 1)


@pytest.mark.parametrize(
    "unit", [" ", "\0", "e\u0301", "\u0301\u0323", "\u0958", "\r\n", "\ud800", "\u200f"]
)
def test_a_megabyte_of_one_oddity_takes_seconds(unit: str) -> None:
    text = "a" + unit * (500_000 // len(unit))
    began = time.perf_counter()
    cleaned = clean(text)
    assert time.perf_counter() - began < 10
    assert cleaned.original(0, 1)[0] == 0
