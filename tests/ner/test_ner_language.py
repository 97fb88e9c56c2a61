import pytest

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
        ("", "und"),
        ("\0 \n 123 !!", "und"),
    ],
)
def test_the_language_is_told_by_its_small_words(text: str, language: str) -> None:
    assert detect(text) == language
