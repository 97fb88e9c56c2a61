"""How sure a link is at each threshold, on marked stretches of sentences whose skill is known.

    METIER_DATA=... python benchmarks/link_threshold.py [--encoder FOLDER] [--taxonomy FOLDER]

TECH and HOUSE mark stretches and give each its ESCO skill, or say that ESCO has none: the first
should be linked to that very skill, the second to nothing. The threshold that is shipped stands in
the encoder's manifest (`calibration.link`).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from matching import Encoder, Space
from matching.linking import link_vectors
from ner.errors import MetierError
from training.corpora import data_folder, rows

NONE = "LABEL NOT PRESENT"
THRESHOLDS = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def stretches(data: Path, space: Space) -> dict[str, set[str]]:
    """Marked stretch -> URIs of its skills; no URI where ESCO has none.

    A stretch without a label, with a vague one, or with one that the space lacks, is left out.
    """
    found: dict[str, set[str]] = {}
    for name in ("tech", "house"):
        for row in rows(data / "benchmarks" / "skill_linking" / f"{name}_validation.csv"):
            text = (row["sub_span"] or row["span"] or "").strip()
            label = (row["label"] or "").strip()
            uris = space.find(label, "en")
            if text and (uris or label == NONE):
                found.setdefault(text, set()).update(uris)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one row a threshold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--taxonomy", type=Path)
    given = parser.parse_args(arguments)
    try:
        data = data_folder()
        encoder = Encoder.load(given.encoder, workers=os.cpu_count() or 1)
        space = Space.load(given.taxonomy, encoder.fingerprint, encoder_name=encoder.model)
    except MetierError as problem:
        raise SystemExit(f"error: {problem.message}\nhint: {problem.hint}") from problem
    gold = stretches(data, space)
    texts = list(gold)
    links = link_vectors(space, texts, encoder.encode(texts), -1.0, "en", encoder.model)
    scores = np.array([link.score for link in links])
    right = np.array([link.to_dict()["concept"]["uri"] in gold[link.text] for link in links])
    has = np.array([bool(gold[text]) for text in texts])
    print(f"{has.sum()} stretches with a skill, {(~has).sum()} without; {encoder.model}\n")
    print("| threshold | links that are right | skills found | linked though ESCO has none |")
    print("| --- | --- | --- | --- |")
    for threshold in THRESHOLDS:
        linked = scores >= threshold
        print(
            f"| {threshold} | {right[linked].mean() if linked.any() else 0:.3f} "
            f"| {(right & linked)[has].mean():.3f} | {linked[~has].mean():.3f} |"
        )


if __name__ == "__main__":
    main()
