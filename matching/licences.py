"""Professions that one may enter with a licence only, and what a document says of having one.

A nurse's resume is full of what physicians and physiotherapists do as well, so the words of the
work alone would recommend these professions to the nurse. Who holds a licence names the profession.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from matching.taxonomy import Concept

# ISCO-08 groups of professions that many states regulate (see directive 2005/36/EC): architects,
# physicians, nurses, midwives, veterinarians, dentists, pharmacists and other therapists, lawyers
# and judges, psychologists, social workers, operators of medical equipment, ambulance workers,
# pilots and air traffic controllers.
LICENSED = (
    *("2161", "2211", "2212", "2221", "2222", "2250", "2261", "2262", "2264", "2265", "2266"),
    *("2267", "2269", "2611", "2612", "2634", "2635", "3211", "3258", "3153", "3154"),
)


# Who helps the professionals (major group 2) stands in their unit groups, but learns it otherwise.
_HELPER = re.compile(r"\b(?:aide|assistant|hygienist|technician)\b", re.I)


def licensed_groups(occupations: Iterable[Concept]) -> NDArray[np.int64]:
    """The number of each licensed occupation's ISCO unit group, -1 for all others: (o,).

    Pharmacy technicians, dental hygienists and the like are no licensed professionals.
    """
    number = {code: place for place, code in enumerate(LICENSED)}
    groups = [-1 if _helps(one) else number.get(one.isco, -1) for one in occupations]
    return np.array(groups, np.int64)


def _helps(occupation: Concept) -> bool:
    return occupation.isco.startswith("2") and bool(_HELPER.search(occupation.label("en")))


def licence_missing(
    groups: NDArray[np.int64], titles: NDArray[np.float32], named: float
) -> NDArray[np.float32]:
    """How far the titles of a document are from naming each licensed occupation's profession: (o,).

    `titles` float32 (o,): the score of the title-like line that names each best (`Signals.named`).
    From `named` on, a line names a profession, and that of one occupation speaks for all of its
    unit group. 0 for occupations without a licence, and for all where the document names no
    profession.
    """
    missing = np.zeros(len(groups), np.float32)
    licensed = groups >= 0
    if not licensed.any() or titles.max() < named:
        return missing
    nearest = np.zeros(len(LICENSED), np.float32)
    np.maximum.at(nearest, groups[licensed], titles[licensed])
    missing[licensed] = np.clip(np.float32(named) - nearest, 0, None)[groups[licensed]]
    return missing
