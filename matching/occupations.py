"""Ranking occupations for a document: what its parts say, and how they add up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.licences import licence_missing
from matching.profiles import Profiles
from matching.ranking import OWN_SHARE
from matching.senses import Stretches, in_document, skill_scores
from matching.space import Space

# How many skills one mention can show, and how near to its best others count as just as good: one
# word must not tick off twenty siblings.
MOST = 5
AS_GOOD = 0.03
_UNSEEN = -1.0
# A line that names one occupation names those as well that it lies nearly as near to.
_NAMED_ALIKE = 0.1
# What is recommended to who asks for no number of occupations.
_USUAL = 10
_ALWAYS = 3
# How evenly the windows of a document count: one that lies .1 nearer to some occupation counts
# 2.7 times as much. Benefits and addresses are near none.
_EVEN = 0.1


@dataclass(frozen=True, slots=True)
class Weights:
    """How the parts of a score are mixed; chosen on the development sets (benchmarks/results.md).

    `document`: the document's windows against names and descriptions, of which `description` is
    the share (0..1) of the latter; `titles`: its title-like lines against names; `skills`: its
    skills against the occupation's. `known` and `sure` are the scores from which a mention
    begins to show a skill, and shows it fully; `known` is the smaller one. `licence`: what is lost
    for each unit by which the best title-like line is short of `named`, the score from which it
    names a profession, where one needs a licence (see `licences`). `least`: the score from which an
    occupation behind the third is recommended to who asks for no number of them.
    """

    document: float = 0.55
    titles: float = 0.13
    skills: float = 0.32
    description: float = 0.55
    known: float = 0.4
    sure: float = 0.8
    licence: float = 1.0
    named: float = 0.7
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Signals:
    """What a document says about every occupation and skill, before any of `Weights` counts.

    `names` float32 (o,): the document's windows with the labels, averaged by how much each window
    says of any occupation; `descriptions` float32 (o,): likewise with the description, or the
    labels where an occupation has none; `titles` float32 (o,): the square of the best title-like
    line with the labels, since being near a title is far less than being it; `named` float32 (o,):
    the score of the best such line that names no other occupation much better; all 0 where the
    document has no such part.
    `near` float32 (s,): the score (see `senses`) of the best mention that counts for the skill, -1
    without one; `mention` int64 (s,): which mention that is. `skill` int64 (m, k): the k skills (at
    most five) that each mention may name in such a document, best first; `fit` float32 (m, k): how
    well it names each.
    """

    names: NDArray[np.float32]
    descriptions: NDArray[np.float32]
    titles: NDArray[np.float32]
    named: NDArray[np.float32]
    near: NDArray[np.float32]
    mention: NDArray[np.int64]
    skill: NDArray[np.int64]
    fit: NDArray[np.float32]

    @property
    def mentions(self) -> int:
        """How many mentions the document has."""
        return len(self.skill)


def read_signals(
    space: Space,
    table: Profiles,
    windows: NDArray[np.float32],
    titles: NDArray[np.float32],
    mentions: Stretches,
) -> Signals:
    """Signals of a document given as unit vectors of its windows, title-like lines and mentions.

    A mention counts for the five skills nearest to it, with any tied to the fifth, and for those
    within 0.03 of the nearest; less for skills of trades that the windows are far from.
    """
    names = descriptions = titled = said = np.zeros(len(table.occupations), np.float32)
    if len(windows) and len(names):
        named, _ = space.scores(windows, "occupation", own_share=OWN_SHARE)
        described, _ = space.scores(windows, "occupation", description_weight=1.0)
        telling = _softmax(described.max(axis=1))
        names, descriptions = telling @ named, telling @ described
    if len(titles) and len(names):
        near_titles, _ = space.scores(titles, "occupation", own_share=OWN_SHARE)
        titled = np.clip(near_titles.max(axis=0), 0, 1) ** 2
        lead = near_titles.max(axis=1, keepdims=True) - np.float32(_NAMED_ALIKE)
        said = np.where(near_titles >= lead, near_titles, 0).max(axis=0)
    # Half and half: which trades are near does not hang on the weights.
    foreign = table.foreign(np.float32(0.5) * (names + descriptions))
    return Signals(names, descriptions, titled, said, *_named(space, mentions, foreign))


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    grown = np.exp((scores - scores.max()) / np.float32(_EVEN))
    return np.asarray(grown / grown.sum(), np.float32)


def _named(
    space: Space, mentions: Stretches, foreign: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """The best score of each skill and the first mention that has it, both (s,); the best skills
    of each mention and their scores, both (m, k)."""
    near = np.full(len(foreign), _UNSEEN, np.float32)
    mention = np.zeros(len(foreign), np.int64)
    best = (len(mentions), min(MOST, len(foreign)))
    skill, fit = np.zeros(best, np.int64), np.zeros(best, np.float32)
    start = 0
    for scores in skill_scores(space, mentions) if len(foreign) else ():
        rows = slice(start, start + len(scores))
        meant = in_document(scores, mentions.trade[rows], foreign)
        skill[rows] = _first(meant, best[1])
        fit[rows] = np.take_along_axis(meant, skill[rows], axis=1)
        counted = counting(meant)
        top = counted.max(axis=0)
        mention = np.where(top > near, counted.argmax(axis=0) + start, mention)
        near = np.maximum(top, near)
        start = rows.stop
    return near, mention, skill, fit


def _first(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """The places of the `count` best of each row, best first, ties in the order of places."""
    place = max(scores.shape[1] - count, 0)
    # Sorting all of ESCO's skills for each mention would take longer than scoring them.
    edge = np.partition(scores, place, axis=1)[:, place]
    rows = [np.flatnonzero(row >= last) for row, last in zip(scores, edge, strict=True)]
    return np.array(
        [
            places[np.argsort(-row[places], kind="stable")][:count]
            for places, row in zip(rows, scores, strict=True)
        ],
        np.int64,
    ).reshape(len(scores), count)


def counting(near: NDArray[np.float32]) -> NDArray[np.float32]:
    """The scores (m, s) of the skills for which each mention counts; -1 for all others."""
    place = max(near.shape[1] - MOST, 0)
    # An edge rather than a list of places: what is tied stands or falls together.
    last = np.partition(near, place, axis=1)[:, place]
    edge = np.minimum(last, near.max(axis=1) - np.float32(AS_GOOD))
    return np.where(near >= edge[:, None], near, np.float32(_UNSEEN))


def about(signals: Signals, weights: Weights) -> NDArray[np.float32]:
    """How near each occupation is to the document as a whole, float32 (o,)."""
    share = weights.description
    return np.asarray(
        np.float32(1 - share) * signals.names + np.float32(share) * signals.descriptions,
        np.float32,
    )


def shown(signals: Signals, weights: Weights) -> NDArray[np.float32]:
    """How surely the document shows each skill, float32 (s,) in 0..1."""
    scale = weights.sure - weights.known
    return np.asarray(np.clip((signals.near - weights.known) / scale, 0, 1), np.float32)


def best(ranked: NDArray[np.float32], limit: int | None, weights: Weights) -> NDArray[np.int64]:
    """The places of the best `limit` of the scores `ranked` (o,), best first, ties in their order.

    None: up to ten, the best three and those behind them that score `Weights.least`.
    """
    order = np.argsort(-ranked, kind="stable")[: _USUAL if limit is None else limit]
    if limit is None:
        told = ranked[order] >= np.float32(weights.least)
        told[:_ALWAYS] = True
        order = order[told]
    return order


def licence(table: Profiles, signals: Signals, weights: Weights) -> NDArray[np.float32]:
    """What each occupation loses for a licence that no title-like line names, float32 (o,)."""
    missing = licence_missing(table.licensed, signals.named, weights.named)
    return np.asarray(np.float32(weights.licence) * missing, np.float32)


def scores(table: Profiles, signals: Signals, weights: Weights) -> NDArray[np.float32]:
    """The score of each occupation, float32 (o,): three weighed terms, less a missing licence."""
    return np.asarray(
        weights.document * about(signals, weights)
        + weights.titles * signals.titles
        + weights.skills * table.shares(shown(signals, weights), signals.mentions)
        - licence(table, signals, weights),
        np.float32,
    )
