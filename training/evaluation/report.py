"""The one shape in which every evaluation answers: a flat JSON object.

Keys are dotted paths as they are read aloud ("typed.micro.f1"); a figure with an interval has two
sisters, "typed.micro.f1.low" and "typed.micro.f1.high". Rates are fractions between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DIGITS = 6


@dataclass(frozen=True, slots=True)
class Figure:
    """A rate in 0..1 with the bounds of its bootstrap interval (None: too few units for one)."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of one file under one model.

    `n` counts what was scored (lines or queries); `dropped` counts, by reason, what was left out
    or could not be taken as it stood; `counts` holds other whole numbers worth knowing.
    """

    task: str
    file: str
    n: int
    dropped: Mapping[str, int]
    model: str
    taxonomy: str | None
    seconds: float
    figures: Mapping[str, Figure]
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The flat JSON object; figures in the order in which they were made."""
        flat: dict[str, object] = {
            "task": self.task,
            "file": self.file,
            "n": self.n,
            "dropped": dict(self.dropped),
            "model": self.model,
            "taxonomy": self.taxonomy,
            "seconds": round(self.seconds, 2),
        }
        flat.update(self.counts)
        for key, figure in self.figures.items():
            flat[key] = round(figure.value, DIGITS)
            if figure.low is not None and figure.high is not None:
                flat[f"{key}.low"] = round(figure.low, DIGITS)
                flat[f"{key}.high"] = round(figure.high, DIGITS)
        if self.notes:
            flat["notes"] = list(self.notes)
        return flat


def prefixed(prefix: str, figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """The same figures under `prefix.`; an empty prefix leaves the keys as they are."""
    return {f"{prefix}.{key}" if prefix else key: figure for key, figure in figures.items()}
