"""Texts to train on, read with `datasets` from the folder that METIER_DATA names.

Nothing that is kept for scoring is returned: documents that share text with the document
benchmarks or with the development lines of the gold set are dropped here, once, for every recipe.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ner.errors import BadInputError, reason
from training.evaluation.gold import GoldLine, read_gold
from training.evaluation.tables import kind_of, read_table, require
from training.extras import need
from training.overlap import overlapping


@dataclass(frozen=True, slots=True)
class Document:
    """A job post or a resume. `title` is the post's title or the resume's headline, or empty."""

    doc_id: str
    kind: str
    source: str
    title: str
    language: str
    text: str


def data_folder(given: Path | None = None) -> Path:
    """The folder of the data sets: `given`, else METIER_DATA. BadInputError when neither is one."""
    folder = given or Path(os.environ.get("METIER_DATA", ""))
    if not (given or os.environ.get("METIER_DATA")) or not folder.is_dir():
        raise BadInputError(
            "the folder of training data was not found",
            "name it with --data FOLDER or in the environment variable METIER_DATA",
        )
    return folder


def rows(path: Path, columns: Sequence[str] = ()) -> list[dict[str, Any]]:
    """All rows of a .parquet, .csv[.gz], .tsv[.gz] or .jsonl[.gz] file as dictionaries.

    An empty cell of a .csv or .tsv file is None. Raises BadInputError, naming the file, where it
    is missing, cannot be read, or lacks one of `columns`.
    """
    table = read_table(present(path))
    require(table, [columns])
    cells = {name: [row.cells.get(name) for row in table.rows] for name in table.columns}
    if kind_of(path) in (".csv", ".tsv"):
        cells = {name: [cell or None for cell in column] for name, column in cells.items()}
    datasets = need("datasets", "train")
    try:
        # In memory: `datasets.load_dataset` leaves a copy of every text in the user's cache folder.
        return list(datasets.Dataset.from_dict(cells))
    except Exception as problem:  # `datasets` raises its own and Arrow's errors
        raise BadInputError(
            f"{path}: a column holds more than one type ({reason(problem)})",
            "give the cells of each column one type",
        ) from problem


def present(path: Path) -> Path:
    """`path`, a file of the data sets; BadInputError where there is none."""
    if not path.is_file():
        raise BadInputError(
            f"{path} is missing", "check --data or METIER_DATA: the file belongs to the data sets"
        )
    return path


def gold(folder: Path, name: str) -> list[GoldLine]:
    """The marked lines of `gold/<name>.jsonl` (gold_train, gold_dev, gold_de_train, gold_de_dev).

    BadInputError for a missing file, or naming the line that is wrong.
    """
    language = "de" if "_de_" in name else "en"
    lines = read_gold(present(folder / "gold" / f"{name}.jsonl"))
    return [replace(line, language=language) for line in lines]


def kept_apart(folder: Path) -> tuple[list[str], frozenset[str]]:
    """Texts of the document benchmarks, and ids of the documents of the gold development lines."""
    benchmark = folder / "benchmarks" / "doc_to_esco"
    files = sorted(benchmark.glob("*.parquet"))
    if not files:
        # Without them nothing could be kept apart, and the scores would be worth nothing.
        raise BadInputError(f"{benchmark} holds no benchmark", "check --data or METIER_DATA")
    texts = [row["query_text"] for path in files for row in rows(path, ("query_text",))]
    ids = {line.doc_id for name in ("gold_dev", "gold_de_dev") for line in gold(folder, name)}
    return texts, frozenset(ids)


def documents(folder: Path) -> list[Document]:
    """Job posts and resumes that share no text with what is kept for scoring."""
    everything = [*_posts(folder), *_resumes(folder)]
    texts, ids = kept_apart(folder)
    texts += [d.text for d in everything if d.doc_id in ids]
    dropped = overlapping((d.text for d in everything), texts)
    return [
        document
        for document, drop in zip(everything, dropped, strict=True)
        if not drop and document.doc_id not in ids
    ]


def _posts(folder: Path) -> Iterator[Document]:
    path = folder / "jobposts" / "jobposts.parquet"
    for row in rows(path, ("doc_id", "source", "title", "language", "text")):
        yield Document(
            row["doc_id"], "post", row["source"], row["title"] or "", row["language"], row["text"]
        )


def _resumes(folder: Path) -> Iterator[Document]:
    for row in rows(folder / "resumes" / "resumes.parquet", ("doc_id", "source", "text")):
        first, _, rest = row["text"].partition("\n")
        # One source puts the wanted occupation in capitals on the first line, and nothing else.
        headline = first.strip() if first.isupper() and 2 < len(first.strip()) < 60 else ""
        text = rest if headline else row["text"]
        yield Document(row["doc_id"], "resume", row["source"], headline, "en", text)
