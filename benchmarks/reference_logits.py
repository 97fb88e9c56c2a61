"""Writes what float32 torch computes for a few fixed sentences, for a test of the shipped weights.

    python benchmarks/reference_logits.py [--tagger FOLDER] [--encoder FOLDER] [--to FILE]

The folders hold the float32 (or float16) torch weights that were shipped, by default
training/checkpoints/<kind>. tests/journeys/test_reference_logits.py compares the shipped int8
files with what is written here: write it again whenever the weights are replaced.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from matching import Encoder
from ner import SkillTagger
from ner.clean import clean
from ner.errors import MetierError
from ner.labels import BIO_TAGS
from ner.segments import segment
from ner.tagger_manifest import describe_plain
from training.export import CHECKPOINTS

DIGITS = 4
REFERENCE = Path(__file__).resolve().parents[1] / "tests" / "journeys" / "reference_logits.json"

SENTENCES = (
    "5+ years of experience with Python, PostgreSQL and Docker",
    "Strong written and verbal communication skills and attention to detail",
    "Administer medication and perform wound care as ordered by the physician",
    "You reconcile bank statements and help with the month-end close",
    "Operate forklifts safely; experience in inventory control is a plus",
    "We offer thirty days of holiday, free coffee and a pension plan",
    "Sehr gute Kenntnisse in SAP und sicheres Auftreten gegenüber Kunden",
    "Wartung und Instandsetzung von elektrischen Anlagen und SPS-Steuerungen",
    "Sie planen die Pflege und dokumentieren die Wundversorgung",
    "Erfahrung in der Buchhaltung sowie gute Englischkenntnisse",
    "Wir bieten eine unbefristete Stelle und ein tolles Team",
    "Profile:\nC++, C# and Node.js\nCI/CD with GitHub Actions, Teamfähigkeit",
)


def reference(tagger_folder: Path, encoder_folder: Path) -> dict[str, Any]:
    """The content of the file: fingerprints of the folders, then each sentence's numbers.

    "logits" is (words, tags) in the order of "tags", "vector" the unit vector of the sentence.
    """
    tagger = SkillTagger.load(tagger_folder, backend="torch")
    encoder = Encoder.load(encoder_folder, backend="torch")
    vectors = encoder.encode(SENTENCES)
    rows = []
    for text, vector in zip(SENTENCES, vectors, strict=True):
        pieces = segment(tagger.tokenizer, clean(text).text)
        rows.append(
            {
                "text": text,
                "logits": _rounded(tagger.word_logits(pieces)),
                "vector": _rounded(vector),
            }
        )
    return {
        "made_by": "benchmarks/reference_logits.py",
        "checkpoints": {
            "tagger": describe_plain(tagger_folder, "tagger").fingerprint,
            "encoder": encoder.fingerprint,
        },
        "tags": list(BIO_TAGS),
        "sentences": rows,
    }


def written(content: dict[str, Any]) -> str:
    """JSON with one sentence a line, so that a change of the weights is a readable difference."""
    frame = {name: value for name, value in content.items() if name != "sentences"}
    head = json.dumps(frame, indent=1)[:-2]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in content["sentences"])
    return f'{head},\n "sentences": [\n{lines}\n ]\n}}\n'


def _rounded(values: np.ndarray[Any, np.dtype[np.float32]]) -> Any:
    return np.round(values.astype(np.float64), DIGITS).tolist()


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the file and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tagger", type=Path, default=CHECKPOINTS / "tagger", metavar="FOLDER")
    parser.add_argument("--encoder", type=Path, default=CHECKPOINTS / "encoder", metavar="FOLDER")
    parser.add_argument("--to", type=Path, default=REFERENCE, metavar="FILE")
    given = parser.parse_args(arguments)
    try:
        text = written(reference(given.tagger, given.encoder))
    except MetierError as problem:
        message = f"error: {problem.message}\nhint: {problem.hint}\n"
        parser.exit(problem.exit_code, message)
    given.to.write_text(text, encoding="utf-8")
    print(f"{len(SENTENCES)} sentences written to {given.to}")


if __name__ == "__main__":
    main()
