"""The command as a person meets it: help, errors, exit codes, checks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from metier import __version__
from metier.cli import doctor_checks
from metier.cli.main import app, main
from ner.weights import write_manifest

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

WEIGHTS = ("tagger", "encoder", "space")
VERBS = ["tag", "recommend", "link", "taxonomy", "train", "export", "evaluate", "doctor", "demo"]
ERROR = re.compile(rb"error: [^\n]+\n(hint: [^\n]+\n)?")


def said(done: subprocess.CompletedProcess[bytes]) -> bytes:
    """Standard error, which is one error and its hint and never a traceback."""
    assert ERROR.fullmatch(done.stderr), done.stderr.decode()
    return done.stderr


@pytest.fixture
def tagger_folder(tmp_path: Path) -> Path:
    """A METIER_HOME with a tagger whose files fit its manifest but are no model."""
    folder = tmp_path / "home" / "tagger"
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(bytes(1000))
    write_manifest(folder, "tagger", "toy", "1", ["model.onnx"])
    return folder


def test_help_names_every_verb_and_version_the_release(run_metier: Run) -> None:
    shown = run_metier("--help")
    assert shown.returncode == 0
    for verb in VERBS:
        assert f"\n  {verb} " in shown.stdout.decode()
    assert run_metier("--version").stdout.decode().strip() == f"metier {__version__}"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    shown = CliRunner().invoke(app, [verb, "--help"])
    assert shown.exit_code == 0
    assert f"{verb} [OPTIONS]" in shown.output


def test_help_loads_nothing_heavy() -> None:
    heavy = ("numpy", "onnxruntime", "tokenizers", "hnswlib", "pypdfium2", "torch", "rich")
    code = f"import metier.cli.main, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["nope"], "no such command 'nope'"),
        (["tag", "--nope"], "no such option: --nope"),
        (["recommend"], "missing argument"),
        (["recommend", "x", "--limit", "0"], "'--limit'"),
        (["recommend", "x", "--limit", "-1"], "'--limit'"),
        (["tag", "x", "--backend", "torch"], "--backend torch needs weights of its own"),
        (["link", "--lines", "a skill"], "--lines"),
        (["taxonomy", "build", "x", "--to", "y", "--languages", ","], "names no language"),
    ],
)
def test_wrong_usage_is_one_error_with_a_hint_and_code_2(
    capfd: pytest.CaptureFixture[str], arguments: list[str], cause: str
) -> None:
    assert main(arguments) == 2
    error, hint = capfd.readouterr().err.splitlines()
    assert error.startswith("error: ")
    assert cause in error
    assert hint.startswith("hint: ")


@pytest.mark.parametrize(
    ("arguments", "page"),
    [
        (["nope"], "metier"),
        (["tag", "--nope"], "metier tag"),
        (["evaluate", "skill-linking", "x.csv"], "metier evaluate skill-linking"),
        (["evaluate", "nope"], "metier evaluate"),
    ],
)
def test_the_hint_names_the_help_page_of_the_verb_that_was_called(
    capfd: pytest.CaptureFixture[str], arguments: list[str], page: str
) -> None:
    main(arguments)
    assert capfd.readouterr().err.endswith(f"hint: See: {page} --help\n")


@pytest.mark.parametrize(
    ("name", "data", "cause"),
    [
        ("missing.pdf", None, b"does not exist"),
        ("empty.pdf", b"", b"is empty (0 bytes)"),
        ("cv.pdf", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), b"an old Word (.doc)"),
        ("cut.pdf", b"%PDF-1.4\n1 0 obj", b"cut short"),
        ("latin.txt", b"Pr\xfcfer", b"not UTF-8"),
    ],
)
def test_input_that_cannot_be_read_is_one_error_with_code_3(
    run_metier: Run, tmp_path: Path, name: str, data: bytes | None, cause: bytes
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    done = run_metier("recommend", name)
    assert done.returncode == 3
    assert name.encode() in said(done)
    assert cause in done.stderr
    assert done.stdout == b""


def test_bytes_on_standard_input_that_are_no_text_have_code_3(run_metier: Run) -> None:
    done = run_metier("recommend", "-", stdin=b"\xff\xfa\xfb")
    assert (done.returncode, b"standard input is not UTF-8" in said(done)) == (3, True)


def test_a_missing_weight_file_is_one_error_with_its_path_and_a_command(
    run_metier: Run, tagger_folder: Path
) -> None:
    (tagger_folder / "model.onnx").unlink()
    done = run_metier("tag", stdin=b"a cook", env={"METIER_HOME": str(tagger_folder.parent)})
    assert done.returncode == 4
    assert str(tagger_folder / "model.onnx").encode() in said(done)
    assert b"metier doctor" in done.stderr


def test_a_flipped_bit_in_a_weight_file_is_one_error_with_code_4(
    run_metier: Run, tagger_folder: Path
) -> None:
    (tagger_folder / "model.onnx").write_bytes(bytes(999) + b"\1")
    done = run_metier("tag", stdin=b"a cook", env={"METIER_HOME": str(tagger_folder.parent)})
    assert (done.returncode, b"model.onnx is damaged" in said(done)) == (4, True)


def test_taxonomy_info_of_a_folder_without_a_space_has_code_4(run_metier: Run) -> None:
    done = run_metier("taxonomy", "info", "nowhere")
    assert (done.returncode, b"nowhere" in said(done)) == (4, True)


def test_an_unexpected_fault_shows_its_traceback_only_for_debug(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "post.txt"
    file.write_text("a cook")
    # A fault in what the verb calls, as a bug of ours would be.
    monkeypatch.setattr("metier.documents.read.read_bytes", lambda *_: 1 / 0)
    assert main(["recommend", str(file)]) == 1
    assert capfd.readouterr().err == (
        "error: internal error: ZeroDivisionError: division by zero\n"
        "hint: Run it again as metier --debug ... and report the traceback.\n"
    )
    assert main(["--debug", "recommend", str(file)]) == 1
    assert "Traceback" in capfd.readouterr().err


def test_an_interrupt_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("metier.documents.read.read_document", interrupt)
    assert main(["recommend", "x"]) == 130
    assert capfd.readouterr().err == "error: interrupted\n"


def test_a_file_that_ends_too_early_is_bad_input_and_no_interrupt(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def cut_short(*_: object) -> None:
        raise EOFError("no end-of-stream marker")

    monkeypatch.setattr("metier.documents.read.read_document", cut_short)
    assert main(["recommend", "x"]) == 3
    assert capfd.readouterr().err == (
        "error: a file ends too early: no end-of-stream marker\n"
        "hint: Make or copy the file again.\n"
    )


def test_a_reader_that_leaves_early_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "metier", "doctor", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 0


def test_doctor_says_what_is_wrong_in_one_line_each_and_exits_with_4(
    run_metier: Run, tagger_folder: Path
) -> None:
    (tagger_folder / "model.onnx").write_bytes(b"short")
    done = run_metier("doctor", "--json", env={"METIER_HOME": str(tagger_folder.parent)})
    assert done.returncode == 4
    report = json.loads(done.stdout)
    checks = {check["name"]: check for check in report["checks"]}
    assert report["ok"] is False
    assert checks["tagger"]["status"] == "wrong"
    assert "damaged" in checks["tagger"]["detail"]
    assert checks["tagger"]["hint"]
    assert checks["Python"]["status"] == "ok"
    assert b"error: tagger: " in done.stderr
    assert b"Traceback" not in done.stderr


def test_doctor_finds_a_package_of_ours_that_another_distribution_brings(
    run_metier: Run, tmp_path: Path
) -> None:
    site = tmp_path / "no_network"  # the first folder of the path
    (site / "ner_fake-1.0.dist-info").mkdir(parents=True)
    (site / "ner_fake-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: ner-fake\nVersion: 1.0\n"
    )
    (site / "ner_fake-1.0.dist-info" / "top_level.txt").write_text("ner\n")
    done = run_metier("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    weights_are_wrong = any(checks[kind]["status"] == "wrong" for kind in WEIGHTS)
    assert done.returncode == (4 if weights_are_wrong else 1)
    assert checks["package ner"]["status"] == "wrong"
    assert "ner-fake" in checks["package ner"]["detail"]
    assert "pip uninstall ner-fake" in checks["package ner"]["hint"]
    assert checks["package matching"]["status"] == "ok"


def test_doctor_finds_a_package_of_ours_that_is_hidden_by_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor_checks, "_root", lambda: tmp_path)
    findings = list(doctor_checks.name_clashes())
    assert [finding.status for finding in findings] == ["wrong"] * len(doctor_checks.PACKAGES)
    assert all(str(tmp_path) in finding.detail for finding in findings)


def test_doctor_refuses_a_folder_variable_that_names_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("METIER_DATA", "/no/such/folder")
    monkeypatch.delenv("METIER_HOME", raising=False)
    home, data = doctor_checks.folders()
    assert (home.status, data.status) == ("note", "wrong")


def test_doctor_warns_of_a_home_from_which_nothing_is_taken(
    run_metier: Run, tmp_path: Path, tagger_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    misplaced = tmp_path / "misplaced"
    misplaced.mkdir()
    (misplaced / "manifest.json").write_text("{}")  # the files of a space, not in space/
    done = run_metier("doctor", env={"METIER_HOME": str(misplaced)})
    assert f"warning: METIER_HOME: none of tagger, encoder, space lies in {misplaced}".encode() in (
        done.stderr
    )
    assert str(misplaced / "space").encode() in done.stderr
    assert b"in order" not in done.stdout
    monkeypatch.setenv("METIER_HOME", str(tagger_folder.parent))
    assert next(doctor_checks.folders()).status == "ok"
