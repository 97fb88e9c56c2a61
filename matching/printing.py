"""Recommendations as text for a terminal."""

from __future__ import annotations

from matching.answers import Recommendation, Recommendations
from ner.types import one_line

_SHOWN = 5


def readable(answer: Recommendations) -> str:
    """Every occupation with its strongest evidence and what is missing."""
    lines = [f"warning: {warning}" for warning in answer.warnings]
    if answer.confidence == "low":
        lines.append("The text says little: take the order below as a guess.")
    if not answer.recommendations:
        lines.append("No occupation can be recommended from this text.")
    for rank, one in enumerate(answer.recommendations, 1):
        lines += _occupation(rank, one)
    lines.append(f"{answer.taxonomy}; {answer.model}")
    return "\n".join(lines)


def _occupation(rank: int, one: Recommendation) -> list[str]:
    isco = f" (ISCO {one.occupation.isco})" if one.occupation.isco else ""
    lines = [f"{rank:2d}. {one.occupation.label}{isco}  {one.score:.3f}"]
    parts = ", ".join(f"{name} {value:.3f}" for name, value in one.parts.items() if value)
    lines.append(f"    score: {parts}; {one.coverage:.0%} of the essential skills shown")
    for skill in one.matched[:_SHOWN]:
        said = one_line(skill.evidence[0].text).split() if skill.evidence else []
        lines.append(f'    + {skill.skill.label} ({skill.relation}): "{" ".join(said)}"')
    missing = [skill.skill.label for skill in one.missing_essential[:_SHOWN]]
    if missing:
        lines.append(f"    - not shown: {', '.join(missing)}")
    return lines
