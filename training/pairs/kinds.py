"""The data of a pair, and how templates become sentences."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ner.errors import BadInputError
from training.evaluation.tables import read_lines


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that should lie close together: a query and what it is about.

    `negative`, where it is given, is close by and yet something else.
    """

    anchor: str
    positive: str
    negative: str = ""


@dataclass(frozen=True, slots=True)
class Templates:
    """Sentences with a slot, by language: around a noun skill, a duty, a job title."""

    mentions: dict[str, tuple[str, ...]]
    duties: dict[str, tuple[str, ...]]
    titles: dict[str, tuple[str, ...]]


def read_templates(folder: Path, languages: Sequence[str]) -> Templates:
    """The files `<kind>_<language>.txt` of `folder`, one template a line."""

    def lines(kind: str) -> dict[str, tuple[str, ...]]:
        found = {}
        for language in languages:
            path = folder / f"{kind}_{language}.txt"
            if not path.is_file():
                raise BadInputError(
                    f"the template file {path} is missing",
                    "run from a checkout of the repository, or name its folder data with --texts",
                )
            found[language] = tuple(line for line in read_lines(path) if "{" in line)
        return found

    return Templates(lines("mentions"), lines("duties"), lines("titles"))


def fill(template: str, rng: random.Random, first: str, others: Sequence[str]) -> str:
    """`template` with `first` in its slot; a second slot takes one of `others`."""
    second = rng.choice(others)
    values = {"skill": first, "skill2": second, "duty": first, "duty2": second, "title": first}
    for slot, value in values.items():
        template = template.replace("{" + slot + "}", value)
    return template


def looks_like_a_duty(label: str, language: str) -> bool:
    """Whether an ESCO skill label is a verb phrase ("manage budgets", "Budgets verwalten").

    ESCO writes English skills as infinitives in lower case, and German ones with the infinitive
    last; knowledge is a noun. A guess from the label's form serves well enough for templates.
    """
    if language == "de":
        return label.endswith(("en", "eln", "ern")) and " " in label and not label[-1].isupper()
    return " " in label and label[:1].islower() and not label.split()[0].endswith(("ing", "s"))
