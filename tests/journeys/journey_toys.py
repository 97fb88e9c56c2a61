"""Where the toy weights of a journey lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ToyHome:
    """A METIER_HOME of toys, the tables its space was made of, and a space of another encoder."""

    home: Path
    esco: Path
    foreign_space: Path
