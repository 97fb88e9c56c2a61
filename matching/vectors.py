"""Unit vectors, and unit vectors as int8 rows: a quarter of the bytes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide each vector of the last axis by its length; a zero vector stays zero."""
    # In double precision, where the squares of tiny values do not vanish.
    squares = np.einsum("...i,...i->...", vectors, vectors, dtype=np.float64)
    lengths = np.sqrt(squares)[..., None]
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)


def quantise(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """float32 (n, d), finite -> int8 (n, d).

    A row is divided by its greatest magnitude / 127 and rounded, which keeps its direction to
    about half a step; its length is lost. A zero row stays zero.
    """
    peaks = np.abs(vectors).max(axis=1, keepdims=True, initial=0)
    return np.rint(vectors / np.where(peaks > 0, peaks, 1) * 127).astype(np.int8)


def dequantise(codes: NDArray[np.int8]) -> NDArray[np.float32]:
    """int8 (n, d) -> float32 unit rows (n, d); a zero row stays zero."""
    vectors = codes.astype(np.float32)
    # In double precision, so that every machine gives the bytes that an index was built over.
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    scales = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    # In place: the vectors of a taxonomy are most of what a space holds in memory.
    vectors *= scales.astype(np.float32)[:, None]
    return vectors
