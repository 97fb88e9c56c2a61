"""The facts of a space in one SQLite file: concepts, labels, relations, and a full-text table.

The file is written once and only read afterwards: each call opens it read-only and immutable and
closes it again, so a loaded space holds no open file and threads share nothing.

The full-text table holds folded names (`names.fold`), which are words with single blanks between;
the tokenizer "ascii" parts them there and nowhere else.

Concepts are known by number (their place in the order of the file), text rows by the row of the
vector. Descriptions are not in it: a row of kind "description" has a vector and no text.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from matching.names import fold
from matching.taxonomy import Concept, Labels, Taxonomy
from ner.errors import WeightsError

TextKind = Literal["preferred", "alternative", "hidden", "description"]
TEXT_KINDS: tuple[TextKind, ...] = get_args(TextKind)

_SCHEMA = """
CREATE TABLE concepts(id INTEGER PRIMARY KEY, uri TEXT, kind TEXT, code TEXT, skill_type TEXT,
    reuse_level TEXT, status TEXT, isco TEXT, replaced_by TEXT);
CREATE TABLE languages(id INTEGER PRIMARY KEY, language TEXT);
CREATE TABLE text_kinds(id INTEGER PRIMARY KEY, kind TEXT);
CREATE TABLE texts(row INTEGER PRIMARY KEY, concept INTEGER, language INTEGER, kind INTEGER);
CREATE TABLE labels(id INTEGER PRIMARY KEY, concept INTEGER, language INTEGER, kind INTEGER,
    label TEXT);
CREATE TABLE relations(occupation INTEGER, skill INTEGER, essential INTEGER,
    PRIMARY KEY(occupation, skill, essential)) WITHOUT ROWID;
CREATE TABLE broader(child INTEGER, parent INTEGER, PRIMARY KEY(child, parent)) WITHOUT ROWID;
CREATE VIRTUAL TABLE names USING fts5(folded, content='', detail=none,
    tokenize="ascii");
