"""The four kinds of skill and their BIO tags: defined here and nowhere else."""

from __future__ import annotations

from enum import StrEnum


class Label(StrEnum):
    """The kind of a skill. The order fixes the class ids of every model."""

    TECHNOLOGY = "TECHNOLOGY"
    TECHNICAL = "TECHNICAL"
    BUSINESS = "BUSINESS"
    SOFT = "SOFT"


OUTSIDE = "O"

# The index of a tag is its class id: 0 is O, then B and I of each label in turn.
BIO_TAGS: tuple[str, ...] = (
    OUTSIDE,
    *(f"{prefix}-{label}" for label in Label for prefix in ("B", "I")),
)
