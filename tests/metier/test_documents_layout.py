"""Reading order from boxes, without a PDF."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from metier.documents.layout import Word, reading_order
from metier.documents.unwrap import unwrap

LEADING = 12.0
WIDTH = 5.0  # of a letter


def words_of(lines: Iterable[tuple[float, float, str]]) -> list[Word]:
    """Words of lines (x, y, text), in the order in which a file would write them."""
    words: list[Word] = []
    for x, y, text in lines:
        for part in text.split():
            words.append(Word(part, x, x + WIDTH * len(part), y, 10.0, len(words)))
            x += WIDTH * (len(part) + 0.6)
    return words


def read(lines: Iterable[tuple[float, float, str]]) -> list[str]:
    return unwrap(reading_order(words_of(lines)))


def column(
    x: float, texts: list[str], top: float = 700.0, leading: float = LEADING
) -> list[tuple[float, float, str]]:
    return [(x, top - leading * number, text) for number, text in enumerate(texts)]


SIDEBAR = [
    "Contact",
    "anna at example",
    "Leeds city",
    "Skills",
    "Python and R",
    "SQL on servers",
    "Docker images",
]
BODY = [
    "Experience in a large hospital ward",
    "- planned the rota of twelve people",
    "- kept the records of every patient",
    "Experience in a small clinic nearby",
    "- ordered what the clinic had to have",
    "- trained three nurses for the clinic",
    "Education at a college in the north",
    "- a diploma in nursing, with a prize",
]


def test_columns_written_one_after_the_other_are_read_so() -> None:
    assert read([*column(40, SIDEBAR), *column(220, BODY)]) == SIDEBAR + BODY


def test_columns_written_line_by_line_are_not_mixed() -> None:
    left, right = column(40, SIDEBAR), column(220, BODY, leading=13.5)
    lines = sorted([*left, *right], key=lambda line: -line[1])
    assert read(lines) == SIDEBAR + BODY


def test_columns_on_the_same_baselines_written_across_are_not_mixed() -> None:
    left, right = column(40, SIDEBAR), column(220, BODY)
    lines = sorted([*left, *right], key=lambda line: (-line[1], line[0]))
    assert read(lines) == SIDEBAR + BODY


def test_a_right_column_written_first_is_still_read_second() -> None:
    assert read([*column(220, BODY), *column(40, SIDEBAR)]) == SIDEBAR + BODY


def test_a_title_across_both_columns_comes_first_and_a_footer_last() -> None:
    title = [(40.0, 740.0, "Curriculum vitae of a nurse with many years of experience in wards")]
    footer = [(40.0, 400.0, "References of the last two employers are given whenever asked for it")]
    lines = [*title, *column(40, SIDEBAR), *column(220, BODY), *footer]
    assert read(lines) == [title[0][2], *SIDEBAR, *BODY, footer[0][2]]


def test_dates_on_the_left_are_read_with_their_rows() -> None:
    rows = [
        ("2019 - 2021", "Nurse, City Hospital"),
        ("2015 - 2019", "Carer, Home"),
        ("2012 - 2015", "Trainee, College"),
        ("2010 - 2012", "Volunteer, Red Cross"),
        ("2008 - 2010", "Pupil, School"),
    ]
    lines = [
        cell
        for number, (date, job) in enumerate(rows)
        for cell in ((40.0, 700 - 14.0 * number, date), (150.0, 700 - 14.0 * number, job))
    ]
    assert read(lines) == [f"{date} {job}" for date, job in rows]


def test_a_date_broken_in_its_cell_is_read_whole_before_its_row() -> None:
    lines = [
        (40.0, 700.0, "Sep 2012 -"),
        (40.0, 688.0, "Feb 2016"),
        (150.0, 700.0, "Electrician, Northern Build"),
        (150.0, 688.0, "- wired new houses"),
        (40.0, 664.0, "2016 - now"),
        (150.0, 664.0, "Foreman, Northern Build"),
        (150.0, 652.0, "- led three apprentices"),
    ]
    assert read(lines) == [
        "Sep 2012 - Feb 2016 Electrician, Northern Build",
        "- wired new houses",
        "2016 - now Foreman, Northern Build",
        "- led three apprentices",
    ]


def test_a_wrapped_sentence_becomes_one_line_and_list_items_stay_apart() -> None:
    lines = column(
        40,
        [
            "- reconciled the bank statements of four",
            "companies every month",
            "- wrote reports",
        ],
    )
    assert read(lines) == [
        "- reconciled the bank statements of four companies every month",
        "- wrote reports",
    ]


def test_a_word_split_at_the_line_end_is_made_whole() -> None:
    lines = column(40, ["he has a long experi\x02", "ence as a cook"])
    assert read(lines) == ["he has a long experience as a cook"]


def test_a_hyphen_that_stands_for_a_left_out_word_stays() -> None:
    lines = column(40, ["Erfahrung mit Monats\x02", "und Quartalsabschluss"])
    assert read(lines) == ["Erfahrung mit Monats- und Quartalsabschluss"]


places = st.tuples(
    st.floats(0, 600), st.floats(0, 800), st.text("abcd1 .-•", min_size=1, max_size=12)
)


@given(st.lists(places, max_size=40))
def test_no_word_is_lost_or_doubled_wherever_words_stand(
    lines: list[tuple[float, float, str]],
) -> None:
    words = words_of(lines)
    flows = reading_order(words)
    found = [part for flow in flows for row in flow for part in row.text.split()]
    assert sorted(found) == sorted(word.text for word in words)