"""
_FACTS = "uri, kind, code, skill_type, reuse_level, status, isco, replaced_by"
_AGAIN = "Load the space again, or build it again: metier taxonomy build"

# A text row: number of the concept, language, kind of text.
TextRow = tuple[int, str, TextKind]


@dataclass(frozen=True, slots=True)
class Named:
    """A label found by name: number of the concept, language, kind of text, the label."""

    concept: int
    language: str
    kind: TextKind
    label: str


def write_store(
    path: Path,
    taxonomy: Taxonomy,
    uris: Sequence[str],
    languages: Sequence[str],
    rows: Iterable[TextRow],
) -> None:
    """Write the facts of `taxonomy` to the new file `path`; concept i is `uris[i]`.

    The same arguments give the same bytes with the same SQLite. Only labels of `languages` are
    written, and relations between the concepts given.
    """
    number = {uri: place for place, uri in enumerate(uris)}
    tongue = {language: place for place, language in enumerate(languages)}
    kinds = {kind: place for place, kind in enumerate(TEXT_KINDS)}
    concepts = [taxonomy.concepts[uri] for uri in uris]
    labels = list(_label_rows(concepts, languages))
    with closing(sqlite3.connect(path)) as base, base:
        base.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        base.executemany("INSERT INTO languages VALUES(?, ?)", enumerate(languages))
        base.executemany("INSERT INTO text_kinds VALUES(?, ?)", enumerate(TEXT_KINDS))
        base.executemany(
            f"INSERT INTO concepts(id, {_FACTS}) VALUES(?,?,?,?,?,?,?,?,?)",
            ((place, *_facts(concept)) for place, concept in enumerate(concepts)),
        )
        base.executemany(
            "INSERT INTO texts VALUES(?, ?, ?, ?)",
            ((row, c, tongue[lang], kinds[kind]) for row, (c, lang, kind) in enumerate(rows)),
        )
        base.executemany(
            "INSERT INTO labels VALUES(?, ?, ?, ?, ?)",
            ((i, n.concept, tongue[n.language], kinds[n.kind], n.label)
             for i, n in enumerate(labels)),
        )  # fmt: skip
        base.executemany(
            "INSERT INTO names(rowid, folded) VALUES(?, ?)",
            ((i, fold(name.label)) for i, name in enumerate(labels)),
        )
        base.executemany(
            "INSERT OR IGNORE INTO relations VALUES(?, ?, ?)",
            ((number[r.occupation], number[r.skill], int(r.essential))
             for r in taxonomy.relations),
        )  # fmt: skip
        base.executemany(
            "INSERT OR IGNORE INTO broader VALUES(?, ?)",
            ((number[child], number[parent]) for child, parent in taxonomy.broader),
        )
        base.execute("CREATE INDEX labels_concept ON labels(concept)")
        base.execute("INSERT INTO names(names) VALUES('optimize')")
        base.commit()
        base.execute("VACUUM")


def _facts(concept: Concept) -> tuple[str, ...]:
    return (
        concept.uri, concept.kind, concept.code, concept.skill_type, concept.reuse_level,
        concept.status, concept.isco, json.dumps(concept.replaced_by),
    )  # fmt: skip


def _label_rows(concepts: Iterable[Concept], languages: Sequence[str]) -> Iterator[Named]:
    for number, concept in enumerate(concepts):
        for language in languages:
            labels = concept.labels.get(language)
            if labels is None:
                continue
            yield Named(number, language, "preferred", labels.preferred)
            for label in labels.alternative:
                yield Named(number, language, "alternative", label)
            for label in labels.hidden:
                yield Named(number, language, "hidden", label)


class SpaceStore:
    """Reads a file written by `write_store`. Raises WeightsError if it cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._stamp = self._stat()
        with self._open() as base:
            query = "SELECT language FROM languages ORDER BY id"
            self.languages: tuple[str, ...] = tuple(row[0] for row in base.execute(query))
            query = "SELECT kind FROM text_kinds ORDER BY id"
            kinds = tuple(row[0] for row in base.execute(query))
        if kinds != TEXT_KINDS:
            raise WeightsError(f"{path} holds texts of the kinds {kinds}", _AGAIN)

    def facts(self) -> list[Concept]:
        """All concepts by number, without labels."""
        with self._open() as base:
            rows = base.execute(f"SELECT {_FACTS} FROM concepts ORDER BY id").fetchall()
        return [
            Concept(uri, kind, code, {}, skill_type, reuse, status, isco, _uris(replaced))
            for uri, kind, code, skill_type, reuse, status, isco, replaced in rows
        ]

    def texts(self) -> NDArray[np.int32]:
        """int32 (rows, 3): concept, language number, text kind number, by row."""
        return self._integers("SELECT concept, language, kind FROM texts ORDER BY row", 3)

    def relations(self) -> NDArray[np.int32]:
        """int32 (m, 3): occupation, skill, 1 if essential; sorted."""
        query = "SELECT occupation, skill, essential FROM relations ORDER BY 1, 2, 3"
        return self._integers(query, 3)

    def broader(self) -> NDArray[np.int32]:
        """int32 (m, 2): child, parent; sorted."""
        return self._integers("SELECT child, parent FROM broader ORDER BY 1, 2", 2)

    def labels_of(self, concept: int) -> Mapping[str, Labels]:
        """The labels of one concept by language."""
        query = "SELECT concept, language, kind, label FROM labels WHERE concept = ? ORDER BY id"
        with self._open() as base:
            rows = base.execute(query, (concept,)).fetchall()
        return self._group(rows).get(concept, {})

    def all_labels(self) -> Mapping[int, Mapping[str, Labels]]:
        """The labels of every concept, by number and language; one pass over the file."""
        query = "SELECT concept, language, kind, label FROM labels ORDER BY id"
        with self._open() as base:
            rows = base.execute(query).fetchall()
        return self._group(rows)

    def find(self, label: str, language: str | None = None) -> list[Named]:
        """Labels that read the same as `label` (`names.fold`), preferred ones first."""
        folded = fold(label)
        if not folded:
            return []
        terms = " AND ".join(f'"{word}"' for word in dict.fromkeys(folded.split()))
        query = (
            "SELECT l.concept, l.language, l.kind, l.label FROM names "
            "JOIN labels AS l ON l.id = names.rowid WHERE names MATCH ? "
            "ORDER BY l.kind, l.concept, l.language, l.id"
        )
        with self._open() as base:
            rows = base.execute(query, (terms,)).fetchall()
        found = [
            Named(concept, self.languages[tongue], TEXT_KINDS[kind], text)
            for concept, tongue, kind, text in rows
            if fold(text) == folded
        ]
        return [name for name in found if language in (None, name.language)]

    def _group(self, rows: Iterable[tuple[int, int, int, str]]) -> dict[int, dict[str, Labels]]:
        parts: dict[int, dict[str, tuple[list[str], list[str], list[str]]]] = {}
        for concept, tongue, kind, label in rows:
            languages = parts.setdefault(concept, {})
            languages.setdefault(self.languages[tongue], ([], [], []))[kind].append(label)
        return {
            concept: {
                language: Labels(preferred[0] if preferred else "", tuple(others), tuple(hidden))
                for language, (preferred, others, hidden) in languages.items()
            }
            for concept, languages in parts.items()
        }

    def _integers(self, query: str, width: int) -> NDArray[np.int32]:
        with self._open() as base:
            rows = base.execute(query).fetchall()
        return np.array(rows, np.int32).reshape(-1, width)

    def _stat(self) -> tuple[int, int]:
        try:
            stat = os.stat(self._path)
        except OSError as error:
            raise WeightsError(f"{self._path} cannot be read: {error.strerror}", _AGAIN) from None
        return stat.st_size, stat.st_mtime_ns

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        # SQLite trusts an immutable file not to change; one that was rebuilt under a loaded
        # space would number its concepts otherwise.
        if self._stat() != self._stamp:
            raise WeightsError(f"{self._path} has changed since it was loaded", _AGAIN)
        address = f"{self._path.as_uri()}?mode=ro&immutable=1"
        try:
            with closing(sqlite3.connect(address, uri=True)) as base:
                yield base
        except sqlite3.Error as error:
            raise WeightsError(f"{self._path} cannot be read: {error}", _AGAIN) from error


def _uris(stored: str) -> tuple[str, ...]:
    # Nearly every concept has none.
    return () if stored == "[]" else tuple(json.loads(stored))
