"""E-mail addresses, phone numbers and web addresses: they say nothing about an occupation.

What is personal and says nothing is never encoded. The patterns would rather miss a contact that
is written in words than take a date, a standard (VDE 0100) or a product (Node.js) for one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from operator import itemgetter

# All repeats are bounded: a megabyte without a blank must not cost more than one with them.
_MAIL = re.compile(
    r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
    r"|[\w.+%-]{1,64}\s?[\[(](?:at|ät|@)[\])]\s?[\w.-]{1,80}",
    re.I,
)
# A bare name (salesforce.com, booking.com) is a product or a firm as often as somebody's page: it
# counts with a path behind it or with a word before it that says what it is. ASP.NET/C# stays.
_NAME = r"(?:[a-z0-9-]{1,63}\.){1,8}(?:com|org|net|info|de|at|ch|eu|uk|io|dev|me|ai|app)"
_WEB = re.compile(
    r"(?i:\b(?:https?://|www\.)\S+)"
    rf"|(?<![\w@.-])(?!asp\.net){_NAME}/\S+"
    r"|(?i:\b(?:linkedin|xing|github|gitlab|facebook|instagram|behance)\.(?:com|net|org|de)/\S+)"
    r"|(?i:\b(?:website|webseite|homepage|url)\b[\s:]{1,4}"
    rf"|\b(?:web|internet|portfolio|blog)\s?:\s{{0,4}}){_NAME}\b"
)
# "mobile 2000 10000" is no number to call. Behind a colon, "no." or "tel." any five digits are
# one; behind the bare word they must look like one: +, ( or 0 first, 555-0178, or nine in a run.
_DIGITS = r"\d(?:[\s()/.–-]{0,3}\d){4,14}"
_PHONE = r"\b(?:tel|telephone|telefon|phone|mobile?|handy|fax|cell)\b"
_ANNOUNCED = re.compile(
    rf"(?:{_PHONE}[\s.]{{0,3}}(?::|(?:no|nr|number|nummer)\b)[\s.:]{{0,4}}|\b(?:tel|fax)\.\s?)"
    rf"[+(]?{_DIGITS}",
    re.I,
)
_SHAPED = re.compile(
    rf"{_PHONE}[\s.]{{1,3}}(?:[+(]\s?{_DIGITS}|(?=0){_DIGITS}|\d{{3}}[-.]\d{{4}}|\d{{9,15}})(?!\d)",
    re.I,
)
_ABROAD = re.compile(r"(?<![\w+])\+\s?\d[\d\s()/.-]{6,24}\d")
_AMERICAN = re.compile(r"(?<![\w.-])(?:\(\d{3}\)\s?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-])")
# A leading zero and nine digits or more: German, British, French and other national numbers.
# The rest of a longer run of digits goes with it: what is left of one is no word either.
_NATIONAL = re.compile(r"(?<![\w.,/-])\(?0\d[\d\s()/.–-]{6,24}\d+")
_NATIONAL_DIGITS = 9
_DATE = re.compile(
    r"\d{4}-\d\d?-\d\d?|(?:\d\d?[./]\s?){0,2}(?:19|20)\d\d(?!\d)|\d\d?[./]\d\d?[./]\d\d(?!\d)"
)
_STANDARD = re.compile(r"(?:DIN|EN|IEC|ISO|VDE|Nr|No)\.?\s*$")


def contacts(text: str) -> list[tuple[int, int]]:
    """Where the e-mail addresses, phone numbers and web addresses of `text` stand, in order.

    Half-open ranges of code points that do not overlap.
    """
    found = [
        match.span()
        for pattern in (_MAIL, _WEB, _ANNOUNCED, _SHAPED, _ABROAD, _AMERICAN)
        for match in pattern.finditer(text)
    ]
    found += [match.span() for match in _NATIONAL.finditer(text) if _is_number(text, match)]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def overlaps(places: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether [start, end) has a character of one of `places`, which are those of `contacts`."""
    place = bisect_left(places, end, key=itemgetter(0))
    return place > 0 and places[place - 1][1] > start


def masked(text: str) -> str:
    """`text` with a dash in place of each contact."""
    pieces, begin = [], 0
    for start, end in contacts(text):
        pieces.append(text[begin:start])
        begin = end
    return "–".join([*pieces, text[begin:]])


def mailboxes(text: str) -> list[str]:
    """What stands before the @ of each e-mail address, in small letters."""
    return [match[0].partition("@")[0].lower() for match in _MAIL.finditer(text) if "@" in match[0]]


def _is_number(text: str, match: re.Match[str]) -> bool:
    if _STANDARD.search(text, max(match.start() - 8, 0), match.start()):
        return False
    digits = sum(char.isdigit() for char in _DATE.sub("", match[0]))
    return digits >= _NATIONAL_DIGITS
