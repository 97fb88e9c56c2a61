"""From scores of text vectors to scores of concepts.

A concept has many labels and few descriptions; its score is the best of its labels, or
(1 - weight) x best label + weight x best description where it has a description. Part of the
best label's score may be the preferred label's (`with_own`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.indexes.exact import top
from matching.space_store import TEXT_KINDS

# Scores held at once: 8 million float32, 32 MB.
_SCORES_AT_ONCE = 8_000_000
# Above this share of the rows, scoring all and picking is cheaper than copying the vectors.
_PICK_SHARE = 0.2
# How much of a concept's score is its preferred label's wherever a text is matched; chosen on the
# development files (benchmarks/results.md).
OWN_SHARE = 0.5
# How fast a near name loses its need of the preferred label: cosine .9 keeps four fifths of it,
# .97 two fifths, 1 next to none: what is left tells concepts apart that share the very name.
_SAME = 16
_LEAST = 0.001


class Hit(NamedTuple):
    """A concept and its score; 1 is the same direction as the query."""

    uri: str
    score: float


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Neighbouring rows of the matrix, those of one concept side by side.

    vectors float32 (n, d); concept, language, kind (n,): numbers as in the store.
    """

    vectors: NDArray[np.float32]
    concept: NDArray[np.int32]
    language: NDArray[np.int8]
    kind: NDArray[np.int8]


@dataclass(frozen=True)
class BlockPick:
    """The rows of a block that pass a filter; `keep` is bool (n,), or None for all."""

    block: TextBlock
    keep: NDArray[np.bool_] | None

    @cached_property
    def rows(self) -> NDArray[np.int64] | None:
        return None if self.keep is None else np.flatnonzero(self.keep)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each concept begins among the rows that pass."""
        concept = self._concept
        fresh = np.ones(len(concept), np.bool_)
        fresh[1:] = concept[1:] != concept[:-1]
        return np.flatnonzero(fresh)

    @cached_property
    def concepts(self) -> NDArray[np.int32]:
        """Numbers of the concepts with a row that passes, ascending, (c,)."""
        return self._concept[self.starts]

    @property
    def _concept(self) -> NDArray[np.int32]:
        concept = self.block.concept
        return concept if self.rows is None else concept[self.rows]

    @cached_property
    def _preferred(self) -> NDArray[np.bool_]:
        """Which of the rows that pass are preferred labels."""
        own: NDArray[np.bool_] = self.block.kind == TEXT_KINDS.index("preferred")
        return own if self.rows is None else own[self.rows]

    def best(self, queries: NDArray[np.float32], own_share: float = 0.0) -> NDArray[np.float32]:
        """The best score of each concept for each query (q, d): float32 (q, c).

        With an `own_share`, preferred labels vouch for the others; see `with_own`.
        """
        if not len(self.concepts) or not len(queries):
            return np.zeros((len(queries), len(self.concepts)), np.float32)
        vectors, rows = self.block.vectors, self.rows
        if rows is not None and len(rows) < _PICK_SHARE * len(vectors):
            vectors, rows = vectors[rows], None
        step = max(1, _SCORES_AT_ONCE // len(vectors))
        parts = []
        for start in range(0, len(queries), step):
            scores = queries[start : start + step] @ vectors.T
            if rows is not None:
                scores = scores[:, rows]
            best = np.maximum.reduceat(scores, self.starts, axis=1)
            if own_share > 0:
                scores[:, ~self._preferred] = -np.inf
                own = np.maximum.reduceat(scores, self.starts, axis=1)
                best = with_own(best, np.where(np.isinf(own), best, own), own_share)
            parts.append(best)
        return np.concatenate(parts)


def with_own(
    best: NDArray[np.float32], own: NDArray[np.float32], share: float
) -> NDArray[np.float32]:
    """The best label's score, `share` (0..1) of it replaced by the preferred label's; any shape.

    One of many odd names comes near by chance, and the preferred label vouches for it. The nearer
    the best name is to being the query itself, the less it needs that.
    """
    doubt = np.float32(share) * np.maximum(1 - np.clip(best, 0, 1) ** _SAME, np.float32(_LEAST))
    return np.asarray(best + doubt * (own - best), np.float32)


def mixed(
    labels: BlockPick,
    descriptions: BlockPick,
    queries: NDArray[np.float32],
    description_weight: float = 0.0,
    own_share: float = 0.0,
) -> NDArray[np.float32]:
    """Scores of `labels.concepts`, float32 (q, c), with own labels and descriptions weighed in."""
    scores = labels.best(queries, own_share)
    if description_weight > 0 and len(descriptions.concepts):
        _, here, there = np.intersect1d(
            labels.concepts, descriptions.concepts, assume_unique=True, return_indices=True
        )
        texts = descriptions.best(queries)[:, there]
        weight = np.float32(description_weight)
        scores[:, here] = (1 - weight) * scores[:, here] + weight * texts
    return scores


def hits(
    scores: NDArray[np.float32], concepts: NDArray[np.int32], uris: list[str], k: int
) -> list[Hit]:
    """The best `k` concepts of one query, scores (c,), ties in the order of concepts."""
    if not len(scores):
        return []
    best = top(scores, min(k, len(scores)))
    return [Hit(uris[concepts[place]], float(scores[place])) for place in best]
