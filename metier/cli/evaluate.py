"""`metier evaluate`: scores shipped or given weights on marked files and prints JSON."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from metier.cli.outputs import counted, print_json

if TYPE_CHECKING:
    from matching import Space
    from ner import SkillTagger
    from training.evaluation.report import Report

T = TypeVar("T")

app = typer.Typer(
    help="Score shipped or given weights on marked files; prints figures as JSON.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Vectors(StrEnum):
    """Label vectors in full, or cut and rounded as the space holds them."""

    ENCODER = "encoder"
    SPACE = "space"


TaggerFolder = Annotated[
    Path | None, typer.Option("--tagger", metavar="FOLDER", help="Take this tagger.")
]
EncoderFolder = Annotated[
    Path | None, typer.Option("--encoder", metavar="FOLDER", help="Take this encoder.")
]
TaxonomyFolder = Annotated[
    Path | None,
    typer.Option("--taxonomy", metavar="FOLDER", help="Take concepts from this space."),
]
CacheFolder = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="FOLDER",
        help="Keep label vectors here between runs"
        " [default: METIER_HOME/cache or ~/.cache/metier].",
    ),
]
LabelVectors = Annotated[
    Vectors,
    typer.Option(
        "--vectors", help="Label vectors in full, or in int8 and cut as the space holds them."
    ),
]


@app.command()
def tagging(
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="Lines with marked spans.")],
    context: Annotated[
        bool,
        typer.Option("--context", help="Also tag the lines of each block together, as one text."),
    ] = False,
    tagger: TaggerFolder = None,
) -> None:
    """Spans of the tagger against hand-marked lines."""
    from ner import SkillTagger
    from training.evaluation.tagging import evaluate_tagging

    _print(evaluate_tagging(file, SkillTagger.load(tagger), context, _progress))


@app.command("skill-linking")
def skill_linking(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Rows `sentence, label` or `sentence, skills`."),
    ],
    vocabulary: Annotated[
        Path,
        typer.Option("--vocabulary", metavar="FILE.txt", help="All labels, one a line."),
    ],
    abstention: Annotated[
        bool,
        typer.Option("--abstention", help="Also tell how often linking finds no skill at all."),
    ] = False,
    tagger: TaggerFolder = None,
    encoder: EncoderFolder = None,
    taxonomy: TaxonomyFolder = None,
    cache: CacheFolder = None,
    vectors: LabelVectors = Vectors.ENCODER,
) -> None:
    """Sentences against the skill labels of a vocabulary."""
    from matching import Encoder, Space
    from ner import SkillTagger
    from training.evaluation.skill_linking import evaluate_skill_linking
    from training.evaluation.vectors import default_cache

    space = Space.load(taxonomy)
    report = evaluate_skill_linking(
        file,
        vocabulary,
        Encoder.load(encoder, workers=os.cpu_count() or 1),
        space.concepts.values(),
        _taxonomy(space),
        cache or default_cache(),
        _abstains(tagger, encoder, taxonomy) if abstention else None,
        space.dimension if vectors is Vectors.SPACE else None,
        _progress,
        _marked(SkillTagger.load(tagger)),
    )
    _print(report)


@app.command()
def titles(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Rows `vacancyTitle, conceptUri`, or `query` and one of `esco_uris`, "
            "`esco_uris_group`, `esco_skill_uris_exact`.",
        ),
    ],
    language: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Rank labels of this language only, such as de."),
    ] = None,
    encoder: EncoderFolder = None,
    taxonomy: TaxonomyFolder = None,
    cache: CacheFolder = None,
    vectors: LabelVectors = Vectors.ENCODER,
) -> None:
    """Job titles against all occupations, or terms against all skills."""
    from matching import Encoder, Space
    from training.evaluation.titles import evaluate_titles
    from training.evaluation.vectors import default_cache

    space = Space.load(taxonomy)
    report = evaluate_titles(
        file,
        Encoder.load(encoder, workers=os.cpu_count() or 1),
        space.concepts.values(),
        _taxonomy(space),
        language,
        cache or default_cache(),
        space.dimension if vectors is Vectors.SPACE else None,
        _progress,
    )
    _print(report)


@app.command()
def occupations(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.parquet", help="Rows with a text and `esco_uris`.")
    ],
    text: Annotated[
        str, typer.Option("--text", metavar="COLUMN", help="The column that holds the text.")
    ] = "query_text",
    tagger: TaggerFolder = None,
    encoder: EncoderFolder = None,
    taxonomy: TaxonomyFolder = None,
) -> None:
    """Job posts or resumes against all occupations."""
    from matching import Matcher
    from training.evaluation.occupations import evaluate_occupations

    matcher = Matcher.load(encoder=encoder, space=taxonomy, tagger=tagger)
    known = {
        concept.uri
        for concept in matcher.space.concepts.values()
        if concept.kind == "occupation" and concept.status == "released"
    }
    report = evaluate_occupations(
        file, matcher, known, matcher.model, _taxonomy(matcher.space), text, _progress
    )
    _print(report)


def _marked(tagger: SkillTagger) -> Callable[[str], list[str]]:
    """The stretches of a text that the tagger marks."""
    return lambda text: [span.text for span in tagger.tag(text).spans]


def _abstains(
    tagger: Path | None, encoder: Path | None, taxonomy: Path | None
) -> Callable[[str], bool]:
    """Whether the product links a text to no skill at all."""
    from matching import Matcher, Unlinked

    matcher = Matcher.load(tagger, encoder, taxonomy)
    return lambda text: isinstance(matcher.link(text), Unlinked)


def _taxonomy(space: Space) -> str:
    return f"{space.taxonomy_name} {space.version}"


def _print(report: Report) -> None:
    print_json(report.to_dict(), indent=2)


def _progress(items: Iterable[T], total: int, description: str) -> Iterable[T]:
    """A counter on the error stream of a terminal; nothing anywhere else."""
    return counted(items, description, total)
