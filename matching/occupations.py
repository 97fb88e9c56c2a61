"""Ranking occupations for a document: what its parts say, and how they add up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.profiles import Profiles
from matching.space import Space

# Mentions scored together: with all skills of ESCO about 14 MB.
_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Weights:
    """How the parts of a score are mixed; chosen on the development sets (see the recipe page).

    `document`: the document's windows against names and descriptions; `titles`: its title-like
    lines against names; `skills`: its skills against the occupation's. `known` and `sure` are the
    cosines from which a mention begins to show a skill, and shows it fully.
    """

    document: float = 0.5
    titles: float = 0.2
    skills: float = 0.3
    description: float = 0.5
    known: float = 0.5
    sure: float = 0.85


@dataclass(frozen=True, slots=True)
class Signals:
    """What a document says about every occupation and skill.

    `document`, `titles` float32 (o,); `shown` float32 (s,) in 0..1; `mention` int64 (s,): which
    mention shows the skill best; `mentions`: how many there are.
    """

    document: NDArray[np.float32]
    titles: NDArray[np.float32]
    shown: NDArray[np.float32]
    mention: NDArray[np.int64]
    mentions: int


def read_signals(
    space: Space,
    table: Profiles,
    windows: NDArray[np.float32],
    titles: NDArray[np.float32],
    mentions: NDArray[np.float32],
    weights: Weights,
) -> Signals:
    """Signals of a document given as unit vectors of its windows, title-like lines and mentions."""
    count, skills = len(table.occupations), len(table.skills)
    about = np.zeros(count, np.float32)
    if len(windows):
        whole = windows.mean(axis=0, keepdims=True)
        about = space.scores(whole, "occupation", description_weight=weights.description)[0][0]
    named = np.zeros(count, np.float32)
    if len(titles):
        named = space.scores(titles, "occupation")[0].max(axis=0)
    shown, mention = np.zeros(skills, np.float32), np.zeros(skills, np.int64)
    if len(mentions):
        best, mention = _nearest(space, mentions, skills)
        shown = np.clip((best - weights.known) / (weights.sure - weights.known), 0, 1)
    return Signals(about, named, shown.astype(np.float32), mention, len(mentions))


def _nearest(
    space: Space, mentions: NDArray[np.float32], skills: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The best score of each skill, and the first mention that has it, both (s,)."""
    best = np.full(skills, -np.inf, np.float32)
    mention = np.zeros(skills, np.int64)
    for start in range(0, len(mentions), _AT_ONCE):
        near = space.scores(mentions[start : start + _AT_ONCE], "skill")[0]
        top = near.max(axis=0)
        mention = np.where(top > best, near.argmax(axis=0) + start, mention)
        best = np.maximum(top, best)
    return best, mention


def scores(table: Profiles, signals: Signals, weights: Weights) -> NDArray[np.float32]:
    """The score of each occupation, float32 (o,)."""
    return np.asarray(
        weights.document * signals.document
        + weights.titles * signals.titles
        + weights.skills * table.shares(signals.shown, signals.mentions),
        np.float32,
    )
