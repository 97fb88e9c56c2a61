"""`metier taxonomy`: make a space from ESCO's files, and say what is in one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from metier.cli.outputs import columns, print_json, print_text, progress

app = typer.Typer(
    help="Build a taxonomy space or look at one.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def build(
    source: Annotated[
        Path, typer.Argument(metavar="ESCO_FOLDER", help="The unpacked CSV files of ESCO.")
    ],
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where the space is written.")],
    encoder: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Weights to use instead of the shipped.")
    ] = None,
    languages: Annotated[
        str | None, typer.Option(metavar="en,de", help="Which languages [default: all there are].")
    ] = None,
    dimension: Annotated[
        int | None,
        typer.Option(min=1, help="Keep the first dimensions of each vector [default: all]."),
    ] = None,
    hnsw: Annotated[
        bool,
        typer.Option(
            "--hnsw/--no-hnsw", help="Add search graphs; without them a search compares everything."
        ),
    ] = True,
    version: Annotated[
        str | None, typer.Option(help="Version of ESCO, where the files do not say it.")
    ] = None,
) -> None:
    """Read ESCO's official CSV files (plain or gzip) and write a space."""
    chosen = None if languages is None else [code.strip() for code in languages.split(",")]
    if chosen is not None and not all(chosen):
        from ner.errors import UsageError

        raise UsageError(f"--languages {languages} names no language", "Write it as: en,de")
    from matching.encoder import Encoder
    from matching.sources.esco import read_esco
    from matching.space_build import build_space

    taxonomy = read_esco(source, chosen, version)
    model = Encoder.load(encoder, workers=os.cpu_count() or 1)
    build_space(taxonomy, model, to, dimension, hnsw=hnsw, progress=progress("texts encoded"))
    _print_info(to, as_json=False)


@app.command()
def info(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="A space [default: the shipped one].")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say which taxonomy, languages and encoder a space holds."""
    from ner.weights import shipped_folder

    _print_info(folder or shipped_folder("space"), as_json)


def _print_info(folder: Path, as_json: bool) -> None:
    from ner.weights import read_manifest

    manifest = read_manifest(folder, "space")
    facts: dict[str, Any] = {
        "folder": str(folder),
        "name": manifest.name,
        "version": manifest.version,
        "fingerprint": manifest.fingerprint,
        **manifest.fields,
        "bytes": sum(record.bytes for record in manifest.files.values()),
    }
    if as_json:
        print_json(facts)
        return
    print_text(columns([(name, _readable(value)) for name, value in facts.items()]))


def _readable(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_readable(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(map(_readable, value))
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
