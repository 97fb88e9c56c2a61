"""Pairs out of real posts and resumes where a name of the taxonomy stands in the text.

The name is the label, the words around it are real: weak marks, free of charge. A name that two
concepts share says nothing, so it is passed over.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from matching.passages import sentences
from matching.taxonomy import Taxonomy
from training.corpora import Document
from training.pairs.kinds import Pair

LONGEST_NAME = 7
# So that "Java" and "team work" don't fill the share: common names come from many texts anyway.
PER_CONCEPT = 12
HIDDEN_SHARE = 1 / 6
_WORD = re.compile(r"[^\W_]+(?:[+#]+|[&'./-][^\W_]+)*")


def named_skills(
    documents: Iterable[Document], taxonomy: Taxonomy, rng: random.Random
) -> Iterator[Pair]:
    """A sentence of a post or resume, and the preferred label of the skill it names.

    In one pair of six a name of several words is taken out: the words around it must tell.
    """
    names = {language: _names(taxonomy, "skill", language) for language in taxonomy.languages}
    seen: Counter[str] = Counter()
    for document in _shuffled(documents, rng):
        known = names.get(document.language, {})
        for sentence in sentences(document.text) if known else ():
            words = sentence.text.split()
            if not 4 <= len(words) <= 60:
                continue
            for start, end, label in _found(sentence.text, known):
                if seen[label] >= PER_CONCEPT:
                    continue
                seen[label] += 1
                hidden = f"{sentence.text[:start]}{sentence.text[end:]}"
                long = " " in sentence.text[start:end] and len(hidden.split()) > 6
                hide = long and rng.random() < HIDDEN_SHARE
                yield Pair(" ".join((hidden if hide else sentence.text).split()), label)


def named_titles(
    documents: Iterable[Document], taxonomy: Taxonomy, rng: random.Random
) -> Iterator[Pair]:
    """The title of a post as it was advertised, and the label of the occupation it names."""
    names = {language: _names(taxonomy, "occupation", language) for language in taxonomy.languages}
    seen: Counter[str] = Counter()
    for document in _shuffled(documents, rng):
        if document.kind != "post":
            continue
        found = list(_found(document.title, names.get(document.language, {})))
        # Two occupations in one title: which one is wanted, the title does not say.
        if len({label for _, _, label in found}) != 1:
            continue
        start, end, label = found[0]
        if document.title[start:end].casefold() == document.title.casefold().strip():
            continue
        seen[label] += 1
        if seen[label] <= PER_CONCEPT:
            yield Pair(document.title, label)


def _shuffled(documents: Iterable[Document], rng: random.Random) -> list[Document]:
    every = list(documents)
    rng.shuffle(every)
    return every


def _names(
    taxonomy: Taxonomy, kind: Literal["occupation", "skill"], language: str
) -> Mapping[tuple[str, ...], str]:
    """Words of each name that belongs to one concept alone -> the concept's preferred label."""
    owners: dict[tuple[str, ...], set[str]] = {}
    trusted: dict[tuple[str, ...], str] = {}
    for concept in taxonomy.concepts.values():
        labels = concept.labels.get(language)
        if concept.kind != kind or concept.status != "released" or labels is None:
            continue
        for name in (labels.preferred, *labels.alternative):
            words = tuple(_WORD.findall(name.casefold()))
            owners.setdefault(words, set()).add(concept.uri)
            # A single word is trusted as a preferred label only: "reading" is not yet "read books".
            sure = len(words) > 1 or name == labels.preferred
            if words and sure and len(words) <= LONGEST_NAME and len(name) > 3:
                trusted[words] = labels.preferred
    return {words: label for words, label in trusted.items() if len(owners[words]) == 1}


def _found(text: str, names: Mapping[tuple[str, ...], str]) -> Iterator[tuple[int, int, str]]:
    """Start, end and label of the names in `text`; the longest from the left, none overlapping."""
    words = list(_WORD.finditer(text))
    folded = [word.group().casefold() for word in words]
    place = 0
    while place < len(words):
        for length in range(min(LONGEST_NAME, len(words) - place), 0, -1):
            label = names.get(tuple(folded[place : place + length]))
            if label is not None:
                yield words[place].start(), words[place + length - 1].end(), label
                place += length - 1
                break
        place += 1
