import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We are looking for a nurse with experience in wound care", "en"),
        ("You work with the team", "en"),
        ("Wir suchen eine Pflegefachkraft mit Erfahrung in der Wundversorgung", "de"),
        ("Sichere Kenntnisse in SAP und Excel sowie gute Englischkenntnisse", "de"),
        ("Nous recherchons un développeur avec une expérience en Python", "other"),
        ("Buscamos un desarrollador con experiencia en el sector", "other"),
        ("Требуется опытный сварщик", "other"),
        ("看護師を募集しています", "other"),
        ("Python, SQL, Docker", "und"),
        ("Chef de Partie", "und"),
        ("Elektriker (all genders)", "und"),
        ("R, C, A/B", "und"),
        ("", "und"),
        ("\0 \n 123 !!", "und"),
    ],
)
def test_the_language_is_told_by_its_small_words(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("marker", ["(m/w/d)", "(w/m/d)", "(m/f/d)", "(M / W / D)", "m|w|d", "w/m"])
@pytest.mark.parametrize(
    "title", ["Elektroniker", "Java-Entwickler {} gesucht", "Pflegefachkraft {} in Vollzeit"]
)
def test_a_gender_marker_makes_a_german_title_no_other_language(title: str, marker: str) -> None:
    text = title.format(marker) if "{}" in title else f"{title} {marker}"
    assert detect(text) == "und"


def test_a_gender_marker_hides_no_small_words() -> None:
    assert detect("Koch (m/w/d) mit Erfahrung in der Küche") == "de"
    assert detect("Nurse (all genders) with experience in wound care") == "en"


@given(st.lists(st.sampled_from(string.ascii_letters), max_size=12))
def test_single_letters_tell_no_language(letters: list[str]) -> None:
    assert detect(" ".join(letters)) == "und"
