"""Hard negatives: for a label that a pair asks for, a near label of another concept.

In-batch negatives are mostly far away, so a model learns little of the difference between
neighbours; a near one a pair teaches it (DPR, Karpukhin et al. 2020, doi
10.18653/v1/2020.emnlp-main.550). The nearest labels are often as right as the positive itself,
and those very close by are passed over for that.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matching.taxonomy import Taxonomy
from training.pairs.kinds import Pair

NEAREST, FURTHEST = 2, 12
TOO_CLOSE = 0.9
_ROWS = 1024

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


def near_labels(taxonomy: Taxonomy, encode: Encode) -> dict[str, tuple[str, ...]]:
    """Preferred label -> preferred labels near it, of the same kind and language.

    A label that serves several concepts or languages has the neighbours of all of them. `encode`
    turns n texts into n unit rows. Labels that share a name with the label asked for, are its
    parent or child, or lie closer than TOO_CLOSE (cosine), are left out.
    """
    kin: dict[str, set[str]] = defaultdict(set)
    for child, parent in taxonomy.broader:
        kin[child].add(parent)
        kin[parent].add(child)
    found: dict[str, tuple[str, ...]] = {}
    for kind in ("skill", "occupation"):
        for language in taxonomy.languages:
            group = [
                concept
                for concept in taxonomy.concepts.values()
                if concept.kind == kind
                and concept.status == "released"
                and language in concept.labels
            ]
            labels = [concept.labels[language].preferred for concept in group]
            names = [
                {labels[n].casefold(), *(a.casefold() for a in c.labels[language].alternative)}
                for n, c in enumerate(group)
            ]
            vectors = encode(labels)
            for first in range(0, len(group), _ROWS):
                rows = range(first, min(first + _ROWS, len(group)))
                cosines = vectors[rows.start : rows.stop] @ vectors.T
                count = min(FURTHEST + 1, len(group))
                nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
                for place, row in enumerate(rows):
                    order = nearest[place][np.argsort(-cosines[place, nearest[place]])]
                    found[labels[row]] = found.get(labels[row], ()) + tuple(
                        labels[n]
                        for n in order[NEAREST:]
                        if n != row
                        and cosines[place, n] < TOO_CLOSE
                        and not names[n] & names[row]
                        and group[n].uri not in kin[group[row].uri]
                    )
    return found


def with_negatives(
    pairs: Iterable[Pair], near: Mapping[str, Sequence[str]], rng: random.Random
) -> list[Pair]:
    """The pairs of which one side has near labels, each with one of them as its negative.

    The side that is asked for counts first; where that is another name, the label that asks.
    """
    kept = []
    for pair in pairs:
        some = near.get(pair.positive) or near.get(pair.anchor)
        if some:
            kept.append(replace(pair, negative=rng.choice(some)))
    return kept
