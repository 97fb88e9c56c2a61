"""Windows over a sequence of any length, so that nothing is cut."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ner.errors import UsageError

# Of models whose manifest states nothing else, in tokens. The size counts the two special tokens
# that open and close each window, whatever it holds.
WINDOW_SIZE = 256
WINDOW_OVERLAP = 64
WINDOW_SPECIALS = 2


def windows(length: int, size: int, overlap: int) -> list[tuple[int, int]]:
    """Half-open windows of at most `size` that cover 0..length, neighbours sharing `overlap`.

    Every window of a longer sequence is full: the last one is moved back, which shares more.
    Raises UsageError unless 0 <= overlap < size.
    """
    if not 0 <= overlap < size:
        raise UsageError(
            f"windows of {size} cannot overlap by {overlap}",
            "Use an overlap of at least 0 and smaller than the window.",
        )
    if length <= size:
        return [(0, length)] if length > 0 else []
    starts = list(range(0, length - size, size - overlap))
    return [(start, start + size) for start in [*starts, length - size]]


def deepest(bounds: Sequence[tuple[int, int]], length: int) -> npt.NDArray[np.int64]:
    """For each position (length,), the index of the window in which it stands deepest.

    Depth is the distance to the nearer edge of the window; the earlier window wins a tie; -1
    where no window covers the position.
    """
    owner = np.full(length, -1, dtype=np.int64)
    best = np.full(length, -1, dtype=np.int64)
    for index, (start, end) in enumerate(bounds):
        inside = np.arange(end - start)
        depth = np.minimum(inside, inside[::-1])
        deeper = depth > best[start:end]
        owner[start:end][deeper] = index
        best[start:end][deeper] = depth[deeper]
    return owner
