"""`metier train`: the models, from base weights and data."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from metier.cli.outputs import print_text

app = typer.Typer(
    help="Train the models by a recipe (needs the extra train).",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Recipe = Annotated[
    Path | None,
    typer.Option(metavar="FILE.toml", help="Settings [default: the recipe that is shipped]."),
]
Base = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Weights to start from.")]
Out = Annotated[Path, typer.Option(metavar="FOLDER", help="Where the model is written.")]
Data = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Corpora and base weights [default: METIER_DATA]."),
]
Texts = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Our own templates, sentences, marks [default: data]."),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on from the newest checkpoint in the out folder.")
]


@app.callback()
def _speaking(context: typer.Context) -> None:
    """Show what `training` logs, on standard error, while the command runs."""
    logger, handler = logging.getLogger("training"), logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    context.call_on_close(partial(logger.removeHandler, handler))


@app.command()
def mlm(
    recipe: Recipe = None,
    base: Base = None,
    out: Out = Path("out/mlm"),
    data: Data = None,
    resume: Resume = False,
) -> None:
    """Go on with the language model on job posts and resumes."""
    from training.mlm import train_mlm

    _done(train_mlm(recipe, base, out, data=data, resume=resume))


@app.command()
def tagger(
    recipe: Recipe = None,
    base: Base = None,
    out: Out = Path("out/tagger"),
    data: Data = None,
    texts: Texts = None,
    resume: Resume = False,
) -> None:
    """Fine-tune the skill tagger on marked lines."""
    from training.tagger import train_tagger

    folder = texts or _own_texts()
    _done(train_tagger(recipe, base, out, data=data, texts=folder, resume=resume))


@app.command()
def encoder(
    recipe: Recipe = None,
    base: Base = None,
    out: Out = Path("out/encoder"),
    data: Data = None,
    texts: Texts = None,
    resume: Resume = False,
) -> None:
    """Train the bi-encoder on pairs of texts."""
    from training.encoder import train_encoder

    folder = texts or _own_texts()
    _done(train_encoder(recipe, base, out, data=data, texts=folder, resume=resume))


def _own_texts() -> Path:
    """The folder `data` of the checkout that this package runs from, or of the current folder."""
    checkout = Path(__file__).resolve().parents[2] / "data"
    return checkout if (checkout / "templates").is_dir() else Path("data")


def _done(folder: Path) -> None:
    print_text(str(folder))
