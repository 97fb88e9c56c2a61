"""The command with standard streams that are closed, full, or watched by a person."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from offline import ROOT

from metier.cli.outputs import counted, progress
from ner.weights import write_manifest

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a POSIX shell")

Shell = Callable[[str], tuple[int, str, str]]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Exit code, output and errors of `metier ...` as a shell runs it, redirections included."""
    space = tmp_path / "space"
    space.mkdir()
    (space / "a.bin").write_bytes(b"1")
    write_manifest(space, "space", "toy", "1", ["a.bin"], about="x" * 100_000)
    # What Python holds back until it ends is the harder case.
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""}

    def run(line: str) -> tuple[int, str, str]:
        command = f'metier() {{ "{sys.executable}" -m metier "$@"; }}; {line}'
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=env, capture_output=True, timeout=120
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run


@pytest.mark.parametrize(
    "line", ["taxonomy info space", "taxonomy info space --json", "--help", "--version"]
)
def test_an_output_without_room_is_one_error_with_code_1(shell: Shell, line: str) -> None:
    assert shell(f"metier {line} > /dev/full") == (
        1,
        "",
        "error: standard output cannot be written: No space left on device\n"
        "hint: Check the free room and the rights of the place that it goes to.\n",
    )


@pytest.mark.parametrize("closed", [">&-", "<&- >&-", "<&- >&- 2>&-"])
def test_a_closed_output_leads_nowhere_and_is_no_error(shell: Shell, closed: str) -> None:
    assert shell(f"metier taxonomy info space {closed}") == (0, "", "")


@pytest.mark.parametrize(
    ("line", "code"),
    [("recommend nofile", 3), ("taxonomy info nowhere", 4), ("nope", 2), ("taxonomy", 2)],
)
@pytest.mark.parametrize("errors", ["2>&-", "2>/dev/full"])
def test_the_exit_code_is_right_where_no_error_can_be_shown(
    shell: Shell, line: str, code: int, errors: str
) -> None:
    assert shell(f"metier {line} {errors}") == (code, "", "")


def test_a_closed_standard_input_is_bad_input(shell: Shell) -> None:
    code, output, errors = shell("metier recommend - <&-")
    assert (code, output) == (3, "")
    assert errors == "error: standard input is closed\nhint: Give a file, or pipe a text in.\n"


def test_a_standard_input_that_cannot_be_read_is_bad_input(shell: Shell) -> None:
    code, _, errors = shell("metier recommend - 0> written")
    assert (code, "error: standard input cannot be read: " in errors) == (3, True)


def test_a_counter_shows_a_person_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert list(counted(range(12), "texts")) == list(range(12))
    assert capsys.readouterr().err == "\r10 texts\r12 texts\n"
    assert list(counted(range(12), "texts", 1200)) == list(range(12))
    assert capsys.readouterr().err == "\r10 of 1,200 texts\r12 of 1,200 texts\n"
    show = progress("texts")
    assert show is not None
    show(1, 2)
    show(2, 2)
    assert capsys.readouterr().err == "\r1 of 2 texts\r2 of 2 texts\n"


def test_no_counter_is_shown_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(counted(range(12), "texts", 12)) == list(range(12))
    assert progress("texts") is None
    assert capsys.readouterr() == ("", "")
