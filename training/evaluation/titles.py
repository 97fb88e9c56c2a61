"""Scores of an encoder on job titles, survey answers and competence terms.

A query is ranked against all concepts of its kind in the taxonomy: by the best of their labels,
by preferred labels alone ("preferred_only."), and by surface form ("surface.", the rule of MELO,
Retyk et al. 2024: all labels are ranked, the first one of a relevant concept counts).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matching.space_build import TextEncoder
from matching.taxonomy import Concept
from ner.errors import BadInputError, UsageError
from training.evaluation import bootstrap
from training.evaluation.candidates import Candidates, of_concepts
from training.evaluation.metrics import hit, recall, reciprocal_rank
from training.evaluation.progress import Progress, silent
from training.evaluation.ranking import Ranks, rank
from training.evaluation.report import Figure, Report
from training.evaluation.tables import Row, Table, bad_row, read_table, require
from training.evaluation.vectors import as_in_space, encoded

_DEPTHS = (1, 5, 10)
# (column of the query, column of its URIs). A group column means: any of these is right.
_GROUP = ("query", "esco_uris_group")
_SKILLS = ("query", "esco_skill_uris_exact")
_LAYOUTS = (("vacancyTitle", "conceptUri"), _GROUP, _SKILLS, ("query", "esco_uris"))
_ISCO = "/isco/"


@dataclass(frozen=True, slots=True)
class TitleQuery:
    text: str
    uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TitleGold:
    """Queries, the kinds of concept they are ranked against, and what was left out.

    `group`: the URIs of a query are a group of which any is right, not a list of right ones.
    """

    queries: tuple[TitleQuery, ...]
    kinds: tuple[str, ...]
    group: bool
    dropped: Mapping[str, int]


def read_titles(path: Path) -> TitleGold:
    """Queries from rows `vacancyTitle, conceptUri` or `query` with `esco_uris`,
    `esco_uris_group` or `esco_skill_uris_exact` (a list, or a text of URIs with blanks between).

    ISCO groups are candidates only where the file has one as an answer.
    """
    table = read_table(path)
    layout = require(table, _LAYOUTS)
    dropped: Counter[str] = Counter()
    queries = []
    for row in table.rows:
        text = table.text(row, layout[0]).strip()
        uris = tuple(dict.fromkeys(_uris(table, row, layout[1])))
        if not text or not uris:
            dropped["blank_query" if not text else "no_uri"] += 1
            continue
        queries.append(TitleQuery(text, uris))
    if layout == _SKILLS:
        kinds: tuple[str, ...] = ("skill",)
    elif any(_ISCO in uri for query in queries for uri in query.uris):
        kinds = ("occupation", "isco_group")
    else:
        kinds = ("occupation",)
    return TitleGold(tuple(queries), kinds, layout == _GROUP, dict(dropped))


def score(ranks: Sequence[Ranks], group: bool = False) -> dict[str, Figure]:
    """Figures of one `Ranks` a query; recall@k is left out where a group is the answer."""
    rows = [
        [
            *_row(found.best, group),
            *_row(found.preferred, group),
            reciprocal_rank([found.surface]),
            *(hit([found.surface], k) for k in _DEPTHS),
        ]
        for found in ranks
    ]
    plain = ["mrr", *(f"hit@{k}" for k in _DEPTHS)]
    full = plain if group else [*plain, *(f"recall@{k}" for k in _DEPTHS)]
    names = [
        *full,
        *(f"preferred_only.{name}" for name in full),
        *(f"surface.{name}" for name in plain),
    ]
    return bootstrap.mean_figures(names, np.array(rows, dtype=np.float64).reshape(-1, len(names)))


def evaluate_titles(
    file: Path,
    encoder: TextEncoder,
    concepts: Iterable[Concept],
    taxonomy: str,
    language: str | None = None,
    cache: Path | None = None,
    dimension: int | None = None,
    progress: Progress = silent,
) -> Report:
    """Scores of `encoder` on a file of titles or terms against all concepts of their kind.

    `language` limits the labels of the candidates. `dimension`: vectors as a space of that many
    dimensions holds them. BadInputError for a wrong file; UsageError for a language in which the
    candidates have no label.
    """
    began = time.perf_counter()
    gold = read_titles(file)
    chosen = [concept for concept in concepts if concept.kind in gold.kinds]
    if language is not None and not any(language in concept.labels for concept in chosen):
        known = sorted({code for concept in chosen for code in concept.labels})
        raise UsageError(
            f"the taxonomy has no labels in {language!r}",
            f"its languages are {', '.join(known) or 'none'}",
        )
    candidates = of_concepts(chosen, gold.kinds, language)
    queries, relevant, lost = _findable(gold.queries, candidates)
    rows = encoded(candidates.texts, encoder, cache, progress, "labels")
    texts = [query.text for query in queries]
    vectors = encoded(texts, encoder, None, progress, "queries")
    vectors, rows = as_in_space(vectors, rows, dimension)
    ranks = rank(vectors, relevant, candidates, rows)
    return Report(
        task="titles",
        file=file.name,
        n=len(queries),
        dropped={**gold.dropped, **lost},
        model=encoder.model,
        taxonomy=taxonomy,
        seconds=time.perf_counter() - began,
        figures=score(ranks, gold.group),
        counts={
            "candidates.n": len(candidates.names),
            "candidates.texts": len(candidates.texts),
            "dimension": rows.shape[1],
        },
        notes=_notes(gold, language, dimension is not None),
    )


def _uris(table: Table, row: Row, column: str) -> list[str]:
    cell = row.cells.get(column)
    if not isinstance(cell, list):
        return table.text(row, column).split()
    if not all(isinstance(uri, str) for uri in cell):
        raise bad_row(table.path, row.line, f"column {column!r} holds {cell!r}, not URIs")
    return [uri.strip() for uri in cell if uri.strip()]


def _row(ranks: Sequence[int], group: bool) -> list[float]:
    row = [reciprocal_rank(ranks), *(hit(ranks, k) for k in _DEPTHS)]
    return row if group else [*row, *(recall(ranks, k) for k in _DEPTHS)]


def _findable(
    queries: Sequence[TitleQuery], candidates: Candidates
) -> tuple[list[TitleQuery], list[list[int]], dict[str, int]]:
    """Queries with a candidate among their URIs, those candidates, and the count of the others."""
    number = {uri: at for at, uri in enumerate(candidates.names)}
    kept, relevant = [], []
    for query in queries:
        known = [number[uri] for uri in query.uris if uri in number]
        if known:
            kept.append(query)
            relevant.append(known)
    if not kept:
        raise BadInputError(
            f"none of the {len(queries)} queries has an answer in this taxonomy",
            "check the URIs of the file, or give another taxonomy with --taxonomy",
        )
    lost = len(queries) - len(kept)
    return kept, relevant, {"uri_not_a_candidate": lost} if lost else {}


def _notes(gold: TitleGold, language: str | None, stored: bool) -> tuple[str, ...]:
    notes = [
        f"candidates: {' and '.join(gold.kinds)}, labels in {language or 'all languages'}",
        "of candidates that share a name the one with the nearer preferred label is first",
    ]
    if gold.group:
        notes.append("any concept of the group of a query is right")
    if stored:
        notes.append("label vectors in int8, as a space holds them")
    return tuple(notes)
