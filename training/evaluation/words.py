"""Marks over words instead of characters: what BIO tags, and so seqeval, can express."""

from __future__ import annotations

from collections.abc import Iterable

from ner.labels import Label
from training.evaluation.gold import Mark

WordMark = tuple[int, int, Label]


def snapped(text: str, marks: Iterable[Mark]) -> tuple[list[WordMark], int]:
    """Marks as (first word, last word + 1, label), and how many had to be widened to whole words.

    A mark that covers part of a word takes the whole word. Where two marks then share a word, the
    later one begins after it, and is gone if nothing is left: a word has one tag.
    """
    words = line_words(text)
    found: list[WordMark] = []
    widened, free = 0, 0
    for mark in sorted(marks):
        inside = [
            number
            for number, (start, end) in enumerate(words)
            if start < mark.end and mark.start < end
        ]
        if not inside:
            widened += 1
            continue
        first, last = inside[0], inside[-1]
        widened += (words[first][0], words[last][1]) != (mark.start, mark.end)
        first = max(first, free)
        if first <= last:
            found.append((first, last + 1, mark.label))
            free = last + 1
    return found, widened


def line_words(text: str) -> list[tuple[int, int]]:
    """Word ranges of a text that may hold several lines, in its own code points."""
    from ner.words import split_words

    words: list[tuple[int, int]] = []
    at = 0
    for line in text.split("\n"):
        words += [(at + start, at + end) for start, end in split_words(line)]
        at += len(line) + 1
    return words
