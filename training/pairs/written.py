"""Texts that were written for this project, each about one skill or occupation of ESCO."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from matching.taxonomy import Taxonomy
from training.own_texts import own_rows
from training.pairs.kinds import Pair

# One text in so many is paired with the concept's label in another language.
_ACROSS = 4


def written(path: Path, taxonomy: Taxonomy, rng: random.Random) -> Iterator[Pair]:
    """A text of the file and its concept's preferred label, one in four in another language.

    A line of the file is `{"uri", "language", "text"}`; concepts and languages that `taxonomy`
    lacks are passed over. Raises BadInputError for a missing file or a line of another form.
    """

    def read(row: Any) -> tuple[str, str, str]:
        return str(row["uri"]), str(row["language"]), str(row["text"])

    for _, (uri, language, text) in own_rows(path, "text with its concept", read):
        concept = taxonomy.concepts.get(uri)
        if concept is None or concept.status != "released" or language not in taxonomy.languages:
            continue
        others = [other for other in concept.labels if other != language]
        if others and rng.randrange(_ACROSS) == 0:
            language = rng.choice(others)
        if language in concept.labels:
            yield Pair(text, concept.labels[language].preferred)
