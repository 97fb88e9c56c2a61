"""Pairs out of posts, resumes, generated sentences and O*NET titles.

No crosswalk between O*NET and ESCO is read: an O*NET pair joins two names that O*NET itself gives
one occupation.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ner.errors import BadInputError
from training.corpora import Document, present, rows
from training.evaluation.tables import bad_row, read_tabbed, require
from training.pairs.kinds import Pair

WINDOW_CHARACTERS = 700


def post_titles(documents: Iterable[Document], kind: str, rng: random.Random) -> Iterator[Pair]:
    """A window of a post or resume, the title's words hidden in it, and the title."""
    for document in documents:
        if document.kind != kind or not document.title:
            continue
        title = tidy_title(document.title)
        if not 1 <= len(title.split()) <= 9:
            continue
        text = window(hide(document.text, title), rng)
        # One in four keeps its title in front, as whole documents have it.
        yield Pair(f"{document.title}\n{text}" if rng.random() < 0.25 else text, title)


def window(text: str, rng: random.Random) -> str:
    """WINDOW_CHARACTERS of `text` from the start of a sentence on, often its first one."""
    starts = [match.start() for match in re.finditer(r"(?:^|[\n.•;])\s*(?=\w)", text)]
    usable = [start for start in starts if len(text) - start > 200] or [0]
    start = rng.choice(usable) if rng.random() < 0.7 else 0
    return text[start : start + WINDOW_CHARACTERS].strip(" \n.•;")


def tidy_title(title: str) -> str:
    """A title without brackets, places after a dash, and reference numbers."""
    title = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", title)
    title = re.split(r" [-–|@] |,", title)[0]
    title = re.sub(r"[#*]?\b\w*\d{3,}\w*\b|[*_\"!]", " ", title)
    title = " ".join(title.split())
    return title.lower() if title.isupper() else title


def hide(text: str, title: str) -> str:
    """`text` without the words of `title` wherever the whole title occurs."""
    return re.sub(rf"(?<!\w){re.escape(title)}(?!\w)", "", text, flags=re.IGNORECASE)


def generated_sentences(folder: Path) -> Iterator[Pair]:
    """Skill-Skape's generated sentences and each ESCO label they carry (MIT licence)."""
    path = folder / "benchmarks" / "skillskape" / "train.csv.gz"
    for number, row in enumerate(rows(path, ("sentence", "skills")), start=1):
        try:
            labels = json.loads(row["skills"])
            if not isinstance(labels, list) or not all(isinstance(one, str) for one in labels):
                raise TypeError(f"it has {labels!r:.80}")
        except (ValueError, TypeError) as problem:
            raise BadInputError(
                f"row {number} of {path} holds no list of skills: {problem}",
                "fetch the file again: it seems to be damaged",
            ) from problem
        for label in labels:
            if label != "UNK":
                yield Pair(row["sentence"], label)


def onet_titles(folder: Path) -> Iterator[Pair]:
    """An alternate title of O*NET and the title of its occupation."""
    return _of_occupations(folder, "Alternate Titles.txt.gz", "Alternate Title")


def onet_tasks(folder: Path) -> Iterator[Pair]:
    """A task statement of O*NET and the title of the occupation that does it."""
    return _of_occupations(folder, "Task Statements.txt.gz", "Task")


def _of_occupations(folder: Path, name: str, column: str) -> Iterator[Pair]:
    """The texts in `column` of O*NET's file `name`, each with the title of its occupation."""
    onet = folder / "taxonomies" / "onet"
    code = "O*NET-SOC Code"
    known = read_tabbed(present(onet / "Occupation Data.txt"))
    require(known, [(code, "Title")])
    titles = {known.text(row, code): known.text(row, "Title") for row in known.rows}
    table = read_tabbed(present(onet / name))
    require(table, [(code, column)])
    for row in table.rows:
        title = titles.get(table.text(row, code))
        if title is None:
            raise bad_row(
                table.path,
                row.line,
                f"the occupation {table.text(row, code)!r} is not in {known.path.name}",
                "use files of one release of O*NET",
            )
        yield Pair(table.text(row, column), title)
