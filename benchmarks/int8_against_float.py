"""What the eight-bit weights cost: shipped ONNX files against float32 torch.

    METIER_DATA=... python benchmarks/int8_against_float.py [--tagger FOLDER] [--encoder FOLDER]

The folders hold the weights that were shipped, by default training/checkpoints/<kind>; a kind
without any is left out. Linking is
compared on preferred labels alone, since float32 torch encodes one text at a time slowly.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from matching import Encoder
from ner import SkillTagger
from ner.clean import clean
from ner.errors import MetierError
from ner.segments import segment
from training.corpora import data_folder, gold
from training.evaluation.skill_linking import evaluate_skill_linking
from training.evaluation.tagging import evaluate_tagging
from training.export import CHECKPOINTS

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def tagging(folder: Path, data: Path) -> None:
    """F1 of both on both development files, and how far word logits are apart."""
    eight, full = SkillTagger.load(), SkillTagger.load(folder, backend="torch")
    for name in ("gold_dev", "gold_de_dev"):
        path = data / "gold" / f"{name}.jsonl"
        figures = [
            evaluate_tagging(path, tagger, False).to_dict()["typed.micro.f1"]
            for tagger in (eight, full)
        ]
        apart, agree = logits_apart(eight, full, [line.text for line in gold(data, name)])
        print(
            f"| tagging {name} | {figures[0]:.4f} | {figures[1]:.4f} | "
            f"{figures[0] - figures[1]:+.4f} | logits: mean {apart.mean():.3f}, "
            f"99th percentile {np.quantile(apart, 0.99):.3f}, largest {apart.max():.3f}; "
            f"same tag for {agree:.4f} of the words |"
        )


def logits_apart(
    eight: SkillTagger, full: SkillTagger, texts: Sequence[str]
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], float]:
    """Absolute differences of all word logits, and the share of words with one best tag."""
    differences, same = [], []
    tokenizer: Tokenizer = eight.tokenizer
    for text in texts:
        pieces = segment(tokenizer, clean(text).text)
        if not pieces.words:
            continue
        one, other = eight.word_logits(pieces), full.word_logits(pieces)
        differences.append(np.abs(one - other).ravel().astype(np.float64))
        same.append(one.argmax(axis=1) == other.argmax(axis=1))
    return np.concatenate(differences), float(np.concatenate(same).mean())


def linking(folder: Path, data: Path) -> None:
    """RP@5 of both on the generated sentences, preferred labels only."""
    marks = data / "benchmarks"
    cores = os.cpu_count() or 1
    values = [
        evaluate_skill_linking(
            marks / "skillskape" / "dev.csv.gz",
            marks / "skill_linking" / "skills_en_label.txt",
            encoder,
            (),
            "labels only",
        ).to_dict()["rp@5"]
        for encoder in (
            Encoder.load(workers=cores),
            Encoder.load(folder, backend="torch", workers=cores),
        )
    ]
    print(
        f"| linking skillskape, RP@5 | {values[0]:.4f} | {values[1]:.4f} | "
        f"{values[0] - values[1]:+.4f} | preferred labels only |"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one row a comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tagger", type=Path, default=CHECKPOINTS / "tagger")
    parser.add_argument("--encoder", type=Path, default=CHECKPOINTS / "encoder")
    given = parser.parse_args(arguments)
    there = [one for one in (given.tagger, given.encoder) if (one / "config.json").is_file()]
    if not there:
        raise SystemExit(
            f"error: there are no weights in {given.tagger} and {given.encoder}\n"
            "hint: write them with: python -m training.checkpoint tagger|encoder FOLDER"
        )
    try:
        data = data_folder()
    except MetierError as problem:
        raise SystemExit(f"error: {problem.message}\nhint: {problem.hint}") from problem
    print("| task | int8 ONNX | float32 torch | difference | notes |")
    print("| --- | --- | --- | --- | --- |")
    if given.tagger in there:
        tagging(given.tagger, data)
    if given.encoder in there:
        linking(given.encoder, data)


if __name__ == "__main__":
    main()
