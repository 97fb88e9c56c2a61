"""Score the shipped weights on every development file and print the rows of results.md.

    METIER_DATA=... python benchmarks/development_figures.py [--json FILE] [NAME ...]

Each row names its command; figures are fractions with a 95 % bootstrap interval. With
`--vectors space` only the rows that rank labels are made, with label vectors as the space holds
them (int8, fewer dimensions): against the plain rows, they show what the small space costs.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Run:
    """One command and the figures of its JSON that are shown."""

    name: str
    arguments: tuple[str, ...]
    keys: tuple[str, ...]


_RANKS = (
    *("mrr", "rp@1", "rp@5", "rp@10", "published_rule.rp@5", "labels_only.rp@5"),
    *("whole_only.mrr", "whole_only.rp@5", "whole_only.labels_only.rp@5"),
)
_LINKS = ("--vocabulary", "benchmarks/skill_linking/skills_en_label.txt")
_TYPED = ("typed.micro.f1", "untyped.f1", "characters.f1", "seqeval.f1", "clean_lines.flagged")
_TAGGED = (*_TYPED, *(f"context.{key}" for key in _TYPED))
_TITLES = ("mrr", "recall@1", "recall@5", "recall@10", "preferred_only.mrr")
_DOCUMENTS = ("mrr@100", "hit@1", "hit@5", "hit@10")
_MELO = "benchmarks/title_to_esco/melo"
_DOC = "benchmarks/doc_to_esco"

RUNS = (
    Run("tagging en", ("tagging", "gold/gold_dev.jsonl", "--context"), _TAGGED),
    Run("tagging de", ("tagging", "gold/gold_de_dev.jsonl", "--context"), _TAGGED),
    Run("TECH", ("skill-linking", "benchmarks/skill_linking/tech_validation.csv", *_LINKS), _RANKS),
    Run(
        "HOUSE", ("skill-linking", "benchmarks/skill_linking/house_validation.csv", *_LINKS), _RANKS
    ),
    Run("skillskape", ("skill-linking", "benchmarks/skillskape/dev.csv.gz", *_LINKS), _RANKS),
    Run("jobbert", ("titles", "benchmarks/title_to_esco/jobbert_dev.csv.gz"), _TITLES),
    Run("MELO usa", ("titles", f"{_MELO}_usa_q_en_c_en.dev.csv", "--language", "en"), _TITLES),
    Run(
        "MELO deu de->de", ("titles", f"{_MELO}_deu_q_de_c_de.dev.csv", "--language", "de"), _TITLES
    ),
    Run(
        "MELO deu de->en", ("titles", f"{_MELO}_deu_q_de_c_en.dev.csv", "--language", "en"), _TITLES
    ),
    Run(
        "MELO aut de->de", ("titles", f"{_MELO}_aut_q_de_c_de.dev.csv", "--language", "de"), _TITLES
    ),
    Run(
        "survey answers",
        ("titles", "benchmarks/title_to_esco/kldb_survey_answers.dev.csv"),
        ("hit@1", "hit@10"),
    ),
    Run("BA", ("titles", "benchmarks/skill_linking_de/ba_kompetenz.dev.csv"), _TITLES),
    Run("ads human", ("occupations", f"{_DOC}/ads_indeed_human.dev.parquet"), _DOCUMENTS),
    Run("ads hard", ("occupations", f"{_DOC}/ads_gen_hard.dev.parquet"), _DOCUMENTS),
    Run("ads easy", ("occupations", f"{_DOC}/ads_gen_easy.dev.parquet"), _DOCUMENTS),
    Run(
        "livecareer",
        (
            "occupations",
            f"{_DOC}/resumes_livecareer.dev.parquet",
            "--text",
            "query_text_title_masked",
        ),
        _DOCUMENTS,
    ),
)


def with_vectors(vectors: str | None) -> tuple[Run, ...]:
    """All runs, or those that take `--vectors`, with it."""
    if vectors is None:
        return RUNS
    return tuple(
        replace(run, arguments=(*run.arguments, "--vectors", vectors))
        for run in RUNS
        if run.arguments[0] in ("skill-linking", "titles")
    )


def scored(run: Run, data: Path) -> dict[str, Any]:
    """The JSON of one `metier evaluate`."""
    paths = [str(data / part) if "/" in part else part for part in run.arguments]
    done = subprocess.run(
        [sys.executable, "-m", "metier", "evaluate", *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{run.name}: {done.stderr.strip()}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def row(run: Run, answer: dict[str, Any]) -> str:
    """A row of the table in results.md."""
    figures = []
    for key in run.keys:
        if key in answer:
            low, high = answer.get(f"{key}.low"), answer.get(f"{key}.high")
            interval = f" ({low:.3f} to {high:.3f})" if low is not None and high is not None else ""
            figures.append(f"{key} {answer[key]:.3f}{interval}")
    command = " ".join(("metier evaluate", *run.arguments))
    return f"| {run.name} | {answer['n']} | {'; '.join(figures)} | `{command}` |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table; with --json keep every answer whole."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="keep all figures in this file")
    parser.add_argument(
        "--vectors", choices=("encoder", "space"), help="label vectors of the ranking rows"
    )
    parser.add_argument("names", nargs="*", help="only these rows")
    given = parser.parse_args(arguments)
    data = Path(os.environ.get("METIER_DATA", ""))
    if not os.environ.get("METIER_DATA") or not data.is_dir():
        raise SystemExit("error: METIER_DATA names no folder\nhint: set it to the data sets")
    answers: dict[str, dict[str, Any]] = {}
    print(f"Measured on {datetime.date.today()}.\n")
    print("| task | n | figures (95 % interval) | command, files in METIER_DATA |")
    print("| --- | --- | --- | --- |")
    for run in with_vectors(given.vectors):
        if given.names and run.name not in given.names:
            continue
        answers[run.name] = scored(run, data)
        print(row(run, answers[run.name]), flush=True)
        if given.json:
            given.json.write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
