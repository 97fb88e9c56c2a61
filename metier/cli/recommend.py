"""`metier recommend`: the occupations that fit a resume, a job post or a title."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from metier.cli.outputs import print_json, print_text, warn


def recommend(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="A PDF or text file; - reads standard input.")
    ],
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="How many occupations [default: up to 10 that the text names]."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    language: Annotated[
        str | None,
        typer.Option(help="Language of the labels, such as en or de [default: the text's]."),
    ] = None,
    kind: Annotated[str, typer.Option(help="What the text is: auto, resume, post or title.")] = (
        "auto"
    ),
    tagger: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Other weights.")] = None,
    encoder: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Other weights.")] = None,
    taxonomy: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="A space made by taxonomy build.")
    ] = None,
) -> None:
    """Rank ESCO occupations for a resume, with evidence and missing skills.

    The order supports a person's decision; scores are no probabilities of success in a job.
    """
    from metier.documents.read import read_document

    document = read_document(file)
    for warning in document.warnings:
        warn(f"{document.source}: {warning}")
    from matching import Matcher

    matcher = Matcher.load(tagger=tagger, encoder=encoder, space=taxonomy)
    found = matcher.recommend(document.text, limit=limit, kind=kind, language=language)
    if as_json:
        print_json(found.to_dict())
    else:
        print_text(str(found))
