"""`metier tag`: the skills of texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.outputs import counted, fail, print_json, print_text, warn

if TYPE_CHECKING:
    from ner.types import TaggedText


def tag(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILES]...", help="PDF or text files; none or - reads standard input."
        ),
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Each line is a text of its own.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a text, one a line.")
    ] = False,
    tagger: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Weights to use instead of the shipped ones."),
    ] = None,
    backend: Annotated[str, typer.Option(help="onnx, or torch (needs the extra train).")] = "onnx",
    workers: Annotated[int, typer.Option(min=1, help="Threads that work on --lines.")] = 1,
) -> None:
    """Mark the skills in job posts and resumes.

    Standard input is one text, unless --lines is given. Offsets count Unicode code points of the
    text, end exclusive. A file that cannot be read is reported and the others are still tagged.
    """
    from metier.cli.inputs import read_lines
    from metier.documents.read import STDIN, read_document
    from ner import BadInputError, SkillTagger
    from ner.errors import UsageError

    if backend == "torch" and tagger is None:
        raise UsageError(
            "--backend torch needs weights of its own: the shipped ones are ONNX",
            "write them with: metier export tagger --to FOLDER, and add --tagger FOLDER",
        )
    model = SkillTagger.load(tagger, backend)
    failed: BadInputError | None = None
    for number, file in enumerate(files or [STDIN]):
        place: dict[str, Any] = {} if file == STDIN else {"file": file}
        try:
            if lines:
                answers = counted(model.tag_many(read_lines(file), workers), "texts")
                for line, tagged in enumerate(answers, start=1):
                    _show(tagged, place | {"line": line}, as_json, number > 0 or line > 1)
            else:
                document = read_document(file)
                for warning in document.warnings:
                    warn(f"{document.source}: {warning}")
                place = place if len(files or []) > 1 or as_json else {}
                _show(model.tag(document.text), place, as_json, number > 0)
        except BadInputError as error:
            if len(files or []) < 2:
                raise
            fail(error.message, error.hint)
            failed = failed or error
    if failed is not None:
        raise typer.Exit(failed.exit_code)


def _show(tagged: TaggedText, place: dict[str, Any], as_json: bool, later: bool) -> None:
    if as_json:
        print_json({**place, **tagged.to_dict()})
        return
    if later:
        print_text()
    if place:
        print_text(" ".join(_named(place)))
    print_text(str(tagged))


def _named(place: dict[str, Any]) -> Iterator[str]:
    for name, value in place.items():
        yield f"{value}:" if name == "file" else f"{name} {value}:"
