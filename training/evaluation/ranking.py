"""Ranks of relevant candidates for many queries, from vectors, in memory-bounded blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation.candidates import Candidates
from training.evaluation.metrics import relevant_ranks

Vectors = NDArray[np.float32]
# Queries multiplied at once: 64 x 130,000 label rows of float32 are 33 MB.
_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Ranks:
    """Ranks of the relevant candidates of one query, ascending.

    `best`: a candidate scores as the best of its label rows; `preferred`: as its preferred
    labels alone; `surface`: the rank, among all label rows, of the first row of any relevant
    candidate.
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
) -> list[Ranks]:
    """Ranks for unit vectors `queries` (q, d) against the label `rows` (rows, d) of `candidates`.

    `relevant` holds the candidate numbers of each query, at least one. `own_share` (0..1) is the
    share of a candidate's preferred label in its score; the rest is the best of its labels.
    """
    owners, preferred = candidates.owners, candidates.preferred
    starts = _starts(owners)
    preferred_starts = _starts(owners[preferred])
    results: list[Ranks] = []
    for first in range(0, len(queries), _BLOCK):
        scores = queries[first : first + _BLOCK] @ rows.T
        best = np.maximum.reduceat(scores, starts, axis=1)
        alone = np.maximum.reduceat(scores[:, preferred], preferred_starts, axis=1)
        best = np.float32(1 - own_share) * best + np.float32(own_share) * alone
        for number in range(len(scores)):
            wanted = relevant[first + number]
            results.append(
                Ranks(
                    tuple(relevant_ranks(best[number], wanted)),
                    tuple(relevant_ranks(alone[number], wanted)),
                    _first_row(scores[number], wanted, starts, owners),
                )
            )
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
