"""What a query is ranked against: concepts, each with one or more label rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.taxonomy import Concept

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """`names` (candidates,) and their label rows: `texts`, `owners` and `preferred` (rows,).

    `owners` are candidate numbers in ascending order, and every candidate has a preferred row.
    """

    names: tuple[str, ...]
    texts: tuple[str, ...]
    owners: Ints
    preferred: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class VocabularyMatch:
    """Candidates of a vocabulary, and through what its labels found their concepts."""

    candidates: Candidates
    by_preferred: int
    by_alternative: int
    unmatched: int


def normal(label: str) -> str:
    """A label for comparing: lower case, single blanks."""
    return " ".join(label.casefold().split())


def of_concepts(
    concepts: Iterable[Concept], kinds: Collection[str], language: str | None = None
) -> Candidates:
    """Released concepts of `kinds`, with preferred and alternative labels, in order of URI.

    `language` limits the labels to one language; a concept without any in it keeps its best
    preferred label (English where there is one), so that it is still among the candidates.
    Hidden labels, made for search boxes, are left out, as in the published rankings.
    """
    chosen = sorted(
        (c for c in concepts if c.kind in kinds and c.status == "released"), key=lambda c: c.uri
    )
    rows: list[list[tuple[str, bool]]] = []
    for concept in chosen:
        texts: dict[str, bool] = {}
        for code in sorted(concept.labels) if language is None else [language]:
            labels = concept.labels.get(code)
            if labels is None:
                continue
            if labels.preferred:
                texts[labels.preferred] = True
            for text in labels.alternative:
                texts.setdefault(text, False)
        if True not in texts.values():
            texts[concept.label(language or "en")] = True
        rows.append(list(texts.items()))
    return _candidates([concept.uri for concept in chosen], rows)


def of_vocabulary(
    labels: Sequence[str], concepts: Iterable[Concept], language: str = "en"
) -> VocabularyMatch:
    """The labels of a vocabulary as candidates, each with the other names of its ESCO skill.

    A label belongs to the skill that prefers it, else to the one skill that has it as an
    alternative and whose preferred label is not in the vocabulary (labels change from version to
    version). A name that is itself in the vocabulary is no other name of anything else.
    """
    known = {normal(label) for label in labels}
    preferred: dict[str, Concept] = {}
    alternative: dict[str, list[Concept]] = defaultdict(list)
    for concept in sorted(concepts, key=lambda c: (c.status != "released", c.uri)):
        names = concept.labels.get(language)
        if concept.kind != "skill" or names is None:
            continue
        preferred.setdefault(normal(names.preferred), concept)
        if normal(names.preferred) not in known:
            for name in names.alternative:
                alternative[normal(name)].append(concept)

    rows: list[list[tuple[str, bool]]] = []
    by_preferred = by_alternative = 0
    for label in labels:
        owner = preferred.get(normal(label))
        others = {concept.uri: concept for concept in alternative.get(normal(label), ())}
        if owner is not None:
            by_preferred += 1
        elif len(others) == 1:
            owner = next(iter(others.values()))
            by_alternative += 1
        texts = {label: True}
        if owner is not None:
            names = owner.labels[language]
            for text in (names.preferred, *names.alternative):
                if text and normal(text) not in known:
                    texts.setdefault(text, False)
        rows.append(list(texts.items()))
    unmatched = len(labels) - by_preferred - by_alternative
    return VocabularyMatch(_candidates(labels, rows), by_preferred, by_alternative, unmatched)


def _candidates(names: Sequence[str], rows: Sequence[Sequence[tuple[str, bool]]]) -> Candidates:
    owners = [number for number, own in enumerate(rows) for _ in own]
    return Candidates(
        tuple(names),
        tuple(text for own in rows for text, _ in own),
        np.array(owners, dtype=np.int64),
        np.array([preferred for own in rows for _, preferred in own], dtype=np.bool_),
    )
