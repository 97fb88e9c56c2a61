"""`metier demo`: the main job on the sample texts, with a word on what is shown."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metier.cli.outputs import print_text, warn

if TYPE_CHECKING:
    from ner.types import TaggedText

_WIDTH = 96


def demo(
    samples: Annotated[
        Path | None,
        typer.Argument(metavar="[SAMPLES]", help="A folder with resumes/*.pdf and posts/*.txt."),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Another resume [default: the first].")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many occupations.")] = 3,
) -> None:
    """Show the tagger and the matcher on sample resumes and job posts."""
    from metier.documents.read import read_document
    from ner.errors import BadInputError

    folder = samples or _sample_folder()
    resumes = sorted((folder / "resumes").glob("*.pdf"))
    posts = sorted((folder / "posts").glob("*.txt"))
    if not posts or not (resume or resumes):
        raise BadInputError(
            f"{folder} holds no resumes/*.pdf and posts/*.txt", "Give the folder of the samples."
        )
    started = time.perf_counter()
    from matching import Matcher
    from ner.types import one_line

    matcher = Matcher.load()
    tagger = matcher.tagger
    _heading(f"Models loaded in {time.perf_counter() - started:.1f} s, without a network")
    print_text(f"tagger: {tagger.model}")

    chosen = resume or resumes[0]
    document = read_document(chosen)
    for warning in document.warnings:
        warn(f"{document.source}: {warning}")
    _heading(f"1. Skills marked in the resume {one_line(chosen.name)} ({document.pages} page(s))")
    print_text(_by_label(tagger.tag(document.text)))

    _heading(f"2. ESCO occupations that fit it: the best {limit}, with evidence and gaps")
    print_text(str(matcher.recommend(document.text, limit=limit)))

    _heading(f"3. Skills marked in {len(posts)} job posts")
    for post in posts:
        print_text(one_line(post.name))
        print_text(_by_label(tagger.tag(read_document(post).text)))
    _heading(f"Done in {time.perf_counter() - started:.1f} s. Next: metier --help")


def _sample_folder() -> Path:
    """The samples of the checkout that this package runs from, or of the current folder."""
    from ner.errors import BadInputError

    places = [Path(__file__).resolve().parents[2] / "data/samples", Path("data/samples")]
    for place in places:
        if place.is_dir():
            return place
    looked = ", ".join(map(str, places))
    raise BadInputError(f"no sample folder (looked at {looked})", "Name it: metier demo FOLDER")


def _heading(text: str) -> None:
    print_text(f"\n{text}\n{'=' * min(len(text), _WIDTH)}")


def _by_label(tagged: TaggedText) -> str:
    """Each label with its skills in order of appearance, each once."""
    import textwrap

    from ner.types import one_line

    found: dict[str, dict[str, str]] = defaultdict(dict)
    for span in tagged.spans:
        skill = " ".join(one_line(span.text).split())
        found[str(span.label)].setdefault(skill.casefold(), skill)
    lines = []
    for label in sorted(found):
        skills = ", ".join(found[label].values())
        indent = " " * 14
        lines.append(
            textwrap.fill(skills, _WIDTH, initial_indent=f"  {label:<12}", subsequent_indent=indent)
        )
    return "\n".join(lines) or "  no skills found"
