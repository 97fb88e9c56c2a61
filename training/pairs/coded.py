"""Pairs out of real posts and resumes whose occupation was coded by reading them (data/titles)."""

from __future__ import annotations

import random
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matching.taxonomy import Concept, Taxonomy
from ner.errors import BadInputError
from training.corpora import Document
from training.own_texts import own_rows
from training.pairs.documents import hide, tidy_title, window
from training.pairs.kinds import Pair

# Posts and resumes together: so that data scientists, half of all posts, don't fill the share.
PER_OCCUPATION = 60
# A window of fewer characters says too little.
SHORTEST = 80
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Coded:
    """A post or resume, its occupation, and near ones that a reader turned down."""

    document: Document
    occupation: Concept
    rejected: tuple[Concept, ...]


def read_coded(
    path: Path, documents: Iterable[Document], taxonomy: Taxonomy, rng: random.Random
) -> list[Coded]:
    """The coded documents of `path` that are in `documents`, shuffled, PER_OCCUPATION at most.

    A row is `{"doc_id", "crc32", "uri", "not": [uri, ...]}`, crc32 of the title's UTF-8 bytes.
    Raises BadInputError for a missing file, a broken row, and a title that reads otherwise.
    """
    known = {document.doc_id: document for document in documents}

    def read(row: Any) -> tuple[int, Document | None, Concept | None, tuple[Concept, ...]]:
        near = [taxonomy.concepts.get(uri) for uri in row["not"]]
        return (
            int(row["crc32"]),
            known.get(row["doc_id"]),
            taxonomy.concepts.get(row["uri"]),
            tuple(concept for concept in near if concept is not None),
        )

    coded = []
    for number, (crc32, document, occupation, near) in own_rows(path, "coded document", read):
        if document is None or occupation is None or occupation.status != "released":
            continue
        if zlib.crc32(document.title.encode()) != crc32:
            raise BadInputError(
                f"row {number} of {path} was coded on another title of {document.doc_id}",
                "use the posts and resumes that the codes were given to",
            )
        coded.append(Coded(document, occupation, near))
    rng.shuffle(coded)
    seen: Counter[str] = Counter()
    kept = []
    for one in coded:
        seen[one.occupation.uri] += 1
        if seen[one.occupation.uri] <= PER_OCCUPATION:
            kept.append(one)
    return kept


def coded_titles(coded: Iterable[Coded], rng: random.Random) -> Iterator[Pair]:
    """A title of a post as it was advertised, its occupation, and a name that misled."""
    for one in coded:
        title = one.document.title
        if one.document.kind != "post":
            continue
        tidy = tidy_title(title)
        asked = tidy if tidy and rng.random() < 0.3 else title
        if names := _misleading(one):
            yield Pair(asked, _label(one.occupation, one.document), rng.choice(names))


def coded_documents(coded: Iterable[Coded], kind: str, rng: random.Random) -> Iterator[Pair]:
    """A window of a post or resume, with its title in half of the pairs, and its occupation."""
    for one in coded:
        document = one.document
        if document.kind != kind:
            continue
        title = tidy_title(document.title) or document.title
        text = window(hide(document.text, title) if title else document.text, rng)
        if len(text) < SHORTEST or not one.rejected:
            continue
        asked = f"{document.title}\n{text}" if document.title and rng.random() < 0.5 else text
        other = _label(rng.choice(one.rejected), document)
        yield Pair(asked, _label(one.occupation, document), other)


def _label(concept: Concept, document: Document) -> str:
    return concept.label(document.language)


def _misleading(one: Coded) -> list[str]:
    """For each rejected occupation its name that shares most words with the title.

    Occupations share names: one that is the right occupation's too, or the title itself, misleads
    nobody and is passed over.
    """
    language, title = one.document.language, one.document.title.casefold()
    right = {name.casefold() for name in _names(one.occupation, language)} | {title}
    words = set(_WORD.findall(title))

    def shared(name: str) -> float:
        own = set(_WORD.findall(name.casefold()))
        return len(own & words) / max(1, len(own | words))

    kept = (
        [name for name in _names(concept, language) if name.casefold() not in right]
        for concept in one.rejected
    )
    return [max(names, key=shared) for names in kept if names]


def _names(concept: Concept, language: str) -> tuple[str, ...]:
    labels = concept.labels.get(language)
    return (labels.preferred, *labels.alternative) if labels else (concept.label(language),)
