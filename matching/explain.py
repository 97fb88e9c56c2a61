"""Why an occupation was recommended: computed from the score's own terms, never generated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.answers import MatchedSkill, MissingSkill, Recommendation
from matching.linking import Mention, named
from matching.occupations import Signals, Weights, about, licence, shown
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

    The score is a sum, and its part of skills a sum over relations: a skill's contribution is its
    own term, what the score would lose if only this skill were not shown. A skill counts as
    matched as soon as it is shown at all, and is then in no list of missing ones; coverage is the
    mean of how surely the essential skills are shown, so that a weak one covers little.
    """
    relations = table.of(occupation)
    portions = weights.skills * table.portion(occupation, signals.mentions)
    matched: list[MatchedSkill] = []
    missing: dict[bool, list[MissingSkill]] = {True: [], False: []}
    levels = shown(signals, weights)[table.skill[relations]]
    for place, portion, level in zip(
        range(relations.start, relations.stop), portions, levels, strict=True
    ):
        skill = int(table.skill[place])
        essential = bool(table.essential[place])
        concept = named(space, table.skills[skill], language)
        if level > 0:
            evidence = (mentions[int(signals.mention[skill])].evidence(),)
            relation = "essential" if essential else "optional"
            contribution = round(float(portion) * float(level), 6)
            sure = round(float(level), 4)
            matched.append(MatchedSkill(concept, relation, sure, contribution, evidence))
        else:
            missing[essential].append(MissingSkill(concept, round(float(portion), 6)))
    matched.sort(key=lambda one: (-one.contribution, one.skill.uri))
    for some in missing.values():
        some.sort(key=lambda one: (-one.gain, one.skill.uri))
    essential_levels = levels[table.essential[relations]]
    parts = {
        "document": round(weights.document * float(about(signals, weights)[occupation]), 6),
        "titles": round(weights.titles * float(signals.titles[occupation]), 6),
        "skills": round(float(np.sum(portions * levels)), 6),
        "licence": round(0.0 - float(licence(table, signals, weights)[occupation]), 6),
    }
    return Recommendation(
        named(space, table.occupations[occupation], language),
        round(sum(parts.values()), 6),
        parts,
        round(float(essential_levels.mean()), 4) if len(essential_levels) else 0.0,
        tuple(matched),
        tuple(missing[True]),
        tuple(missing[False]),
    )
