"""From the rows of a column to lines of text: wrapped sentences and split words made whole.

A skill is never found across a line break, and evidence is quoted by the line; so a line that was
broken only because the column ended goes on with the next one. Headings, list items and dates
keep their own lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from metier.documents.layout import Row

PROSE_LETTERS = 50

_ITEM = re.compile(r"^(?:[^\w\s(\"'„“+#./@&]|[-–—*o] |\(?\d{1,2}[.)] |\[\d+\])")
_DATE = re.compile(r"^(?:\w{3,9}\.? )?(?:\d{1,2}[./])?(?:19|20)\d\d\b|^(?:since|seit) \d")
_LABEL = re.compile(r"^[^\W\d][\w &/-]{0,30}:")
_ENDS_DATED = re.compile(r"(?:\b(?:19|20)\d\d|\b(?:present|today|now|heute))$", re.IGNORECASE)
_ADDRESS = re.compile(r"^(?:\S+@|\w+://|www\.)")
_LINE_END_HYPHEN = re.compile(r"(?<=\w)[\x02\xad\u2010-]$")
# "Monats- und Quartalsabschluss": the hyphen stands for a word that is left out.
_JOINER = re.compile(r"^(?:und|oder|bzw|sowie|and|or|to)\b")
_RUNS_ON = re.compile(
    r"(?:[,&/(–-]|\b(?:a|and|for|in|of|or|the|to|with"
    r"|am|das|der|des|die|für|im|mit|oder|und|von|zu|zur))$"
)


def unwrap(flows: Sequence[Sequence[Row]]) -> list[str]:
    """Lines of text of the flows, in order."""
    hyphenated = _hyphenated_words(row.body for row in chain.from_iterable(flows))
    lines: list[str] = []
    for flow in flows:
        lines.extend(_unwrap_flow(flow, hyphenated))
    return lines


def _unwrap_flow(rows: Sequence[Row], hyphenated: set[str]) -> list[str]:
    lines: list[str] = []
    edge = max((row.x1 for row in rows), default=0.0)
    above: Row | None = None
    for row in rows:
        if above is not None and _goes_on(above, row, edge):
            lines[-1] = _joined(lines[-1], row.text, hyphenated)
        else:
            lines.append(row.text)
        above = row
    return [_plain_hyphens(line) for line in lines]


def _goes_on(above: Row, below: Row, edge: float) -> bool:
    """Whether `above` was broken only because its column ended at `edge`."""
    size = max(above.height, below.height)
    if not 0 < above.baseline - below.baseline <= 1.7 * size:
        return False
    if abs(above.height - below.height) > 0.12 * size or below.cells:
        return False
    if any(own.match(below.body) for own in (_ITEM, _DATE, _LABEL, _ADDRESS)):
        return False
    small = below.body[0].islower()
    if _LINE_END_HYPHEN.search(above.body):
        return small
    first = below.words[0]
    edge = min(edge, above.edge)
    # Lists may be set narrower than their column.
    slack = 0.2 * (edge - above.x0) if small else 0.2 * size
    if above.x1 + (first.x1 - first.x0) + slack <= edge or above.body.endswith((":", ".")):
        return False
    hangs = below.x0 > above.x0 + 2 if _ITEM.match(above.body) else below.x0 < above.x0 + 2
    if small:
        return len(above.words) >= 3
    if _RUNS_ON.search(above.body):
        return hangs and len(above.words) >= 2
    full = any(x > above.x0 for x, _ in above.cells) or _ENDS_DATED.search(above.body)
    # A capital begins a new entry more often than it goes on, except in lines as long as prose.
    wide = len(above.body) >= PROSE_LETTERS and above.x1 - above.x0 >= 0.6 * (edge - above.x0)
    return wide and hangs and not full


def _joined(above: str, below: str, hyphenated: set[str]) -> str:
    match = _LINE_END_HYPHEN.search(above)
    if match is None or _JOINER.match(below):
        return f"{above} {below}"
    stem = above[: match.start()]
    start, end = stem.split()[-1], re.match(r"\w*", below)
    whole = f"{start}-{end.group() if end else ''}".casefold()
    if not below[0].islower() or whole in hyphenated:
        return f"{stem}-{below}"
    return stem + below


def _hyphenated_words(texts: Iterable[str]) -> set[str]:
    return {word.casefold() for text in texts for word in re.findall(r"\w+-\w+", text)}


def _plain_hyphens(line: str) -> str:
    """PDFium writes a hyphen at the end of a line as U+0002."""
    return line.replace("\x02", "-").replace("\xad", "")
