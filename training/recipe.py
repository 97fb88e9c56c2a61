"""Recipes: TOML files that say how weights are made, checked before anything starts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from ner.errors import BadInputError

KINDS = ("encoder", "mlm", "tagger")
_WORDS: dict[type, str] = {
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a table",
}


def read_recipe(path: Path | None, kind: str) -> dict[str, Any]:
    """The recipe in `path`, or the shipped recipe `kind` (mlm, tagger, encoder).

    Raises BadInputError for a missing file, broken TOML, or a recipe of another kind.
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
