"""Recipes: TOML files that say how weights are made, checked before anything starts."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from ner.errors import BadInputError

KINDS = ("encoder", "mlm", "tagger")
# Settings that a recipe may have beside `kind`. `name` is a note for the log, which keeps them all.
_COMMON = {"name", "learning_rate", "warmup"}
SETTINGS: dict[str, frozenset[str]] = {
    "encoder": frozenset(
        _COMMON
        | {"languages", "seed", "max_tokens", "batch", "scale", "dimensions"}
        | {"checkpoint_steps", "steps", "pairs", "hard_negatives", "frozen_layers"}
    ),
    "mlm": frozenset(
        _COMMON
        | {"seed", "layers", "tokens", "window", "tokens_per_step", "head_learning_rate"}
        | {"mask", "skill_mask", "resumes", "checkpoint_steps"}
    ),
    "tagger": frozenset(
        _COMMON
        | {"seeds", "layers", "epochs", "tokens_per_step", "window", "head_factor"}
        | {"dropout", "german_weight", "joined", "own_marks"}
    ),
}
_WORDS: dict[type, str] = {
    int: "a whole number",
    float: "a number",
    str: "a text",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


def read_recipe(path: Path | None, kind: str) -> dict[str, Any]:
    """The recipe in `path`, or the shipped recipe `kind` (mlm, tagger, encoder).

    Raises BadInputError for a missing file, broken TOML, a recipe of another kind, or a setting
    that recipes of this kind do not have.
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
    return recipe


def setting(recipe: Mapping[str, Any], name: str, kind: type | tuple[type, ...]) -> Any:
    """The value of `name`; BadInputError when it is missing or of another type.

    A whole number serves where a `float` is wanted; true and false are no numbers.
    """
    value = recipe.get(name)
    taken = (int, float) if kind is float else kind
    if not isinstance(value, taken) or (isinstance(value, bool) and kind is not bool):
        what = f"is {value!r}" if name in recipe else "is missing"
        wanted = _WORDS.get(kind, kind.__name__) if isinstance(kind, type) else "a number"
        raise BadInputError(f"the recipe's setting {name} {what}", f"set {name} to {wanted}")
    return float(recipe[name]) if kind is float else recipe[name]


def kept_layers(recipe: Mapping[str, Any]) -> list[int] | None:
    """The setting `layers`, numbers counted from 0; None, for all, where it is missing or empty."""
    layers = setting(recipe, "layers", list) if "layers" in recipe else []
    if not all(type(layer) is int for layer in layers):
        raise BadInputError(
            f"the recipe's setting layers is {layers!r}",
            "set layers to a list of whole numbers, counted from 0",
        )
    return layers or None
