"""Why an occupation was recommended: computed from the score's own terms, never generated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.answers import MatchedSkill, MissingSkill, Named, Recommendation
from matching.linking import Mention, named
from matching.occupations import Signals, Weights
from matching.profiles import Profiles
from matching.space import Space


def explained(
    space: Space,
    table: Profiles,
    signals: Signals,
    weights: Weights,
    mentions: Sequence[Mention],
    occupation: int,
    language: str,
) -> Recommendation:
    """The recommendation of one occupation (its place in `table`) with all its reasons.

    The share of skills is a sum over relations, so a skill's term is exactly the difference that
    leaving it out would make.
    """
    relations = table.of(occupation)
    portions = weights.skills * table.portion(occupation, signals.mentions)
    matched: list[MatchedSkill] = []
    missing: dict[bool, list[MissingSkill]] = {True: [], False: []}
    shown_essential = essential_count = 0
    for place, portion in zip(range(relations.start, relations.stop), portions, strict=True):
        skill = int(table.skill[place])
        essential = bool(table.essential[place])
        shown = float(signals.shown[skill])
        concept = named(space, table.skills[skill], language)
        essential_count += essential
        if shown > 0:
            shown_essential += essential
            evidence = (mentions[int(signals.mention[skill])].evidence(),)
            relation = "essential" if essential else "optional"
            contribution = round(float(portion) * shown, 6)
            matched.append(MatchedSkill(concept, relation, round(shown, 4), contribution, evidence))
        else:
            missing[essential].append(MissingSkill(concept, round(float(portion), 6)))
    matched.sort(key=lambda one: (-one.contribution, one.skill.uri))
    for some in missing.values():
        some.sort(key=lambda one: (-one.gain, one.skill.uri))
    parts = {
        "document": round(weights.document * float(signals.document[occupation]), 6),
        "titles": round(weights.titles * float(signals.titles[occupation]), 6),
        "skills": round(float(np.sum(portions * signals.shown[table.skill[relations]])), 6),
    }
    return Recommendation(
        _named(space, table, occupation, language),
        round(sum(parts.values()), 6),
        parts,
        round(shown_essential / essential_count, 4) if essential_count else 0.0,
        tuple(matched),
        tuple(missing[True]),
        tuple(missing[False]),
    )


def _named(space: Space, table: Profiles, occupation: int, language: str) -> Named:
    return named(space, table.occupations[occupation], language)
