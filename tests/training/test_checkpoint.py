from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ner.errors import BadInputError
from training.checkpoint import main, write_checkpoint
from training.encoder import sentence_model
from training.export import export
from training.tagger import tagging_model

pytestmark = pytest.mark.slow


def test_a_tagger_checkpoint_is_the_model_in_half_precision_and_its_tokenizer(
    make_base: Callable[..., Path], tmp_path: Path
) -> None:
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    base = make_base("distilbert")
    trained = tagging_model(base, None, 0.1)
    trained.save_pretrained(tmp_path / "trained")
    tokenizer = (base / "tokenizer.json").read_bytes()
    (tmp_path / "trained" / "tokenizer.json").write_bytes(tokenizer)
    target = tmp_path / "checkpoints" / "tagger"
    target.mkdir(parents=True)
    (target / "old.bin").write_bytes(b"old")
    assert write_checkpoint("tagger", tmp_path / "trained", target) == target
    assert not (target / "old.bin").exists()
    assert [path.name for path in target.parent.iterdir()] == ["tagger"]
    assert (target / "tokenizer.json").read_bytes() == tokenizer
    kept = transformers.AutoModelForTokenClassification.from_pretrained(target)
    assert kept.dtype == torch.float16
    for name, tensor in kept.state_dict().items():
        assert torch.equal(tensor, trained.state_dict()[name].half())
    assert export("tagger", tmp_path / "plain", target)


def test_an_encoder_checkpoint_is_a_sentence_transformers_folder(
    make_base: Callable[..., Path], tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch")
    library = pytest.importorskip("sentence_transformers")
    trained = sentence_model(make_base("bert"), tmp_path / "start", 48)
    trained.save_pretrained(str(tmp_path / "trained"), create_model_card=False)
    target = write_checkpoint("encoder", tmp_path / "trained", tmp_path / "encoder")
    assert {"modules.json", "config.json", "model.safetensors", "tokenizer.json"} <= {
        path.name for path in target.iterdir()
    }
    kept = library.SentenceTransformer(str(target), device="cpu")
    assert kept.dtype == torch.float16
    texts = ["Python", "we need someone"]
    vectors = kept.float().encode(texts)
    assert vectors == pytest.approx(trained.encode(texts), abs=1e-2)


def test_a_folder_without_a_model_of_the_kind_leaves_the_checkpoint_as_it_was(
    make_base: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "tagger"
    target.mkdir()
    (target / "config.json").write_text("{}")
    with pytest.raises(BadInputError, match=r"lack classifier\.bias"):
        write_checkpoint("tagger", make_base("distilbert"), target)
    assert [path.name for path in target.iterdir()] == ["config.json"]
    trained = tmp_path / "trained"
    tagging_model(make_base("distilbert"), None, 0.1).save_pretrained(trained)
    tokenizer = make_base("distilbert") / "tokenizer.json"
    (trained / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    with pytest.raises(BadInputError, match=r"holds a tagger .* not an encoder"):
        write_checkpoint("encoder", trained, target)
    assert [path.name for path in target.iterdir()] == ["config.json"]
    with pytest.raises(SystemExit) as caught:
        main(["tagger", str(tmp_path / "absent")])
    assert caught.value.code == 3
    assert "lacks config.json" in capsys.readouterr().err
