"""Recipes: TOML files that say how weights are made.

Names, types and ranges of settings are checked before anything starts; what has to fit the base or
the data, when these are read.
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from ner.errors import BadInputError

KINDS = ("encoder", "mlm", "tagger")
_WORDS: dict[type, str] = {
    int: "a whole number",
    float: "a number",
    str: "a text",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a setting may be: its type, and the range of a number or of the length of a list.

    Both ends of the range belong to it. `inner` is what the values of a list or table may be.
    """

    kind: type
    least: float = -math.inf
    most: float = math.inf
    inner: Setting | None = None
    needed: bool = True

    def takes(self, value: Any) -> bool:
        """Whether `value` is of the type and in the range; the values of a table are not looked at.

        A whole number serves where a `float` is wanted; true and false are no numbers.
        """
        taken = (int, float) if self.kind is float else self.kind
        if not isinstance(value, taken) or (isinstance(value, bool) and self.kind is not bool):
            return False
        if isinstance(value, list) and self.inner and not all(map(self.inner.takes, value)):
            return False
        size: Any = len(value) if isinstance(value, str | list | dict) else value
        return bool(self.least <= size <= self.most)

    def __str__(self) -> str:
        """Such as "a whole number from 8 to 512"."""
        if self.inner is not None:
            full = " that is not empty" if self.least > 0 else ""
            return f"{_WORDS[self.kind]}{full}, of which each is {self.inner}"
        if self.most < math.inf:
            return f"{_WORDS[self.kind]} from {self.least} to {self.most}"
        return _WORDS[self.kind] + (f" from {self.least} on" if self.least > -math.inf else "")


_RATE = Setting(float, 1e-9, 1)
_SHARE = Setting(float, 0, 1)
_COUNT = Setting(int, 1)
_SEED = Setting(int, 0, 2**32 - 1)
# The base has 512 positions; masked language modelling leaves out windows of few tokens.
_WINDOW = Setting(int, 32, 512)
# Settings that a recipe has beside `kind`. `name` is a note for the log, which keeps them all.
_COMMON = {"name": Setting(str, needed=False), "learning_rate": _RATE, "warmup": _SHARE}
_LAYERS = Setting(list, inner=Setting(int, 0), needed=False)
SETTINGS: dict[str, dict[str, Setting]] = {
    "encoder": {
        **_COMMON,
        "languages": Setting(list, 1, inner=Setting(str)),
        "seed": _SEED,
        "max_tokens": Setting(int, 8, 512),
        # The other pairs of a batch are what a pair is ranked against.
        "batch": Setting(int, 2),
        "scale": Setting(float, 0.1, 1000),
        "dimensions": Setting(list, 1, inner=_COUNT),
        "checkpoint_steps": _COUNT,
        "steps": Setting(int, 1, needed=False),
        "pairs": Setting(dict, 1, inner=Setting(int, 0)),
        "hard_negatives": Setting(list, inner=Setting(str), needed=False),
        "frozen_layers": Setting(int, 1, needed=False),
    },
    "mlm": {
        **_COMMON,
        "seed": _SEED,
        "layers": _LAYERS,
        "tokens": _COUNT,
        "window": _WINDOW,
        "tokens_per_step": _COUNT,
        "head_learning_rate": _RATE,
        "mask": Setting(float, 0.01, 0.9),
        "skill_mask": Setting(float, 0.01, 0.9),
        "resumes": _SHARE,
        "checkpoint_steps": _COUNT,
    },
    "tagger": {
        **_COMMON,
        "seeds": Setting(list, 1, inner=_SEED),
        "layers": _LAYERS,
        "epochs": _COUNT,
        "tokens_per_step": _COUNT,
        "window": _WINDOW,
        "head_factor": Setting(float, 0.001, 1000),
        "dropout": Setting(float, 0, 0.9),
        # How often each German line comes in an epoch; 0 leaves them out.
        "german_weight": Setting(int, 0, 100),
        "joined": _SHARE,
        "own_marks": Setting(bool, needed=False),
    },
}


def read_recipe(path: Path | None, kind: str) -> dict[str, Any]:
    """The recipe in `path`, or the shipped recipe `kind` (mlm, tagger, encoder).

    Raises BadInputError for a missing file, broken TOML, a recipe of another kind, a setting that
    recipes of this kind do not have, one that they need, and one of another type or out of range.
    """
    source = path if path is not None else files("training") / "recipes" / f"{kind}.toml"
    try:
        recipe = tomllib.loads(source.read_text(encoding="utf-8"))
    except OSError as problem:
        raise BadInputError(
            f"the recipe {source} cannot be read: {problem.strerror}",
            f"give --recipe a TOML file, or leave it out for the shipped recipe {kind}.toml",
        ) from problem
    except ValueError as problem:  # broken TOML, or bytes that are no UTF-8
        raise BadInputError(
            f"the recipe {source} is not valid TOML: {problem}", "mend the line that it names"
        ) from problem
    found = recipe.get("kind")
    if found != kind:
        raise BadInputError(
            f"the recipe {source} is of the kind {found!r}, not {kind!r}",
            f"run: metier train {found} --recipe {source}"
            if found in KINDS
            else f'write kind = "{kind}" at its top if it is one',
        )
    for name in recipe:
        if name != "kind" and name not in SETTINGS[kind]:
            near = difflib.get_close_matches(name, sorted(SETTINGS[kind]), n=1)
            raise BadInputError(
                f"the recipe {source} has a setting {name}, which recipes of the kind {kind} lack",
                f"did you mean {near[0]}?"
                if near
                else f"take it out; the settings are {', '.join(sorted(SETTINGS[kind]))}",
            )
    for name, known in SETTINGS[kind].items():
        if name in recipe:
            _check(name, recipe[name], known, source)
        elif known.needed:
            raise BadInputError(
                f"the recipe {source} lacks the setting {name}", f"set {name} to {known}"
            )
    return recipe


def _check(name: str, value: Any, known: Setting, source: Any) -> None:
    if not known.takes(value):
        raise BadInputError(
            f"the recipe's setting {name} is {value!r:.200}, not {known}", f"correct it in {source}"
        )
    if isinstance(value, dict) and known.inner:
        for key, inner in value.items():
            _check(f"{name}.{key}", inner, known.inner, source)


def setting(recipe: Mapping[str, Any], name: str, kind: type) -> Any:
    """The value of `name`; BadInputError when it is missing or of another type.

    A whole number serves where a `float` is wanted; true and false are no numbers.
    """
    if name not in recipe or not Setting(kind).takes(recipe[name]):
        what = f"is {recipe[name]!r}" if name in recipe else "is missing"
        raise BadInputError(f"the recipe's setting {name} {what}", f"set {name} to {Setting(kind)}")
    return float(recipe[name]) if kind is float else recipe[name]


def kept_layers(recipe: Mapping[str, Any]) -> list[int] | None:
    """The setting `layers`, numbers counted from 0; None, for all, where it is missing or empty."""
    return recipe.get("layers") or None
