from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models

from ner.errors import BadInputError
from training.bases import base_name, read_base, read_tokenizer, special_names, tokenizer_file

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytestmark = pytest.mark.slow

IDS = [[0, 7, 9, 11, 13, 2], [0, 8, 2, 1, 1, 1]]


def states(model: Any) -> Any:
    """The last hidden states of real tokens, in float32 and without dropout."""
    ids = torch.tensor(IDS)
    mask = (ids != 1).long()
    with torch.no_grad():
        return model.eval()(input_ids=ids, attention_mask=mask)[0][mask.bool()]


def test_a_bert_and_its_conversion_give_equal_outputs(make_base: Callable[..., Path]) -> None:
    base = make_base("bert")
    wanted = states(transformers.BertModel.from_pretrained(base, add_pooling_layer=False))
    model = read_base(base)
    assert model.config.model_type == "distilbert"
    torch.testing.assert_close(states(model), wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", ["bert", "distilbert"])
@pytest.mark.parametrize("layers", [[0, 2], [3, 1]])
def test_kept_layers_are_those_of_the_base_in_the_order_asked(
    make_base: Callable[..., Path], kind: str, layers: list[int]
) -> None:
    base = make_base(kind, layers=4)
    source = transformers.AutoModel.from_pretrained(base)
    holder = source.encoder if kind == "bert" else source.transformer
    holder.layer = torch.nn.ModuleList([holder.layer[index] for index in layers])
    source.config.num_hidden_layers = len(layers)
    model = read_base(base, layers)
    assert model.config.n_layers == 2
    torch.testing.assert_close(states(model), states(source), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", ["bert", "distilbert"])
@pytest.mark.parametrize("layers", [None, [1]])
def test_a_base_of_half_precision_is_trained_in_float32_with_plain_attention(
    make_base: Callable[..., Path], kind: str, layers: list[int] | None
) -> None:
    model = read_base(make_base(kind, half=True), layers)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert model.config._attn_implementation == "eager"


def test_a_converted_base_can_be_saved_and_read_again(
    make_base: Callable[..., Path], tmp_path: Path
) -> None:
    model = read_base(make_base("bert"), [1])
    model.save_pretrained(tmp_path / "again")
    torch.testing.assert_close(states(read_base(tmp_path / "again")), states(model))


@pytest.mark.parametrize("layers", [[0, 2], [-1]])
def test_a_layer_that_the_base_lacks_is_told(
    make_base: Callable[..., Path], layers: list[int]
) -> None:
    with pytest.raises(BadInputError, match="has the layers 0 to 1"):
        read_base(make_base("bert"), layers)


def test_other_architectures_and_folders_that_hold_no_model_are_told(
    make_base: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(BadInputError, match="cannot be read") as caught:
        read_base(tmp_path / "absent")
    # The command line asks no hub.
    assert "hub" not in caught.value.hint
    (tmp_path / "gpt").mkdir()
    (tmp_path / "gpt" / "config.json").write_text('{"model_type": "gpt2"}')
    with pytest.raises(BadInputError, match="architecture 'gpt2'"):
        read_base(tmp_path / "gpt")
    with pytest.raises(BadInputError, match="layer_norm_eps"):
        read_base(make_base("bert", layers=1, layer_norm_eps=1e-5))


def test_damaged_and_incomplete_weights_are_told(make_base: Callable[..., Path]) -> None:
    from safetensors.torch import load_file, save_file

    weights = make_base("distilbert") / "model.safetensors"
    tensors = load_file(weights)
    name = "transformer.layer.1.ffn.lin1.weight"
    save_file({key: value for key, value in tensors.items() if key != name}, weights)
    with pytest.raises(BadInputError, match=f"lacks 1 tensors, such as {name}"):
        read_base(weights.parent)
    weights.write_bytes(weights.read_bytes()[:200])
    with pytest.raises(BadInputError, match="cannot be read"):
        read_base(weights.parent)


def test_the_tokenizer_of_a_folder_is_its_own_file(make_base: Callable[..., Path]) -> None:
    base = make_base("bert")
    assert tokenizer_file(base) == base / "tokenizer.json"
    (base / "tokenizer.json").unlink()
    with pytest.raises(BadInputError, match=r"no tokenizer\.json in"):
        tokenizer_file(base)


def test_special_tokens_go_by_the_names_of_the_vocabulary(tiny_tokenizer: Tokenizer) -> None:
    ours = special_names(tiny_tokenizer)
    assert (ours.start, ours.end, ours.pad, ours.mask) == ("<s>", "</s>", "<pad>", "<mask>")
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    theirs = Tokenizer(
        models.WordPiece({name: n for n, name in enumerate(names)}, unk_token="[UNK]")
    )
    found = special_names(theirs)
    assert (found.start, found.end, found.pad, found.mask) == ("[CLS]", "[SEP]", "[PAD]", "[MASK]")
    assert (found.unknown, found.pad_id, found.mask_id) == ("[UNK]", 0, 4)
    with pytest.raises(BadInputError, match=r"no token <s> or \[CLS\]"):
        special_names(Tokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]")))


def test_a_tokenizer_cuts_and_pads_nothing_whatever_its_file_says(
    tiny_tokenizer: Tokenizer, tmp_path: Path
) -> None:
    other = Tokenizer.from_str(tiny_tokenizer.to_str())
    other.enable_truncation(3)
    other.enable_padding(length=64)
    other.save(str(tmp_path / "tokenizer.json"))
    assert 3 < len(read_tokenizer(tmp_path).encode("we need Python").ids) < 64
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(BadInputError, match=r"tokenizer\.json cannot be read"):
        read_tokenizer(tmp_path)


def test_a_base_is_named_by_what_it_started_from_and_the_recipes_since(tmp_path: Path) -> None:
    final = tmp_path / "final"
    assert base_name(final) == "final"
    (tmp_path / "log.json").write_text('{"base": "some", "recipe": {"kind": "mlm"}}')
    assert base_name(final) == "some + mlm"
    (tmp_path / "log.json").write_text('{"seed": 1}')
    assert base_name(final) == "final"
