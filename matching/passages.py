"""Where the sentences and windows of a document stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from matching.contacts import contacts

_BREAK = re.compile(r"[\n\r\v\f\x85\u2028\u2029]+|\s[•●▪◦]\s+")
_STOP = re.compile(r"[.!?][)\"'”»]*\s+(?=[\"'„“«(]?(\w))")
_WORD = re.compile(r"[^\W\d_]{2,}")
# Bullets; a sign that may belong to the word behind it (+49, #1) only before a blank.
_LEADING = re.compile(r"(?:[\s•●▪◦·*|,;:✓✔►➢‣–—-]+|[~#>+!]+(?=\s))+")
_TRAILING = frozenset("•●▪◦·*|,;:–—-")
# Full stops that end no sentence, though a capital may follow: single letters ("z. B. Excel"), ...
_SHORT = re.compile(
    r"(?:\b[^\W\d_]|\b(?:e\.g|i\.e|vs|incl|excl|etc|approx|resp|mr|mrs|ms|dr|prof|st|no|nr|tel|inh"
    r"|bzw|inkl|ca|ggf|usw|evtl|insb|vgl|abs|str|stellv|max|min|dipl|ing|exp|dept|jr|sr|co))\.\Z",
    re.I,
)
# A line of so many characters was broken to fit a page if its sentence goes on below.
_WRAPPED = 60
_GOES_ON = re.compile(
    r"(?:,|\b(?:a|an|and|as|at|by|for|from|in|of|on|or|the|to|with|auf|aus|bei|das|dem|den|der|des"
    r"|die|ein|eine|einem|einen|einer|für|im|mit|oder|und|von|vom|zu|zum|zur))\Z",
    re.I,
)
# A stretch of so many characters is more than a line of contacts, as when a file has no lines.
_LONG = 240
# A stretch cut free may read as a contact of its own, and what that leaves as another.
_CUTS = 3


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a text: `text[start:end]`, half-open, in code points."""

    start: int
    end: int
    text: str


def sentences(text: str) -> list[Passage]:
    """The sentences and lines of `text`, in order, without bullets.

    Lines that were broken to fit a page are put together again; stretches without a word are left
    out.
    """
    found, begin = [], 0
    for end, following in (*_ends(text), (len(text), len(text))):
        passage = _trimmed(text, begin, end)
        if passage is not None:
            found.append(passage)
        begin = following
    return found


def without_contacts(passages: Sequence[Passage]) -> list[Passage]:
    """The passages that may be encoded: none holds an e-mail, phone or web address.

    A passage with one is left out; of a long one the stretches between them are kept.
    """
    kept = list(passages)
    for _ in range(_CUTS):
        kept = [part for passage in kept for part in _freed(passage)]
    # What still reads as one after so many cuts is a list of numbers.
    return [passage for passage in kept if not contacts(passage.text)]


def sentence_at(lines: Sequence[Passage], start: int, end: int) -> Passage | None:
    """The sentence that holds `start`, or begins before `end`; None where neither does."""
    place = bisect_right(lines, start, key=attrgetter("start"))
    if place and start < lines[place - 1].end:
        return lines[place - 1]
    return lines[place] if place < len(lines) and lines[place].start < end else None


def grouped(lines: Sequence[Passage], characters: int = 600) -> list[str]:
    """Neighbouring sentences put together into texts of about `characters`."""
    groups: list[str] = []
    current: list[str] = []
    size = 0
    for line in lines:
        if current and size + len(line.text) > characters:
            groups.append("\n".join(current))
            current, size = [], 0
        current.append(line.text)
        size += len(line.text) + 1
    return [*groups, "\n".join(current)] if current else groups


def _freed(passage: Passage) -> Iterator[Passage]:
    places = contacts(passage.text)
    if not places:
        yield passage
    elif passage.end - passage.start > _LONG:
        starts = (0, *(end for _, end in places))
        ends = (*(start for start, _ in places), len(passage.text))
        for start, end in zip(starts, ends, strict=True):
            part = _trimmed(passage.text, start, end)
            if part is not None:
                yield Passage(passage.start + part.start, passage.start + part.end, part.text)


def _ends(text: str) -> Iterator[tuple[int, int]]:
    """(end of a sentence or line, begin of the next), in order."""
    begin = 0
    for line in (*_BREAK.finditer(text), None):
        end = line.start() if line else len(text)
        for stop in _STOP.finditer(text, begin, end):
            if _ends_sentence(text, stop):
                yield stop.end(), stop.end()
        if line is not None and not _wraps(text, begin, line):
            yield end, line.end()
        begin = line.end() if line else end


def _ends_sentence(text: str, stop: re.Match[str]) -> bool:
    follower = stop[1]
    if not (follower.isupper() or follower.isdigit()):
        return False
    return not _SHORT.search(text, max(stop.start() - 8, 0), stop.start() + 1)


def _wraps(text: str, begin: int, line: re.Match[str]) -> bool:
    """Whether the sentence of the line from `begin` goes on behind the break `line`."""
    if line[0] not in ("\n", "\r\n", "\r"):
        return False
    before = text[begin : line.start()].strip()
    after = text[line.end() : line.end() + 40].lstrip()
    if len(before) < _WRAPPED or before[-1] in ".!?:;" or not after or _LEADING.match(after):
        return False
    return after[0].islower() or after[0] == "(" or _GOES_ON.search(before) is not None


def _trimmed(text: str, start: int, end: int) -> Passage | None:
    bullet = _LEADING.match(text, start, end)
    start = bullet.end() if bullet else start
    while end > start and (text[end - 1] in _TRAILING or text[end - 1].isspace()):
        end -= 1
    part = text[start:end]
    return Passage(start, end, part) if _WORD.search(part) else None
