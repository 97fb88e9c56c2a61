from __future__ import annotations

import pytest
from typer.testing import CliRunner

from metier.cli.evaluate import _progress, app

VERBS = {
    "tagging": ["--context", "--tagger"],
    "skill-linking": [
        "--vocabulary",
        "--encoder",
        "--taxonomy",
        "--cache",
        "--abstention",
        "--vectors",
    ],
    "titles": ["--language", "--encoder", "--taxonomy", "--cache", "--vectors"],
    "occupations": ["--text", "--tagger", "--encoder", "--taxonomy"],
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_task_explains_its_options(verb: str) -> None:
    result = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert result.exit_code == 0
    for option in VERBS[verb]:
        assert option in result.output


def test_there_is_no_other_task() -> None:
    assert {
        command.name or command.callback.__name__
        for command in app.registered_commands
        if command.callback
    } == set(VERBS)


def test_a_wrong_option_is_a_usage_error() -> None:
    assert CliRunner().invoke(app, ["tagging", "x.jsonl", "--wrong"]).exit_code == 2


def test_nothing_is_shown_where_no_terminal_looks(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(_progress([1, 2], 2, "items")) == [1, 2]
    assert capsys.readouterr() == ("", "")
