from __future__ import annotations

import json
import logging
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from metier.cli.main import main
from ner.errors import BadInputError, UsageError
from ner.segments import segment
from training.corpora import Document
from training.mlm import (
    Window,
    balanced,
    held_back_loss,
    masked,
    mlm_model,
    skill_words,
    train_mlm,
    windows_of,
)

MASK, VOCABULARY = 99, 99


@st.composite
def some_window(draw: st.DrawFn) -> Window:
    """A window of words of one to four pieces, with separators between some of them."""
    word, skill = [-1], [False]
    for number in range(draw(st.integers(0, 15))):
        pieces = draw(st.integers(1, 4))
        word += [number] * pieces
        skill += [draw(st.booleans())] * pieces
        if draw(st.booleans()):
            word, skill = [*word, -1], [*skill, False]
    ids = np.arange(len(word), dtype=np.int64) % 80 + 4
    ids[np.array(word) < 0] = 2
    return Window(ids, np.array(word), np.array(skill, dtype=bool))


@given(some_window(), st.integers(0, 2**32), st.floats(0, 1), st.floats(0, 1))
def test_all_pieces_of_a_word_share_their_fate(
    window: Window, seed: int, rate: float, skill: float
) -> None:
    ids, targets = masked(window, np.random.default_rng(seed), MASK, VOCABULARY, rate, skill)
    for number in set(window.word.tolist()) - {-1}:
        here = window.word == number
        asked = targets[here] != -100
        assert asked.all() or not asked.any()
        hidden = ids[here] == MASK
        assert hidden.all() or not hidden.any()


@given(some_window(), st.integers(0, 2**32), st.floats(0, 1), st.floats(0, 1))
def test_targets_are_the_hidden_pieces_and_the_rest_stays(
    window: Window, seed: int, rate: float, skill: float
) -> None:
    ids, targets = masked(window, np.random.default_rng(seed), MASK, VOCABULARY, rate, skill)
    asked = targets != -100
    assert (targets[asked] == window.ids[asked]).all()
    assert (ids[~asked] == window.ids[~asked]).all()
    assert not asked[window.word < 0].any()
    assert ((ids >= 4) | (ids == window.ids)).all()


@given(some_window(), st.integers(0, 2**32))
def test_rate_zero_hides_nothing_and_rate_one_asks_for_every_word(
    window: Window, seed: int
) -> None:
    ids, targets = masked(window, np.random.default_rng(seed), MASK, VOCABULARY, 0.0, 0.0)
    assert (ids == window.ids).all()
    assert (targets == -100).all()
    _, targets = masked(window, np.random.default_rng(seed), MASK, VOCABULARY, 1.0, 1.0)
    assert ((targets != -100) == (window.word >= 0)).all()


@given(some_window(), st.integers(0, 2**32))
def test_the_skill_rate_is_for_skill_words_alone(window: Window, seed: int) -> None:
    _, targets = masked(window, np.random.default_rng(seed), MASK, VOCABULARY, 0.0, 1.0)
    assert ((targets != -100) == window.skill).all()


def test_four_in_five_hidden_words_are_masked_and_one_in_ten_is_random() -> None:
    count = 20_000
    window = Window(
        np.full(count, 50, dtype=np.int64), np.arange(count), np.zeros(count, dtype=bool)
    )
    ids, targets = masked(window, np.random.default_rng(3), MASK, VOCABULARY, 0.5, 0.5)
    asked = targets != -100
    assert asked.mean() == pytest.approx(0.5, abs=0.02)
    assert (ids[asked] == MASK).mean() == pytest.approx(0.8, abs=0.02)
    assert (ids[asked] == 50).mean() == pytest.approx(0.1, abs=0.02)


def document(name: str, text: str, source: str = "s", kind: str = "post") -> Document:
    return Document(name, kind, source, "", "de" if source.endswith("de") else "en", text)


