"""Pairs out of the taxonomy: names of one concept, its description, its language twins, its skills.

The pairs title-skill, title-description and title-synonym follow CareerBERT (Rosenberger et al.
2025, doi 10.1016/j.eswa.2025.127043); the pairs across languages and the profiles are ours.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator

from matching.taxonomy import Concept, Taxonomy
from training.pairs.kinds import Pair, Templates, fill, looks_like_a_duty


def synonyms(taxonomy: Taxonomy, kind: str, rng: random.Random) -> Iterator[Pair]:
    """Another name of a concept and its preferred label, in one language; either may ask."""
    for concept in _of(taxonomy, kind):
        for labels in concept.labels.values():
            for name in (*labels.alternative, *labels.hidden):
                pair = Pair(name, labels.preferred)
                yield pair if rng.random() < 0.7 else Pair(pair.positive, pair.anchor)


def translations(taxonomy: Taxonomy, kind: str, rng: random.Random) -> Iterator[Pair]:
    """A name of a concept in one language and its preferred label in another."""
    for concept in _of(taxonomy, kind):
        for language, labels in concept.labels.items():
            for other, theirs in concept.labels.items():
                if other != language:
                    names = (labels.preferred, *labels.alternative)
                    yield Pair(labels.preferred, theirs.preferred)
                    if len(names) > 1:
                        yield Pair(rng.choice(names[1:]), theirs.preferred)


def descriptions(taxonomy: Taxonomy, kind: str, rng: random.Random) -> Iterator[Pair]:
    """The description of a concept and one of its names."""
    for concept in _of(taxonomy, kind):
        for language, text in taxonomy.descriptions.get(concept.uri, {}).items():
            labels = concept.labels.get(language)
            if labels and text:
                names = (labels.preferred, labels.preferred, *labels.alternative)
                yield Pair(text, rng.choice(names))


def mentions(taxonomy: Taxonomy, templates: Templates, rng: random.Random) -> Iterator[Pair]:
    """A written sentence around a name of a skill, and the skill's preferred label."""
    skills = list(_of(taxonomy, "skill"))
    for concept in skills:
        for language, labels in concept.labels.items():
            if language not in templates.mentions:
                continue
            name = rng.choice((labels.preferred, *labels.alternative))
            duty = looks_like_a_duty(name, language)
            kinds = templates.duties if duty else templates.mentions
            other = rng.choice(skills).labels.get(language, labels).preferred
            yield Pair(fill(rng.choice(kinds[language]), rng, name, (other,)), labels.preferred)


def titled(taxonomy: Taxonomy, templates: Templates, rng: random.Random) -> Iterator[Pair]:
    """A job title as advertisements write it, and the occupation's preferred label."""
    for concept in _of(taxonomy, "occupation"):
        for language, labels in concept.labels.items():
            for name in (labels.preferred, *labels.alternative):
                pattern = rng.choice(templates.titles[language])
                yield Pair(fill(pattern, rng, name, (name,)), labels.preferred)


def profiles(taxonomy: Taxonomy, templates: Templates, rng: random.Random) -> Iterator[Pair]:
    """A made-up resume or post that names some of an occupation's skills, and the occupation."""
    essential: dict[str, list[str]] = defaultdict(list)
    optional: dict[str, list[str]] = defaultdict(list)
    for relation in taxonomy.relations:
        (essential if relation.essential else optional)[relation.occupation].append(relation.skill)
    for concept in _of(taxonomy, "occupation"):
        for language, labels in concept.labels.items():
            pool = essential[concept.uri] * 2 + optional[concept.uri]
            if language not in templates.mentions or len(pool) < 4:
                continue
            lines = []
            for uri in rng.sample(pool, min(len(pool), rng.randint(4, 9))):
                theirs = taxonomy.concepts[uri].labels.get(language)
                if theirs is None:
                    continue
                name = rng.choice((theirs.preferred, *theirs.alternative))
                kinds = (
                    templates.duties if looks_like_a_duty(name, language) else templates.mentions
                )
                plain = rng.random() < 0.5
                lines.append(
                    name if plain else fill(rng.choice(kinds[language]), rng, name, (name,))
                )
            names = (labels.preferred, labels.preferred, *labels.alternative)
            yield Pair("\n".join(lines), rng.choice(names))


def title_skills(taxonomy: Taxonomy, rng: random.Random) -> Iterator[Pair]:
    """An occupation's name and one of its essential skills."""
    for relation in taxonomy.relations:
        if relation.essential:
            occupation = taxonomy.concepts[relation.occupation]
            skill = taxonomy.concepts[relation.skill]
            shared = [language for language in occupation.labels if language in skill.labels]
            if shared:
                language = rng.choice(shared)
                yield Pair(skill.labels[language].preferred, occupation.labels[language].preferred)


def _of(taxonomy: Taxonomy, kind: str) -> Iterator[Concept]:
    return (
        concept
        for concept in taxonomy.concepts.values()
        if concept.kind == kind and concept.status == "released"
    )
