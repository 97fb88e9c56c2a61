"""Scores of the whole matcher on documents (job posts, resumes) whose occupation is known.

Each document is ranked against all occupations of the taxonomy; any of its URIs is right. Ranks
beyond 100 count as not found (MRR@100).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from ner.errors import BadInputError
from training.evaluation import bootstrap
from training.evaluation.metrics import hit, reciprocal_rank
from training.evaluation.progress import Progress, silent
from training.evaluation.report import Figure, Report
from training.evaluation.tables import bad_row, read_table, require

LIMIT = 100
_DEPTHS = (1, 5, 10)


class OccupationRanker(Protocol):
    """What is asked of a matcher here; `matching.Matcher` is one."""

    def rank_occupations(self, text: str, limit: int = ...) -> Sequence[tuple[str, float]]: ...


@dataclass(frozen=True, slots=True)
class Document:
    text: str
    uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentGold:
    """Documents with an occupation, and what was left out, by reason."""

    documents: tuple[Document, ...]
    dropped: Mapping[str, int]


def read_documents(
    path: Path, column: str = "query_text", known: Collection[str] | None = None
) -> DocumentGold:
    """Documents from rows with `column` and `esco_uris` (a list, or URIs separated by blanks).

    `known` are the URIs of the candidates: a document with none of them is dropped and counted.
    """
    table = read_table(path)
    require(table, [(column, "esco_uris")])
    dropped: Counter[str] = Counter()
    documents = []
    for row in table.rows:
        text, cell = table.text(row, column), row.cells["esco_uris"]
        uris = cell.split() if isinstance(cell, str) else cell or []
        if not isinstance(uris, list) or not all(isinstance(uri, str) for uri in uris):
            raise bad_row(table.path, row.line, "`esco_uris` is no list of URIs")
        wanted = tuple(uri for uri in dict.fromkeys(uris) if known is None or uri in known)
        if not text.strip():
            dropped["blank_text"] += 1
        elif not uris:
            dropped["no_uri"] += 1
        elif not wanted:
            dropped["uri_not_a_candidate"] += 1
        else:
            documents.append(Document(text, wanted))
    if not documents:
        raise BadInputError(
            f"{path}: no document of {len(table.rows)} has a text and a known occupation",
            "check the columns of the file and the taxonomy",
        )
    return DocumentGold(tuple(documents), dict(dropped))


def score(documents: Sequence[Document], rankings: Sequence[Sequence[str]]) -> dict[str, Figure]:
    """Figures of one ranking (URIs, best first, at most LIMIT are looked at) a document."""
    rows = []
    for document, ranking in zip(documents, rankings, strict=True):
        wanted = set(document.uris)
        ranks = [at for at, uri in enumerate(ranking[:LIMIT], start=1) if uri in wanted]
        rows.append([reciprocal_rank(ranks, LIMIT), *(hit(ranks, k) for k in _DEPTHS)])
    names = [f"mrr@{LIMIT}", *(f"hit@{k}" for k in _DEPTHS)]
    return bootstrap.mean_figures(names, np.array(rows, dtype=np.float64).reshape(-1, len(names)))


def evaluate_occupations(
    file: Path,
    matcher: OccupationRanker,
    known: Collection[str],
    model: str,
    taxonomy: str,
    column: str = "query_text",
    progress: Progress = silent,
) -> Report:
    """Scores of `matcher` on a file of documents; `known` are the URIs it ranks.

    BadInputError for a wrong file.
    """
    began = time.perf_counter()
    gold = read_documents(file, column, known)
    rankings = [
        [uri for uri, _ in matcher.rank_occupations(document.text, limit=LIMIT)]
        for document in progress(gold.documents, len(gold.documents), "documents")
    ]
    return Report(
        task="occupations",
        file=file.name,
        n=len(gold.documents),
        dropped=gold.dropped,
        model=model,
        taxonomy=taxonomy,
        seconds=time.perf_counter() - began,
        figures=score(gold.documents, rankings),
        notes=(f"text column: {column}",),
    )
