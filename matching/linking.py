"""From a mention or a sentence to a skill of the taxonomy, or to none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.answers import Evidence, FoundSkill, Link, Named, Unlinked
from matching.space import Space


@dataclass(frozen=True, slots=True)
class Mention:
    """A marked stretch of a document, with the sentence it stands in."""

    start: int
    end: int
    text: str
    sentence: str

    def evidence(self) -> Evidence:
        """The same, as an answer holds it."""
        return Evidence(self.start, self.end, self.text, self.sentence)


def named(space: Space, uri: str, language: str) -> Named:
    """The concept with its label in `language`."""
    concept = space.concepts[uri]
    isco = concept.isco if concept.kind == "occupation" else None
    return Named(uri, concept.label(language), isco)


def link_vectors(
    space: Space,
    texts: Sequence[str],
    vectors: NDArray[np.float32],
    threshold: float,
    language: str,
    model: str,
) -> list[Link | Unlinked]:
    """The best skill of each text if its score reaches `threshold`.

    Where the space has an HNSW graph over skills, the graph answers.
    """
    answers: list[Link | Unlinked] = []
    for text, hits in zip(texts, space.best(vectors, "skill", 1), strict=True):
        best = named(space, hits[0].uri, language) if hits else None
        score = round(hits[0].score, 4) if hits else 0.0
        if best is not None and score >= threshold:
            answers.append(Link(text, best, score, model, space.taxonomy))
        else:
            answers.append(Unlinked(text, best, score, model, space.taxonomy))
    return answers


def found_skills(
    mentions: Sequence[Mention], links: Sequence[Link | Unlinked]
) -> tuple[FoundSkill, ...]:
    """One entry for each concept, and for each unlinked wording, in the order of the text."""
    groups: dict[str, list[int]] = {}
    for number, link in enumerate(links):
        key = link.concept.uri if isinstance(link, Link) else " ".join(link.text.lower().split())
        groups.setdefault(key, []).append(number)
    found = []
    for numbers in groups.values():
        link = links[numbers[0]]
        skill = link.concept if isinstance(link, Link) else None
        label = skill.label if skill else link.text
        evidence = tuple(mentions[number].evidence() for number in numbers)
        found.append(FoundSkill(skill, label, max(links[n].score for n in numbers), evidence))
    return tuple(found)
