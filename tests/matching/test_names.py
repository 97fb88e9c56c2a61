"""Which names are coined, and whether a name holds a word."""

from __future__ import annotations

import pytest

from matching.names import holds_word, is_coined


@pytest.mark.parametrize(
    "text", ["MLflow", "DBs", "OCR", "S7", "SPS", "iOS", "LaTeX", "APIs", "CI/CD", "S7-1500"]
)
def test_products_and_shorthand_are_coined(text: str) -> None:
    assert is_coined(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Excel", "welding", "LANGUAGES", "Schweißen", "S", "", "Sage 200", "SAP FI", "C++"),
        *("MySQL\u00a0databases", "SQL-Programmierung", "Projekt-Management", "IT\u2011Systeme"),
    ],
)
def test_words_and_phrases_are_not(text: str) -> None:
    assert not is_coined(text)


@pytest.mark.parametrize(
    ("name", "word", "held"),
    [
        ("OCR software", "OCR", True),
        ("web APIs", "APIs", True),
        ("use an API", "APIs", True),
        ("IBM DB2", "DBs", False),
        ("ML (computer programming)", "MLflow", False),
        ("mysql", "MySQL", True),
    ],
)
def test_a_name_holds_whole_words_in_any_case(name: str, word: str, held: bool) -> None:
    assert holds_word(name, word) is held
