"""HNSW against the exact search on the shipped space: recall@10 and time, in one run.

    python benchmarks/hnsw_recall.py [--queries 500]

Queries are labels of the space, each moved a little by noise of a fixed seed, so that a query is
near its own label but never on it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np

from matching import Space
from matching.indexes.exact import ExactIndex
from matching.indexes.hnsw import HnswIndex
from matching.vectors import unit


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one row a kind of concept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--queries", type=int, default=500)
    count = parser.parse_args(arguments).queries
    space, rng = Space.load(), np.random.default_rng(42)
    print("| kind | rows | build, s | recall@10 | time of one query, HNSW / exact |")
    print("| --- | --- | --- | --- | --- |")
    for kind in ("occupation", "skill"):
        rows = space.vectors(space.label_rows(kind))
        picked = rows[rng.choice(len(rows), count, replace=False)]
        noise = rng.normal(0, 0.3 / np.sqrt(rows.shape[1]), picked.shape)
        queries = unit((picked + noise).astype(np.float32))
        began = time.perf_counter()
        graph, reference = HnswIndex.build(rows), ExactIndex(rows)
        built = time.perf_counter() - began
        seconds, answers = [], []
        for index in (graph, reference):
            began = time.perf_counter()
            answers.append([index.search(query[None], 10)[0][0] for query in queries])
            seconds.append(time.perf_counter() - began)
        shared = [len(set(a) & set(b)) / 10 for a, b in zip(*answers, strict=True)]
        ratio = seconds[0] / seconds[1]
        print(f"| {kind} | {len(rows)} | {built:.0f} | {np.mean(shared):.3f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
