"""Counts and ranks behind the figures: precision, recall, F1, ranks of what is relevant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# One text's vector differs in its last bits from batch to batch.
_DECIMALS = 6


def precision_recall_f1(right: Floats, found: Floats, wanted: Floats) -> Floats:
    """Columns (precision, recall, F1) from counts of equal shape (rows,); 0 where undefined."""
    precision = right / np.maximum(found, 1.0)
    recall = right / np.maximum(wanted, 1.0)
    f1 = 2.0 * right / np.maximum(found + wanted, 1.0)
    return np.stack([precision, recall, f1], axis=1)


def relevant_ranks(
    scores: NDArray[np.floating],
    relevant: Sequence[int],
    second: NDArray[np.floating] | None = None,
) -> list[int]:
    """Ranks (1 is best) of the candidates `relevant` under `scores` (candidates,), ascending.

    Scores that are equal to six decimals are ordered by `second` (candidates,) where it is given,
    then by candidate number, so a ranking is the same on every run.
    """
    first = np.round(scores, _DECIMALS)
    then = np.zeros_like(first) if second is None else np.round(second, _DECIMALS)
    ranks = []
    for candidate in set(relevant):
        equal = first == first[candidate]
        ahead = (first > first[candidate]) | (equal & (then > then[candidate]))
        before = equal[:candidate] & (then[:candidate] == then[candidate])
        ranks.append(1 + int(ahead.sum()) + int(before.sum()))
    return sorted(ranks)


def reciprocal_rank(ranks: Sequence[int], limit: int | None = None) -> float:
    """1 / rank of the first relevant candidate; 0 when there is none, or none within `limit`."""
    if not ranks or (limit is not None and ranks[0] > limit):
        return 0.0
    return 1.0 / ranks[0]


def hit(ranks: Sequence[int], k: int) -> float:
    """1 when any relevant candidate is among the first k."""
    return float(bool(ranks) and ranks[0] <= k)


def recall(ranks: Sequence[int], k: int) -> float:
    """Share of the relevant candidates that are among the first k."""
    return sum(rank <= k for rank in ranks) / len(ranks) if ranks else 0.0


def r_precision(ranks: Sequence[int], k: int, wanted: int | None = None) -> float:
    """RP@k: relevant candidates in the first k over min(k, wanted).

    `wanted` is the number of relevant candidates, by default len(ranks); a larger one repeats the
    published rule of WorkRB, where a label marked twice in a sentence counts twice below the line.
    """
    return sum(rank <= k for rank in ranks) / min(k, wanted or len(ranks)) if ranks else 0.0
