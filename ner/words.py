"""Words: the units that get a label. Spans start and end on their boundaries.

A line is split at white space and punctuation; a punctuation mark is a word of its own, and so
is a run of the same mark. Kept whole are names that punctuation would tear apart:

- letters with closing plus signs or a hash: C++, C#, F#, Notepad++ (also C++17);
- a leading dot before NET, and the tails .js and .NET: .NET, ASP.NET, Node.js, D3.js;
- the names in `_NAMES`: CI/CD, TCP/IP, A/B, PL/SQL, T-SQL and their like. It is a list and not a
  rule, since IDS/IPS or AP/AR look just like CI/CD but name two skills.

Any other slash or hyphen is a word: "SQL/NoSQL" and "front-end" are three words each, which a
span may join ("front-end development") or cut ("Excel" of "Excel-Kenntnisse").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

_NAMES = (
    "CI/CD",
    "TCP/IP",
    "UDP/IP",
    "A/B",
    "PL/SQL",
    "PL/I",
    "PL/pgSQL",
    "I/O",
    "A/P",
    "A/R",
    "AC/DC",
    "S/4HANA",
    "S/4",
    "R/3",
    "z/OS",
    "OS/2",
    "OS/400",
    "AS/400",
    "S/MIME",
    "T-SQL",
    "U-SQL",
    "X-ray",
    "C++11",
    "C++14",
    "C++17",
    "C++20",
    "C++23",
)

_ABBREVIATION = re.compile(r"(?<!\w)[^\W\d_]{1,4}\.(?!(?i:js|net)\.)-?[^\W\d_]{1,4}\.$")
_LONGEST_ABBREVIATION = 11


def split_words(line: str) -> list[tuple[int, int]]:
    """Half-open (start, end) of each word of a cleaned line, in order, blanks left out.

    Every character that is not a blank lies in exactly one word.
    """
    return [match.span() for match in _pattern().finditer(line)]


def loose_marks(text: str, words: Sequence[tuple[int, int]]) -> list[bool]:
    """(w,) whether each of the `words` of `text` is a slash, or a full stop of no abbreviation.

    No skill begins or ends with one: it is "UI" of "UI/UX", and "SQL" at the end of a sentence. An
    abbreviation is told by a full stop that it has inside ("M.Sc.", "Dipl.-Ing.").
    """
    return [
        text[start] in "/."
        and not text[start:end].strip("/.")
        and not _ABBREVIATION.search(text, max(start - _LONGEST_ABBREVIATION, 0), end)
        for start, end in words
    ]


@cache
def _pattern() -> re.Pattern[str]:
    marks = _marks()
    # Python's \w has no combining marks, which many scripts write within words.
    core = rf"[^\W_](?:[^\W_]|[{marks}]|_+(?=[^\W_]))*"
    names = "|".join(re.escape(name) for name in _NAMES)
    return re.compile(
        rf"(?i:{names})(?![\w{marks}])"
        rf"|(?<![\w.{marks}])\.(?i:net)(?![\w{marks}])"
        rf"|{core}(?:\.(?i:js|net)(?![\w{marks}])|(?<=[^\W\d_])(?:\++|\#)(?![\w+\#]))?"
        rf"|(?:(?P<mark>[^\w\s]|_)(?P=mark)*)[{marks}]*"
    )


def _marks() -> str:
    """The combining marks of planes 0 and 1, as a regex character class.

    Other planes have only variation selectors, which `ner.clean` has dropped.
    """
    runs: list[list[int]] = []
    for code in range(0x300, 0x20000):
        if unicodedata.category(chr(code))[0] != "M":
            continue
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in runs)
