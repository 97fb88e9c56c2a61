"""Weights that a recipe or another library wrote, loaded without random stand-ins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ner.errors import BadInputError, reason
from training.extras import need


def load_trained(loader: str, trained: Path) -> Any:
    """The model in `trained` in float32, whatever it was saved in.

    `loader` names a class of transformers, such as "AutoModelForTokenClassification".
    Raises BadInputError when the folder lacks a file, or its weights a tensor.
    """
    if not (trained / "config.json").is_file() or not (trained / "tokenizer.json").is_file():
        raise BadInputError(
            f"{trained} lacks config.json or tokenizer.json",
            "name a folder that `metier train` wrote",
        )
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
