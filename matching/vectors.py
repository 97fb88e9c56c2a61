"""Unit vectors, and unit vectors as int8 rows with one float32 scale: a quarter of the bytes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide each vector of the last axis by its length; a zero vector stays zero."""
    # In double precision, where the squares of tiny values do not vanish.
    squares = np.einsum("...i,...i->...", vectors, vectors, dtype=np.float64)
    lengths = np.sqrt(squares)[..., None]
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)


def quantise(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """float32 (n, d), finite -> int8 (n, d) and float32 (n,).

    A row is divided by its greatest magnitude / 127 and rounded, which keeps its direction to
    about half a step. The scale is 1 / the length of the rounded row, so that `dequantise` gives
    unit rows exactly; a zero row stays zero.
    """
    peaks = np.abs(vectors).max(axis=1, keepdims=True, initial=0)
    codes = np.rint(vectors / np.where(peaks > 0, peaks, 1) * 127).astype(np.int8)
    wide = codes.astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", wide, wide, dtype=np.float64))
    scales = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return codes, scales.astype(np.float32)


def dequantise(codes: NDArray[np.int8], scales: NDArray[np.float32]) -> NDArray[np.float32]:
    """int8 (n, d) and float32 (n,) -> float32 unit rows (n, d)."""
    vectors = codes.astype(np.float32)
    vectors *= scales[:, None]
    return vectors
