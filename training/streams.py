"""Batches of items of about equal length, and their rows filled up to one length."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def batches_by_length(
    lengths: Sequence[int], tokens_per_step: int, rng: random.Random
) -> list[list[int]]:
    """Indices in batches whose padded size stays within `tokens_per_step`, in random order.

    Items of similar length share a batch, so that little is padded; chance enters before sorting,
    by a jitter of the lengths, and after it, by shuffling the batches.
    """
    order = sorted(range(len(lengths)), key=lambda i: lengths[i] * rng.uniform(0.9, 1.1))
    batches: list[list[int]] = []
    current: list[int] = []
    longest = 0
    for index in order:
        longest = max(longest, lengths[index])
        if current and longest * (len(current) + 1) > tokens_per_step:
            batches.append(current)
            current, longest = [], lengths[index]
        current.append(index)
    if current:
        batches.append(current)
    rng.shuffle(batches)
    return batches


def padded(arrays: Sequence[NDArray[np.int64]], fill: int) -> NDArray[np.int64]:
    """Rows of different lengths as one array (n, longest), filled up at the end with `fill`."""
    longest = max(len(array) for array in arrays)
    table = np.full((len(arrays), longest), fill, dtype=np.int64)
    for row, array in zip(table, arrays, strict=True):
        row[: len(array)] = array
    return table
