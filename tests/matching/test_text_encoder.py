"""The encoder: unit rows, nothing cut, the same alone and in company."""

from __future__ import annotations

import json
import pickle
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_space import DIMENSION, write_encoder

from matching.embedders import OnnxEmbedder, TorchEmbedder
from matching.encoder import Encoder, calm
from ner.errors import UsageError, WeightsError
from ner.weights import write_manifest

TEXTS = ["knead dough", "sew sails", "weld seams", "Brot", "C++", "Bäcker/Bäckerin baker"]


def test_rows_have_unit_length(encoder: Encoder) -> None:
    rows = encoder.encode(TEXTS)
    assert rows.shape == (len(TEXTS), DIMENSION) == (len(TEXTS), encoder.dimension)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("text", ["", "  ", "\n\t", "\r\n"])
def test_a_text_without_words_gives_a_zero_row(encoder: Encoder, text: str) -> None:
    rows = encoder.encode(["baker", text])
    assert rows[0].any()
    assert not rows[1].any()


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, DIMENSION)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(), max_size=6))
def test_a_text_is_encoded_equally_alone_and_in_company(encoder: Encoder, texts: list[str]) -> None:
    rows = encoder.encode(texts)
    assert np.isfinite(rows).all()
    for row, text in zip(rows, texts, strict=True):
        np.testing.assert_array_equal(row, encoder.encode([text])[0])


def test_a_lone_surrogate_does_not_stop_the_encoder(encoder: Encoder) -> None:
    assert encoder.encode(["baker \ud800"])[0].any()


def test_the_last_word_of_a_long_text_counts(encoder: Encoder) -> None:
    words = " ".join(f"w{i % 40}" for i in range(3000))
    one, other = encoder.encode([f"{words} baker", f"{words} welder"])
    assert not np.allclose(one, other)


def test_a_long_text_is_the_mean_of_its_windows(encoder: Encoder) -> None:
    words = [f"w{i}" for i in range(16)]
    # 12 tokens with <s> and </s> leave 10 words a window; neighbours share 4.
    parts = encoder.encode([" ".join(words[:10]), " ".join(words[6:])])
    mean = parts.sum(axis=0)
    whole = encoder.encode([" ".join(words)])[0]
    np.testing.assert_allclose(whole, mean / np.linalg.norm(mean), atol=1e-6)


def test_one_string_instead_of_a_list_is_refused(encoder: Encoder) -> None:
    with pytest.raises(UsageError, match="list of texts"):
        encoder.encode("baker")
    with pytest.raises(UsageError, match="text 1 is a NoneType"):
        encoder.encode(["baker", None])  # type: ignore[list-item]


def test_threads_share_one_encoder(encoder: Encoder) -> None:
    expected = encoder.encode(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for rows in pool.map(lambda _: encoder.encode(TEXTS), range(40)):
            np.testing.assert_array_equal(rows, expected)


def test_a_pickled_encoder_encodes_the_same(encoder: Encoder) -> None:
    packed = pickle.dumps(encoder)
    assert len(packed) < 2000, "the folder travels, not the weights"
    again = pickle.loads(packed)
    assert again.fingerprint == encoder.fingerprint
    np.testing.assert_array_equal(again.encode(TEXTS), encoder.encode(TEXTS))


def test_an_encoder_of_a_relative_folder_is_found_from_another_place(
    encoder_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(encoder_folder.parent)
    relative = Encoder.load(encoder_folder.name, workers=2)
    assert relative.folder == encoder_folder
    monkeypatch.chdir(tmp_path)
    again = pickle.loads(pickle.dumps(relative))
    assert (again.fingerprint, again.workers) == (relative.fingerprint, 2)


def test_the_shipped_encoder_pickles_as_the_shipped_one(
    encoder_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for home in ("here", "there"):
        shutil.copytree(encoder_folder, tmp_path / home / "encoder")
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "here"))
    packed = pickle.dumps(Encoder.load())
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "there"))
    assert pickle.loads(packed).folder == tmp_path / "there" / "encoder"


def test_vectors_that_are_not_finite_are_refused(encoder_folder: Path, tmp_path: Path) -> None:
    model = onnx.load(str(encoder_folder / "model.onnx"))
    for tensor in model.graph.initializer:
        if tensor.name == "weights":
            rows = onnx.numpy_helper.to_array(tensor).copy()
            rows[5, 7] = np.inf
            tensor.CopyFrom(onnx.numpy_helper.from_array(rows, "weights"))
    onnx.save(model, str(tmp_path / "model.onnx"))
    embedder = OnnxEmbedder(tmp_path / "model.onnx")
    assert np.isfinite(embedder.embed(np.array([1, 6, 2]))).all()
    with pytest.raises(WeightsError, match=r"model\.onnx gave a vector that is not finite"):
        embedder.embed(np.array([1, 5, 2]))


