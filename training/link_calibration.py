"""The weights of `matching.likelihood`, learnt from links judged by eye.

    METIER_DATA=... python -m training.link_calibration [--tagger FOLDER] [--encoder FOLDER]
        [--taxonomy FOLDER] > likelihood.json

Reads the documents that data/links/judged.jsonl names with the shipped weights, and fits a logistic
regression (scikit-learn) to whether a link was judged right; what is related only is not. The JSON
goes under "likelihood" into the calibration of an encoder's manifest. On stderr: how well the
regression tells links apart that it has not learnt from, and the same for the fit alone. Each
wording is in one fold, so that none is known from another document.
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching import Matcher
from matching.likelihood import LEAST_FIT, Traits, traits_of
from ner.errors import MetierError
from training.corpora import data_folder, documents
from training.extras import need
from training.own_texts import own_rows

JUDGED = Path(__file__).parents[1] / "data" / "links" / "judged.jsonl"
# What was judged of a document.
CHARACTERS = 6_000
VERDICTS = ("right", "related", "wrong")
_FOLDS = 10


@dataclass(frozen=True, slots=True)
class Example:
    """A judged link; `wording` is the stretch in small letters, `first` whether it fitted best."""

    wording: str
    traits: Traits
    verdict: str
    first: bool


def read_verdicts(path: Path = JUDGED) -> dict[tuple[str, int, str], str]:
    """(document, CRC-32 of the stretch in small letters, URI of the skill) -> verdict.

    Raises BadInputError for a missing file or a row that is no judged link.
    """

    def read(row: Any) -> tuple[tuple[str, int, str], str]:
        if row["verdict"] not in VERDICTS:
            raise ValueError(f"{row['verdict']!r:.40} is no verdict")
        return (row["doc_id"], int(row["crc32"]), row["uri"]), row["verdict"]

    return dict(verdict for _, verdict in own_rows(path, "judged link", read))


def examples(matcher: Matcher, data: Path) -> list[Example]:
    """The judged links among the five that fit each stretch best, with their traits."""
    verdicts = read_verdicts()
    judged = {document for document, _, _ in verdicts}
    found = []
    for document in documents(data):
        if document.doc_id not in judged:
            continue
        for mention, hits in matcher.candidates(document.text[:CHARACTERS]):
            mark = zlib.crc32(mention.text.lower().encode())
            for place, hit in enumerate(hits):
                verdict = verdicts.get((document.doc_id, mark, hit.uri))
                if verdict and hit.score >= LEAST_FIT:
                    traits = traits_of(
                        matcher.space, mention.text, hit.uri, hit.score, mention.label, mention.sure
                    )
                    found.append(Example(mention.text.lower(), traits, verdict, place == 0))
    return found


def table(found: Sequence[Example]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Traits (n, t) with what is usual in place of what is unknown, and what is usual (t,)."""
    values = np.array([astuple(one.traits) for one in found], np.float64)
    usual = np.nanmean(values, axis=0)
    return np.where(np.isnan(values), usual, values), usual


def fitted(values: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, Any]:
    """The intercept and the weights (t,) of a logistic regression on standardised traits."""
    linear = need("sklearn.linear_model", "train")
    centre, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    model = linear.LogisticRegression(max_iter=3_000).fit((values - centre) / spread, right)
    weights = model.coef_[0] / spread
    return float(model.intercept_[0] - weights @ centre), weights


def unseen(found: Sequence[Example]) -> NDArray[np.float64]:
    """The likelihood of each link by a regression that has not seen its wording: (n,)."""
    folds = need("sklearn.model_selection", "train").GroupKFold(_FOLDS)
    values, _ = table(found)
    right = np.array([one.verdict == "right" for one in found])
    groups = [one.wording for one in found]
    likely = np.zeros(len(found))
    for learn, rest in folds.split(values, right, groups):
        intercept, weights = fitted(values[learn], right[learn])
        likely[rest] = 1 / (1 + np.exp(-(intercept + values[rest] @ weights)))
    return likely


def report(found: Sequence[Example], scores: NDArray[np.float64], name: str) -> str:
    """One row a share of wrong links: how many right ones are made before it is passed."""
    firsts = [place for place, one in enumerate(found) if one.first]
    order = sorted(firsts, key=lambda place: -scores[place])
    verdicts = np.array([found[place].verdict for place in order])
    wrong = np.cumsum(verdicts == "wrong") / (1 + np.arange(len(order)))
    lines = []
    for share in (0.01, 0.02, 0.03):
        last = np.flatnonzero(wrong <= share)[-1]
        made = verdicts[: last + 1]
        lines.append(
            f"| {name} | {share} | {scores[order[last]]:.3f} | {np.sum(made == 'right')} | "
            f"{np.sum(made == 'related')} | {np.sum(made == 'wrong')} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the likelihood as JSON, and the table on stderr."""
    parser = argparse.ArgumentParser(prog="python -m training.link_calibration")
    for option in ("--tagger", "--encoder", "--taxonomy"):
        parser.add_argument(option, type=Path, metavar="FOLDER")
    given = parser.parse_args(arguments)
    try:
        matcher = Matcher.load(given.tagger, given.encoder, given.taxonomy)
        found = examples(matcher, data_folder())
        likely = unseen(found)
    except MetierError as problem:
        parser.exit(problem.exit_code, f"error: {problem.message}\nhint: {problem.hint}\n")
    fit = np.array([one.traits.fit for one in found])
    print(f"{len(found)} judged links; {matcher.model}", file=sys.stderr)
    print("| score | wrong, at most | from | right | related | wrong |", file=sys.stderr)
    print("| --- | --- | --- | --- | --- | --- |", file=sys.stderr)
    print(report(found, fit, "fit"), file=sys.stderr)
    print(report(found, likely, "likelihood"), file=sys.stderr)
    values, usual = table(found)
    intercept, weights = fitted(values, np.array([one.verdict == "right" for one in found]))
    names = [trait.name for trait in fields(Traits)]
    stated = {"intercept": intercept, "weights": weights, "usual": usual}
    print(
        json.dumps(
            {
                name: round(value, 4)
                if isinstance(value, float)
                else {trait: round(float(one), 4) for trait, one in zip(names, value, strict=True)}
                for name, value in stated.items()
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
