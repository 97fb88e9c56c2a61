"""A taxonomy as plain data: concepts with labels in several languages, and their relations.

The model follows ESCO (SKOS labels, the occupation and skill pillars, ISCO-08 groups), the
richest of the taxonomies we read; poorer ones leave fields empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

ConceptKind = Literal["occupation", "skill", "isco_group", "skill_group"]
SkillType = Literal["knowledge", "skill/competence", ""]
Status = Literal["released", "obsolete"]

CONCEPT_KINDS: tuple[ConceptKind, ...] = get_args(ConceptKind)


@dataclass(frozen=True, slots=True)
class Labels:
    """The names of one concept in one language; no label occurs twice."""

    preferred: str
    alternative: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Concept:
    """One occupation, skill or group.

    `isco` is the four-digit ISCO-08 unit group of an occupation, "" for everything else.
    `status` is "obsolete" for an id retired by the publisher; `replaced_by` then holds the
    URIs of its successors, where the publisher names them.
    """

    uri: str
    kind: ConceptKind
    code: str = ""
    labels: Mapping[str, Labels] = field(default_factory=dict)
    skill_type: SkillType = ""
    reuse_level: str = ""
    status: Status = "released"
    isco: str = ""
    replaced_by: tuple[str, ...] = ()

    def label(self, language: str = "en") -> str:
        """The preferred label in `language`, else in English, else in any language, else ""."""
        for choice in (language, "en", *self.labels):
            labels = self.labels.get(choice)
            if labels is not None:
                return labels.preferred
        return ""


@dataclass(frozen=True, slots=True)
class Relation:
    """`skill` is essential, or else optional, for `occupation`; both are URIs."""

    occupation: str
    skill: str
    essential: bool


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """A taxonomy of one version, read whole.

    `broader` holds (child URI, parent URI) pairs; `descriptions` maps URI to language to text.
    Every URI in `relations` and `broader` is a key of `concepts`.
    """

    name: str
    version: str
    languages: tuple[str, ...]
    concepts: Mapping[str, Concept]
    relations: tuple[Relation, ...] = ()
    broader: tuple[tuple[str, str], ...] = ()
    descriptions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
