"""Whole journeys with the shipped weights, sockets blocked."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

POST = (
    "We are looking for a data engineer.\r\n"
    "You know Python, SQL and Docker, and you have built ETL pipelines.\r\n"
    "Good communication skills are a must.\r\n"
)


def answers(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_standard_input_is_one_text(run_metier: Run, shipped_tagger: Path) -> None:
    (answer,) = answers(run_metier("tag", "--json", stdin=POST.encode()))
    assert answer["text"] == POST
    spans = answer["spans"]
    assert isinstance(spans, list)
    assert "Python" in [span["text"] for span in spans]
    for span in spans:
        assert POST[span["start"] : span["end"]] == span["text"]
    assert set(spans[0]) == {"start", "end", "label", "score", "text"}
    assert answer["model"]


def test_each_line_is_a_text_with_lines_and_blank_ones_count(
    run_metier: Run, shipped_tagger: Path
) -> None:
    done = run_metier("tag", "--lines", "--json", "-", stdin=b"Python and SQL\n\nGeduld\n")
    found = answers(done)
    assert [answer["line"] for answer in found] == [1, 2, 3]
    assert [answer["status"] for answer in found] == ["ok", "empty", "ok"]


def test_several_files_are_named_and_a_bad_one_does_not_stop_the_others(
    run_metier: Run, shipped_tagger: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Python")
    (tmp_path / "b.txt").write_text("Docker")
    done = run_metier("tag", "a.txt", "missing.txt", "b.txt", "--json")
    assert done.returncode == 3
    assert [json.loads(line)["file"] for line in done.stdout.splitlines()] == ["a.txt", "b.txt"]
    assert b"error: missing.txt does not exist" in done.stderr


def test_the_answer_for_a_person_is_a_table_of_skills(
    run_metier: Run, shipped_tagger: Path
) -> None:
    done = run_metier("tag", stdin=POST.encode())
    assert "Python" in done.stdout.decode()
    assert "TECHNOLOGY" in done.stdout.decode()
    assert POST not in done.stdout.decode()


def test_a_resume_gets_occupations_with_evidence_in_its_text(
    run_metier: Run, shipped_all: Path, make_pdf: Callable[..., bytes], tmp_path: Path
) -> None:
    lines = ["Data Engineer", *POST.splitlines()]
    page = [(50, 780 - 14 * number, line) for number, line in enumerate(lines)]
    (tmp_path / "cv.pdf").write_bytes(make_pdf(page))
    (answer,) = answers(run_metier("recommend", "cv.pdf", "--limit", "3", "--json"))
    assert {"recommendations", "skills", "text", "language", "model", "taxonomy"} <= set(answer)
    text, found = answer["text"], answer["recommendations"]
    assert isinstance(text, str)
    assert isinstance(found, list)
    assert len(found) == 3
    for recommendation in found:
        assert set(recommendation["occupation"]) >= {"uri", "label", "isco"}
        for matched in recommendation["matched"]:
            for piece in matched["evidence"]:
                assert text[piece["start"] : piece["end"]] == piece["text"]
    readable = run_metier("recommend", "cv.pdf", "--limit", "3").stdout.decode()
    assert found[0]["occupation"]["label"] in readable


def test_a_phrase_is_linked_to_a_skill(run_metier: Run, shipped_all: Path) -> None:
    (answer,) = answers(run_metier("link", "Python (computer programming)", "--json"))
    assert "http://data.europa.eu/esco/skill/" in json.dumps(answer)


def test_blanks_are_linked_to_nothing_however_they_are_given(
    run_metier: Run, shipped_all: Path
) -> None:
    given = answers(run_metier("link", "", " \t ", "--json"))
    lines = answers(run_metier("link", "-", "--lines", "--json", stdin=b"\n  \n"))
    for answer in (*given, *lines):
        assert answer == given[0]
        assert answer["linked"] is False


def test_doctor_is_content_with_the_shipped_weights(run_metier: Run, shipped_all: Path) -> None:
    done = run_metier("doctor")
    assert done.returncode == 0, done.stdout.decode()


@pytest.mark.parametrize("kind", ["encoder", "space"])
def test_a_file_missing_from_the_matcher_is_one_error_with_code_4(
    run_metier: Run, shipped_all: Path, tmp_path: Path, kind: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for part in ("tokenizer", kind):
        if (shipped_all / part).is_dir():
            shutil.copytree(shipped_all / part, home / part)
    unlisted = ("manifest.json", "README.md")
    victim = next(f for f in sorted((home / kind).iterdir()) if f.name not in unlisted)
    victim.unlink()
    done = run_metier("link", "bookkeeping", env={"METIER_HOME": str(home)})
    assert done.returncode == 4
    assert str(victim).encode() in done.stderr
    assert done.stderr.startswith(b"error: ")
    assert b"Traceback" not in done.stderr


@pytest.mark.slow
def test_the_demo_shows_skills_occupations_and_posts(run_metier: Run, shipped_all: Path) -> None:
    samples = Path(__file__).resolve().parents[2] / "data" / "samples"
    if not samples.is_dir():
        pytest.skip("no samples beside this checkout")
    shown = run_metier("demo", str(samples))
    assert shown.returncode == 0, shown.stderr.decode()
    for post in (samples / "posts").glob("*.txt"):
        assert post.name in shown.stdout.decode()
