"""Pairs out of posts, resumes, generated sentences and O*NET titles.

No crosswalk between O*NET and ESCO is read: an O*NET pair joins two names that O*NET itself gives
one occupation.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ner.errors import BadInputError
from training.corpora import Document, rows
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
    for row in rows(folder / "benchmarks" / "skillskape" / "train.csv.gz"):
        for label in json.loads(row["skills"]):
            if label != "UNK":
                yield Pair(row["sentence"], label)


def onet_titles(folder: Path) -> Iterator[Pair]:
    """An alternate title of O*NET and the title of its occupation."""
    onet = folder / "taxonomies" / "onet"
    titles = {r["O*NET-SOC Code"]: r["Title"] for r in _tabbed(onet / "Occupation Data.txt")}
    for row in _tabbed(onet / "Alternate Titles.txt.gz"):
        yield Pair(row["Alternate Title"], titles[row["O*NET-SOC Code"]])


def onet_tasks(folder: Path) -> Iterator[Pair]:
    """A task statement of O*NET and the title of the occupation that does it."""
    onet = folder / "taxonomies" / "onet"
    titles = {r["O*NET-SOC Code"]: r["Title"] for r in _tabbed(onet / "Occupation Data.txt")}
    for row in _tabbed(onet / "Task Statements.txt.gz"):
        yield Pair(row["Task"], titles[row["O*NET-SOC Code"]])


def _tabbed(path: Path) -> Iterator[dict[str, str]]:
    if not path.is_file():
        raise BadInputError(
            f"{path} is missing", "check --data or METIER_DATA: the file belongs to the data sets"
        )
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
