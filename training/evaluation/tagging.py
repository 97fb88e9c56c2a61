"""Scores of a tagger on hand-marked lines.

Strict spans (start, end and label), spans without labels, labelled characters, and the entity F1
of seqeval (Nakayama 2018; mode "strict", scheme IOB2) over words, all micro averages. Intervals
are drawn over documents, since lines of one document resemble each other.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ner.labels import Label
from training.evaluation import bootstrap
from training.evaluation.gold import Block, GoldLine, Mark, blocks, read_gold
from training.evaluation.metrics import precision_recall_f1
from training.evaluation.progress import Progress, silent
from training.evaluation.report import Figure, Report, prefixed
from training.evaluation.words import snapped

Floats = NDArray[np.float64]
_LABELS = tuple(Label)
# Groups of three columns (right, found, wanted), in this order; then two for the clean lines.
_GROUPS = (*(f"typed.per_label.{label}" for label in _LABELS), "untyped", "characters", "seqeval")
_PARTS = ("precision", "recall", "f1")


class _Span(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def label(self) -> Label: ...


class _Tagged(Protocol):
    @property
    def spans(self) -> Sequence[_Span]: ...


class Tagger(Protocol):
    """What is asked of a tagger here; `ner.SkillTagger` is one."""

    @property
    def model(self) -> str: ...
    def tag(self, text: str) -> _Tagged: ...


@dataclass(frozen=True, slots=True)
class TaggingScore:
    """Figures by key, and how many gold spans did not lie on word boundaries."""

    figures: dict[str, Figure]
    unaligned: int


def score(gold: Sequence[GoldLine], predicted: Sequence[Sequence[Mark]]) -> TaggingScore:
    """Figures of predicted marks, one sequence a gold line, against the gold marks."""
    rows = np.zeros((len(gold), 3 * len(_GROUPS) + 2))
    unaligned = 0
    for number, (line, found) in enumerate(zip(gold, predicted, strict=True)):
        rows[number], loose = _counts(line, found)
        unaligned += loose
    documents = {name: at for at, name in enumerate(dict.fromkeys(line.doc_id for line in gold))}
    units = np.zeros((len(documents), rows.shape[1]))
    np.add.at(units, [documents[line.doc_id] for line in gold], rows)

    names = [
        *(f"typed.micro.{part}" for part in _PARTS),
        *(f"{group}.{part}" for group in _GROUPS for part in _PARTS),
        "clean_lines.flagged",
    ]
    figures = bootstrap.figures(names, units, _statistic)
    return TaggingScore(figures, unaligned)


def in_lines(block: Block, lengths: Sequence[int], found: Iterable[_Span]) -> list[list[Mark]]:
    """Spans of a block's text as marks of its lines (one list a line of the block).

    A span belongs to the line it starts in and is clipped at the end of that line; `lengths` are
    the lengths of the lines in code points.
    """
    per_line: list[list[Mark]] = [[] for _ in block.lines]
    for span in found:
        at = int(np.searchsorted(block.starts, span.start, side="right")) - 1
        start = span.start - block.starts[at]
        end = min(span.end - block.starts[at], lengths[at])
        if start < end:
            per_line[at].append(Mark(start, end, Label(span.label)))
    return per_line


def evaluate_tagging(
    file: Path, tagger: Tagger, context: bool = False, progress: Progress = silent
) -> Report:
    """Scores of `tagger` on a file of marked lines, each tagged alone.

    With `context` the lines of a block are also tagged as one text, as in a real post, and those
    figures stand under "context.". BadInputError for a file that cannot be read or is wrong.
    """
    began = time.perf_counter()
    gold = read_gold(file)
    alone = [
        _marks(tagger.tag(line.text).spans) for line in progress(gold, len(gold), "lines alone")
    ]
    result = score(gold, alone)
    figures = dict(result.figures)
    if context:
        together: list[list[Mark]] = [[] for _ in gold]
        groups = blocks(gold)
        for block in progress(groups, len(groups), "lines in context"):
            lengths = [len(gold[number].text) for number in block.lines]
            found = in_lines(block, lengths, tagger.tag(block.text).spans)
            for number, marks in zip(block.lines, found, strict=True):
                together[number] = marks
        figures |= prefixed("context", score(gold, together).figures)
    return Report(
        task="tagging",
        file=file.name,
        n=len(gold),
        dropped={"unaligned": result.unaligned},
        model=tagger.model,
        taxonomy=None,
        seconds=time.perf_counter() - began,
        figures=figures,
        counts={
            "documents": len({line.doc_id for line in gold}),
            "spans": sum(len(line.marks) for line in gold),
            "clean_lines.n": sum(not line.marks for line in gold),
            **{
                f"typed.per_label.{label}.support": sum(
                    mark.label == label for line in gold for mark in line.marks
                )
                for label in _LABELS
            },
        },
        notes=("dropped.unaligned: gold spans widened to whole words, for seqeval.* only",),
    )


def _marks(spans: Iterable[_Span]) -> list[Mark]:
    return [Mark(span.start, span.end, Label(span.label)) for span in spans]


def _counts(line: GoldLine, found: Sequence[Mark]) -> tuple[list[int], int]:
    """The columns of one line (see _GROUPS), and how many of its gold marks cut a word."""
    wanted, given = set(line.marks), set(found)
    counts: list[int] = []
    for label in _LABELS:
        ours = {mark for mark in given if mark.label == label}
        theirs = {mark for mark in wanted if mark.label == label}
        counts += [len(ours & theirs), len(ours), len(theirs)]
    ranges = {(mark.start, mark.end) for mark in given}
    gold_ranges = {(mark.start, mark.end) for mark in wanted}
    counts += [len(ranges & gold_ranges), len(ranges), len(gold_ranges)]

    painted, gold_painted = _painted(given, len(line.text)), _painted(wanted, len(line.text))
    agree = np.count_nonzero((painted == gold_painted) & (painted > 0))
    counts += [int(agree), int(np.count_nonzero(painted)), int(np.count_nonzero(gold_painted))]

    gold_words, loose = snapped(line.text, line.marks)
    found_words = set(snapped(line.text, found)[0])
    counts += [len(found_words & set(gold_words)), len(found_words), len(gold_words)]

    clean = not wanted
    counts += [int(clean and bool(given)), int(clean)]
    return counts, loose


def _painted(marks: Iterable[Mark], length: int) -> NDArray[np.int8]:
    """For every character 0, or 1 + the number of the label that covers it."""
    painted = np.zeros(length, dtype=np.int8)
    for mark in sorted(marks):
        painted[mark.start : mark.end] = 1 + _LABELS.index(mark.label)
    return painted


def _statistic(sums: Floats) -> Floats:
    """Sums (rows, columns) -> figures (rows, names), in the order of the names in `score`."""
    triples = [sums[:, 3 * group : 3 * group + 3] for group in range(len(_GROUPS))]
    typed = np.sum(triples[: len(_LABELS)], axis=0)
    parts = [precision_recall_f1(*triple.T) for triple in (typed, *triples)]
    flagged = sums[:, -2:-1] / np.maximum(sums[:, -1:], 1.0)
    return np.concatenate([*parts, flagged], axis=1)
