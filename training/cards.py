"""Model cards: what weights are, how they were made, what they are not for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ner.weights import Manifest

_PURPOSE = {
    "tagger": (
        "Marks skills in English and German job posts and resumes and gives each one of four "
        "labels: TECHNOLOGY, TECHNICAL, BUSINESS, SOFT."
    ),
    "encoder": (
        "Turns phrases, sentences, titles and documents, English or German, into unit vectors; "
        "texts about the same skill or occupation lie close together."
    ),
}
# What is known of a base whose folder has this name.
_BASES = {
    "bilingual": "multilingual-e5-small (MIT), vocabulary cut to English and German pieces",
}
_LIMITS = (
    "Trained on job posts and resumes mostly from English-speaking countries, half of them about "
    "data and software; German was learnt from far fewer texts. Other languages are not "
    "supported. The answers support a person's decision and are not fit to make one alone."
)


def model_card(manifest: Manifest) -> str:
    """The card of a model folder, in Markdown."""
    training = manifest.fields.get("training") or {}
    lines = [
        f"# {manifest.name} {manifest.version}",
        "",
        _PURPOSE[manifest.kind] + _alone(training),
        "",
        "- Architecture: DistilBERT as ONNX with eight-bit weights (blocks of 64 values with a "
        "scale each); one text at a time.",
        f"- Base: {_base(training)}.",
        f"- Fingerprint: `{manifest.fingerprint}`",
        f"- Languages: {', '.join(manifest.fields.get('languages', ()))}",
        "- Licence of the weights: Apache-2.0.",
        "",
        "## Training",
        "",
        "```json",
        json.dumps(training, indent=2),
        "```",
        "",
        "## Measured",
        "",
        "See `benchmarks/results.md`: every figure has its command, date, data and size.",
        "",
        "## Limits",
        "",
        _LIMITS,
    ]
    return "\n".join(lines) + "\n"


def _base(training: Mapping[str, Any]) -> str:
    """The base by the record of the training, such as "bilingual + mlm"."""
    name, *recipes = str(training.get("base", "not recorded")).split(" + ")
    return " + ".join([_BASES.get(name, name), *recipes])


def _alone(training: Mapping[str, Any]) -> str:
    recipe = training.get("recipe")
    dimensions = recipe.get("dimensions", []) if isinstance(recipe, Mapping) else []
    fewer = [str(number) for number in sorted(dimensions)[:-1]]
    return f" The first {' or '.join(fewer)} dimensions can serve alone." if fewer else ""


def plain_card(kind: str) -> str:
    """The card of an exported plain folder, with how to use it."""
    use = {
        "tagger": (
            "Give the tokenizer words, not text (`is_split_into_words=True`), leave out lone "
            "`▁` pieces, and read each word's label at its first piece, as `ner.segments` does."
        ),
        "encoder": (
            "`SentenceTransformer(FOLDER).encode(texts, normalize_embeddings=True)`; no prefix."
        ),
    }[kind]
    return f"# metier {kind}, float32\n\n{_PURPOSE[kind]}\n\n{use}\n\n{_LIMITS}\n"
