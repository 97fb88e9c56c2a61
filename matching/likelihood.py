"""How likely it is that a stretch of text names a skill.

The fit of a skill (see `senses`) says how near it lies to the stretch. How often that is right
hangs on more than nearness: five words near a label say more than one, a skill that many
occupations ask for is meant more often than one of a single trade. A logistic regression weighs
these traits; its weights were learnt from links judged by eye (`training.link_calibration`).
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

from matching.names import likeness
from matching.space import Space
from ner.labels import Label

# Links of less fit were not judged, and the regression knows nothing of them.
LEAST_FIT = 0.5


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of a stretch and a skill; None for what is not.

    `fit`: the score of the skill for the stretch; `words`: the logarithm of the number of its
    words; `likeness`: how much it is spelled like the nearest preferred label (`names.likeness`);
    `occupations`: the logarithm of one more than the occupations that ask for the skill;
    `knowledge` and `transversal`: 1 if the taxonomy calls the skill so, else 0; `sure`: the
    tagger's score of the stretch; `technology`: 1 if the tagger calls it a technology, else 0.
    """

    fit: float
    words: float
    likeness: float
    occupations: float | None
    knowledge: float | None
    transversal: float | None
    sure: float | None
    technology: float | None


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A logistic regression: `weights` of the traits, and what is `usual` where one is unknown."""

    intercept: float
    weights: Traits
    usual: Traits

    def of(self, traits: Traits) -> float:
        """The likelihood, 0..1, that a link with these traits is right; 0 below LEAST_FIT."""
        if traits.fit < LEAST_FIT:
            return 0.0
        total = self.intercept
        for value, weight, usual in zip(
            astuple(traits), astuple(self.weights), astuple(self.usual), strict=True
        ):
            total += weight * (usual if value is None else value)
        # Of huge weights in a manifest: beyond this, the likelihood is 0 or 1 anyway.
        return 1 / (1 + math.exp(-min(max(total, -500.0), 500.0)))


def traits_of(
    space: Space,
    text: str,
    uri: str,
    fit: float,
    label: Label | None = None,
    sure: float | None = None,
) -> Traits:
    """The traits of a link of `text` to the skill `uri`.

    `label` and `sure` are the tagger's; None for a phrase that it did not mark.
    """
    skill = space.concepts[uri]
    asking = sum(map(len, space.occupations_of(uri))) if space.has_relations else None
    return Traits(
        fit,
        math.log(max(len(text.split()), 1)),
        max((likeness(text, labels.preferred) for labels in skill.labels.values()), default=0.0),
        None if asking is None else math.log1p(asking),
        _is(skill.skill_type, "knowledge"),
        _is(skill.reuse_level, "transversal"),
        sure,
        None if label is None else float(label == Label.TECHNOLOGY),
    )


def _is(stated: str, value: str) -> float | None:
    return float(stated == value) if stated else None
