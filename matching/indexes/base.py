"""What every index offers, and the checks they share."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ner.errors import BadInputError, UsageError

Found = tuple[NDArray[np.int64], NDArray[np.float32]]


class VectorIndex(Protocol):
    """Inner-product search over unit vectors; an id is a row of the vectors indexed."""

    @property
    def count(self) -> int: ...

    @property
    def dimension(self) -> int: ...

    def search(
        self,
        queries: NDArray[np.float32],
        k: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> Found:
        """The best `k` rows for each query, best first, ties by id.

        queries float32 (q, d), finite and not zero; allowed bool (count,) or None for all.
        Returns ids int64 (q, k') and scores float32 (q, k'), k' = min(k, rows allowed).
        Raises UsageError for k < 1 or wrong shapes, BadInputError for unusable queries.
        """
        ...


def check_vectors(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Contiguous float32 (n, d); raises BadInputError if a row is zero or not finite."""
    if vectors.ndim != 2:
        raise UsageError(
            f"an index needs vectors of two axes, got {vectors.ndim}", "Pass an (n, d) array."
        )
    vectors = np.ascontiguousarray(vectors, np.float32)
    squares = np.einsum("ij,ij->i", vectors, vectors)
    bad = np.flatnonzero(~np.isfinite(squares) | (squares == 0))
    if len(bad):
        raise BadInputError(
            f"vector {int(bad[0])} is zero or not finite ({len(bad)} of {len(vectors)} are)",
            "Leave out texts that have no vector.",
        )
    return vectors


def check_query(
    queries: NDArray[np.float32],
    k: int,
    allowed: NDArray[np.bool_] | None,
    count: int,
    dimension: int,
) -> tuple[NDArray[np.float32], int]:
    """The checked queries, and k clamped to the rows that may be returned."""
    if k < 1:
        raise UsageError(f"k is {k}", "Ask for at least one result.")
    if queries.ndim != 2 or queries.shape[1] != dimension:
        raise UsageError(
            f"the queries have the shape {queries.shape}, the index {dimension} dimensions",
            "Pass a (q, d) array from the encoder that made the index.",
        )
    if allowed is not None and allowed.shape != (count,):
        raise UsageError(
            f"the filter has the shape {allowed.shape}, the index {count} rows",
            "Pass one true or false a row.",
        )
    passing = count if allowed is None else int(np.count_nonzero(allowed))
    return check_vectors(queries), min(k, passing)


def ordered(ids: NDArray[np.int64], scores: NDArray[np.float32]) -> Found:
    """One result row by descending score, ties by ascending id."""
    order = np.lexsort((ids, -scores))
    return ids[order], scores[order]
