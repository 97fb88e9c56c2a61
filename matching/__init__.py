"""Concepts and texts in one vector space: linking skills, ranking occupations, with reasons."""

from matching.answers import (
    Evidence,
    FoundSkill,
    Link,
    MatchedSkill,
    MissingSkill,
    Named,
    Recommendation,
    Recommendations,
    Unlinked,
)
from matching.encoder import Encoder
from matching.matcher import Matcher
from matching.space import Space

__all__ = [
    "Encoder",
    "Evidence",
    "FoundSkill",
    "Link",
    "MatchedSkill",
    "Matcher",
    "MissingSkill",
    "Named",
    "Recommendation",
    "Recommendations",
    "Space",
    "Unlinked",
]
