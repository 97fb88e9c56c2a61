"""Texts that were written for this project, each about one skill or occupation of ESCO."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from matching.taxonomy import Taxonomy
from ner.errors import BadInputError
from training.pairs.kinds import Pair

# One text in so many is paired with the concept's label in another language.
_ACROSS = 4


def written(path: Path, taxonomy: Taxonomy, rng: random.Random) -> Iterator[Pair]:
    """A text of the file and its concept's preferred label, one in four in another language.

    A line of the file is `{"uri", "language", "text"}`; concepts and languages that `taxonomy`
    lacks are passed over. Raises BadInputError for a missing file or a line of another form.
    """
    if not path.is_file():
        raise BadInputError(
            f"{path} is missing",
            "run from a checkout of the repository, or name its folder data with --texts",
        )
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            uri, language, text = (str(row[name]) for name in ("uri", "language", "text"))
        except (ValueError, KeyError, TypeError) as problem:
            raise BadInputError(
                f"line {number} of {path} is no text with its concept: {problem}",
                'write {"uri": ..., "language": ..., "text": ...}',
            ) from problem
        concept = taxonomy.concepts.get(uri)
        if concept is None or concept.status != "released" or language not in taxonomy.languages:
            continue
        others = [other for other in concept.labels if other != language]
        if others and rng.randrange(_ACROSS) == 0:
            language = rng.choice(others)
        if language in concept.labels:
            yield Pair(text, concept.labels[language].preferred)
