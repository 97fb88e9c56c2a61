"""Scores of an encoder on sentences whose ESCO skills are known.

The sentence is the query, whole and in parts as linking reads it; all lines of a vocabulary are the
candidates. MRR and RP@k as in
Decorte et al. 2022 (Design of Negative Sampling Strategies for Distantly Supervised Skill
Extraction) with repeated labels counted once; `published_rule.*` repeats the denominators of
WorkRB, where a label marked twice in a sentence counts twice.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matching.parts import parts
from matching.ranking import OWN_SHARE
from matching.space_build import TextEncoder
from matching.taxonomy import Concept
from ner.errors import BadInputError
from training.evaluation import bootstrap
from training.evaluation.candidates import normal, of_vocabulary
from training.evaluation.metrics import r_precision, reciprocal_rank
from training.evaluation.progress import Progress, silent
from training.evaluation.ranking import Ranks, rank
from training.evaluation.report import Figure, Report, prefixed
from training.evaluation.tables import Table, bad_row, read_lines, read_table, require
from training.evaluation.vectors import as_in_space, encoded

NO_LABEL = ("LABEL NOT PRESENT", "UNDERSPECIFIED")
UNKNOWN = "UNK"
_DEPTHS = (1, 5, 10)
_LAYOUTS = (("sentence", "label"), ("sentence", "skills"))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A query: the candidate numbers of its labels, and how often labels were marked in it."""

    text: str
    relevant: tuple[int, ...]
    marked: int


@dataclass(frozen=True, slots=True)
class LinkingGold:
    """Sentences with a label, sentences that have none by their marker, and what was left out."""

    sentences: tuple[Sentence, ...]
    without_skill: tuple[str, ...]
    dropped: Mapping[str, int]


@dataclass(slots=True)
class _Marks:
    labels: list[int] = field(default_factory=list)
    unknown: bool = False


def read_vocabulary(path: Path) -> list[str]:
    """The labels of a vocabulary file, one a line, stripped, each once."""
    labels = list(dict.fromkeys(read_lines(path)))
    if not labels:
        raise BadInputError(f"{path}: no labels", "give a file with one skill label a line")
    return labels


def read_sentences(path: Path, vocabulary: Sequence[str]) -> LinkingGold:
    """Sentences with their labels, from rows `sentence, label` or `sentence, skills`.

    Rows of one sentence are put together. Labels are matched as they are, else without regard to
    case, blanks and commas; what the vocabulary lacks is dropped and counted.
    """
    table = read_table(path)
    column = require(table, _LAYOUTS)[1]
    find = _finder(vocabulary)
    dropped: Counter[str] = Counter()
    marks: dict[str, _Marks] = {}
    for row in table.rows:
        sentence = table.text(row, "sentence").strip()
        if not sentence:
            dropped["blank_sentence"] += 1
            continue
        mine = marks.setdefault(sentence, _Marks())
        for label in _labels(table, row.line, row.cells.get(column), column):
            number = find(label)
            if number is not None:
                mine.labels.append(number)
            elif label == UNKNOWN:
                mine.unknown = True
            elif label in NO_LABEL:
                dropped[label] += 1
            else:
                dropped["label_not_in_vocabulary"] += 1
    kept = tuple(
        Sentence(text, tuple(dict.fromkeys(mine.labels)), len(mine.labels))
        for text, mine in marks.items()
        if mine.labels
    )
    empty = {text: mine.unknown for text, mine in marks.items() if not mine.labels}
    dropped[UNKNOWN] = sum(empty.values())
    dropped["sentence_without_label"] = len(empty) - dropped[UNKNOWN]
    without_skill = tuple(text for text, unknown in empty.items() if unknown)
    return LinkingGold(kept, without_skill, {k: v for k, v in dropped.items() if v})


def score(sentences: Sequence[Sentence], ranks: Sequence[Ranks]) -> dict[str, Figure]:
    """Figures of one `Ranks` a sentence."""
    rows = []
    for sentence, found in zip(sentences, ranks, strict=True):
        best, own = found.best, found.preferred
        rows.append(
            [
                reciprocal_rank(best),
                *(r_precision(best, k) for k in _DEPTHS),
                *(r_precision(best, k, sentence.marked) for k in _DEPTHS),
                reciprocal_rank(own),
                *(r_precision(own, k) for k in _DEPTHS),
            ]
        )
    plain = ["mrr", *(f"rp@{k}" for k in _DEPTHS)]
    names = [
        *plain,
        *(f"published_rule.rp@{k}" for k in _DEPTHS),
        *(f"labels_only.{name}" for name in plain),
    ]
    return bootstrap.mean_figures(names, np.array(rows, dtype=np.float64).reshape(-1, len(names)))


