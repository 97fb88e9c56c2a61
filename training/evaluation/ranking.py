"""Ranks of relevant candidates for many queries, from vectors, in memory-bounded blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.parts import whole_and_parts
from matching.ranking import with_own
from training.evaluation.candidates import Candidates
from training.evaluation.metrics import relevant_ranks

Vectors = NDArray[np.float32]
# Queries, each with its parts, multiplied at once: 16 x 5 x 130,000 rows of float32 are 42 MB.
_BLOCK = 16


@dataclass(frozen=True, slots=True)
class Ranks:
    """Ranks of the relevant candidates of one query, ascending.

    `best`: a candidate scores as the best of its label rows, and among those that share that name
    the nearer preferred label is first; `preferred`: as its preferred labels alone; `surface`: the
    rank, among all label rows, of the first row of any relevant candidate for the query as a whole.
    """

    best: tuple[int, ...]
    preferred: tuple[int, ...]
    surface: int


def rank(
    queries: Vectors,
    relevant: Sequence[Sequence[int]],
    candidates: Candidates,
    rows: Vectors,
    own_share: float = 0.0,
    parts: Sequence[Vectors] = (),
) -> list[Ranks]:
    """Ranks for unit vectors `queries` (q, d) against the label `rows` (rows, d) of `candidates`.

    `relevant` holds the candidate numbers of each query, at least one. `own_share` (0..1) of
    a candidate's score is its preferred label's, as linking counts it.
    `parts`: for each query vectors (p, d) of parts of its text, weighed in as linking does.
    """
    owners, preferred = candidates.owners, candidates.preferred
    starts = _starts(owners)
    preferred_starts = _starts(owners[preferred])
    results: list[Ranks] = []
    for first in range(0, len(queries), _BLOCK):
        some = range(first, min(first + _BLOCK, len(queries)))
        groups = [np.vstack([queries[n : n + 1], *parts[n : n + 1]]) for n in some]
        scores: Vectors = np.concatenate(groups) @ rows.T
        best = np.maximum.reduceat(scores, starts, axis=1)
        alone = np.maximum.reduceat(scores[:, preferred], preferred_starts, axis=1)
        best = with_own(best, alone, own_share)
        place = 0
        for number, group in zip(some, groups, strict=True):
            mine = slice(place, place + len(group))
            wanted = relevant[number]
            by_best, by_own = whole_and_parts(best[mine]), whole_and_parts(alone[mine])
            results.append(
                Ranks(
                    tuple(relevant_ranks(by_best, wanted, by_own)),
                    tuple(relevant_ranks(by_own, wanted)),
                    _first_row(scores[place], wanted, starts, owners),
                )
            )
            place += len(group)
    return results


def _starts(owners: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where each run of equal owners begins."""
    return np.flatnonzero(np.diff(owners, prepend=-1))


def _first_row(
    scores: Vectors,
    wanted: Sequence[int],
    starts: NDArray[np.intp],
    owners: NDArray[np.int64],
) -> int:
    ends = np.append(starts[1:], len(owners))
    own = [row for candidate in wanted for row in range(starts[candidate], ends[candidate])]
    best = own[int(np.argmax(scores[own]))]
    return relevant_ranks(scores, [best])[0]
