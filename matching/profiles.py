"""What occupations ask for, as one sparse table, and how well shown skills fill it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.licences import licensed_groups
from matching.senses import behind
from matching.space import Space

OPTIONAL_WEIGHT = 0.4


@dataclass(frozen=True)
class Profiles:
    """The skills of o occupations in one table of m relations, sorted by occupation.

    occupations, skills: URIs; `first` int64 (o + 1,): the relations of occupation i are
    first[i]:first[i + 1]; `skill` int64 (m,): places in `skills`; `essential` bool (m,);
    `weight` float32 (m,): how much a relation counts, rarer skills more; `licensed` int64 (o,):
    see `licences.licensed_groups`.
    """

    occupations: tuple[str, ...]
    skills: tuple[str, ...]
    first: NDArray[np.int64]
    skill: NDArray[np.int64]
    essential: NDArray[np.bool_]
    weight: NDArray[np.float32]
    licensed: NDArray[np.int64]

    @cached_property
    def total(self) -> NDArray[np.float32]:
        """The norm of each occupation's weights, (o,); 1 where it has no skills."""
        squares = np.zeros(len(self.occupations), np.float32)
        np.add.at(squares, self._owner, self.weight**2)
        return np.sqrt(np.where(squares > 0, squares, 1.0)).astype(np.float32)

    @cached_property
    def _owner(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(len(self.occupations)), np.diff(self.first))

    def shares(self, shown: NDArray[np.float32], mentions: int) -> NDArray[np.float32]:
        """How well the shown skills, float32 (s,) in 0..1, fill each occupation: (o,).

        Every relation adds weight x shown / (norm of the occupation's weights x the root of the
        number of mentions), so that long profiles and long documents have no advantage, and the
        sum falls apart into the contributions of single skills (see `portion`).
        """
        found = self.weight * shown[self.skill]
        filled = np.bincount(self._owner, weights=found, minlength=len(self.occupations))
        return np.asarray(filled / (self.total * _root(mentions)), np.float32)

    def foreign(self, nearness: NDArray[np.float32]) -> NDArray[np.float32]:
        """How far each skill is from the occupations nearest to a document, float32 (s,), from 0.

        nearness: float32 (o,). A skill is as far as the nearest occupation that asks for it is
        behind (see `senses.behind`); 0 for a skill that no occupation asks for.
        """
        far = np.full(len(self.skills), np.inf, np.float32)
        if len(nearness):
            np.minimum.at(far, self.skill, behind(nearness)[self._owner])
        return np.where(np.isinf(far), np.float32(0), far)

    def portion(self, occupation: int, mentions: int) -> NDArray[np.float32]:
        """What each relation of one occupation adds to its share when fully shown, (r,)."""
        return np.asarray(
            self.weight[self.of(occupation)] / (self.total[occupation] * _root(mentions)),
            np.float32,
        )

    def of(self, occupation: int) -> slice:
        """The relations of one occupation."""
        return slice(int(self.first[occupation]), int(self.first[occupation + 1]))


def profiles(space: Space, occupations: Sequence[str], skills: Sequence[str]) -> Profiles:
    """The profiles of `occupations`; skills that are not among `skills` are left out."""
    place = {uri: number for number, uri in enumerate(skills)}
    first, table = [0], []
    for uri in occupations:
        essential, optional = space.skills_of(uri)
        table += [(place[skill], True) for skill in essential if skill in place]
        table += [(place[skill], False) for skill in optional if skill in place]
        first.append(len(table))
    skill = np.array([number for number, _ in table], np.int64)
    strong = np.array([essential for _, essential in table], np.bool_)
    rarity = _rarity(skill, len(skills), len(occupations))
    weight = rarity[skill] * np.where(strong, 1.0, OPTIONAL_WEIGHT)
    return Profiles(
        tuple(occupations),
        tuple(skills),
        np.array(first, np.int64),
        skill,
        strong,
        weight.astype(np.float32),
        licensed_groups(space.concepts[uri] for uri in occupations),
    )


def _root(mentions: int) -> float:
    return float(np.sqrt(max(mentions, 1)))


def _rarity(skill: NDArray[np.int64], skills: int, occupations: int) -> NDArray[np.float32]:
    counts = np.bincount(skill, minlength=skills)
    return np.log((1 + occupations) / (1 + counts)).astype(np.float32)
