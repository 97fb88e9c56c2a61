"""The reference: every vector is compared, by numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matching.indexes.base import Found, check_query, check_vectors, ordered

# Scores held at once: 4 million float32, 16 MB, whatever the number of queries.
_SCORES_AT_ONCE = 4_000_000


class ExactIndex:
    """Exact search over `vectors`, float32 (n, d); they are kept, not copied."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = check_vectors(vectors)

    @property
    def vectors(self) -> NDArray[np.float32]:
        """The vectors indexed, float32 (n, d)."""
        return self._vectors

    @property
    def count(self) -> int:
        return int(self._vectors.shape[0])

    @property
    def dimension(self) -> int:
        return int(self._vectors.shape[1])

    def search(
        self,
        queries: NDArray[np.float32],
        k: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> Found:
        """See VectorIndex.search."""
        queries, k = check_query(queries, k, allowed, self.count, self.dimension)
        ids = np.zeros((len(queries), k), np.int64)
        scores = np.zeros((len(queries), k), np.float32)
        if k == 0:
            return ids, scores
        rows = None if allowed is None else np.flatnonzero(allowed)
        vectors = self._vectors if rows is None else self._vectors[rows]
        step = max(1, _SCORES_AT_ONCE // len(vectors))
        for start in range(0, len(queries), step):
            block = queries[start : start + step] @ vectors.T
            for offset, row in enumerate(block):
                best = top(row, k)
                ids[start + offset] = best if rows is None else rows[best]
                scores[start + offset] = row[best]
        return ids, scores


def top(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Places of the `k` highest scores, best first, ties by place; 1 <= k <= len(scores)."""
    if k < len(scores):
        # Partition alone would pick any of several equal scores at the edge.
        edge = np.partition(scores, len(scores) - k)[len(scores) - k]
        places = np.flatnonzero(scores >= edge)
    else:
        places = np.arange(len(scores))
    return ordered(places, scores[places])[0][:k]
