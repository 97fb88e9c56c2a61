"""Sentences, contacts and title-like lines of posts and resumes."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.contacts import contacts
from matching.passages import Passage, grouped, sentence_at, sentences, without_contacts
from matching.titles import is_heading, title_lines

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"

texts = st.text(alphabet=st.sampled_from("abÄ1 .!\n\r\t•-–,@/0+:'ß"), max_size=400) | st.text()


def of(text: str) -> list[str]:
    return [line.text for line in sentences(text)]


def titles(text: str) -> list[str]:
    return [line.text for line in title_lines(sentences(text))]


@given(texts)
def test_every_passage_is_a_slice_of_the_text_and_they_follow_each_other(text: str) -> None:
    for found in (sentences(text), without_contacts(sentences(text)), title_lines(sentences(text))):
        assert all(text[one.start : one.end] == one.text != "" for one in found)
        assert all(one.end <= other.start for one, other in pairwise(found))


@given(texts)
def test_no_word_is_lost_between_the_sentences(text: str) -> None:
    covered = {place for line in sentences(text) for place in range(line.start, line.end)}
    for place, (one, other) in enumerate(pairwise(text)):
        if one in "abÄß" and other in "abÄß":
            assert {place, place + 1} <= covered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We bake. You knead dough! Do you sew?", ["We bake.", "You knead dough!", "Do you sew?"]),
        ("Tools, e.g. SAP and z. B. Excel help.", ["Tools, e.g. SAP and z. B. Excel help."]),
        ("Dr. Weber leads Node.js work.", ["Dr. Weber leads Node.js work."]),
        ("  • knead dough\r\n  - sew sails\r\n* weld", ["knead dough", "sew sails", "weld"]),
        ("knead dough • sew sails", ["knead dough", "sew sails"]),
        ("I baked – at night – for years.", ["I baked – at night – for years."]),
        ("one\rtwo\u2028three\fsix", ["one", "two", "three", "six"]),
        ("+ Tests schreiben\n+ C++", ["Tests schreiben"]),
        (".NET and C#\nuse C++", [".NET and C#", "use C++"]),
        ("\n \t\n---\n1.\n", []),
        ("", []),
    ],
)
def test_sentences_and_lines_are_cut_without_their_bullets(text: str, expected: list[str]) -> None:
    assert of(text) == expected


def test_a_line_broken_to_fit_the_page_is_put_together_again() -> None:
    wrapped = "Provide direct care to four or five patients per shift with many\n  other needs"
    assert of(wrapped) == [wrapped]
    assert len(of(wrapped.replace("many\n  o", "many\n\n  o"))) == 2
    assert len(of(wrapped.replace("\n  o", "\n- o"))) == 2
    assert len(of("short line\nother needs")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "jane.doe@example.org",
        "Mail: j_d+x@mail.example.co.uk please",
        "jane (at) example.org",
        "Phone: 555-0178",
        "Tel. 0123-456 78-20",
        "+49 (0)30 123 456-78",
        "+44 20 7946 0000",
        "0171/1234567",
        "(555) 010-0199",
        "555-010-0199",
        "020 7946 0000",
        "https://example.org/cv",
        "www.example.org",
        "linkedin.com/in/jane",
        "LinkedIn.com/in/Jane",
        "Www.example.org",
        "Https://example.org",
        "git.example.org/jane",
        "Website mueller-elektro.de",
        "Blog: jane-bakes.com",
        "Mobile: 7700 900123",
        "phone no. 12 34 56",
        "Handy 0171 2345678",
        "phone 555-0178",
        "mobile 5551234567",
    ],
)
def test_a_passage_with_a_contact_is_never_encoded(text: str) -> None:
    line = f"I knead dough, {text}, and sew sails"
    other = "Baker and sail maker."
    assert contacts(line), text
    assert [one.text for one in without_contacts(sentences(f"{line}\n{other}"))] == [other]


@pytest.mark.parametrize(
    "text",
    [
        "Baker 01/2019 - 03/2021",
        "04/2018 – heute  Baker",
        "01.04.2019 - 30.09.2022 Baker",
        "01.04.19 - 30.09.22 Baker",
        "2019-04-01 to 2020-05-31 Baker",
        "2015 - 2020 Baker",
        "DIN VDE 0100-600, VDE 0100/0105/0113 and ISO 9001:2015",
        "ASP.NET, ASP.NET/C#, asp.net/C#, Node.js/React, socket.io, .NET",
        "VB.NET/C#, Socket.IO/Redis, ADO.NET/Entity Framework, Salesforce.com/Jira",
        "a budget of 1 250 000 000 EUR",
        "CI/CD, A/B tests, TCP/IP",
        "mobile 5G networks",
        "mobile 2000 10000",
        "cell 2000 10000 and phone 2019-2021",
        "salesforce.com, booking.com and monday.com",
    ],
)
def test_dates_standards_amounts_and_product_names_are_no_contacts(text: str) -> None:
    assert contacts(text) == []


def test_of_a_long_stretch_only_the_contacts_are_left_out() -> None:
    flat = "baker of bread " * 12 + "jane@example.org 0171/1234567 " + "sewer of sails " * 12
    parts = without_contacts(sentences(flat))
    assert [part.text for part in parts] == [
        ("baker of bread " * 12).strip(),
        ("sewer of sails " * 12).strip(),
    ]


pieces = st.sampled_from(
    ["baker ", "a@b.de", "0171 234 567 89", "x", "-", ".", "0", "+49 ", "www.", "c.com/d", "/", " "]
)


@given(st.lists(pieces, max_size=90).map("".join) | texts)
def test_what_may_be_encoded_holds_no_contact(text: str) -> None:
    assert not any(contacts(one.text) for one in without_contacts(sentences(text)))


def test_the_sentence_of_a_place_is_the_one_that_holds_it() -> None:
    text = "We bake.\n•  Knead dough daily.\n\nSew sails."
    lines = sentences(text)
    for word, number in (("bake", 0), ("dough", 1), ("S", 2)):
        start = text.index(word)
        assert sentence_at(lines, start, start + len(word)) == lines[number]
    bullet = text.index("•")
    assert sentence_at(lines, bullet, bullet + 6) == lines[1]
    assert lines[1].text == "Knead dough daily."
    assert sentence_at(lines, bullet, bullet + 1) is None
    assert sentence_at([], 0, 1) is None


@given(st.lists(st.text("ab ", min_size=1, max_size=90), max_size=30), st.integers(1, 200))
def test_groups_hold_every_line_once_and_in_order(lines: list[str], characters: int) -> None:
    groups = grouped([Passage(0, len(line), line) for line in lines], characters)
    assert "\n".join(groups) == "\n".join(lines)
    longest = max(map(len, lines), default=0)
    assert all(len(group) <= max(2 * characters, longest + characters) for group in groups)


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("Registered Nurse, Medical/Surgical (36 beds)", "Registered Nurse"),
        ("04/2018 – heute  Elektroniker für Betriebstechnik", "Elektroniker für Betriebstechnik"),
        ("2016 – Jul 2018: Backend Developer", "Backend Developer"),
        ("Data Engineer, Bread GmbH, Köln      08/2018 – 02/2021", "Data Engineer"),
        ("Backend Developer Mar 2021 – now", "Backend Developer"),
        ("Position: Staff Accountant", "Staff Accountant"),
        ("!! SOUS CHEF / CHEF DE PARTIE (two positions) !!", "SOUS CHEF / CHEF DE PARTIE"),
        ("Pflegefachkraft (m/w/d)", "Pflegefachkraft"),
        ("Level 2 Support Engineer", "Level 2 Support Engineer"),
        ("# Senior Data Engineer", "Senior Data Engineer"),
        ("Head of School", "Head of School"),
        ("School baker", "School baker"),
        ("History Teacher Secondary School", "History Teacher Secondary School"),
        ("Head of Primary School", "Head of Primary School"),
        ("Empfangskraft für Tierarztpraxis", "Empfangskraft für Tierarztpraxis"),
        ("Leiter Rechenzentrum", "Leiter Rechenzentrum"),
        ("Administrator Netzwerk", "Administrator Netzwerk"),
    ],
)
def test_a_job_title_is_found_without_its_dates_and_places(line: str, title: str) -> None:
    assert titles(line) == [title]


@pytest.mark.parametrize(
    "line",
    [
        "E-Mail  j.doe@example.org",
        "Phone: 555-0178",
        "418 Cedar Hollow Lane, Apt. 2B",
        "01234 Niederhöchstädt",
        "12.03.1988",
        "June 2019 - present",
        "www.example.org",
        "SKILLS",
        "Lebenslauf",
        "BERUFSERFAHRUNG",
        "Languages: English, Welsh",
        "We are a small bakery",
        "It isn't scary.",
        "Dough for the bread of tomorrow",
        "Beaumont Bread School",
        "Hafenstraße Bäckerei",
        "Kartonagenwerk Brünnlas AG, Oberhollbach",
        "Responsible for the dough of all the breads of the house",
        "Marisol T. Brandvold, BSN, RN",
    ],
)
def test_contacts_addresses_dates_headings_and_sentences_are_no_titles(line: str) -> None:
    assert titles(line) == []


def test_the_name_that_an_email_address_repeats_is_no_title() -> None:
    text = "Lebenslauf\nJörg Bäcker-Weber\nElektriker\nE-Mail: j.baecker@example.org\n"
    assert titles(text) == ["Elektriker"]
    assert titles(text.replace("baecker", "post")) == ["Jörg Bäcker-Weber", "Elektriker"]


def test_no_more_titles_than_asked_for() -> None:
    lines = sentences("\n".join(f"Baker of {'ab' * n}" for n in range(1, 9)))
    assert [len(title_lines(lines, most)) for most in (0, 3, 100)] == [0, 3, 8]


@pytest.mark.parametrize(
    ("line", "heading"),
    [("LANGUAGES", True), ("Key  Skills", True), ("Berufserfahrung", True), ("German", False),
     ("Languages: German", False), ("welding", False), ("", False)],
)  # fmt: skip
def test_headings_of_sections_are_known_but_for_names_of_languages(
    line: str, heading: bool
) -> None:
    assert is_heading(line) is heading


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("posts/nurse_en.txt", {"Registered Nurse"}),
        ("posts/chef_en.txt", {"SOUS CHEF / CHEF DE PARTIE"}),
        ("posts/softwareentwicklung_de.txt", {"Softwareentwickler Java / Backend"}),
        ("resumes/accountant_en.txt", {"Management Accountant", "Accounts Assistant"}),
        ("resumes/data_engineer_en.txt", {"Senior Data Engineer", "Backend Developer"}),
        ("resumes/elektroniker_de.txt", {"Betriebselektriker", "Elektroinstallateur"}),
        ("resumes/nurse_en.txt", {"Registered Nurse", "Staff Nurse / Charge Nurse"}),
    ],
)
def test_the_titles_of_a_sample_are_among_its_title_lines(name: str, expected: set[str]) -> None:
    text = (SAMPLES / name).read_text(encoding="utf-8")
    assert expected <= set(titles(text))


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("resumes/accountant_en.txt", "Penhallow"),
        ("resumes/data_engineer_en.txt", "ERIKSEN"),
        ("resumes/elektroniker_de.txt", "Häßlinger"),
        ("resumes/nurse_en.txt", "Brandvold"),
    ],
)
def test_the_name_and_the_contacts_of_a_sample_resume_are_no_title_lines(
    name: str, surname: str
) -> None:
    text = (SAMPLES / name).read_text(encoding="utf-8")
    assert surname in text
    assert not [one for one in titles(text) if surname in one or contacts(one)]


@pytest.mark.parametrize(
    "unit",
    [
        *("a", "a.", "0", "0 ", "0-", "a@", "-", "a-", "+1 ", "(1", "• ", " ", "." * 3 + " "),
        *("tel ", "0171 2345678 baker "),
    ],
)
def test_a_long_text_of_any_sort_is_read_in_time_that_grows_with_its_length(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        begin = time.perf_counter()
        title_lines(without_contacts(sentences(text)))
        contacts(text)
        return time.perf_counter() - begin

    # Ten times the text; a hundred times the time would be the square.
    assert seconds(200_000) < 40 * max(seconds(20_000), 0.002)