def test_windows_start_alike_and_cover_their_document_in_order(tiny_tokenizer: Tokenizer) -> None:
    text = "we need Python\nand wound care planning in abcdefgh\n" * 40
    lexicon = frozenset(["python", "wound", "care"])
    made = list(windows_of(iter([document("a", text)]), tiny_tokenizer, lexicon, 32, 10**6))
    pieces = segment(tiny_tokenizer, text)
    assert all(window.ids[0] == 0 and window.word[0] == -1 for window in made)
    assert {len(window.ids) for window in made[:-1]} == {32}
    assert 17 <= len(made[-1].ids) <= 32
    ids = np.concatenate([window.ids[1:] for window in made])
    assert (ids == pieces.ids[1 : len(ids) + 1]).all()
    assert len(pieces.ids) - 1 - len(ids) < 16
    words = np.concatenate([window.word[1:] for window in made])
    skills = {text[slice(*pieces.words[word])] for w in made for word in w.word[w.skill]}
    assert skills == {"Python", "wound", "care"}
    assert (words == pieces.word[1 : len(words) + 1]).all()


def test_windows_stop_when_enough_tokens_were_given(tiny_tokenizer: Tokenizer) -> None:
    many = (document(str(number), "we need Python " * 200) for number in range(1000))
    made = list(windows_of(many, tiny_tokenizer, frozenset(), 64, 1000))
    assert 1000 <= sum(len(window.ids) for window in made) < 1064


def test_documents_without_text_give_no_window(tiny_tokenizer: Tokenizer) -> None:
    some = [document("a", ""), document("b", " \n\n"), document("c", "Python")]
    assert list(windows_of(iter(some), tiny_tokenizer, frozenset(), 64, 1000)) == []


def test_sources_take_turns_and_german_ones_have_two() -> None:
    posts = [document(f"big-{n}", "", "big") for n in range(90)]
    posts += [document(f"small-{n}", "", "small") for n in range(5)]
    posts += [document(f"de-{n}", "", "x_de") for n in range(20)]
    order = [d.source for d in balanced(posts, 0.0, random.Random(1))]
    assert Counter(order[:20]) == {"big": 5, "small": 5, "x_de": 10}
    assert len(order) == 115


@pytest.mark.parametrize("resumes", [0.0, 0.15, 1.0])
def test_every_document_comes_once(resumes: float) -> None:
    every = [document(f"p{n}", "", f"s{n % 3}") for n in range(40)]
    every += [document(f"r{n}", "", "r", "resume") for n in range(30)]
    order = [d.doc_id for d in balanced(every, resumes, random.Random(5))]
    assert sorted(order) == sorted(d.doc_id for d in every)
    only_resumes = list(balanced(every[40:], resumes, random.Random(5)))
    assert len(only_resumes) == 30


def test_skill_words_come_from_marked_skills_of_both_languages(
    tmp_path: Path, write_gold: Callable[..., None]
) -> None:
    line = {"id": "a", "doc_id": "1", "text": "C++ and Wound care now"}
    write_gold(tmp_path, "gold_train", [{**line, "skills": {"C++": "TECHNOLOGY"}}])
    write_gold(tmp_path, "gold_de_train", [{**line, "skills": {"Wound care": "TECHNICAL"}}])
    assert skill_words(tmp_path) == {"wound", "care"}


RECIPE = """
kind = "mlm"
seed = 1
tokens = {tokens}
window = {window}
tokens_per_step = 128
learning_rate = 2e-3
head_learning_rate = 1e-2
warmup = 0.1
mask = 0.3
skill_mask = 0.5
resumes = 0.2
checkpoint_steps = 4
"""


@pytest.mark.slow
def test_a_run_adapts_the_base_and_a_resumed_one_ends_alike(
    toy_data: Path, make_base: Callable[..., Path], tmp_path: Path
) -> None:
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    pytest.importorskip("datasets")
    recipe = tmp_path / "mlm.toml"
    recipe.write_text(RECIPE.format(tokens=2300, window=32))
    # Dropout: a resumed run must draw what the first one drew.
    base = make_base("distilbert", dropout=0.2)
    out = tmp_path / "out"
    final = train_mlm(recipe, base, out, data=toy_data)
    log = json.loads((out / "log.json").read_text())
    assert log["held_back_loss_after"] < log["held_back_loss_before"]
    assert log["steps"] > 8
    weights = transformers.AutoModel.from_pretrained(final).state_dict()
    untrained = transformers.AutoModel.from_pretrained(base).state_dict()
    assert not torch.equal(
        weights["embeddings.word_embeddings.weight"],
        untrained["embeddings.word_embeddings.weight"],
    )

    state = torch.load(out / "state.pt", weights_only=True)
    assert 4 <= state["step"] < log["steps"]
    again = train_mlm(recipe, base, out, data=toy_data, resume=True)
    resumed = json.loads((out / "log.json").read_text())
    assert resumed["held_back_loss_before"] == log["held_back_loss_before"]
    for name, tensor in transformers.AutoModel.from_pretrained(again).state_dict().items():
        torch.testing.assert_close(tensor, weights[name], atol=1e-5, rtol=1e-4)


