from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from ner.errors import BadInputError, UsageError
from ner.labels import BIO_TAGS
from ner.tagger import SkillTagger
from training.corpora import gold
from training.evaluation.tagging import evaluate_tagging
from training.tagger import scored, tagging_model, train_tagger

RECIPE = """
kind = "tagger"
seeds = [3]
epochs = 3
tokens_per_step = 120
window = 64
learning_rate = 3e-3
head_factor = 10.0
warmup = 0.1
dropout = 0.1
german_weight = 2
joined = 0.5
"""


@pytest.mark.slow
def test_a_run_learns_and_keeps_its_best_epoch_though_it_is_interrupted(
    toy_data: Path,
    make_base: Callable[..., Path],
    tmp_path: Path,
    tiny_tokenizer: Tokenizer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    transformers = pytest.importorskip("transformers")
    recipe = tmp_path / "tagger.toml"
    recipe.write_text(RECIPE)
    base = make_base("distilbert")
    whole = train_tagger(recipe, base, tmp_path / "whole", data=toy_data)
    log = json.loads((tmp_path / "whole" / "log.json").read_text())
    assert [epoch["epoch"] for epoch in log["epochs"]] == [1, 2, 3]
    assert log["epochs"][2]["loss"] < log["epochs"][0]["loss"]
    model = transformers.AutoModelForTokenClassification.from_pretrained(whole)
    assert [model.config.id2label[number] for number in range(9)] == list(BIO_TAGS)
    develop = gold(toy_data, "gold_dev")
    best = max(log["epochs"], key=lambda epoch: epoch["chosen_by"])
    assert scored(model, tiny_tokenizer, develop) == pytest.approx(best["f1_en"], abs=1e-3)
    assert model.training
    report = evaluate_tagging(
        toy_data / "gold" / "gold_dev.jsonl", SkillTagger.load(whole, "torch")
    )
    assert report.figures["typed.micro.f1"].value == pytest.approx(best["f1_en"], abs=1e-3)

    def interrupt(record: logging.LogRecord) -> bool:
        if isinstance(record.args, dict) and record.args.get("epoch") == 2:
            raise KeyboardInterrupt
        return True

    out = tmp_path / "broken"
    logger = logging.getLogger("training.tagger")
    logger.addFilter(interrupt)
    try:
        with caplog.at_level(logging.INFO), pytest.raises(KeyboardInterrupt):
            train_tagger(recipe, base, out, data=toy_data)
    finally:
        logger.removeFilter(interrupt)
    assert [e["epoch"] for e in json.loads((out / "log.json").read_text())["epochs"]] == [1]

    train_tagger(recipe, base, out, data=toy_data, resume=True)
    resumed = json.loads((out / "log.json").read_text())
    assert [without_time(e) for e in resumed["epochs"]] == [
        pytest.approx(without_time(e), abs=1e-3) for e in log["epochs"]
    ]

    # Nothing is left to do: what is there stays.
    weights = (out / "final" / "model.safetensors").read_bytes()
    train_tagger(recipe, base, out, data=toy_data, resume=True)
    assert json.loads((out / "log.json").read_text()) == resumed
    assert (out / "final" / "model.safetensors").read_bytes() == weights
    (out / "log.json").write_text("{")
    with pytest.raises(BadInputError, match=r"log\.json cannot be gone on from"):
        train_tagger(recipe, base, out, data=toy_data, resume=True)


def without_time(epoch: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in epoch.items() if key != "seconds"}


@pytest.mark.slow
def test_a_new_run_forgets_the_older_one_and_another_recipe_does_not_go_on_from_it(
    toy_data: Path,
    make_base: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind = pytest.importorskip("transformers").DistilBertForTokenClassification
    recipe, out, base = tmp_path / "tagger.toml", tmp_path / "out", make_base("distilbert")
    recipe.write_text(RECIPE.replace("epochs = 3", "epochs = 1"))
    train_tagger(recipe, base, out, data=toy_data)
    recipe.write_text(RECIPE.replace("seeds = [3]", "seeds = [4]"))
    with pytest.raises(UsageError, match="started with another epochs, seeds"):
        train_tagger(recipe, base, out, data=toy_data, resume=True)
    with pytest.raises(BadInputError, match=r"no tokenizer\.json in .*absent"):
        train_tagger(recipe, tmp_path / "absent", out, data=toy_data)
    assert (out / "state-3.pt").is_file()
    recipe.write_text(recipe.read_text().replace("epochs = 3", "epochs = 1"))
    final = train_tagger(recipe, base, out, data=toy_data)
    names = {path.name for path in out.iterdir()}
    assert names == {"final", "log.json", "started.json", "state-4.pt"}
    weights = (final / "model.safetensors").read_bytes()

    def broken(self: Any, folder: Path) -> None:
        (folder / "config.json").write_text("{")
        raise KeyboardInterrupt

    monkeypatch.setattr(kind, "save_pretrained", broken)
    with pytest.raises(KeyboardInterrupt):
        train_tagger(recipe, base, out, data=toy_data)
    assert (out / "final" / "model.safetensors").read_bytes() == weights
    assert not (out / "log.json").exists()


@pytest.mark.slow
def test_lines_without_a_word_end_the_run(
    toy_data: Path,
    write_gold: Callable[..., None],
    make_base: Callable[..., Path],
    tmp_path: Path,
) -> None:
    pytest.importorskip("transformers")
    for name in ("gold_train", "gold_de_train"):
        write_gold(toy_data, name, [{"id": "a", "doc_id": "1", "text": " "}])
    recipe = tmp_path / "tagger.toml"
    recipe.write_text(RECIPE)
    with pytest.raises(BadInputError, match="hold no word to learn from"):
        train_tagger(recipe, make_base("distilbert"), tmp_path / "out", data=toy_data)


@pytest.mark.slow
def test_the_trunk_of_a_tagger_is_the_base(make_base: Callable[..., Path]) -> None:
    torch = pytest.importorskip("torch")
    from training.bases import read_base

    base = make_base("bert")
    model = tagging_model(base, [1], 0.25)
    for name, tensor in read_base(base, [1]).state_dict().items():
        assert torch.equal(model.distilbert.state_dict()[name], tensor)
    assert model.config.dropout == model.config.seq_classif_dropout == 0.25
    assert model.config.num_labels == len(BIO_TAGS)
