"""Who needs which skill, and what is broader than what, by concept number."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray


class Relations:
    """Look-ups in two sorted tables.

    relations: int32 (m, 3), rows (occupation, skill, 1 if essential), sorted;
    broader: int32 (p, 2), rows (child, parent), sorted.
    """

    def __init__(self, relations: NDArray[np.int32], broader: NDArray[np.int32]) -> None:
        self._relations = relations
        self._broader = broader

    @property
    def any(self) -> bool:
        """Whether an occupation has a skill at all."""
        return len(self._relations) > 0

    def skills_of(self, occupation: int) -> tuple[list[int], list[int]]:
        """(essential, optional); a skill that the source gives as both is essential."""
        rows = _rows(self._relations, 0, occupation)
        return _essential_first(rows[:, 1], rows[:, 2])

    def occupations_of(self, skill: int) -> tuple[list[int], list[int]]:
        """The occupations for which `skill` is (essential, optional)."""
        rows = _rows(self._by_skill, 1, skill)
        return _essential_first(rows[:, 0], rows[:, 2])

    def parents(self, concept: int) -> list[int]:
        """The broader concepts one step up."""
        return [int(parent) for parent in _rows(self._broader, 0, concept)[:, 1]]

    @cached_property
    def _by_skill(self) -> NDArray[np.int32]:
        return self._relations[np.argsort(self._relations[:, 1], kind="stable")]


def _rows(table: NDArray[np.int32], column: int, value: int) -> NDArray[np.int32]:
    first, end = np.searchsorted(table[:, column], (value, value + 1))
    return table[first:end]


def _essential_first(
    numbers: NDArray[np.int32], essential: NDArray[np.int32]
) -> tuple[list[int], list[int]]:
    strong = dict.fromkeys(int(number) for number in numbers[essential == 1])
    weak = dict.fromkeys(int(number) for number in numbers[essential == 0])
    return list(strong), [number for number in weak if number not in strong]
