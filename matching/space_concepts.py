"""Concepts of a space by URI, with labels read when they are first asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace

from matching.space_store import SpaceStore
from matching.taxonomy import Concept

# One concept costs a third of a millisecond, all labels of ESCO about a second: whoever asks for
# this many will ask for more.
_ONE_BY_ONE = 500


class ConceptTable(Mapping[str, Concept]):
    """URI -> Concept; a mapping like any other, safe to share between threads."""

    def __init__(self, store: SpaceStore, facts: list[Concept]) -> None:
        self._store = store
        self._facts = facts
        self._numbers = {concept.uri: number for number, concept in enumerate(facts)}
        self._full: dict[str, Concept] = {}
        self._lock = threading.Lock()

    def __getitem__(self, uri: str) -> Concept:
        concept = self._full.get(uri)
        if concept is not None:
            return concept
        number = self._numbers[uri]
        if len(self._full) >= _ONE_BY_ONE:
            return self._read_all()[uri]
        concept = replace(self._facts[number], labels=self._store.labels_of(number))
        # Two threads may both read it; either object is the concept.
        return self._full.setdefault(uri, concept)

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, uri: str) -> int | None:
        """The number of a concept, its place in the order of the space; None if unknown."""
        return self._numbers.get(uri)

    def _read_all(self) -> dict[str, Concept]:
        with self._lock:
            if len(self._full) < len(self._facts):
                labels = self._store.all_labels()
                for number, concept in enumerate(self._facts):
                    full = replace(concept, labels=labels.get(number, {}))
                    self._full.setdefault(concept.uri, full)
        return self._full
