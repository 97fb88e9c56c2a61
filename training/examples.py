"""Marked lines as the tagger's examples: token ids, and a tag for each word's first piece."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from ner.clean import clean
from ner.labels import BIO_TAGS, Label
from ner.segments import segment
from training.evaluation.gold import GoldLine

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

IGNORED = -100
TAG_ID = {tag: number for number, tag in enumerate(BIO_TAGS)}


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids (t,) and tags (t,): IGNORED wherever no word begins."""

    ids: NDArray[np.int64]
    tags: NDArray[np.int64]


def word_tags(
    words: Sequence[tuple[int, int]], spans: Iterable[tuple[int, int, Label]]
) -> list[int]:
    """The BIO tag id of each word; a word belongs to the span that it overlaps."""
    tags = [TAG_ID["O"]] * len(words)
    for start, end, label in sorted(spans):
        # A span of nothing but dropped characters is empty by now, even inside a word.
        inside = [i for i, (s, e) in enumerate(words) if s < end and e > start and start < end]
        for rank, index in enumerate(inside):
            tags[index] = TAG_ID[f"{'I' if rank else 'B'}-{label}"]
    return tags


def example(tokenizer: Tokenizer, lines: Sequence[GoldLine], window: int) -> Example:
    """One example of lines that follow each other, cut at `window` tokens.

    Lines are marked in their own text, so each is cleaned alone and its offsets mapped.
    """
    texts, spans, offset = [], [], 0
    for line in lines:
        cleaned = clean(line.text)
        forward = _forward(cleaned.starts, len(line.text))
        spans += [
            (offset + int(forward[mark.start]), offset + int(forward[mark.end]), mark.label)
            for mark in line.marks
        ]
        flat = cleaned.text.replace("\n", " ")
        texts.append(flat)
        offset += len(flat) + 1
    pieces = segment(tokenizer, "\n".join(texts))
    tags = np.asarray(word_tags(pieces.words, spans) or [0], np.int64)
    targets = np.where(pieces.first, tags[np.maximum(pieces.word, 0)], IGNORED)
    return Example(pieces.ids[:window], targets[:window])


def _forward(starts: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """For each original offset the first cleaned offset at or after it."""
    return np.searchsorted(starts, np.arange(length + 1))


def epoch_of(
    tokenizer: Tokenizer,
    lines: Sequence[GoldLine],
    window: int,
    joined: float,
    german_weight: int,
    rng: random.Random,
) -> list[Example]:
    """Every line once: alone, or together with its block's other lines with chance `joined`.

    German blocks, which are few, come `german_weight` times. Lines without a word teach nothing
    and are left out.
    """
    examples = []
    for _, some in groupby(lines, key=lambda line: line.block):
        block = list(some)
        for _ in range(german_weight if block[0].language == "de" else 1):
            groups = [block] if rng.random() < joined else [[line] for line in block]
            examples += [example(tokenizer, group, window) for group in groups]
    return [some for some in examples if (some.tags != IGNORED).any()]
