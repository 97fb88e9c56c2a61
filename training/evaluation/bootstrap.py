"""Percentile bootstrap over units that were drawn together (documents, queries).

Every figure here is a function of sums over units, so a resample is a row of multinomial weights
and all resamples are one matrix product. Efron & Tibshirani, An Introduction to the Bootstrap,
1993, chapter 13 (percentile interval).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from training.evaluation.report import Figure

RESAMPLES = 1_000
SEED = 42
LEVEL = 0.95
# Resamples taken at once: bounds the weight matrix to 100 x units.
_BLOCK = 100

Floats = NDArray[np.float64]


def figures(
    names: Sequence[str],
    counts: Floats,
    statistic: Callable[[Floats], Floats],
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, Figure]:
    """Named figures with 95 % intervals.

    `counts` is (units, columns), summed over units; `statistic` maps sums (rows, columns) to
    figures (rows, names). With fewer than two units there is no interval.
    """
    values = statistic(counts.sum(axis=0, keepdims=True))[0]
    if len(counts) < 2:
        return {name: Figure(float(value)) for name, value in zip(names, values, strict=True)}
    units = len(counts)
    random = np.random.default_rng(seed)
    share = np.full(units, 1.0 / units)
    drawn = [
        statistic(random.multinomial(units, share, size=min(_BLOCK, resamples - done)) @ counts)
        for done in range(0, resamples, _BLOCK)
    ]
    tail = (1.0 - LEVEL) / 2
    low, high = np.quantile(np.concatenate(drawn), [tail, 1.0 - tail], axis=0)
    return {
        name: Figure(float(value), float(down), float(up))
        for name, value, down, up in zip(names, values, low, high, strict=True)
    }


def mean_figures(
    names: Sequence[str], values: Floats, resamples: int = RESAMPLES, seed: int = SEED
) -> dict[str, Figure]:
    """Means of per-unit values (units, names), each with its interval; no unit at all gives 0."""
    counted = np.concatenate([values, np.ones((len(values), 1))], axis=1)

    def means(sums: Floats) -> Floats:
        return sums[:, :-1] / np.maximum(sums[:, -1:], 1.0)

    return figures(names, counted, means, resamples, seed)
