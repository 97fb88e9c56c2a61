import sys
import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.clean import clean
from ner.words import loose_marks, split_words


def words(line: str) -> list[str]:
    return [line[start:end] for start, end in split_words(line)]


WHOLE_NAMES = """
    C++ C# F# .NET .Net ASP.NET VB.NET Node.js D3.js CI/CD ci/cd TCP/IP A/B PL/SQL I/O T-SQL
    C++17 S/4HANA Notepad++ snake_case Präzision J2EE हिन्दी
"""


@pytest.mark.parametrize("name", WHOLE_NAMES.split())
def test_a_name_with_punctuation_stays_whole(name: str) -> None:
    assert words(name) == [name]
    assert words(f"({name}, {name}; {name}.") == ["(", name, ",", name, ";", name, "."]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("IDS/IPS", ["IDS", "/", "IPS"]),
        ("SQL/NoSQL", ["SQL", "/", "NoSQL"]),
        ("Java/J2EE", ["Java", "/", "J2EE"]),
        ("C#/.NET/C++", ["C#", "/", ".NET", "/", "C++"]),
        ("front-end", ["front", "-", "end"]),
        ("Excel-Kenntnisse", ["Excel", "-", "Kenntnisse"]),
        ("5+ years", ["5", "+", "years"]),
        ("Python+SQL", ["Python", "+", "SQL"]),
        ("_Python_ **SQL**", ["_", "Python", "_", "**", "SQL", "**"]),
        ("the end. Next", ["the", "end", ".", "Next"]),
        ("skills.Experience", ["skills", ".", "Experience"]),
        ("driver's", ["driver", "'", "s"]),
        ("  a   b  ", ["a", "b"]),
        ("🚀Python🚀", ["🚀", "Python", "🚀"]),
        ("", []),
    ],
)
def test_a_line_is_split_at_blanks_and_punctuation(line: str, expected: list[str]) -> None:
    assert words(line) == expected


@pytest.mark.parametrize(
    ("line", "loose"),
    [
        ("UI/UX design", ["/"]),
        ("SAP SD / MM // FI", ["/", "//"]),
        ("Use Javascript. And SQL... In C.", [".", "...", "."]),
        ("M.Sc. or Dipl.-Ing. or Ph.D.", [".", ".", "."]),  # those inside: no span ends there
        ("skills.Experience.", [".", "."]),
        (".NET, C#, C++, Node.js, CI/CD", []),
        ("We know .NET, Node.js. And C++.", [".", "."]),
        ("", []),
    ],
)
def test_slashes_and_stops_stand_loose_but_those_of_names_and_abbreviations(
    line: str, loose: list[str]
) -> None:
    spans = split_words(line)
    marks = loose_marks(line, spans)
    found = [line[start:end] for (start, end), mark in zip(spans, marks, strict=True) if mark]
    assert found == loose


@pytest.mark.parametrize("short", ["M.Sc.", "Dipl.-Ing.", "Ph.D.", "z.B."])
def test_an_abbreviation_keeps_its_closing_stop(short: str) -> None:
    line = f"a {short}"
    assert not loose_marks(line, split_words(line))[-1]


@given(st.text(st.characters(exclude_categories=())))
def test_words_hold_every_character_but_blanks_once(text: str) -> None:
    cleaned = clean(text).text
    spans = split_words(cleaned)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert "".join(cleaned[start:end] for start, end in spans) == "".join(cleaned.split())


def test_every_combining_mark_that_cleaning_keeps_belongs_to_its_word() -> None:
    points = map(chr, range(sys.maxunicode + 1))
    marks = [char for char in points if unicodedata.category(char)[0] == "M"]
    kept = [f"a{mark}" for mark in marks if len(clean(f"a{mark}").text) == 2]
    assert len(kept) > 2000
    assert [text for text in kept if words(text) != [text]] == []


@pytest.mark.parametrize("unit", ["_", "a_", "+", "C+", ".", ".net", "-", "A/", "a\u0315", " "])
def test_a_long_line_of_one_oddity_is_split_in_linear_time(unit: str) -> None:
    began = time.perf_counter()
    split_words(unit * (500_000 // len(unit)))
    assert time.perf_counter() - began < 5
