from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from ner.errors import BadInputError, UsageError
from training.encoder import (
    _groups,
    _progress_callback,
    in_length_groups,
    sentence_model,
    train_encoder,
)
from training.pairs import negatives

ROOT = Path(__file__).resolve().parents[2]

sorted_lengths = st.lists(st.integers(2, 160), min_size=1, max_size=150).map(sorted)
TEXTS = ("Python", "wound care", "we need someone with experience in planning " * 4, "team work")


@given(sorted_lengths)
def test_groups_cover_all_rows_once_in_order(lengths: list[int]) -> None:
    rows = np.arange(len(lengths))
    groups = _groups(lengths)
    assert np.concatenate([rows[group] for group in groups]).tolist() == rows.tolist()
    assert all(len(rows[group]) for group in groups)


@given(sorted_lengths, st.integers(1, 600), st.floats(1.0, 2.0))
def test_a_group_spreads_no_further_than_it_needs_to_hold_enough_tokens(
    lengths: list[int], fewest: int, spread: float
) -> None:
    for group in _groups(lengths, fewest, spread):
        some = lengths[group]
        if some[-1] > spread * some[0]:
            assert (len(some) - 1) * some[-2] < fewest


@given(sorted_lengths, st.integers(1, 600))
def test_only_the_last_group_may_be_small(lengths: list[int], fewest: int) -> None:
    for group in _groups(lengths, fewest)[:-1]:
        assert len(lengths[group]) * lengths[group][-1] >= fewest


