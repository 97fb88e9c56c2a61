"""Which skill a marked stretch names: by its words, by descriptions, and by what stands around it.

A word has many senses ("pipelines", "SOAP"), and taxonomies count words among a skill's names that
mean it in its own trade alone ("engineering" for packaging engineering). The description of the
skill vouches for such a name; the sentence around the word, and what the document is about, say in
which sense it is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.ranking import OWN_SHARE
from matching.space import Space

# The share of a skill's description in the score of a stretch, and what a skill loses for each unit
# of cosine that it is behind the skills nearest to the sentence, or its occupations behind those
# nearest to the document; chosen on links judged by eye (benchmarks/results.md).
DESCRIPTION_SHARE = 0.3
SENTENCE_LOSS = 0.35
DOCUMENT_LOSS = 0.5
# So many of the nearest stand for what a text is about.
NEAREST = 5
# Stretches scored together: with all skills of ESCO about 14 MB, a few times over.
AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Stretches:
    """Marked stretches of a text as unit vectors.

    `said` float32 (m, d); `sentences` float32 (k, d), each once; `sentence` int64 (m,): the
    sentence that each stretch stands in; `trade` bool (m,): whether it names a skill of a trade,
    rather than one that people bring to any work.
    """

    said: NDArray[np.float32]
    sentences: NDArray[np.float32]
    sentence: NDArray[np.int64]
    trade: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.said)


def behind(near: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each is behind the mean of the five nearest in its row, 0 or more; near: (..., c)."""
    nearest = np.partition(near, -min(NEAREST, near.shape[-1]), axis=-1)[..., -NEAREST:]
    return np.asarray(np.maximum(nearest.mean(axis=-1, keepdims=True) - near, 0), np.float32)


def skill_scores(space: Space, stretches: Stretches) -> Iterator[NDArray[np.float32]]:
    """How well each stretch names each skill, in its sentence: blocks of rows, float32 (b, s).

    Skills are in the order of `Space.scores`, of which there must be at least one.
    """
    for start in range(0, len(stretches), AT_ONCE):
        block = slice(start, start + AT_ONCE)
        names, _ = space.scores(
            stretches.said[block],
            "skill",
            description_weight=DESCRIPTION_SHARE,
            own_share=OWN_SHARE,
        )
        around, place = np.unique(stretches.sentence[block], return_inverse=True)
        meant, _ = space.scores(stretches.sentences[around], "skill", own_share=OWN_SHARE)
        yield names - np.float32(SENTENCE_LOSS) * behind(meant)[place]


def in_document(
    scores: NDArray[np.float32], trade: NDArray[np.bool_], foreign: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The scores (b, s) of stretches, less for skills of trades that the document is far from.

    trade: bool (b,), as in `Stretches`; foreign: float32 (s,), as `Profiles.foreign` measures it.
    """
    return np.asarray(scores - DOCUMENT_LOSS * np.outer(trade, foreign), np.float32)
