"""What fits one encoder's cosines: how links are judged, and the weights of the occupations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from matching.likelihood import Likelihood, Traits
from matching.occupations import Weights
from ner.errors import WeightsError

_HINT = "Export the encoder again, with a calibration for this release."
_LINK = 0.6


@dataclass(frozen=True, slots=True)
class Calibration:
    """`link`: the score from which a phrase or marked word is linked to a skill, which is its
    `likelihood`, or a cosine where none is stated; `sentence`: the cosine for a sentence."""

    link: float = _LINK
    occupations: Weights = field(default_factory=Weights)
    sentence: float = _LINK
    likelihood: Likelihood | None = None


def read_calibration(stated: object, model: str) -> Calibration:
    """The calibration that the manifest of the encoder `model` states; defaults for what it omits.

    Raises WeightsError for an unknown key, a value that is no finite number, a `description`
    outside 0..1, a `link`, `sentence`, `named`, `known`, `sure` or `least` outside -1..1, and
    `known` not below `sure`.
    """
    whole = _entries(stated, Calibration, "calibration", model)
    parts = _entries(whole.get("occupations", {}), Weights, "calibration of occupations", model)
    link = _number(whole.get("link", _LINK), "link", model)
    likelihood = _likelihood(whole.get("likelihood"), model)
    # A sentence has a cosine, which a chance says nothing of.
    usual = link if likelihood is None else _LINK
    sentence = _number(whole.get("sentence", usual), "sentence", model)
    weights = Weights(**{name: _number(value, name, model) for name, value in parts.items()})
    cosines = {"link": link, "sentence": sentence}
    cosines |= {name: getattr(weights, name) for name in ("named", "known", "sure", "least")}
    for name, value in cosines.items():
        if not -1 <= value <= 1:
            raise WeightsError(
                f"the encoder {model} states {name} {value}, which is no cosine: it must lie "
                "in -1..1",
                _HINT,
            )
    if not (0 <= weights.description <= 1 and weights.known < weights.sure):
        raise WeightsError(
            f"the encoder {model} states description {weights.description}, known {weights.known}, "
            f"sure {weights.sure}: the first must lie in 0..1, the second below the third",
            _HINT,
        )
    return Calibration(link, weights, sentence, likelihood)


def _likelihood(stated: object, model: str) -> Likelihood | None:
    if stated is None:
        return None
    whole = _entries(stated, Likelihood, "likelihood", model)
    tables = [_traits(whole.get(name), name, model) for name in ("weights", "usual")]
    return Likelihood(_number(whole.get("intercept"), "intercept", model), *tables)


def _traits(stated: object, name: str, model: str) -> Traits:
    values = _entries(stated, Traits, f"{name} of the likelihood", model)
    names = [trait.name for trait in fields(Traits)]
    return Traits(**{name: _number(values.get(name), name, model) for name in names})


def _entries(stated: object, kind: type[Any], what: str, model: str) -> dict[str, object]:
    known = [entry.name for entry in fields(kind)]
    if not isinstance(stated, Mapping):
        raise WeightsError(f"the {what} of the encoder {model} is no object", _HINT)
    unknown = [str(name) for name in stated if name not in known]
    if unknown:
        raise WeightsError(
            f"the {what} of the encoder {model} has an unknown key {unknown[0]!r:.80}; "
            f"known are {', '.join(known)}",
            _HINT,
        )
    return dict(stated)


def _number(value: object, name: str, model: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            # Its digits are left out: Python refuses to write very many.
            raise WeightsError(
                f"the encoder {model} states a whole number for {name} that is far too large", _HINT
            ) from None
        if math.isfinite(number):
            return number
    raise WeightsError(
        f"the encoder {model} states {name} {value!r:.80}, which is no number", _HINT
    )
