"""The command as a process of its own, with the weights that are shipped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from journey_texts import SAMPLES, english_posts
from offline import Run, network_log

# Most of a file of more than 100 kB is rules, so that its tests take seconds: the model reads only
# the beginning of such a "word".
RULE = "=" * 4_000 + "\n"
PLACES = ("HOME", "XDG_CACHE_HOME", "TMPDIR")


@pytest.mark.parametrize(
    "use",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.gethostbyname('localhost')",
        "import socket as s; s.socket(type=s.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))",
    ],
)
def test_the_guard_of_these_tests_refuses_the_network_and_notes_it(
    run_python: Run, tmp_path: Path, use: str
) -> None:
    assert b"OSError: the network was used" in run_python("-c", use).stderr
    network_log(tmp_path).unlink()
    swallowed = run_python("-c", f"import contextlib\nwith contextlib.suppress(OSError): {use}")
    assert (swallowed.returncode, swallowed.stderr) == (0, b"")
    assert "<string>" in network_log(tmp_path).read_text()


def test_the_guard_of_these_tests_does_not_pass_on_that_telemetry_is_off(
    run_python: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "1")
    done = run_python("-c", "import os; print('ORT_DISABLE_TELEMETRY' in os.environ)")
    assert done.stdout.split() == [b"False"]


def test_tagging_and_matching_use_no_network_and_leave_no_file(
    run_metier: Run, shipped_all: Path, tmp_path: Path
) -> None:
    """ONNX Runtime would leave a device id and a queue of reports in the cache folder."""
    env = {name: str(tmp_path / "fresh" / name) for name in PLACES}
    for place in env.values():
        Path(place).mkdir(parents=True)
    post = SAMPLES / "posts" / "electrician_en.txt"
    tagged = run_metier("tag", "--json", stdin=post.read_bytes(), env=env)
    assert (tagged.returncode, tagged.stderr) == (0, b"")
    assert json.loads(tagged.stdout)["spans"]
    resume = str(SAMPLES / "resumes" / "nurse_en.pdf")
    matched = run_metier("recommend", resume, "--limit", "3", "--json", env=env)
    assert (matched.returncode, matched.stderr) == (0, b"")
    assert len(json.loads(matched.stdout)["recommendations"]) == 3
    assert run_metier("doctor", env=env).returncode == 0
    assert not network_log(tmp_path).exists()
    left = [path for path in (tmp_path / "fresh").rglob("*") if path.is_file()]
    assert left == []


@pytest.fixture
def long_post(tmp_path: Path) -> str:
    """A file of more than 100 kB, with a skill in its last line; what is in it."""
    body = english_posts()
    rules = RULE * ((100_000 - len(body.encode())) // len(RULE) + 1)
    text = f"{body}\n{rules}You have worked with Python, Docker and Terraform.\n"
    (tmp_path / "long.txt").write_text(text, "utf-8")
    assert (tmp_path / "long.txt").stat().st_size > 100_000
    return text


@pytest.mark.parametrize("verb", ["tag", "recommend"])
def test_a_skill_at_the_end_of_a_long_file_is_found(
    run_metier: Run, shipped_all: Path, long_post: str, verb: str
) -> None:
    done = run_metier(verb, "long.txt", "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    answer = json.loads(done.stdout)
    assert answer["text"] == long_post
    places = answer.get("spans") or [
        mention for one in answer["skills"] for mention in one["mentions"]
    ]
    last = max(places, key=lambda place: place["start"])
    assert (last["start"], last["text"]) == (long_post.index("Terraform"), "Terraform")


def test_every_line_gets_an_answer_also_one_without_a_word(
    run_metier: Run, shipped_all: Path
) -> None:
    done = run_metier("link", "-", "--lines", "--json", stdin=b"\n \nknead dough\n")
    assert (done.returncode, done.stderr) == (0, b"")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["text"].strip() for one in answers] == ["", "", "knead dough"]
    assert [one["linked"] for one in answers[:2]] == [False, False]
