"""The README names commands, options, files and imports: each of them exists."""

import ast
import importlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SHELL = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines() if line]
PYTHON = [text for kind, text in BLOCKS if kind == "python"]
INLINE = re.findall(r"`((?:make|metier) [^`\n]+)`", README)
RUN = "from metier.cli.main import run; run()"


def commands(program: str) -> list[str]:
    """What the README tells to type after `program`, comments and pipes cut off."""
    found: list[str] = []
    for line in [*SHELL, *INLINE]:
        for part in re.split(r"\s*[|>&]\s*", line.partition(" #")[0]):
            if part.startswith(f"{program} "):
                found.append(part.removeprefix(f"{program} ").strip())
    return sorted(set(found))


def help_page(*words: str) -> subprocess.CompletedProcess[str]:
    plain = {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-c", RUN, *words, "--help"],
        cwd=ROOT,
        env=os.environ | plain,
        capture_output=True,
        text=True,
        timeout=60,
    )


def verb(arguments: list[str]) -> list[str]:
    """The leading words that name a command: one, or two where the first is a group."""
    words = arguments[:1]
    grouped = {"evaluate", "export", "taxonomy", "train"}
    return arguments[:2] if words and words[0] in grouped else words


def test_the_two_promised_commands_are_named() -> None:
    assert {"demo", "test"} <= set(commands("make"))


@pytest.mark.parametrize("target", commands("make"))
def test_a_make_target_of_the_readme_exists(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(rf"^{re.escape(target.split()[0])}:.* ## \S", makefile, re.MULTILINE)


@pytest.mark.parametrize("command", commands("metier"))
def test_a_command_of_the_readme_exists_with_its_options(command: str) -> None:
    arguments = shlex.split(command)
    page = help_page(*verb(arguments))
    assert page.returncode == 0, page.stderr
    options = {word.partition("=")[0] for word in arguments if word.startswith("--")}
    assert [option for option in sorted(options - {"--help"}) if option not in page.stdout] == []


@pytest.mark.parametrize("command", commands("metier"))
def test_a_sample_file_of_the_readme_exists(command: str) -> None:
    named = [word for word in shlex.split(command) if word.startswith("data/")]
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("source", PYTHON)
def test_an_import_of_the_readme_exists(source: str) -> None:
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    assert imports
    for node in imports:
        assert node.module is not None
        module = importlib.import_module(node.module)
        assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


def test_every_link_into_the_repository_leads_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    dead = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not dead


def test_every_decision_page_says_context_decision_and_consequences() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert len(pages) >= 10
    for page in pages:
        text = page.read_text("utf-8")
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert part in text, page.name