def abstention(
    gold: LinkingGold, abstains: Callable[[str], bool], progress: Progress = silent
) -> dict[str, Figure]:
    """Share of sentences on which a linker abstains: those without a skill, and the others."""
    groups = {
        "without_skill": list(gold.without_skill),
        "with_skill": [sentence.text for sentence in gold.sentences],
    }
    figures: dict[str, Figure] = {}
    for name, texts in groups.items():
        if texts:
            answers = [float(abstains(text)) for text in progress(texts, len(texts), "abstention")]
            figures |= bootstrap.mean_figures([name], np.array(answers).reshape(-1, 1))
    return prefixed("abstention", figures)


def evaluate_skill_linking(
    file: Path,
    vocabulary: Path,
    encoder: TextEncoder,
    concepts: Iterable[Concept],
    taxonomy: str,
    cache: Path | None = None,
    abstains: Callable[[str], bool] | None = None,
    dimension: int | None = None,
    progress: Progress = silent,
    marked: Callable[[str], Iterable[str]] | None = None,
) -> Report:
    """Scores of `encoder` on a file of sentences against all labels of `vocabulary`.

    A label may use the English names of its skill among `concepts`; `labels_only.*` does without.
    `marked` tells the skills marked in a text: with it, sentences are read in parts as well, and
    `whole_only.*` does without; without it, only whole.
    `abstains` tells whether the product links a text to no skill. `dimension`: vectors as a space
    of that many dimensions holds them. BadInputError for wrong files.
    """
    began = time.perf_counter()
    labels = read_vocabulary(vocabulary)
    gold = read_sentences(file, labels)
    if not gold.sentences:
        dropped = ", ".join(f"{name} {count}" for name, count in gold.dropped.items())
        raise BadInputError(
            f"no sentence of {file} has a label of {vocabulary} (left out: {dropped or 'nothing'})",
            "give the vocabulary that the file was labelled with",
        )
    match = of_vocabulary(labels, concepts)
    rows = encoded(match.candidates.texts, encoder, cache, progress, "vocabulary")
    texts = [sentence.text for sentence in gold.sentences]
    pieces = [parts(text, marked(text)) for text in texts] if marked else []
    asked = [*texts, *(part for some in pieces for part in some)]
    queries, rows = as_in_space(
        encoded(asked, encoder, None, progress, "sentences"), rows, dimension
    )
    ends = len(texts) + np.cumsum([0, *map(len, pieces)])
    sentences, *read = np.split(queries, ends)[: len(pieces) + 1]
    relevant = [sentence.relevant for sentence in gold.sentences]

    def ranked(read: Sequence[NDArray[np.float32]]) -> dict[str, Figure]:
        ranks = rank(sentences, relevant, match.candidates, rows, OWN_SHARE, read)
        return score(gold.sentences, ranks)

    figures = ranked(read)
    if pieces:
        figures |= prefixed("whole_only", ranked(()))
    if abstains is not None:
        figures |= abstention(gold, abstains, progress)
    return Report(
        task="skill-linking",
        file=file.name,
        n=len(gold.sentences),
        dropped=gold.dropped,
        model=encoder.model,
        taxonomy=taxonomy,
        seconds=time.perf_counter() - began,
        figures=figures,
        counts={
            "vocabulary.n": len(labels),
            "vocabulary.by_preferred": match.by_preferred,
            "vocabulary.by_alternative": match.by_alternative,
            "vocabulary.unmatched": match.unmatched,
            "vocabulary.texts": len(match.candidates.texts),
            "dimension": rows.shape[1],
        },
        notes=() if dimension is None else ("label vectors in int8, as a space holds them",),
    )


def _labels(table: Table, line: int, cell: object, column: str) -> list[str]:
    if column == "label":
        return [cell.strip()] if isinstance(cell, str) and cell.strip() else []
    try:
        labels = json.loads(cell) if isinstance(cell, str) else cell
    except (ValueError, RecursionError) as problem:
        what, hint = f"`skills` is no JSON ({problem})", 'write a list: ["label", ...]'
        raise bad_row(table.path, line, what, hint) from problem
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        what, hint = "`skills` is no list of labels", 'write a list: ["label", ...]'
        raise bad_row(table.path, line, what, hint)
    return [label.strip() for label in labels]


def _finder(vocabulary: Sequence[str]) -> Callable[[str], int | None]:
    """The candidate number of a label, exact or, where only one label fits, nearly so."""
    exact = {label: number for number, label in enumerate(vocabulary)}
    times = Counter(_loose(label) for label in vocabulary)
    loose = {_loose(label): number for label, number in exact.items() if times[_loose(label)] == 1}

    def find(label: str) -> int | None:
        number = exact.get(label)
        return loose.get(_loose(label)) if number is None else number

    return find


def _loose(label: str) -> str:
    return normal(label.replace(",", " "))
