"""Weights that a recipe or another library wrote, loaded without random stand-ins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ner.errors import BadInputError, reason
from training.extras import need


def load_trained(loader: str, trained: Path) -> Any:
    """The model in `trained` in float32, whatever it was saved in.

    `loader` names a class of transformers, such as "AutoModelForTokenClassification".
    Raises BadInputError when the folder lacks a file, its weights a tensor, and when a trunk is
    asked for ("AutoModel") where a tagger is.
    """
    if not (trained / "config.json").is_file() or not (trained / "tokenizer.json").is_file():
        raise BadInputError(
            f"{trained} lacks config.json or tokenizer.json",
            "name a folder that `metier train` wrote",
        )
    if loader == "AutoModel":
        refuse_tagger(trained)
    transformers, torch = need("transformers", "train"), need("torch", "train")
    try:
        model, report = getattr(transformers, loader).from_pretrained(
            trained,
            dtype=torch.float32,
            attn_implementation="eager",
            local_files_only=True,
            output_loading_info=True,
        )
    except Exception as problem:  # the loaders raise whatever their parsers do
        raise BadInputError(
            f"the weights in {trained} cannot be read: {reason(problem)}",
            "name a folder that `metier train` wrote",
        ) from problem
    if report["missing_keys"]:
        # transformers would fill them with random numbers and go on.
        raise BadInputError(
            f"the weights in {trained} lack {min(report['missing_keys'])}",
            "name a folder that `metier train` wrote for this kind of model",
        )
    return model


def refuse_tagger(trained: Path) -> None:
    """Raises BadInputError where `trained` holds a token classifier.

    Its trunk would load as an encoder without a word, and give vectors that mean nothing.
    """
    try:
        forms = json.loads((trained / "config.json").read_bytes()).get("architectures") or []
    except (OSError, ValueError, AttributeError):
        return  # what loads the weights tells what is wrong
    if any("TokenClassification" in str(form) for form in forms):
        raise BadInputError(
            f"{trained} holds a tagger ({forms[0]}), not an encoder",
            "name a folder that `metier train encoder` wrote",
        )