@pytest.mark.slow
def test_a_run_of_other_settings_is_not_gone_on_from_and_a_new_one_starts_at_zero(
    toy_data: Path, make_base: Callable[..., Path], tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("datasets")
    recipe, out, base = tmp_path / "mlm.toml", tmp_path / "out", make_base("distilbert")
    recipe.write_text(RECIPE.format(tokens=1000, window=32))
    train_mlm(recipe, base, out, data=toy_data)
    other = tmp_path / "other.toml"
    other.write_text(recipe.read_text().replace("checkpoint_steps = 4", "checkpoint_steps = 1000"))
    with pytest.raises(UsageError, match="started with another checkpoint_steps"):
        train_mlm(other, base, out, data=toy_data, resume=True)
    assert torch.load(out / "state.pt", weights_only=True)["step"] >= 4
    train_mlm(other, base, out, data=toy_data)
    assert not (out / "state.pt").exists()


@pytest.mark.slow
def test_windows_of_which_no_word_is_hidden_have_no_loss(
    make_base: Callable[..., Path], tiny_tokenizer: Tokenizer
) -> None:
    pytest.importorskip("transformers")
    model = mlm_model(make_base("distilbert"), None)
    some = [document("a", "we need Python and wound care " * 9)]
    apart = list(windows_of(iter(some), tiny_tokenizer, frozenset(["python"]), 32, 1000))
    assert held_back_loss(model, apart, tiny_tokenizer, {"mask": 0, "skill_mask": 0}) is None
    told = held_back_loss(model, apart, tiny_tokenizer, {"mask": 0.9, "skill_mask": 0.9})
    assert told is not None
    assert told > 0


@pytest.mark.slow
def test_too_few_documents_are_told(
    toy_data: Path, make_base: Callable[..., Path], tmp_path: Path
) -> None:
    pytest.importorskip("datasets")
    recipe = tmp_path / "mlm.toml"
    recipe.write_text(RECIPE.format(tokens=1, window=32))
    with pytest.raises(BadInputError, match="give 1 windows of 32 tokens"):
        train_mlm(recipe, make_base("distilbert"), tmp_path / "out", data=toy_data)


@pytest.mark.slow
def test_the_command_tells_its_progress_on_standard_error(
    toy_data: Path,
    make_base: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("datasets")
    recipe, out = tmp_path / "mlm.toml", tmp_path / "out"
    recipe.write_text(RECIPE.format(tokens=500, window=32))
    base = str(make_base("distilbert"))
    arguments = ["--recipe", str(recipe), "--base", base, "--data", str(toy_data)]
    assert main(["train", "mlm", *arguments, "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == str(out / "final")
    assert "loss" in said.err
    log = json.loads((out / "log.json").read_text())
    assert (log["base"], log["recipe"]["kind"]) == (Path(base).name, "mlm")
    assert not logging.getLogger("training").handlers


@pytest.mark.parametrize("kind", ["mlm", "tagger", "encoder"])
def test_an_out_that_is_a_file_is_told_before_anything_is_read(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if kind == "mlm":
        pytest.importorskip("torch")
    (tmp_path / "file").write_text("mine")
    for place in ("file", "file/out"):
        arguments = ["--out", str(tmp_path / place), "--data", str(tmp_path)]
        assert main(["train", kind, *arguments]) == 2
        assert f"nothing can be written to the folder {tmp_path / place}" in capsys.readouterr().err


def test_templates_that_are_missing_are_told_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    arguments = ["--texts", str(tmp_path / "absent"), "--data", str(tmp_path / "data")]
    assert main(["train", "encoder", *arguments]) == 3
    assert "mentions_en.txt is missing" in capsys.readouterr().err
