"""From tag scores per word to labelled spans: the best sequence that BIO allows.

Viterbi (1967) with the one constraint of BIO: I-X follows only B-X or I-X. There are no learnt
transition weights.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ner.labels import BIO_TAGS, Label

_LABELS = tuple(Label)
_COUNT = len(_LABELS)


def decode(
    logits: npt.NDArray[np.floating],
    line: npt.NDArray[np.integer] | None = None,
    loose: npt.NDArray[np.bool_] | None = None,
) -> list[tuple[int, int, Label, float]]:
    """Spans (first word, last word + 1, label, score) of one text, in order.

    logits: (w, tags) scores of the words, columns as in BIO_TAGS, all finite.
    line: (w,) line number of each word, never decreasing; no span crosses lines.
    loose: (w,) words that no span begins or ends with: it is cut back to its others.
    score: mean over the words of a span of the probability of its label (B and I together).
    """
    count = len(logits)
    if not count:
        return []
    scores = np.asarray(logits, dtype=np.float64)
    opens = np.zeros(count, dtype=bool)
    opens[0] = True
    if line is not None:
        opens[1:] = line[1:] != line[:-1]
    tags = best_tags(scores, opens)
    return _spans(tags, scores, np.zeros(count, dtype=bool) if loose is None else loose)


def best_tags(
    scores: npt.NDArray[np.float64], opens: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """(w,) tag ids of the best allowed sequence; `opens` (w,) marks words that start a line."""
    tags: npt.NDArray[np.int64] = scores.argmax(axis=1)
    broken = _is_inside(tags)
    # I-X (an even id) may follow itself or B-X, the id before it.
    broken[1:] &= opens[1:] | ((tags[1:] != tags[:-1]) & (tags[1:] != tags[:-1] + 1))
    # Where the best tag of each word makes an allowed line, no sequence is better.
    line_number = np.cumsum(opens) - 1
    starts = np.append(np.flatnonzero(opens), len(tags))
    for number in np.unique(line_number[broken]):
        start, end = starts[number], starts[number + 1]
        tags[start:end] = _viterbi(scores[start:end])
    return tags


def _is_inside(tags: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    inside: npt.NDArray[np.bool_] = (tags > 0) & (tags % 2 == 0)
    return inside


def _viterbi(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """(w,) tag ids of the best allowed sequence of one line."""
    count = len(scores)
    inside = np.arange(2, len(BIO_TAGS), 2)
    came_from = np.empty(scores.shape, dtype=np.int64)
    total = scores[0].copy()
    total[inside] = -np.inf
    for word in range(1, count):
        best = int(total.argmax())
        came_from[word] = best
        # I-X is reached from B-X or I-X alone; every other tag from the best of all.
        from_begin = total[inside - 1] >= total[inside]
        came_from[word, inside] = np.where(from_begin, inside - 1, inside)
        reached = np.full(len(total), total[best])
        reached[inside] = np.maximum(total[inside - 1], total[inside])
        total = reached + scores[word]
    tags = np.empty(count, dtype=np.int64)
    tags[-1] = total.argmax()
    for word in range(count - 1, 0, -1):
        tags[word - 1] = came_from[word, tags[word]]
    return tags


def _spans(
    tags: npt.NDArray[np.int64], scores: npt.NDArray[np.float64], loose: npt.NDArray[np.bool_]
) -> list[tuple[int, int, Label, float]]:
    begins = np.flatnonzero(tags % 2 == 1)
    if not len(begins):
        return []
    inside = _is_inside(tags)
    outside = np.append(np.flatnonzero(~inside), len(tags))
    ends = outside[np.searchsorted(outside, begins, side="right")]

    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = shifted / shifted.sum(axis=1, keepdims=True)
    of_label = probabilities[:, 1:].reshape(-1, _COUNT, 2).sum(axis=2)
    spans: list[tuple[int, int, Label, float]] = []
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        label = (tags[begin] - 1) // 2
        firm = begin + np.flatnonzero(~loose[begin:end])
        if not len(firm):
            continue
        begin, end = int(firm[0]), int(firm[-1]) + 1
        score = min(float(of_label[begin:end, label].mean()), 1.0)
        spans.append((begin, end, _LABELS[label], score))
    return spans
