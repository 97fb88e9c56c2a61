"""`metier export`: weights as plain folders of other libraries."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from metier.cli.outputs import print_text


class Exported(StrEnum):
    """What can be exported."""

    TAGGER = "tagger"
    ENCODER = "encoder"


def export(
    kind: Annotated[Exported, typer.Argument(help="Which weights.")],
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where to write them.")],
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Weights to export [default: the checkout's, else those shipped].",
        ),
    ] = None,
) -> None:
    """Write a transformers folder (tagger) or a sentence-transformers folder (encoder).

    Needs the extra train. Where training/checkpoints holds no such weights, they are what eight
    bits kept of them in the shipped files.
    """
    from training.export import export as write

    write(kind.value, to, checkpoint)
    print_text(str(to))
