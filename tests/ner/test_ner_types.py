import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner import Label, Span, TaggedText
from ner.types import one_line

TEXT = "Python and wound care"
TAGGED = TaggedText(
    TEXT,
    (
        Span(0, 6, Label.TECHNOLOGY, 0.98765432, "Python"),
        Span(11, 21, Label.TECHNICAL, 0.5, "wound care"),
    ),
    "toy 1.0 abc",
    "en",
)


def test_printing_shows_a_table_of_skills() -> None:
    assert str(TAGGED).splitlines() == [
        "label       skill       score  offsets",
        "TECHNOLOGY  Python      0.99   0-6",
        "TECHNICAL   wound care  0.50   11-21",
    ]


def test_a_warning_stands_below_the_table() -> None:
    warned = dataclasses.replace(TAGGED, warnings=("odd", "very odd"))
    table = str(TAGGED).splitlines()
    assert str(warned).splitlines() == [*table, "warning: odd", "warning: very odd"]


@pytest.mark.parametrize(
    ("status", "said"),
    [("ok", "no skills found"), ("empty", "empty text"), ("not_text", "not a text")],
)
def test_printing_a_result_without_skills_says_why(status: str, said: str) -> None:
    printed = str(dataclasses.replace(TAGGED, spans=(), status=status, warnings=("odd",)))
    assert printed.splitlines() == [said, "warning: odd"]


def test_a_table_cell_never_sends_control_codes_to_a_terminal() -> None:
    evil = dataclasses.replace(TAGGED, spans=(Span(0, 9, Label.SOFT, 1.0, "a\x1b[31m\nb"),))
    assert "\x1b" not in str(evil)
    assert len(str(evil).splitlines()) == 2


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_on_one_line_is_printable_and_keeps_its_length(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    assert len(line) == len(text)
    assert all(a == b for a, b in zip(line, text, strict=True) if b.isprintable())


def test_the_json_form_has_the_documented_keys() -> None:
    plain = json.loads(json.dumps(TAGGED.to_dict()))
    assert list(plain) == ["text", "spans", "model", "language", "status", "warnings"]
    assert plain["spans"][0] == {
        "start": 0,
        "end": 6,
        "label": "TECHNOLOGY",
        "score": 0.987654,
        "text": "Python",
    }


def test_a_result_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TAGGED.spans[0].start = 3  # type: ignore[misc]
