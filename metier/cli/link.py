"""`metier link`: phrases or sentences to ESCO skills."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from metier.cli.outputs import print_json, print_text


def link(
    texts: Annotated[
        list[str],
        typer.Argument(metavar="TEXT...", help="Phrases or sentences; - reads standard input."),
    ],
    lines: Annotated[
        bool, typer.Option("--lines", help="Each line of standard input is a text of its own.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a text, one a line.")
    ] = False,
    language: Annotated[
        str | None, typer.Option(help="Language of the labels, such as en or de.")
    ] = None,
    tagger: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Another tagger, for sentences.")
    ] = None,
    encoder: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Another encoder.")] = None,
    taxonomy: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="A space made by taxonomy build.")
    ] = None,
) -> None:
    """Link each text to its ESCO skill, with a score, or say that none fits."""
    if lines and texts != ["-"]:
        from ner.errors import UsageError

        raise UsageError(
            "--lines splits standard input, and texts were given as arguments",
            "Use: metier link - --lines < FILE",
        )
    from matching import Matcher

    matcher = Matcher.load(tagger, encoder, taxonomy)
    for text in _texts(texts, lines):
        answer = matcher.link(text.strip(), language=language)
        if as_json:
            print_json(answer.to_dict())
        else:
            print_text(str(answer))


def _texts(arguments: list[str], lines: bool) -> Iterator[str]:
    from metier.cli.inputs import read_lines
    from metier.documents.read import STDIN, read_document

    for argument in arguments:
        if argument != STDIN:
            yield argument
        elif lines:
            yield from read_lines(STDIN)
        else:
            yield read_document(STDIN).text