@pytest.mark.slow
def test_vectors_and_gradients_of_length_groups_are_those_of_the_whole_batch(
    make_base: Callable[..., Path], tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("sentence_transformers")
    model = sentence_model(make_base("bert"), tmp_path / "start", 48).eval()
    texts = [f"{text} {number}" for number in range(12) for text in TEXTS]
    features = model.preprocess(texts)
    assert features["input_ids"].shape[1] <= 48

    def run() -> tuple[object, object]:
        model.zero_grad()
        vectors = model(dict(features))["sentence_embedding"]
        (vectors * torch.linspace(-1, 1, 32)).pow(2).sum().backward()
        return vectors.detach(), [p.grad.clone() for p in model.parameters() if p.grad is not None]

    plain = run()
    lengths = sorted(features["attention_mask"].sum(dim=1).tolist())
    assert len(_groups(lengths)) > 1
    in_length_groups(model)
    torch.testing.assert_close(run(), plain, atol=1e-5, rtol=1e-4)


@pytest.mark.slow
def test_a_sentence_model_is_the_mean_of_its_base_and_can_be_gone_on_from(
    make_base: Callable[..., Path], tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("sentence_transformers")
    from training.bases import read_base

    base = make_base("bert")
    model = sentence_model(base, tmp_path / "start", 48)
    vector = model.encode("we need Python", convert_to_tensor=True)
    ids = model.tokenizer("we need Python", return_tensors="pt")["input_ids"]
    assert (ids[0, 0], ids[0, -1]) == (0, 2)
    with torch.no_grad():
        states = read_base(base).eval()(input_ids=ids)[0]
    torch.testing.assert_close(vector, states.mean(dim=1)[0], atol=1e-5, rtol=1e-4)

    model.save_pretrained(str(tmp_path / "saved"), create_model_card=False)
    again = sentence_model(tmp_path / "saved", tmp_path / "unused", 20)
    assert again.max_seq_length == 20
    assert not (tmp_path / "unused").exists()
    torch.testing.assert_close(again.encode("we need Python", convert_to_tensor=True), vector)


@pytest.mark.slow
def test_a_base_with_the_special_tokens_of_bert_is_read_with_its_own(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("sentence_transformers")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "python", "wound", "care"]
    tokenizer = Tokenizer(
        models.WordPiece(
            {word: number for number, word in enumerate(vocabulary)}, unk_token="[UNK]"
        )
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    config = transformers.BertConfig(
        vocab_size=8,
        hidden_size=16,
        intermediate_size=16,
        num_attention_heads=2,
        num_hidden_layers=1,
        pad_token_id=0,
    )
    base = tmp_path / "mini"
    transformers.BertModel(config, add_pooling_layer=False).save_pretrained(base)
    tokenizer.save(str(base / "tokenizer.json"))
    model = sentence_model(base, tmp_path / "start", 48)
    ids = model.preprocess(["python", "wound care"])["input_ids"]
    assert ids.tolist() == [[2, 5, 3, 0], [2, 6, 7, 3]]


@pytest.mark.slow
def test_losses_and_the_time_left_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("transformers")
    told = _progress_callback()
    with caplog.at_level(logging.INFO, "training"):
        told.on_train_begin(None, SimpleNamespace(max_steps=10, global_step=5), None)
        told.on_log(None, SimpleNamespace(global_step=8), None, {"loss": 3.0})
        told.on_log(None, SimpleNamespace(global_step=10), None, {"loss": 1.0})
        told.on_log(None, SimpleNamespace(global_step=10), None, {"train_runtime": 1.0})
    assert [record.getMessage() for record in caplog.records] == [
        "step 10 of 10: loss 2.0000, 0 s left"
    ]


SKILLS = ("Python", "Excel", "wound care", "team work", "planning", "care", "work", "experience")
RECIPE = """
kind = "encoder"
languages = ["en", "de"]
seed = 5
max_tokens = 32
batch = 4
learning_rate = 1e-3
warmup = 0.1
scale = 20.0
dimensions = [32, 16]
checkpoint_steps = 3
hard_negatives = ["skill_synonyms", "skill_sentences"]

[pairs]
skill_synonyms = 16
skill_sentences = 16
skill_translations = 8
"""


@pytest.fixture
def esco_data(toy_data: Path) -> Path:
    """The toy data with a toy taxonomy: eight skills in two languages, one occupation."""
    folder = toy_data / "taxonomies" / "esco"
    for language in ("en", "de"):
        (folder / language).mkdir(parents=True)
        columns = "conceptType,conceptUri,preferredLabel,altLabels,status"
        skills = [
            f"KnowledgeSkillCompetence,s/{n},{name} {language},{name} {n}|we need {name},released"
            for n, name in enumerate(SKILLS)
        ]
        files = {
            f"skills_{language}": [columns, *(line.replace("|", " | ") for line in skills)],
            f"occupations_{language}": [columns, f"Occupation,o/1,nurse {language},,released"],
        }
        for name, lines in files.items():
            (folder / language / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    relations = "occupationUri,relationType,skillType,skillUri\no/1,essential,,s/2\n"
    (folder / "en" / "occupationSkillRelations_en.csv").write_text(relations, "utf-8")
    return toy_data


@pytest.fixture
def own_texts(tmp_path: Path) -> Path:
    """A folder of our own texts: the shipped templates, and sentences about the toy skills."""
    folder = tmp_path / "own"
    (folder / "sentences").mkdir(parents=True)
    (folder / "templates").symlink_to(ROOT / "data" / "templates")
    rows = [
        {"uri": f"s/{n}", "language": "en", "text": f"someone with {name} in {word}"}
        for n, name in enumerate(SKILLS)
        for word in ("team", "care")
    ]
    path = folder / "sentences" / "skill_sentences.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


@pytest.mark.slow
def test_a_run_with_hard_negatives_learns_is_logged_and_goes_on_where_it_stopped(
    esco_data: Path,
    own_texts: Path,
    make_base: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("sentence_transformers")
    recipe, out = tmp_path / "encoder.toml", tmp_path / "out"
    recipe.write_text(RECIPE)
    # To a random model all labels are alike.
    with pytest.raises(BadInputError, match="no pair of the kind skill_synonyms") as caught:
        train_encoder(recipe, make_base("bert"), out, esco_data, own_texts)
    assert "first run" in caught.value.hint
    monkeypatch.setattr(negatives, "TOO_CLOSE", 1.0)
    capfd.readouterr()
    final = train_encoder(recipe, make_base("bert"), out, esco_data, own_texts)
    assert capfd.readouterr() == ("", "")
    log = json.loads((out / "log.json").read_text())
    assert log["pairs"] == {"skill_synonyms": 16, "skill_sentences": 16, "skill_translations": 8}
    assert log["steps"] == 10
    before, after = (
        sentence_model(folder, tmp_path / f"scratch-{n}", 32)
        for n, folder in enumerate((make_base("bert"), final))
    )
    asked, right = ["someone with Excel in team"], ["Excel en"]
    assert (after.encode(asked) @ after.encode(right).T).item() != pytest.approx(
        (before.encode(asked) @ before.encode(right).T).item(), abs=1e-3
    )
    again = train_encoder(recipe, make_base("bert"), out, esco_data, own_texts, resume=True)
    assert json.loads((out / "log.json").read_text())["steps"] == 10
    weights = (final / "model.safetensors").read_bytes()
    assert (again / "model.safetensors").read_bytes() == weights


@pytest.mark.slow
def test_a_run_that_is_killed_while_it_writes_a_checkpoint_goes_on_from_the_one_before(
    esco_data: Path,
    own_texts: Path,
    make_base: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("sentence_transformers")
    state = pytest.importorskip("transformers").trainer_callback.TrainerState
    recipe, base, out = tmp_path / "encoder.toml", make_base("bert"), tmp_path / "out"
    recipe.write_text(RECIPE.replace("hard_negatives", "# "))
    unbroken = train_encoder(recipe, base, tmp_path / "unbroken", esco_data, own_texts)
    save = state.save_to_json

    def killed(self: Any, path: str) -> None:
        if self.global_step == 6:
            raise KeyboardInterrupt
        save(self, path)

    with monkeypatch.context() as patched:
        patched.setattr(state, "save_to_json", killed)
        with pytest.raises(KeyboardInterrupt):
            train_encoder(recipe, base, out, esco_data, own_texts)
    (out / "steps" / "checkpoint-99").mkdir()
    left = {path.name for path in (out / "steps").iterdir()}
    assert left == {"checkpoint-3", "checkpoint-6", "checkpoint-99"}
    assert not (out / "final").exists()

    changed = tmp_path / "changed.toml"
    changed.write_text(recipe.read_text().replace("1e-3", "2e-3"))
    with pytest.raises(UsageError, match="started with another learning_rate"):
        train_encoder(changed, base, out, esco_data, own_texts, resume=True)
    final = train_encoder(recipe, base, out, esco_data, own_texts, resume=True)
    told, wanted = (
        sentence_model(folder, tmp_path / "unused", 32).encode(["Excel en", "wound care 2"])
        for folder in (final, unbroken)
    )
    np.testing.assert_allclose(told, wanted, atol=1e-5)
    assert json.loads((out / "log.json").read_text())["steps"] == 10

    # A new run has nothing of it.
    again = train_encoder(changed, base, out, esco_data, own_texts)
    (newest,) = (out / "steps").iterdir()
    assert json.loads((newest / "trainer_state.json").read_text())["log_history"][0]["step"] == 5
    moved = sentence_model(again, tmp_path / "unused", 32).encode(["Excel en", "wound care 2"])
    assert np.abs(moved - wanted).max() > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("dimensions = [64]", r"dimensions is \[64\], but .* has 32 dimensions"),
        ("batch = 17", "batch is 17, but no kind has more than 16 pairs"),
    ],
)
def test_what_does_not_fit_the_base_or_the_pairs_is_told_before_training(
    line: str, told: str, esco_data: Path, own_texts: Path, make_base: Callable[..., Path]
) -> None:
    pytest.importorskip("sentence_transformers")
    recipe, name = esco_data / "encoder.toml", line.split()[0]
    lines = [one for one in RECIPE.splitlines() if not one.startswith((name, "hard_negatives"))]
    recipe.write_text("\n".join([line, *lines]))
    out = esco_data / "out"
    with pytest.raises(BadInputError, match=told):
        train_encoder(recipe, make_base("bert"), out, esco_data, own_texts)
    assert not (out / "steps").exists()


@pytest.mark.slow
@pytest.mark.parametrize("layers", ["-1", "0", "2", '"x"'])
def test_a_number_of_frozen_layers_that_leaves_none_is_refused_before_anything_is_read(
    layers: str, own_texts: Path, make_base: Callable[..., Path], tmp_path: Path
) -> None:
    pytest.importorskip("sentence_transformers")
    recipe = tmp_path / "encoder.toml"
    recipe.write_text(RECIPE.replace("hard_negatives", f"frozen_layers = {layers} #"))
    with pytest.raises(BadInputError, match=r"freezes|frozen_layers"):
        train_encoder(recipe, make_base("bert"), tmp_path / "out", tmp_path, own_texts)


@pytest.mark.slow
def test_frozen_layers_stay_as_they_are(
    esco_data: Path, own_texts: Path, make_base: Callable[..., Path], tmp_path: Path
) -> None:
    pytest.importorskip("sentence_transformers")
    torch = pytest.importorskip("torch")
    recipe = tmp_path / "encoder.toml"
    recipe.write_text(RECIPE.replace("hard_negatives", "frozen_layers = 1 #"))
    base = sentence_model(make_base("bert"), tmp_path / "scratch", 32)
    final = train_encoder(recipe, make_base("bert"), tmp_path / "out", esco_data, own_texts)
    after = sentence_model(final, tmp_path / "other", 32).state_dict()
    changed = {
        name for name, value in base.state_dict().items() if not torch.equal(value, after[name])
    }
    assert changed
    assert not [name for name in changed if "embeddings" in name or "layer.0." in name]


def test_hard_negatives_of_a_kind_without_pairs_are_refused_before_anything_is_read(
    tmp_path: Path,
) -> None:
    recipe = tmp_path / "encoder.toml"
    recipe.write_text(RECIPE.replace('"skill_sentences"]', '"named_skills"]'))
    with pytest.raises(BadInputError, match="hard negatives of 'named_skills'"):
        train_encoder(recipe, tmp_path / "no base", tmp_path / "out", tmp_path, tmp_path)
