"""Render the resumes in `resumes/*.txt` as PDF pages in the layouts that real resumes have.

Run `python make_pdfs.py` in any folder; it needs reportlab. The same reportlab gives the same
bytes: no dates, no paths, no compression, and only the built-in fonts, which are not embedded.

The source files follow five rules: the first line is the title; a line in capitals is a heading;
two or more blanks inside a line part its two columns; an indented line continues a bullet, or
stands as a detail below any other line; a plain line over `WRAPPED` characters goes on in the
next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

WRAPPED = 80  # characters
MARGIN = 54.0  # points
PAGE = (595.0, 842.0)  # A4, points
SIDEBAR = 150.0  # points, width of the left column with its gap
SIDE_HEADINGS = ("CONTACT", "SKILLS", "SYSTEMS", "LANGUAGES", "QUALIFICATIONS", "INTERESTS")


class Kind(StrEnum):
    TITLE = "title"
    HEADING = "heading"
    TEXT = "text"
    DETAIL = "detail"
    BULLET = "bullet"
    ROW = "row"
    GAP = "gap"


class Layout(StrEnum):
    PLAIN = "plain"
    TWO_COLUMNS = "two columns"
    DATES_RIGHT = "dates on the right"
    DATES_LEFT = "table with dates on the left"


LAYOUTS = {
    "nurse_en": Layout.PLAIN,
    "accountant_en": Layout.TWO_COLUMNS,
    "data_engineer_en": Layout.DATES_RIGHT,
    "elektroniker_de": Layout.DATES_LEFT,
}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a resume; `first` is a bullet's mark or a row's left column."""

    kind: Kind
    text: str
    first: str = ""


def parse(source: str) -> list[Item]:
    """The items of a resume, wrapped lines joined."""
    items: list[Item] = []
    before = ""
    for line in source.splitlines():
        item = _item(line, is_first=not items)
        last = items[-1] if items else item
        continues_bullet = item.kind is Kind.DETAIL and last.kind is Kind.BULLET
        continues_text = item.kind is last.kind is Kind.TEXT and len(before) > WRAPPED
        if continues_bullet or continues_text:
            items[-1] = Item(last.kind, f"{last.text} {item.text}", last.first)
        else:
            items.append(item)
        before = line
    return items


def _item(line: str, *, is_first: bool) -> Item:
    text = line.strip()
    if not text:
        return Item(Kind.GAP, "")
    if is_first:
        return Item(Kind.TITLE, text)
    if bullet := re.fullmatch(r"([-•*]) (.+)", text):
        return Item(Kind.BULLET, bullet[2], bullet[1])
    if row := re.fullmatch(r"(.+?) {2,}(.+)", text):
        return Item(Kind.ROW, row[2], row[1])
    if line.startswith(" "):
        return Item(Kind.DETAIL, text)
    return Item(Kind.HEADING if text.isupper() else Kind.TEXT, text)


def split_sidebar(items: Sequence[Item]) -> tuple[list[Item], list[Item], list[Item]]:
    """The items before the first heading, those of the left and those of the right column."""
    top: list[Item] = []
    left: list[Item] = []
    right: list[Item] = []
    column = top
    for item in items:
        if item.kind is Kind.HEADING:
            column = left if item.text in SIDE_HEADINGS else right
        column.append(item)
    return top, left, right


def _styles(font: str, bold: str, size: float) -> dict[Kind, Any]:
    from reportlab.lib.styles import ParagraphStyle

    def style(kind: Kind, **changes: Any) -> ParagraphStyle:
        settings = {"fontName": font, "fontSize": size, "leading": size * 1.32} | changes
        return ParagraphStyle(str(kind), **settings)

    return {
        Kind.TITLE: style(Kind.TITLE, fontName=bold, fontSize=size * 1.7, leading=size * 2.3),
        Kind.HEADING: style(Kind.HEADING, fontName=bold, spaceBefore=size * 0.4, spaceAfter=2,
                            keepWithNext=1),
        Kind.TEXT: style(Kind.TEXT),
        Kind.DETAIL: style(Kind.DETAIL, leftIndent=size),
        Kind.BULLET: style(Kind.BULLET, leftIndent=size * 1.2, bulletIndent=size * 0.3),
        Kind.ROW: style(Kind.ROW, fontName=bold),
    }  # fmt: skip


