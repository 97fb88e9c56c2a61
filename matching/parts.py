"""A sentence read as a whole and in parts: its clauses, and the skills marked in it.

The vector of a long sentence is a mean over all it says, so a sentence of several skills lies near
none of them. Its clauses and marked skills each lie near one; the whole says what they are about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

# The whole sentence's share of a skill's score; the rest is its best part's (chosen on the
# development files, benchmarks/results.md).
WHOLE_SHARE = 0.7
# A text of fewer words is a phrase, and has no parts.
_PHRASE = 5
_CUT = re.compile(
    r"[;()•|\n\r]+|(?<![,:.!?])[,:.!?]+(?=\s)|\s/\s"
    r"|\s(?:and/or|and|or|including|such as|und/oder|und|oder|sowie|bzw\.)\s",
    re.IGNORECASE,
)
_EDGE = " \t-–—•*·"


def is_phrase(text: str) -> bool:
    """Whether `text` is too short to have parts."""
    return len(text.split()) < _PHRASE


def parts(text: str, marked: Iterable[str]) -> list[str]:
    """The clauses of `text` and the `marked` stretches of it, each once; none for a phrase."""
    if is_phrase(text):
        return []
    whole = text.strip(_EDGE + ".!?\n\r")
    clauses = (clause.strip(_EDGE).rstrip(".!?") for clause in _CUT.split(text))
    found = dict.fromkeys([*(c for c in clauses if len(c) > 2), *marked])
    return [part for part in found if part not in ("", text, whole)]


def whole_and_parts(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """From scores of the whole text (first row) and of its parts, (1 + p, c), to one row (c,).

    The best part is weighed with the whole, concept by concept.
    """
    whole, best = scores[0], scores[1:].max(axis=0) if len(scores) > 1 else scores[0]
    return np.asarray(WHOLE_SHARE * whole + (1 - WHOLE_SHARE) * best, np.float32)
