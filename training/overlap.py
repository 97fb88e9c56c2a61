"""Which training texts share too much with texts that are kept for scoring.

Two texts overlap by the share of the shorter one's word shingles that both hold.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

SHINGLE = 8
LIMIT = 0.3
_WORD = re.compile(r"\w+")


def shingles(text: str, size: int = SHINGLE) -> frozenset[int]:
    """Hashes of all runs of `size` words (lower case, letters and digits only)."""
    words = _WORD.findall(text.lower())
    if len(words) < size:
        return frozenset([hash(tuple(words))]) if words else frozenset()
    return frozenset(hash(tuple(words[i : i + size])) for i in range(len(words) - size + 1))


def overlapping(
    texts: Iterable[str], kept_apart: Sequence[str], limit: float = LIMIT
) -> list[bool]:
    """For each text whether its overlap with any text kept apart is above `limit`."""
    held = [shingles(text) for text in kept_apart]
    where: dict[int, list[int]] = defaultdict(list)
    for number, marks in enumerate(held):
        for mark in marks:
            where[mark].append(number)
    answers = []
    for text in texts:
        marks = shingles(text)
        shared: Counter[int] = Counter(n for mark in marks for n in where.get(mark, ()))
        answers.append(
            any(count / min(len(marks), len(held[n])) > limit for n, count in shared.items())
        )
    return answers
