"""From a mention or a sentence to a skill of the taxonomy, or to none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from matching.answers import Evidence, FoundSkill, Link, Named, Unlinked
from matching.excerpts import excerpt
from matching.likelihood import Likelihood, traits_of
from matching.names import fold, holds_word, is_coined
from matching.occupations import AS_GOOD, MOST, Signals
from matching.parts import whole_and_parts
from matching.ranking import OWN_SHARE, Hit
from matching.senses import AT_ONCE, DESCRIPTION_SHARE
from matching.space import Space
from ner.labels import Label


@dataclass(frozen=True, slots=True)
class Mention:
    """A marked stretch of a document, with the sentence it stands in.

    `inside`: where it begins in that sentence; `label` and `sure`: what the tagger takes it for and
    its score, None for a stretch that was marked otherwise.
    """

    start: int
    end: int
    text: str
    sentence: str
    inside: int = 0
    label: Label | None = None
    sure: float | None = None

    @property
    def trade(self) -> bool:
        """Whether it names a skill of a trade, rather than one that people bring to any work."""
        return self.label != Label.SOFT

    def evidence(self) -> Evidence:
        """The same, as an answer holds it: without contacts, and of a long sentence a part."""
        around = excerpt(self.sentence, self.inside, self.inside + len(self.text))
        return Evidence(self.start, self.end, self.text, around)


@dataclass(frozen=True, slots=True)
class Linking:
    """How the skills of a space are chosen and answered.

    `threshold`: the score from which a text is linked; `likelihood` turns the fit of a skill into
    that score, None: the fit is the score; `language`: of labels; `model`: as answers carry it.
    """

    space: Space
    threshold: float
    likelihood: Likelihood | None
    language: str
    model: str

    def answer(
        self, text: str, hits: Sequence[Hit], label: Label | None = None, sure: float | None = None
    ) -> Link | Unlinked:
        """The likeliest of `hits`, the skills nearest to `text`, best first."""
        meant = _meant(self.space, text, hits)
        scored = [
            Hit(hit.uri, self._score(text, hit, label, sure)) for hit in _as_good(meant or hits)
        ]
        best = max(scored, key=attrgetter("score"), default=None)
        return self.decide(text, best, may_link=bool(meant))

    def decide(self, text: str, best: Hit | None, may_link: bool = True) -> Link | Unlinked:
        """A link from the threshold on."""
        concept = named(self.space, best.uri, self.language) if best else None
        score = round(best.score, 4) if best else 0.0
        if concept is not None and may_link and score >= self.threshold:
            return Link(text, concept, score, self.model, self.space.taxonomy)
        return Unlinked(text, concept, score, self.model, self.space.taxonomy)

    def _score(self, text: str, hit: Hit, label: Label | None, sure: float | None) -> float:
        if self.likelihood is None:
            return hit.score
        return self.likelihood.of(traits_of(self.space, text, hit.uri, hit.score, label, sure))


def named(space: Space, uri: str, language: str) -> Named:
    """The concept with its label in `language`."""
    concept = space.concepts[uri]
    isco = concept.isco if concept.kind == "occupation" else None
    return Named(uri, concept.label(language), isco)


def link_vectors(
    linking: Linking, texts: Sequence[str], vectors: NDArray[np.float32]
) -> list[Link | Unlinked]:
    """The likeliest skill of each text, a phrase on its own, if its score reaches the threshold.

    Where the space has an HNSW graph over skills, the graph answers.
    """
    near = linking.space.best(
        vectors, "skill", MOST, description_weight=DESCRIPTION_SHARE, own_share=OWN_SHARE
    )
    return [linking.answer(text, hits) for text, hits in zip(texts, near, strict=True)]


def link_sentence(linking: Linking, text: str, vectors: NDArray[np.float32]) -> Link | Unlinked:
    """The best skill of a sentence from `vectors` (1 + p, d) of the whole and of its parts.

    Every label is compared, as the parts are weighed skill by skill; the score is a cosine.
    Descriptions have no say: a sentence may describe any number of skills without naming one.
    """
    space = linking.space
    whole, uris = space.scores(vectors[:1], "skill", own_share=OWN_SHARE)
    if not uris or not vectors[0].any():
        return linking.decide(text, None)
    best_of_parts = [
        space.scores(vectors[first : first + AT_ONCE], "skill", own_share=OWN_SHARE)[0].max(axis=0)
        for first in range(1, len(vectors), AT_ONCE)
    ]
    every = whole_and_parts(np.vstack([whole, *best_of_parts]))
    best = int(every.argmax())
    return linking.decide(text, Hit(uris[best], float(every[best])))


def wordings(
    skills: Sequence[str], mentions: Sequence[Mention], signals: Signals
) -> dict[str, tuple[Mention, list[Hit]]]:
    """Each wording of a document, in small letters, with the skills it may name, best first.

    `skills`: the URIs that the places in `signals` stand for. A wording has one sense in a document
    (Gale, Church and Yarowsky 1992): the mention with the best fit speaks for all of them.
    """
    speaker: dict[str, int] = {}
    for place, mention in enumerate(mentions):
        best = speaker.setdefault(_wording(mention.text), place)
        if skills and signals.fit[place, 0] > signals.fit[best, 0]:
            speaker[_wording(mention.text)] = place
    return {
        wording: (
            mentions[place],
            [
                Hit(skills[skill], float(fit))
                for skill, fit in zip(signals.skill[place], signals.fit[place], strict=True)
            ],
        )
        for wording, place in speaker.items()
    }


def link_mentions(
    linking: Linking, skills: Sequence[str], mentions: Sequence[Mention], signals: Signals
) -> list[Link | Unlinked]:
    """The skill that each mention of a document names likeliest; `skills` as in `wordings`."""
    answers = {
        wording: linking.answer(one.text, hits, one.label, one.sure)
        for wording, (one, hits) in wordings(skills, mentions, signals).items()
    }
    return [replace(answers[_wording(one.text)], text=one.text) for one in mentions]


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


def _as_good(hits: Sequence[Hit]) -> list[Hit]:
    """Those of `hits`, best first, that fit nearly as well as the first."""
    return [hit for hit in hits if hit.score >= hits[0].score - AS_GOOD]


def _meant(space: Space, text: str, hits: Sequence[Hit]) -> list[Hit]:
    """`hits` without those that a coined word cannot mean, in the same order.

    It means only what holds it in a name, since what is spelled nearly like a product is another
    one: "MLflow" is not the language ML. And where a label needs a word in brackets to be told from
    it, it means the other skill of that name: "ML" is machine learning, not "ML (computer
    programming)".
    """
    if not is_coined(text):
        return list(hits)
    named_so = [hit for hit in hits if any(holds_word(name, text) for name in _names(space, hit))]
    alone = [hit for hit in named_so if not _bracketed(space, text, hit)]
    plain = {fold(text)}
    namesakes = [hit for hit in alone if plain & {fold(name) for name in _names(space, hit)}]
    return alone if namesakes else named_so


def _names(space: Space, hit: Hit) -> list[str]:
    return [
        name
        for labels in space.concepts[hit.uri].labels.values()
        for name in (labels.preferred, *labels.alternative, *labels.hidden)
    ]


def _bracketed(space: Space, text: str, hit: Hit) -> bool:
    labels = space.concepts[hit.uri].labels.values()
    heads = [label.preferred.partition(" (") for label in labels]
    return any(bracket and fold(head) == fold(text) for head, bracket, _ in heads)
