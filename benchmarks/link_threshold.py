"""How sure a link is at each threshold, on marked stretches of sentences whose skill is known.

    METIER_DATA=... python benchmarks/link_threshold.py [--encoder FOLDER] [--taxonomy FOLDER]

TECH and HOUSE mark stretches and give each its ESCO skill, or say that ESCO has none: the first
should be linked to that very skill, the second to nothing. Each stretch is linked as if it were its
own sentence, nearly as `metier link` does, and in its sentence, as in a document that says nothing
else. The score is the fit of a skill (`matching.senses`), or its likelihood
(`matching.likelihood`), which `metier` uses. The threshold that is shipped stands in the encoder's
manifest (`calibration.link`).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matching import Encoder, Space
from matching.answers import Link
from matching.calibration import read_calibration
from matching.linking import Linking
from matching.occupations import MOST
from matching.ranking import Hit
from matching.senses import Stretches, skill_scores
from ner.errors import MetierError
from training.corpora import data_folder, rows

NONE = "LABEL NOT PRESENT"
FITS = (0.65, 0.7, 0.74, 0.76, 0.78, 0.8, 0.85)
LIKELIHOODS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9)


def stretches(data: Path, space: Space) -> dict[tuple[str, str], set[str]]:
    """(marked stretch, its sentence) -> URIs of its skills; no URI where ESCO has none.

    A stretch without a label, with a vague one, or with one that the space lacks, is left out.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for name in ("tech", "house"):
        for row in rows(data / "benchmarks" / "skill_linking" / f"{name}_validation.csv"):
            text = (row["sub_span"] or row["span"] or "").strip()
            label = (row["label"] or "").strip()
            uris = space.find(label, "en")
            if text and (uris or label == NONE):
                found.setdefault((text, row["sentence"].strip()), set()).update(uris)
    return found


def linked(
    linking: Linking, encoder: Encoder, said: Sequence[str], around: Sequence[str]
) -> tuple[NDArray[np.float64], list[str]]:
    """The score and the URI of the skill of each stretch in its sentence."""
    sentences = {text: place for place, text in enumerate(dict.fromkeys(around))}
    given = Stretches(
        encoder.encode(said),
        encoder.encode(list(sentences)),
        np.array([sentences[text] for text in around]),
        np.ones(len(said), np.bool_),
    )
    uris = linking.space.uris_of("skill")
    answers = []
    for text, scores in zip(said, np.vstack(list(skill_scores(linking.space, given))), strict=True):
        best = np.argsort(-scores, kind="stable")[:MOST]
        answers.append(
            linking.answer(text, [Hit(uris[place], float(scores[place])) for place in best])
        )
    # From a threshold of 0 on, what is not linked is a coined word that no name holds.
    made = [one if isinstance(one, Link) else None for one in answers]
    scores = np.array([one.score if one else 0.0 for one in made])
    return scores, [one.concept.uri if one else "" for one in made]


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
        likelihood = read_calibration(encoder.calibration, encoder.model).likelihood
    except MetierError as problem:
        raise SystemExit(f"error: {problem.message}\nhint: {problem.hint}") from problem
    gold = stretches(data, space)
    said, around = [text for text, _ in gold], [sentence for _, sentence in gold]
    has = np.array([bool(uris) for uris in gold.values()])
    print(f"{has.sum()} stretches with a skill, {(~has).sum()} without; {encoder.model}\n")
    print(
        "| score | read | threshold | links that are right | skills found "
        "| linked though ESCO has none |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for name, judge, thresholds in (("fit", None, FITS), ("likelihood", likelihood, LIKELIHOODS)):
        linking = Linking(space, 0.0, judge, "en", encoder.model)
        for how, sentences in (("alone", said), ("in its sentence", around)):
            scores, best = linked(linking, encoder, said, sentences)
            right = np.array([uri in uris for uri, uris in zip(best, gold.values(), strict=True)])
            for threshold in thresholds:
                sure = scores >= threshold
                print(
                    f"| {name} | {how} | {threshold} "
                    f"| {right[sure].mean() if sure.any() else 0:.3f} "
                    f"| {(right & sure)[has].mean():.3f} | {sure[~has].mean():.3f} |"
                )


if __name__ == "__main__":
    main()
