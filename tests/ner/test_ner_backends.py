import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from tokenizers import Tokenizer

from ner.backends import OnnxBackend, TorchBackend
from ner.errors import MissingExtraError, UsageError, WeightsError
from ner.labels import BIO_TAGS
from ner.session import open_session


def test_scores_come_one_row_a_token(toy_folder: Path, tokenizer: Tokenizer) -> None:
    backend = OnnxBackend(toy_folder / "model.onnx")
    ids = np.array([tokenizer.token_to_id(token) for token in ("<s>", "▁Python", "</s>")])
    logits = backend.logits(ids)
    assert logits.shape == (3, len(BIO_TAGS))
    assert logits.dtype == np.float32
    assert [BIO_TAGS[tag] for tag in logits.argmax(axis=1)] == ["O", "B-TECHNOLOGY", "O"]


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08\x07" * 500])
def test_a_file_that_is_no_model_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"model\.onnx") as caught:
        open_session(path)
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"model\.onnx is missing"):
        open_session(tmp_path / "model.onnx")


def test_a_model_of_other_tags_is_refused(
    tmp_path: Path, model_with: Callable[[int], onnx.ModelProto]
) -> None:
    onnx.save(model_with(5), str(tmp_path / "model.onnx"))
    backend = OnnxBackend(tmp_path / "model.onnx")
    with pytest.raises(WeightsError, match=r"\(2, 5\)"):
        backend.logits(np.array([0, 2]))


def test_a_model_that_is_no_tagger_is_refused_with_its_inputs(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1])
    result = helper.make_tensor_value_info("same", TensorProto.FLOAT, [1])
    node = helper.make_node("Identity", ["picture"], ["same"])
    graph = helper.make_graph([node], "other", [value], [result])
    opset = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    onnx.save(model, str(tmp_path / "model.onnx"))
    with pytest.raises(WeightsError, match="picture"):
        OnnxBackend(tmp_path / "model.onnx")


def test_a_token_that_the_model_does_not_know_is_one_sentence(toy_folder: Path) -> None:
    backend = OnnxBackend(toy_folder / "model.onnx")
    with pytest.raises(WeightsError, match=r"model\.onnx") as caught:
        backend.logits(np.array([0, 10**6]))
    assert "\n" not in caught.value.message


def test_scores_that_are_not_finite_are_refused(
    tmp_path: Path, model_with: Callable[[int], onnx.ModelProto]
) -> None:
    model = model_with(len(BIO_TAGS))
    for tensor in model.graph.initializer:
        if tensor.name == "table":
            tensor.raw_data = np.full(tuple(tensor.dims), np.nan, dtype=np.float32).tobytes()
    onnx.save(model, str(tmp_path / "model.onnx"))
    backend = OnnxBackend(tmp_path / "model.onnx")
    with pytest.raises(WeightsError, match="not finite"):
        backend.logits(np.array([0, 2]))


def import_anew(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Until the test ends. Set before it is deleted, so that what is imported goes again then."""
    monkeypatch.setitem(sys.modules, name, None)  # type: ignore[arg-type]
    monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('raise ImportError("libc10.so: no such file\\nat all")', "libc10.so: no such file"),
        ('raise OSError("libcudart.so: no such file")', "libcudart.so"),
        ("import a_part_of_torch", "No module named 'a_part_of_torch'"),
        ("", "float32"),
    ],
)
def test_a_torch_that_cannot_be_imported_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, said: str
) -> None:
    (tmp_path / "torch.py").write_text(source)
    (tmp_path / "transformers.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("torch", "transformers"):
        import_anew(monkeypatch, name)
    with pytest.raises(UsageError, match="cannot be imported") as caught:
        TorchBackend(tmp_path)
    assert said in caught.value.message
    assert "\n" not in caught.value.message
    assert "metier[train]" in caught.value.hint


@pytest.mark.parametrize("missing", ["torch", "transformers"])
def test_a_package_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name in ("torch", "transformers"):
        (tmp_path / f"{name}.py").write_text("")
        import_anew(monkeypatch, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=f"package {missing} is not installed"):
        TorchBackend(tmp_path)
