"""What a tagger's manifest says about how texts are fed to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ner.errors import WeightsError
from ner.labels import BIO_TAGS
from ner.weights import (
    FAST_TOKENIZER,
    MANIFEST,
    REINSTALL,
    Manifest,
    is_inside,
    make_manifest,
    window_of,
)

# What transformers saves of a model; whatever else lies in the folder is no part of it.
_PLAIN_FILES = ("config.json", "tokenizer*.json", "special_tokens_map.json", "*.safetensors")


@dataclass(frozen=True, slots=True)
class TaggerFields:
    """The checked fields of a tagger: `size` and `overlap` of its windows, in tokens."""

    size: int
    overlap: int
    separator: bool
    """Whether each line is closed by a separator, or only the text."""
    languages: tuple[str, ...]
    """Codes of the languages it was trained on; empty if unknown."""


def tagger_fields(manifest: Manifest) -> TaggerFields:
    """Check and take the fields "labels", "window", "separator" and "languages".

    All but the labels may be missing. Raises WeightsError, naming the field, for other labels
    than BIO_TAGS or a value of another type.
    """
    labels = manifest.fields.get("labels")
    if labels != list(BIO_TAGS):
        raise WeightsError(
            f"{manifest.folder} was trained for other labels: {labels!r:.300}",
            f"Use weights whose labels are: {', '.join(BIO_TAGS)}.",
        )
    separator = manifest.fields.get("separator", True)
    if not isinstance(separator, bool):
        raise _unusable(manifest, "separator", separator)
    languages = manifest.fields.get("languages", [])
    if not isinstance(languages, list) or not all(isinstance(code, str) for code in languages):
        raise _unusable(manifest, "languages", languages)
    size, overlap = window_of(manifest)
    return TaggerFields(size, overlap, separator, tuple(languages))


def describe_plain(folder: Path, kind: str) -> Manifest:
    """A manifest for a transformers folder, which has none of its own.

    It lists the files of the model and of the tokenizer alone. Raises WeightsError if the folder
    does not say what its labels are, or holds no tokenizer.json.
    """
    config_file = folder / "config.json"
    try:
        config = json.loads(config_file.read_bytes())
        tags = config["id2label"]
        labels = [tags[str(index)] for index in range(len(tags))]
        found = {path for pattern in _PLAIN_FILES for path in folder.glob(pattern)}
        files = [path.name for path in found if path.is_file() and is_inside(path.name)]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise WeightsError(
            f"{folder} is no model folder: {config_file.name} is missing or names no labels",
            "Give a folder with a manifest.json, or one that transformers has saved.",
        ) from error
    if "tokenizer.json" not in files:
        raise WeightsError(f"{folder} holds no tokenizer.json", FAST_TOKENIZER)
    return make_manifest(folder, kind, folder.resolve().name, "unversioned", files, labels=labels)


def _unusable(manifest: Manifest, field: str, value: object) -> WeightsError:
    return WeightsError(
        f"{manifest.folder / MANIFEST} has no usable {field}: {value!r:.200}", REINSTALL
    )
