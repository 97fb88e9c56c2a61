from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ner.errors import BadInputError, UsageError
from training.encoder import sentence_model
from training.export import export
from training.tagger import tagging_model


def test_without_weights_nothing_is_exported(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no weights of the tagger") as caught:
        export("tagger", tmp_path / "to", tmp_path / "absent")
    assert "--checkpoint" in caught.value.hint
    assert not (tmp_path / "to").exists()


def test_a_target_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "mine.txt").write_text("mine")
    for target in (tmp_path / "to", tmp_path / "to" / "mine.txt"):
        with pytest.raises(UsageError, match="is not an empty folder"):
            export("tagger", target, tmp_path)
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["mine.txt"]


@pytest.mark.slow
def test_an_exported_tagger_is_read_by_transformers(
    make_base: Callable[..., Path], tmp_path: Path
) -> None:
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    base = make_base("distilbert")
    trained = tagging_model(base, None, 0.1).eval()
    checkpoint = tmp_path / "checkpoint"
    trained.half().save_pretrained(checkpoint)
    (checkpoint / "tokenizer.json").write_bytes((base / "tokenizer.json").read_bytes())
    to = export("tagger", tmp_path / "to", checkpoint)
    assert "is_split_into_words" in (to / "README.md").read_text("utf-8")
    model = transformers.AutoModelForTokenClassification.from_pretrained(to)
    assert model.dtype == torch.float32
    tokenizer = transformers.AutoTokenizer.from_pretrained(to)
    words = ["we", "need", "Python"]
    batch = tokenizer(words, is_split_into_words=True, return_tensors="pt")
    assert batch["input_ids"][0].tolist()[::4] == [0, 2]
    with torch.no_grad():
        found, wanted = model(**batch).logits, trained.float()(**batch).logits
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-4)


@pytest.mark.slow
def test_an_exported_encoder_is_read_by_sentence_transformers(
    make_base: Callable[..., Path], tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch")
    library = pytest.importorskip("sentence_transformers")
    trained = sentence_model(make_base("bert"), tmp_path / "start", 48)
    trained.half().save_pretrained(str(tmp_path / "checkpoint"), create_model_card=False)
    to = export("encoder", tmp_path / "to", tmp_path / "checkpoint")
    model = library.SentenceTransformer(str(to), device="cpu")
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert model.max_seq_length == 256
    found = model.encode(["we need Python"], convert_to_tensor=True)
    wanted = trained.float().encode(["we need Python"], convert_to_tensor=True)
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-4)
    assert not (to / ".start").exists()


@pytest.mark.slow
def test_a_folder_of_the_other_kind_is_not_exported(
    make_base: Callable[..., Path], tmp_path: Path
) -> None:
    base = make_base("distilbert")
    tagger = tmp_path / "tagger"
    tagging_model(base, None, 0.1).save_pretrained(tagger)
    (tagger / "tokenizer.json").write_bytes((base / "tokenizer.json").read_bytes())
    with pytest.raises(BadInputError, match=r"holds a tagger .* not an encoder"):
        export("encoder", tmp_path / "to", tagger)
    assert not (tmp_path / "to").exists()
    with pytest.raises(BadInputError, match=r"lack classifier\.bias"):
        export("tagger", tmp_path / "to", base)


def test_a_target_below_a_file_is_refused_before_weights_are_read(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UsageError, match="nothing can be written to the folder"):
        export("tagger", tmp_path / "config.json" / "to", tmp_path)


@pytest.mark.slow
def test_damaged_weights_are_told(make_base: Callable[..., Path], tmp_path: Path) -> None:
    base = make_base("distilbert")
    (base / "model.safetensors").write_bytes(b"cut")
    for kind in ("tagger", "encoder"):
        with pytest.raises(BadInputError, match=r"cannot be (exported|read)"):
            export(kind, tmp_path / kind, base)
