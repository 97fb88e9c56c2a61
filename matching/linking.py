"""From a mention or a sentence to a skill of the taxonomy, or to none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.answers import Evidence, FoundSkill, Link, Named, Unlinked
from matching.excerpts import excerpt
from matching.names import holds_word, is_coined
from matching.occupations import Signals
from matching.parts import whole_and_parts
from matching.ranking import OWN_SHARE, Hit
from matching.senses import AT_ONCE, DESCRIPTION_SHARE
from matching.space import Space


@dataclass(frozen=True, slots=True)
class Mention:
    """A marked stretch of a document, with the sentence it stands in.

    `inside`: where it begins in that sentence; `trade`: whether the tagger takes it for a skill of
    a trade, rather than for a personal one.
    """

    start: int
    end: int
    text: str
    sentence: str
    inside: int = 0
    trade: bool = True

    def evidence(self) -> Evidence:
        """The same, as an answer holds it: without contacts, and of a long sentence a part."""
        around = excerpt(self.sentence, self.inside, self.inside + len(self.text))
        return Evidence(self.start, self.end, self.text, around)


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
    """The best skill of each text, a phrase on its own, if its score reaches `threshold`.

    Where the space has an HNSW graph over skills, the graph answers.
    """
    best = space.best(
        vectors, "skill", 1, description_weight=DESCRIPTION_SHARE, own_share=OWN_SHARE
    )
    return [
        _answer(space, text, hits[0] if hits else None, threshold, language, model)
        for text, hits in zip(texts, best, strict=True)
    ]


def link_sentence(
    space: Space,
    text: str,
    vectors: NDArray[np.float32],
    threshold: float,
    language: str,
    model: str,
) -> Link | Unlinked:
    """The best skill of a sentence from `vectors` (1 + p, d) of the whole and of its parts.

    Every label is compared, as the parts are weighed skill by skill. Descriptions have no say: a
    sentence may describe any number of skills without naming one.
    """
    whole, uris = space.scores(vectors[:1], "skill", own_share=OWN_SHARE)
    if not uris or not vectors[0].any():
        return _answer(space, text, None, threshold, language, model)
    best_of_parts = [
        space.scores(vectors[first : first + AT_ONCE], "skill", own_share=OWN_SHARE)[0].max(axis=0)
        for first in range(1, len(vectors), AT_ONCE)
    ]
    every = whole_and_parts(np.vstack([whole, *best_of_parts]))
    best = int(every.argmax())
    return _answer(space, text, Hit(uris[best], float(every[best])), threshold, language, model)


def link_mentions(
    space: Space,
    skills: Sequence[str],
    mentions: Sequence[Mention],
    signals: Signals,
    threshold: float,
    language: str,
    model: str,
) -> list[Link | Unlinked]:
    """The skill that each mention of a document names best, if its fit reaches `threshold`.

    `skills`: the URIs that the places in `signals` stand for. A wording has one sense in a document
    (Gale, Church and Yarowsky 1992): the mention with the best fit speaks for all of them.
    """
    speaker: dict[str, int] = {}
    for place, mention in enumerate(mentions):
        wording = _wording(mention.text)
        if signals.fit[place] > signals.fit[speaker.setdefault(wording, place)]:
            speaker[wording] = place
    best = {
        wording: Hit(skills[signals.skill[place]], float(signals.fit[place])) if skills else None
        for wording, place in speaker.items()
    }
    return [
        _answer(space, one.text, best[_wording(one.text)], threshold, language, model)
        for one in mentions
    ]


def found_skills(
    mentions: Sequence[Mention], links: Sequence[Link | Unlinked]
) -> tuple[FoundSkill, ...]:
    """One entry for each concept, and for each unlinked wording, in the order of the text."""
    groups: dict[str, list[int]] = {}
    for number, link in enumerate(links):
        key = link.concept.uri if isinstance(link, Link) else _wording(link.text)
        groups.setdefault(key, []).append(number)
    found = []
    for numbers in groups.values():
        link = links[numbers[0]]
        skill = link.concept if isinstance(link, Link) else None
        label = skill.label if skill else link.text
        evidence = tuple(mentions[number].evidence() for number in numbers)
        found.append(FoundSkill(skill, label, max(links[n].score for n in numbers), evidence))
    return tuple(found)


def _wording(text: str) -> str:
    return " ".join(text.lower().split())


def _answer(
    space: Space, text: str, hit: Hit | None, threshold: float, language: str, model: str
) -> Link | Unlinked:
    best = named(space, hit.uri, language) if hit else None
    score = round(hit.score, 4) if hit else 0.0
    if best is not None and score >= threshold and _may_name(space, text, best.uri):
        return Link(text, best, score, model, space.taxonomy)
    return Unlinked(text, best, score, model, space.taxonomy)


def _may_name(space: Space, text: str, uri: str) -> bool:
    """False for a coined word that no name of the concept holds.

    What is spelled nearly like a product is another one: "MLflow" is not the language ML.
    """
    return not is_coined(text) or any(
        holds_word(name, text)
        for labels in space.concepts[uri].labels.values()
        for name in (labels.preferred, *labels.alternative, *labels.hidden)
    )
