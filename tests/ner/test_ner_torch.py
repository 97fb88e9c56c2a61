"""The torch backend, against a tiny random model saved as transformers saves it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from ner import SkillTagger, WeightsError
from ner.backends import TorchBackend
from ner.labels import BIO_TAGS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, tokenizer: Tokenizer) -> Path:
    torch = pytest.importorskip("torch")
    transformers: Any = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.DistilBertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        dim=16,
        hidden_dim=32,
        n_heads=2,
        n_layers=1,
        id2label=dict(enumerate(BIO_TAGS)),
        label2id={tag: index for index, tag in enumerate(BIO_TAGS)},
    )
    folder = tmp_path_factory.mktemp("torch")
    transformers.DistilBertForTokenClassification(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def test_a_plain_transformers_folder_tags_texts(saved: Path) -> None:
    tagger = SkillTagger.load(saved, backend="torch")
    text = "We use Python and C++.\nwound care"
    tagged = tagger.tag(text)
    assert tagged.status == "ok"
    assert all(text[span.start : span.end] == span.text for span in tagged.spans)
    assert "unversioned" in tagged.model


def test_scores_of_a_text_are_repeatable(saved: Path) -> None:
    ids = np.array([0, 5, 6, 7, 2])
    first = TorchBackend(saved).logits(ids)
    assert first.shape == (5, len(BIO_TAGS))
    assert np.array_equal(first, TorchBackend(saved).logits(ids))


def test_a_folder_with_other_labels_is_refused(saved: Path, tmp_path: Path) -> None:
    for path in saved.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text("utf-8"))
    config["id2label"] = {"0": "O", "1": "B-SKILL"}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(WeightsError, match="B-SKILL"):
        SkillTagger.load(tmp_path, backend="torch")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    with pytest.raises(WeightsError, match=r"config\.json"):
        SkillTagger.load(tmp_path, backend="torch")


def test_a_damaged_model_is_one_sentence(saved: Path, tmp_path: Path) -> None:
    for path in saved.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(WeightsError) as caught:
        SkillTagger.load(tmp_path, backend="torch")
    assert "\n" not in caught.value.message


def test_a_trunk_without_a_tagging_head_is_refused(saved: Path, tmp_path: Path) -> None:
    transformers: Any = pytest.importorskip("transformers")
    trunk = transformers.DistilBertModel(transformers.DistilBertConfig.from_pretrained(saved))
    trunk.save_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").write_bytes((saved / "tokenizer.json").read_bytes())
    with pytest.raises(WeightsError, match=r"lacks 2 tensors .* classifier\.bias"):
        SkillTagger.load(tmp_path, backend="torch")
