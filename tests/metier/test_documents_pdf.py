"""PDFs of every kind that people send."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from metier.documents import read_bytes, read_document
from metier.documents.pdf import read_pdf
from ner.errors import BadInputError

MakePdf = Callable[..., bytes]

LEFT = ["Contact", "Jane Example", "Leeds", "Skills", "Python and SQL", "Docker", "Terraform"]
RIGHT = [
    "Experience of eight years in data",
    "Built the warehouse of a retailer",
    "Moved the reports to the cloud",
    "Led a team of three engineers",
    "Wrote the tests of the pipelines",
    "Studied computing in Leeds",
    "Speaks English and German",
]


def column(x: float, texts: list[str]) -> list[tuple[float, float, str]]:
    return [(x, 780 - 14 * number, text) for number, text in enumerate(texts)]


def test_the_lines_of_a_page_keep_their_order(make_pdf: MakePdf) -> None:
    document = read_bytes(make_pdf(column(50, RIGHT)), "cv.pdf")
    assert document.text.splitlines() == RIGHT
    assert (document.pages, document.source, document.warnings) == (1, "cv.pdf", ())


@pytest.mark.parametrize("across", [False, True])
def test_two_columns_are_not_mixed(make_pdf: MakePdf, across: bool) -> None:
    places = column(50, LEFT) + column(220, RIGHT)
    if across:
        places.sort(key=lambda place: (-place[1], place[0]))
    assert read_bytes(make_pdf(places), "cv.pdf").text.splitlines() == LEFT + RIGHT


def test_pages_are_parted_by_an_empty_line(make_pdf: MakePdf) -> None:
    document = read_bytes(make_pdf([(50, 780, "page one")], [(50, 780, "page two")]), "cv.pdf")
    assert document.text == "page one\n\npage two\n"
    assert document.pages == 2


def test_german_letters_survive(make_pdf: MakePdf) -> None:
    text = "Prüfung der Jahresabschlüsse für größere Unternehmen"
    assert read_bytes(make_pdf([(50, 780, text)]), "cv.pdf").text.strip() == text


def test_a_scan_is_refused_and_ocr_named(scanned_pdf: bytes) -> None:
    with pytest.raises(BadInputError, match="scan") as caught:
        read_bytes(scanned_pdf, "scan.pdf")
    assert "OCR" in caught.value.hint


def test_an_encrypted_pdf_is_refused_as_such(make_pdf: MakePdf) -> None:
    encrypt = pytest.importorskip("reportlab.lib.pdfencrypt")
    lock = encrypt.StandardEncryption("secret", canPrint=0)
    with pytest.raises(BadInputError, match="encrypted"):
        read_bytes(make_pdf([(50, 780, "hidden")], encrypt=lock), "locked.pdf")


def test_an_empty_page_is_refused_as_having_no_text(make_pdf: MakePdf) -> None:
    with pytest.raises(BadInputError, match="no text"):
        read_bytes(make_pdf([]), "blank.pdf")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_a_pdf_that_was_cut_short_is_refused_as_such(make_pdf: MakePdf, share: float) -> None:
    whole = make_pdf(column(50, RIGHT))
    with pytest.raises(BadInputError, match="cut short"):
        read_bytes(whole[: int(share * len(whole))], "part.pdf")


def test_a_damaged_pdf_is_refused_as_such() -> None:
    with pytest.raises(BadInputError, match="damaged"):
        read_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"\n%%EOF\n", "junk.pdf")


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old Word"),
        (b"PK\x03\x04" + bytes(30) + b"word/document.xml", "Word (.docx)"),
        (b"PK\x03\x04" + bytes(30) + b"photos/1.jpg", "zip archive"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG image"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "JPEG image"),
        (b"{\\rtf1 hello}", "RTF"),
        (b"just some words", "not a PDF"),
    ],
)
def test_another_file_renamed_to_pdf_is_called_what_it_is(
    tmp_path: Path, data: bytes, cause: str
) -> None:
    file = tmp_path / "resume.pdf"
    file.write_bytes(data)
    with pytest.raises(BadInputError) as caught:
        read_document(file)
    assert cause in caught.value.message
    assert str(file) in caught.value.message
    assert caught.value.hint


def test_a_pdf_named_txt_is_read_as_a_pdf(tmp_path: Path, make_pdf: MakePdf) -> None:
    file = tmp_path / "resume.txt"
    file.write_bytes(make_pdf([(50, 780, "a cook")]))
    assert read_document(file).text == "a cook\n"


def test_a_pdf_of_more_than_100_pages_is_refused(make_pdf: MakePdf) -> None:
    with pytest.raises(BadInputError, match="101 pages"):
        read_bytes(make_pdf(*[[(50, 780, "a page")]] * 101), "book.pdf")


def test_a_pdf_that_takes_too_long_is_given_up(make_pdf: MakePdf) -> None:
    with pytest.raises(BadInputError, match=r"longer than 0\.001 seconds"):
        read_pdf(make_pdf([(50, 780, "slow")]), "slow.pdf", seconds=0.001)


def test_every_real_layout_gives_clean_text(data_folder: Path) -> None:
    samples = sorted((data_folder / "resumes" / "pdf_samples").glob("*.pdf"))
    assert samples
    for sample in samples:
        document = read_document(sample)
        assert len(document.text.split()) > 80, sample.name
        assert "\r" not in document.text
        assert "\x02" not in document.text


@pytest.mark.parametrize(
    ("sample", "first", "then"),
    [
        ("generated_en_nurse_twocol", "infection control", "Intensive Care Unit"),
        ("generated_de_buchhalter_twocol", "Umsatzsteuerrecht, Controlling", "SAP S/4HANA"),
        ("twentyseconds", "pursuer of rabbits", "The heroine and the dreamer of Wonderland"),
        ("twentyseconds_icons", "pursuer of rabbits", "The heroine and the dreamer of Wonderland"),
    ],
)
def test_the_side_column_of_a_real_layout_ends_before_the_main_one(
    data_folder: Path, sample: str, first: str, then: str
) -> None:
    text = read_document(data_folder / "resumes" / "pdf_samples" / f"{sample}.pdf").text
    assert 0 <= text.index(first) < text.index(then)


@pytest.mark.parametrize(
    ("sample", "line"),
    [
        (
            "generated_en_electrician_table",
            "Sep 2012 – Feb 2016 Electrical Improver, Northern Build Co, Bradford",
        ),
        ("generated_de_pflege_table", "08/2015 – 03/2019 Altenpflegerin, Seniorenheim Musterhof"),
        ("rendercv_moderncv", "June 2023 – present Co-Founder & CTO, Nexus AI"),
        (
            "rendercv_classic",
            "Nexus AI, Co-Founder & CTO San Francisco, CA June 2023 – present 2 years 10 months",
        ),
        ("simple_resume_cv", "RESEARCH EXPERIENCE Institute for Advanced Research"),
    ],
)
def test_dates_and_headings_in_a_margin_are_read_with_their_row(
    data_folder: Path, sample: str, line: str
) -> None:
    text = read_document(data_folder / "resumes" / "pdf_samples" / f"{sample}.pdf").text
    assert any(found.startswith(line) for found in text.splitlines())
