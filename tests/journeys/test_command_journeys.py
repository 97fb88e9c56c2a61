"""Every verb from its input to its answer, on toy weights; what reads pipes runs as a process."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from journey_toys import ToyHome
from offline import Run, make_pdf
from toy_space import BASE

from metier.cli.main import main

BAKER, WELDER = f"{BASE}/occupation/baker", f"{BASE}/occupation/welder"
POST = (
    "Baker of bread\r\n"
    "We are looking for a bread maker who works with us at night.\r\n"
    "Knead dough by hand and watch the ovens.\r\n"
    "\r\n"
    "A little basketry is a plus for all of us.\r\n"
)
SKILLS = ["Knead dough", "ovens", "basketry"]
RECOMMENDATION = {"occupation", "score", "matched", "missing_essential", "missing_optional"}


def lines_of(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def pdf_of(text: str) -> bytes:
    lines = text.splitlines()
    return make_pdf([(50, 780 - 14 * number, line) for number, line in enumerate(lines)])


@pytest.fixture
def here(toy: ToyHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, with the toys as METIER_HOME."""
    monkeypatch.setenv("METIER_HOME", str(toy.home))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answered(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What `metier ARGUMENTS` prints, run in this process; nothing else is said."""
    capfd.readouterr()
    code = main(arguments)
    said = capfd.readouterr()
    assert (code, said.err) == (0, "")
    return said.out


def refused(capfd: pytest.CaptureFixture[str], code: int, *arguments: str) -> tuple[str, str]:
    """Error and hint of `metier ARGUMENTS`, which ends with `code` and prints nothing else."""
    capfd.readouterr()
    assert main(arguments) == code
    said = capfd.readouterr()
    assert said.out == ""
    error, hint = said.err.splitlines()
    assert error.startswith("error: ")
    assert hint.startswith("hint: ")
    return error, hint


def test_tagging_reads_standard_input_as_one_text_or_line_by_line(
    run_metier: Run, toy: ToyHome
) -> None:
    env = {"METIER_HOME": str(toy.home)}
    whole = run_metier("tag", "--json", stdin=POST.encode(), env=env)
    assert (whole.returncode, whole.stderr) == (0, b"")
    (answer,) = lines_of(whole.stdout.decode())
    assert answer["text"] == POST
    assert answer["model"].startswith("toy 1.0 ")
    assert [span["text"] for span in answer["spans"]] == SKILLS
    for span in answer["spans"]:
        assert set(span) == {"start", "end", "label", "score", "text"}
        assert POST[span["start"] : span["end"]] == span["text"]
    split = run_metier("tag", "--lines", "--json", "-", stdin=POST.encode(), env=env)
    found = lines_of(split.stdout.decode())
    assert [one["text"] for one in found] == POST.splitlines()
    assert [one["status"] for one in found] == ["ok", "ok", "ok", "empty", "ok"]
    assert [span["text"] for one in found for span in one["spans"]] == SKILLS


def test_tagging_reads_text_and_pdf_files(capfd: pytest.CaptureFixture[str], here: Path) -> None:
    (here / "post.txt").write_bytes(POST.encode())
    (here / "post.pdf").write_bytes(pdf_of(POST))
    found = lines_of(answered(capfd, "tag", "post.txt", "post.pdf", "--json"))
    assert [one["file"] for one in found] == ["post.txt", "post.pdf"]
    for one in found:
        assert [span["text"] for span in one["spans"]] == SKILLS
        for span in one["spans"]:
            assert one["text"][span["start"] : span["end"]] == span["text"]
    table = answered(capfd, "tag", "post.txt").splitlines()
    assert table[0].split() == ["label", "skill", "score", "offsets"]
    assert [line.split()[0] for line in table[1:]] == ["TECHNICAL", "TECHNOLOGY", "SOFT"]


def test_a_resume_gets_occupations_in_the_promised_shape(
    run_metier: Run, toy: ToyHome, tmp_path: Path
) -> None:
    (tmp_path / "cv.pdf").write_bytes(pdf_of(POST))
    env = {"METIER_HOME": str(toy.home)}
    done = run_metier("recommend", "cv.pdf", "--limit", "2", "--json", env=env)
    assert (done.returncode, done.stderr) == (0, b"")
    (answer,) = lines_of(done.stdout.decode())
    promised = {"recommendations", "skills", "text", "language", "model", "taxonomy"}
    assert set(answer) == promised | {"confidence", "warnings"}
    assert (answer["language"], answer["taxonomy"]) == ("en", "ESCO 1.9.3")
    best, second = answer["recommendations"]
    assert best["occupation"] == {"uri": BAKER, "label": "baker", "isco": "7512"}
    assert [one["skill"]["label"] for one in best["matched"]] == ["knead dough", "ovens"]
    for one in (best, second):
        assert set(one) == RECOMMENDATION | {"parts", "coverage"}
        assert sum(one["parts"].values()) == pytest.approx(one["score"], abs=1e-4)
    for one in best["matched"]:
        assert set(one) == {"skill", "relation", "score", "contribution", "evidence"}
        assert set(one["skill"]) == {"uri", "label"}
        assert one["evidence"]
        for piece in one["evidence"]:
            assert set(piece) == {"start", "end", "text", "sentence"}
            assert answer["text"][piece["start"] : piece["end"]] == piece["text"]
            assert piece["text"] in piece["sentence"]
    missing = second["missing_essential"] + second["missing_optional"]
    assert missing
    assert all(set(one) == {"uri", "label", "gain"} for one in missing)


def test_a_person_reads_occupations_with_reasons_in_the_language_asked_for(
    capfd: pytest.CaptureFixture[str], here: Path
) -> None:
    (here / "post.txt").write_bytes(POST.encode())
    shown = answered(capfd, "recommend", "post.txt", "--language", "de")
    assert shown.startswith(" 1. Bäcker/Bäckerin (ISCO 7512)")
    assert '"Knead dough"' in shown


def test_a_space_of_another_encoder_is_refused_with_both_names_and_the_command(
    capfd: pytest.CaptureFixture[str], here: Path, toy: ToyHome
) -> None:
    (here / "post.txt").write_bytes(POST.encode())
    foreign = str(toy.foreign_space)
    for arguments in (("recommend", "post.txt"), ("link", "knead dough")):
        error, hint = refused(capfd, 4, *arguments, "--taxonomy", foreign)
        assert "toy1" in error
        assert "toy0" in error
        assert "metier taxonomy build" in hint


def test_phrases_are_linked_or_said_to_be_in_no_taxonomy(
    capfd: pytest.CaptureFixture[str], here: Path
) -> None:
    linked, stranger = lines_of(answered(capfd, "link", "work dough", "basketry", "--json"))
    assert (linked["linked"], linked["concept"]["uri"]) == (True, f"{BASE}/skill/dough")
    assert linked["concept"]["label"] == "knead dough"
    assert linked["score"] == pytest.approx(1, abs=0.02)
    assert stranger["linked"] is False
    assert "not in the taxonomy" in answered(capfd, "link", "basketry")


def test_a_space_is_built_described_and_used(run_metier: Run, toy: ToyHome, tmp_path: Path) -> None:
    env = {"METIER_HOME": str(toy.home)}
    built = run_metier(
        "taxonomy", "build", str(toy.esco), "--to", "mine", "--languages", "de", env=env
    )
    assert (built.returncode, built.stderr) == (0, b"")
    assert b"1.9.3" in built.stdout
    info = run_metier("taxonomy", "info", "mine", "--json", env=env)
    (facts,) = lines_of(info.stdout.decode())
    assert facts["taxonomy"] == {"name": "ESCO", "version": "1.9.3"}
    assert facts["languages"] == ["de"]
    assert facts["encoder"]["name"].startswith("toy0")
    size = sum(file.stat().st_size for file in (tmp_path / "mine").iterdir())
    assert 0 < facts["bytes"] <= size
    linked = run_metier("link", "Teig kneten", "--taxonomy", "mine", "--json", env=env)
    (answer,) = lines_of(linked.stdout.decode())
    assert answer["concept"] == {"uri": f"{BASE}/skill/dough", "label": "Teig kneten"}


def figures(shown: str, *names: str) -> list[float]:
    """Named figures of an evaluation, after a look at its frame: rates with their bounds."""
    report = json.loads(shown)
    assert {"n", "dropped", "model", "taxonomy", "seconds"} <= set(report)
    for name in names:
        assert 0 <= report[f"{name}.low"] <= report[name] <= report[f"{name}.high"] <= 1
    return [report[name] for name in names]


def marked(identity: str, text: str, *marks: tuple[str, str]) -> str:
    spans = [
        {"start": text.index(part), "end": text.index(part) + len(part), "label": label,
         "text": part}
        for part, label in marks
    ]  # fmt: skip
    return json.dumps({"id": identity, "text": text, "spans": spans, "doc_id": identity[:3]})


def test_evaluation_of_tagging_has_the_promised_figures(
    capfd: pytest.CaptureFixture[str], here: Path
) -> None:
    (here / "gold.jsonl").write_text(
        "\n".join(
            [
                marked("p00-0a", "knead dough daily", ("knead dough", "TECHNICAL")),
                marked("p00-0b", "watch the ovens", ("ovens", "TECHNOLOGY")),
                marked("p01-0a", "paint boats", ("paint boats", "TECHNICAL")),
                marked("p01-0b", "we offer a pension"),
            ]
        )
    )
    shown = answered(capfd, "evaluate", "tagging", "gold.jsonl", "--context")
    typed = [f"typed.micro.{part}" for part in ("precision", "recall", "f1")]
    assert figures(shown, *typed) == pytest.approx([1, 2 / 3, 0.8], abs=1e-5)
    labels = ("TECHNOLOGY", "TECHNICAL", "BUSINESS", "SOFT")
    per_label = [f"typed.per_label.{label}.f1" for label in labels]
    assert figures(shown, *per_label) == pytest.approx([1, 2 / 3, 0, 0], abs=1e-5)
    rest = ("untyped.f1", "seqeval.f1", "clean_lines.flagged", "context.typed.micro.f1")
    assert figures(shown, *rest) == pytest.approx([0.8, 0.8, 0, 0.8], abs=1e-5)
    figures(shown, "characters.f1")
    assert json.loads(shown)["n"] == 4


def test_evaluation_of_skill_linking_has_the_promised_figures(
    capfd: pytest.CaptureFixture[str], here: Path
) -> None:
    (here / "labels.txt").write_text("knead dough\nsew sails\nweld seams\n")
    (here / "pairs.csv").write_text(
        "sentence,label\nweld seams,weld seams\nstitch sails,sew sails\nknead dough,UNK\n"
        "knead dough daily,dance\n"
    )
    options = ("--vocabulary", "labels.txt", "--cache", "kept")
    shown = answered(capfd, "evaluate", "skill-linking", "pairs.csv", *options)
    names = ["mrr", "rp@1", "rp@5", "rp@10", "published_rule.rp@5"]
    assert figures(shown, *names) == [1] * 5
    figures(shown, *(f"labels_only.{name}" for name in names[:4]))
    report = json.loads(shown)
    assert report["n"] == 2
    assert report["dropped"]["label_not_in_vocabulary"] == 1
    (here / "lists.csv").write_text('sentence,skills\nweld seams,"[""weld seams""]"\n')
    listed = json.loads(answered(capfd, "evaluate", "skill-linking", "lists.csv", *options))
    assert (listed["n"], listed["mrr"]) == (1, 1)


def test_evaluation_of_titles_has_the_promised_figures(
    capfd: pytest.CaptureFixture[str], here: Path
) -> None:
    (here / "titles.csv").write_text(
        f"vacancyTitle,conceptUri\nbread maker,{BAKER}\nmetal joiner,{WELDER}\nastronaut,urn:x\n"
    )
    options = ("--language", "en", "--cache", "kept")
    shown = answered(capfd, "evaluate", "titles", "titles.csv", *options)
    names = ["mrr", "recall@1", "recall@5", "recall@10"]
    assert figures(shown, *names) == [1] * 4
    figures(shown, *(f"preferred_only.{name}" for name in names))
    report = json.loads(shown)
    assert (report["n"], report["dropped"]) == (2, {"uri_not_a_candidate": 1})
    assert report["taxonomy"] == "ESCO 1.9.3"


def test_evaluation_of_occupations_has_the_promised_figures(
    capfd: pytest.CaptureFixture[str], here: Path
) -> None:
    rows = [
        {"query_text": POST, "short": "Brotbäcker", "esco_uris": [BAKER]},
        {"query_text": "Weld seams all day: we look for a metal joiner who likes it.",
         "short": "metal joiner", "esco_uris": [WELDER]},
    ]  # fmt: skip
    (here / "posts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    for options in ((), ("--text", "short")):
        shown = answered(capfd, "evaluate", "occupations", "posts.jsonl", *options)
        assert figures(shown, "mrr@100", "hit@1", "hit@5", "hit@10") == [1] * 4
        assert json.loads(shown)["n"] == 2


def test_the_doctor_is_content_with_whole_weights_and_finds_a_flipped_bit(
    capfd: pytest.CaptureFixture[str], here: Path, toy: ToyHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "everything is in order" in answered(capfd, "doctor")
    shutil.copytree(toy.home, here / "home")
    monkeypatch.setenv("METIER_HOME", str(here / "home"))
    flip(here / "home" / "encoder" / "model.onnx")
    assert main(["doctor"]) == 4
    said = capfd.readouterr()
    assert "1 thing(s) are wrong" in said.out
    assert "model.onnx is damaged" in said.err
    assert "hint: " in said.err


def flip(file: Path) -> bytes:
    """Flip one bit in the middle of `file`; what it held before."""
    before = file.read_bytes()
    middle = len(before) // 2
    file.write_bytes(before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :])
    return before


def test_a_flipped_bit_in_any_file_of_the_weights_is_one_error_with_code_4(
    capfd: pytest.CaptureFixture[str], here: Path, toy: ToyHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "post.txt").write_bytes(POST.encode())
    shutil.copytree(toy.home, here / "home")
    monkeypatch.setenv("METIER_HOME", str(here / "home"))
    files = [file for file in (here / "home").rglob("*") if file.is_file()]
    assert len(files) >= 10
    for file in files:
        before = flip(file)
        error, _ = refused(capfd, 4, "recommend", "post.txt")
        assert file.name in error
        file.write_bytes(before)
    assert "baker" in answered(capfd, "recommend", "post.txt")


def test_the_demo_shows_skills_occupations_and_posts(
    capfd: pytest.CaptureFixture[str], here: Path
) -> None:
    for folder in ("resumes", "posts"):
        (here / folder).mkdir()
    (here / "resumes" / "cv.pdf").write_bytes(pdf_of(POST))
    (here / "posts" / "welder.txt").write_text("Metal joiner\nYou weld seams and like ovens.\n")
    shown = answered(capfd, "demo", ".")
    before, after = shown.split("welder.txt")
    assert " 1. baker (ISCO 7512)" in before
    assert "Knead dough" in before
    assert "weld seams" in after