@pytest.mark.parametrize("files", [["tokenizer.json"], ["model.onnx", "b.onnx", "tokenizer.json"]])
def test_other_than_one_model_is_refused(tmp_path: Path, files: list[str]) -> None:
    folder = write_encoder(tmp_path)
    (folder / "b.onnx").touch()
    write_manifest(folder, "encoder", "toy", "1", files)
    with pytest.raises(WeightsError, match=f"lists {len(files) - 1} ONNX files"):
        Encoder.load(folder)


def test_a_torch_that_cannot_be_imported_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text('raise ImportError("libc10.so: no such file\\nat all")')
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    with pytest.raises(UsageError, match=r"cannot be imported: libc10\.so") as caught:
        TorchEmbedder(tmp_path)
    assert "\n" not in caught.value.message
    assert "metier[train]" in caught.value.hint


def test_name_version_and_fingerprint_are_stated(encoder: Encoder) -> None:
    assert encoder.model == f"toy0 1 {encoder.fingerprint[:12]}"
    assert len(encoder.fingerprint) == 64


def test_another_seed_is_another_fingerprint(encoder: Encoder, tmp_path: Path) -> None:
    assert Encoder.load(write_encoder(tmp_path / "e", seed=1)).fingerprint != encoder.fingerprint


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "manifest.json"])
def test_damaged_weights_are_refused_by_name(tmp_path: Path, name: str) -> None:
    folder = write_encoder(tmp_path / "e")
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 4
    (folder / name).write_bytes(content)
    with pytest.raises(WeightsError, match=name):
        Encoder.load(folder)
    (folder / name).unlink()
    with pytest.raises(WeightsError, match=name):
        Encoder.load(folder)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"dimension": 47}, "states 47 dimensions, its model gives 48"),
        ({"window": {"size": 4, "overlap": 4}}, "window"),
        ({"window": 12}, "window"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    tmp_path: Path, fields: dict[str, object], message: str
) -> None:
    with pytest.raises(WeightsError, match=message):
        Encoder.load(write_encoder(tmp_path / "e", **fields))


def test_an_unknown_backend_is_refused(encoder_folder: Path) -> None:
    with pytest.raises(UsageError, match="jax"):
        Encoder.load(encoder_folder, backend="jax")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="needs a folder"):
        Encoder.load(backend="torch")


@pytest.mark.slow
def test_the_torch_backend_reads_a_plain_folder(encoder_folder: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    tokenizer = (encoder_folder / "tokenizer.json").read_bytes()
    config = transformers.DistilBertConfig(
        vocab_size=len(json.loads(tokenizer)["model"]["vocab"]),
        dim=16, hidden_dim=32, n_layers=1, n_heads=2,
    )  # fmt: skip
    torch.manual_seed(0)
    transformers.DistilBertModel(config).save_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").write_bytes(tokenizer)
    encoder = Encoder.load(tmp_path, backend="torch")
    rows = encoder.encode(["baker of bread", "", "welder"])
    assert rows.shape == (3, 16)
    np.testing.assert_allclose(np.linalg.norm(rows[[0, 2]], axis=1), 1, atol=1e-6)
    assert not rows[1].any()
    assert pickle.loads(pickle.dumps(encoder)).fingerprint == encoder.fingerprint

    # A vector that is not finite is refused.
    weights = transformers.DistilBertModel.from_pretrained(tmp_path)
    torch.nn.init.constant_(weights.embeddings.LayerNorm.bias, float("nan"))
    weights.save_pretrained(tmp_path / "broken")
    (tmp_path / "broken" / "tokenizer.json").write_bytes(tokenizer)
    with pytest.raises(WeightsError, match="broken gave a vector that is not finite"):
        Encoder.load(tmp_path / "broken", backend="torch").encode(["baker of bread"])

    # A half-precision folder answers in single precision; one that lacks a tensor is refused.
    whole = transformers.DistilBertModel.from_pretrained(tmp_path)
    whole.half().save_pretrained(tmp_path / "half")
    (tmp_path / "half" / "tokenizer.json").write_bytes(tokenizer)
    half = Encoder.load(tmp_path / "half", backend="torch").encode(["baker of bread"])
    np.testing.assert_allclose(half, rows[:1], atol=0.01)
    partial = {name: tensor for name, tensor in whole.state_dict().items() if "lin1" not in name}
    whole.save_pretrained(tmp_path / "half", state_dict=partial)
    with pytest.raises(WeightsError, match="lacks 2 tensors"):
        Encoder.load(tmp_path / "half", backend="torch")
    small = transformers.DistilBertModel(
        transformers.DistilBertConfig(vocab_size=4, dim=16, hidden_dim=32, n_layers=1, n_heads=2)
    )
    small.save_pretrained(tmp_path / "half")
    with pytest.raises(WeightsError, match="failed on a text of"):
        Encoder.load(tmp_path / "half", backend="torch").encode(["baker of bread"])


def test_long_words_in_capitals_are_read_in_small_letters_and_names_are_not() -> None:
    assert calm("LORRY DRIVER (m/w/d), SQL and CNC") == "lorry driver (m/w/d), SQL and CNC"
    assert calm("McDonald's, iOS, KÖCHE 24H, Straße") == "McDonald's, iOS, köche 24H, Straße"