def _table(row: Sequence[object], widths: Sequence[float], align: str) -> Any:
    from reportlab.platypus import Table

    bare = [
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0.5),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    return Table([list(row)], colWidths=list(widths), style=bare, hAlign=align)


def _flow(items: Sequence[Item], styles: dict[Kind, Any], layout: Layout) -> Iterator[Any]:
    from reportlab.lib.enums import TA_RIGHT
    from reportlab.platypus import Paragraph, Spacer

    width = PAGE[0] - 2 * MARGIN
    in_table = False
    for item in items:
        text = escape(item.text)
        if item.kind is Kind.GAP:
            yield Spacer(1, styles[Kind.TEXT].fontSize * 0.6)
            in_table = False
        elif item.kind is Kind.ROW and layout is Layout.DATES_LEFT:
            cells = [Paragraph(escape(item.first), styles[Kind.TEXT]),
                     Paragraph(text, styles[Kind.TEXT])]  # fmt: skip
            yield _table(cells, (105, width - 105), "LEFT")
            in_table = True
        elif item.kind is Kind.ROW:
            date = styles[Kind.TEXT].clone("date", alignment=TA_RIGHT)
            cells = [Paragraph(escape(item.first), styles[Kind.ROW]), Paragraph(text, date)]
            yield _table(cells, (width - 135, 135), "LEFT")
        else:
            mark = item.first or None
            paragraph = Paragraph(text, styles[item.kind], bulletText=mark)
            if in_table and item.kind in (Kind.BULLET, Kind.DETAIL):
                yield _table(["", paragraph], (105, width - 105), "LEFT")
            else:
                yield paragraph


def render(items: Sequence[Item], layout: Layout, target: Path) -> None:
    """Write the items as a PDF file to `target`."""
    from reportlab.platypus import BaseDocTemplate, Frame, FrameBreak, PageTemplate

    fonts = {
        Layout.PLAIN: ("Times-Roman", "Times-Bold", 11.0),
        Layout.TWO_COLUMNS: ("Helvetica", "Helvetica-Bold", 8.4),
        Layout.DATES_RIGHT: ("Helvetica", "Helvetica-Bold", 9.2),
        Layout.DATES_LEFT: ("Helvetica", "Helvetica-Bold", 9.6),
    }
    styles = _styles(*fonts[layout])
    document: Any = BaseDocTemplate(
        str(target), pagesize=PAGE, title=target.stem, author="invented", invariant=1,
        pageCompression=0,
    )  # fmt: skip

    def frame(x: float, y: float, width: float, height: float) -> Frame:
        return Frame(x, y, width, height, 0, 0, 0, 0)

    wide, high = PAGE[0] - 2 * MARGIN, PAGE[1] - 2 * MARGIN
    if layout is Layout.TWO_COLUMNS:
        top, left, right = split_sidebar(items)
        head = 48.0
        frames = [
            frame(MARGIN, MARGIN + high - head, wide, head),
            frame(MARGIN, MARGIN, SIDEBAR - 18, high - head),
            frame(MARGIN + SIDEBAR, MARGIN, wide - SIDEBAR, high - head),
        ]
        story = [
            *_flow(top, styles, layout), FrameBreak(),
            *_flow(left, styles, layout), FrameBreak(),
            *_flow(right, styles, layout),
        ]  # fmt: skip
    else:
        frames = [frame(MARGIN, MARGIN, wide, high)]
        story = list(_flow(items, styles, layout))
    document.addPageTemplates([PageTemplate(id="page", frames=frames)])
    document.build(story)


def main() -> None:
    """Render every resume beside this file."""
    folder = Path(__file__).parent / "resumes"
    for name, layout in LAYOUTS.items():
        source = folder / f"{name}.txt"
        render(parse(source.read_text(encoding="utf-8")), layout, source.with_suffix(".pdf"))


if __name__ == "__main__":
    main()
