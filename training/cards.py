"""Model cards: what weights are, how they were made, what they are not for."""

from __future__ import annotations

import json

from ner.weights import Manifest

_PURPOSE = {
    "tagger": (
        "Marks skills in English and German job posts and resumes and gives each one of four "
        "labels: TECHNOLOGY, TECHNICAL, BUSINESS, SOFT."
    ),
    "encoder": (
        "Turns phrases, sentences, titles and documents, English or German, into unit vectors; "
        "texts about the same skill or occupation lie close together. The first 128 or 192 "
        "dimensions can serve alone."
    ),
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
        _PURPOSE[manifest.kind],
        "",
        "- Architecture: DistilBERT, dynamic int8 ONNX (a scale a channel, seven bits); one text "
        "at a time.",
        "- Base: multilingual-e5-small (MIT), vocabulary cut to English and German pieces.",
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
