"""What the matcher answers with: plain data that prints as text and turns into JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ner.types import one_line


@dataclass(frozen=True, slots=True)
class Named:
    """A concept by URI and label.

    `isco` is the four-digit unit group of an occupation, "" if its publisher names none; None for
    every other concept.
    """

    uri: str
    label: str
    isco: str | None = None

    def to_dict(self) -> dict[str, str]:
        """{uri, label}, and isco for an occupation."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of the user's text, half-open in code points, and the sentence around it."""

    start: int
    end: int
    text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Link:
    """The skill that a text names; `score` is at most 1, as for the very name."""

    text: str
    concept: Named
    score: float
    model: str
    taxonomy: str

    def to_dict(self) -> dict[str, Any]:
        """The link for --json; `linked` tells it from an Unlinked."""
        return {**asdict(self), "concept": self.concept.to_dict(), "linked": True}

    def __str__(self) -> str:
        return (
            f"{one_line(self.text)} -> {self.concept.label} ({self.score:.2f}) {self.concept.uri}"
        )


@dataclass(frozen=True, slots=True)
class Unlinked:
    """No skill of the taxonomy fits; `best` came nearest, with a score below the threshold."""

    text: str
    best: Named | None
    score: float
    model: str
    taxonomy: str

    def to_dict(self) -> dict[str, Any]:
        """The answer for --json."""
        return {
            **asdict(self),
            "best": self.best.to_dict() if self.best else None,
            "linked": False,
        }

    def __str__(self) -> str:
        nearest = f", nearest: {self.best.label} ({self.score:.2f})" if self.best else ""
        return f"{one_line(self.text)} -> not in the taxonomy{nearest}"


@dataclass(frozen=True, slots=True)
class FoundSkill:
    """A skill of a document: its concept (None where the taxonomy has none) and its mentions."""

    skill: Named | None
    label: str
    score: float
    mentions: tuple[Evidence, ...]

    def to_dict(self) -> dict[str, Any]:
        """{skill, label, score, mentions}."""
        return {**asdict(self), "skill": self.skill.to_dict() if self.skill else None}


@dataclass(frozen=True, slots=True)
class MatchedSkill:
    """A skill of an occupation that the document shows.

    `score` is how surely (0..1); `contribution` is its own term in the occupation's score.
    """

    skill: Named
    relation: str
    score: float
    contribution: float
    evidence: tuple[Evidence, ...]

    def to_dict(self) -> dict[str, Any]:
        """The shape that `recommend --json` prints."""
        return {**asdict(self), "skill": self.skill.to_dict()}


@dataclass(frozen=True, slots=True)
class MissingSkill:
    """A skill of an occupation that the document does not show; `gain` is what it would add."""

    skill: Named
    gain: float

    def to_dict(self) -> dict[str, Any]:
        """{uri, label, gain}."""
        return {**self.skill.to_dict(), "gain": self.gain}


@dataclass(frozen=True, slots=True)
class Recommendation:
    """An occupation with its score and the reasons for it.

    `parts` (document, titles, skills, and licence, which is never above 0) add up to `score`;
    `coverage` (0..1) is the mean, over its essential skills, of how surely the document shows them:
    a skill shown by half counts by half.
    """

    occupation: Named
    score: float
    parts: Mapping[str, float]
    coverage: float
    matched: tuple[MatchedSkill, ...]
    missing_essential: tuple[MissingSkill, ...]
    missing_optional: tuple[MissingSkill, ...]

    def to_dict(self) -> dict[str, Any]:
        """The shape that `recommend --json` prints."""
        return {
            "occupation": self.occupation.to_dict(),
            "score": self.score,
            "parts": dict(self.parts),
            "coverage": self.coverage,
            "matched": [one.to_dict() for one in self.matched],
            "missing_essential": [one.to_dict() for one in self.missing_essential],
            "missing_optional": [one.to_dict() for one in self.missing_optional],
        }


@dataclass(frozen=True, slots=True)
class Recommendations:
    """The answer to one document: occupations, best first, and the skills found in it.

    `confidence` is "low" where the text says too little to rank occupations by.
    """

    recommendations: tuple[Recommendation, ...]
    skills: tuple[FoundSkill, ...]
    text: str
    language: str
    model: str
    taxonomy: str
    confidence: str = "ok"
    warnings: tuple[str, ...] = field(default=())

    def __iter__(self) -> Iterator[Recommendation]:
        return iter(self.recommendations)

    def __len__(self) -> int:
        return len(self.recommendations)

    def to_dict(self) -> dict[str, Any]:
        """The object that `recommend --json` prints; offsets are into `text`."""
        return {
            "recommendations": [one.to_dict() for one in self.recommendations],
            "skills": [one.to_dict() for one in self.skills],
            "text": self.text,
            "language": self.language,
            "model": self.model,
            "taxonomy": self.taxonomy,
            "confidence": self.confidence,
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        from matching.printing import readable

        return readable(self)
