from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matching.encoder import Encoder
from ner.errors import BadInputError, UsageError, WeightsError
from ner.labels import BIO_TAGS
from ner.tagger import SkillTagger
from ner.weights import Manifest, write_manifest
from training.cards import model_card
from training.encoder import sentence_model
from training.export import export
from training.onnx_export import (
    _logits_only,
    embeddings_by_row,
    main,
    ship_encoder,
    ship_tagger,
    to_onnx,
)
from training.shipped import unpack_shipped
from training.tagger import tagging_model

ROOT = Path(__file__).resolve().parents[2]


def test_a_folder_without_a_model_ends_with_an_error_and_a_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["tagger", str(tmp_path), "--to", str(tmp_path / "to")])
    assert caught.value.code == 3
    told = capsys.readouterr().err
    assert told.startswith(f"error: {tmp_path} lacks config.json")
    assert "\nhint: " in told


def test_a_record_that_is_no_json_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "record.json"
    record.write_text("[1")
    with pytest.raises(SystemExit) as caught:
        main(["tagger", str(tmp_path), "--to", str(tmp_path), "--record", str(record)])
    assert caught.value.code == 3
    assert "record.json holds no JSON object" in capsys.readouterr().err


@pytest.mark.parametrize("steps", [127, 63])
def test_tables_of_embeddings_are_rounded_row_by_row(steps: int) -> None:
    onnx = pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    table = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    table[1] *= 1_000  # with one scale for all, this row would leave nothing of the others
    table[2] = 0
    make, info = onnx.helper.make_node, onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [make("Gather", ["table", "ids"], ["found"]), make("Gather", ["tied", "ids"], ["other"]),
         make("MatMul", ["other", "tied_again"], ["product"]),
         make("Identity", ["tied"], ["kept"])],
        "g",
        [info("ids", onnx.TensorProto.INT64, ["n"])],
        [info("found", onnx.TensorProto.FLOAT, None), info("product", onnx.TensorProto.FLOAT, None),
         info("kept", onnx.TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(table, "table"), onnx.numpy_helper.from_array(table, "tied"),
         onnx.numpy_helper.from_array(table.T.copy(), "tied_again")],
    )  # fmt: skip
    embeddings_by_row(graph, steps)
    kept = {one.name: one.data_type for one in graph.initializer}
    assert kept["table.codes"] == onnx.TensorProto.INT8
    assert "table" not in kept
    assert kept["tied"] == onnx.TensorProto.FLOAT  # it is used beside the lookup
    opset = [onnx.helper.make_opsetid("", 17)]
    model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=9)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    ids = np.array([5, 1, 2, 0, 1])
    (found,) = session.run(["found"], {"ids": ids})
    step = np.abs(table[ids]).max(axis=1, keepdims=True) / steps
    assert np.all(np.abs(found - table[ids]) <= step / 2 + 1e-6)


@pytest.fixture
def trained(make_base: Callable[..., Path], tmp_path: Path) -> tuple[Path, Any]:
    """The folder of a random tagger, and the model itself."""
    pytest.importorskip("onnxscript")
    base = make_base("distilbert")
    model = tagging_model(base, None, 0.1).eval()
    folder = tmp_path / "trained"
    model.save_pretrained(folder)
    (folder / "tokenizer.json").write_bytes((base / "tokenizer.json").read_bytes())
    return folder, model


def both(session: Any, model: Any, length: int) -> tuple[Any, Any]:
    import torch

    ids = np.random.default_rng(length).integers(4, 80, (1, length))
    feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    (found,) = session.run(["logits"], feed)
    with torch.no_grad():
        wanted = model(**{name: torch.from_numpy(value) for name, value in feed.items()}).logits
    return found, wanted.numpy()


@pytest.mark.slow
def test_a_float_export_agrees_with_torch_at_any_length(
    trained: tuple[Path, Any], tmp_path: Path
) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    _, model = trained
    to_onnx(_logits_only(model), "logits", tmp_path / "float.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "float.onnx"))
    for length in (1, 5, 64, 256):
        found, wanted = both(session, model, length)
        assert found.shape == (1, length, len(BIO_TAGS))
        np.testing.assert_allclose(found, wanted, atol=1e-4)


@pytest.mark.slow
def test_both_inputs_reach_the_exported_model(trained: tuple[Path, Any], tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    to_onnx(_logits_only(trained[1]), "logits", tmp_path / "float.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "float.onnx"))
    ids, mask = np.array([[0, 7, 9, 2]]), np.ones((1, 4), dtype=np.int64)

    def answer(ids: Any, mask: Any) -> Any:
        return session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]

    hidden = np.array([[1, 1, 0, 1]])
    assert np.abs(answer(ids, mask) - answer(ids + 3, mask)).max() > 1e-3
    assert np.abs(answer(ids, mask) - answer(ids, hidden)).max() > 1e-3


@pytest.mark.slow
def test_a_shipped_tagger_loads_stays_near_torch_and_names_no_path_of_this_machine(
    trained: tuple[Path, Any], tmp_path: Path
) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    folder, model = trained
    manifest = ship_tagger(folder, tmp_path / "to", {"base": "tiny"})
    shipped = tmp_path / "to" / "tagger"
    tagger = SkillTagger.load(shipped)
    assert tagger.model == manifest.model
    text = "we need\u00a0Python and wound care"
    assert all(text[span.start : span.end] == span.text for span in tagger.tag(text).spans)
    assert manifest.fingerprint in (shipped / "README.md").read_text("utf-8")
    assert manifest.fields["training"] == {"base": "tiny"}

    session = onnxruntime.InferenceSession(str(shipped / "model.onnx"))
    for length in (5, 64):
        found, wanted = both(session, model, length)
        # Seven-bit weights and eight-bit activations: measured 0.7 % of the range, 2 % allowed.
        assert np.abs(found - wanted).max() < 0.02 * np.ptp(wanted)

    content = (shipped / "model.onnx").read_bytes()
    homes = (ROOT, Path.home(), tmp_path, sys.prefix, sys.base_prefix)
    for trace in (*(f"{home}/" for home in homes), "site-packages"):
        assert trace.encode() not in content, trace
    assert not re.search(rb"\w\.py\b", content)


@pytest.mark.slow
def test_a_tagger_of_other_labels_or_without_its_head_is_not_shipped(
    trained: tuple[Path, Any], make_base: Callable[..., Path], tmp_path: Path
) -> None:
    folder, model = trained
    model.config.id2label = {**model.config.id2label, 0: "NOTHING"}
    model.save_pretrained(folder)
    with pytest.raises(BadInputError, match="has the labels NOTHING, B-TECHNOLOGY"):
        ship_tagger(folder, tmp_path / "to")
    with pytest.raises(BadInputError, match=r"lack classifier\.bias"):
        ship_tagger(make_base("distilbert"), tmp_path / "to")
    with pytest.raises(BadInputError, match=r"holds a tagger .* not an encoder"):
        ship_encoder(folder, tmp_path / "to")
    assert not (tmp_path / "to").exists()


@pytest.mark.slow
def test_a_target_that_is_a_file_is_told_before_the_model_is_turned(
    trained: tuple[Path, Any], tmp_path: Path
) -> None:
    (tmp_path / "to").write_text("mine")
    with pytest.raises(UsageError, match=r"nothing can be written to the folder .*to/tagger"):
        ship_tagger(trained[0], tmp_path / "to")


@pytest.mark.slow
def test_a_shipped_encoder_gives_nearly_the_vectors_of_its_training(
    make_base: Callable[..., Path], tmp_path: Path
) -> None:
    pytest.importorskip("sentence_transformers")
    pytest.importorskip("onnxscript")
    model = sentence_model(make_base("bert"), tmp_path / "start", 256)
    model.half().save_pretrained(str(tmp_path / "trained"), create_model_card=False)
    manifest = ship_encoder(tmp_path / "trained", tmp_path / "to", calibration={"skill": 0.5})
    assert manifest.fields["dimension"] == 32
    assert manifest.fields["calibration"] == {"skill": 0.5}
    encoder = Encoder.load(tmp_path / "to" / "encoder")
    texts = ["Python", "we need someone with experience in wound care", "résumé, planning"]
    wanted = model.float().encode(texts, normalize_embeddings=True)
    cosines = (encoder.encode(texts) * wanted).sum(axis=1)
    assert cosines.min() > 0.999


@pytest.mark.slow
def test_shipped_weights_are_unpacked_as_eight_bits_kept_them(
    trained: tuple[Path, Any], make_base: Callable[..., Path], tmp_path: Path
) -> None:
    transformers = pytest.importorskip("transformers")
    folder, model = trained
    ship_tagger(folder, tmp_path / "to")
    plain = unpack_shipped("tagger", tmp_path / "plain", tmp_path / "to" / "tagger")
    kept = transformers.AutoModelForTokenClassification.from_pretrained(plain)
    assert (
        kept.config.to_dict().items()
        >= {
            "id2label": model.config.id2label,
            "n_heads": model.config.n_heads,
            "pad_token_id": model.config.pad_token_id,
        }.items()
    )
    for name, tensor in model.state_dict().items():
        step = float(tensor.abs().max()) / 63
        assert float((kept.state_dict()[name] - tensor).abs().max()) <= step, name
    again = ship_tagger(plain, tmp_path / "again")
    wanted = SkillTagger.load(tmp_path / "to" / "tagger").tag("we need Python and wound care")
    found = SkillTagger.load(tmp_path / "again" / "tagger").tag("we need Python and wound care")
    assert found.spans == wanted.spans
    assert again.kind == "tagger"

    encoder = sentence_model(make_base("bert"), tmp_path / "start", 256)
    encoder.save_pretrained(str(tmp_path / "sentences"), create_model_card=False)
    ship_encoder(tmp_path / "sentences", tmp_path / "to")
    trunk = unpack_shipped("encoder", tmp_path / "trunk", tmp_path / "to" / "encoder")
    told = export("encoder", tmp_path / "exported", trunk)
    shipped = Encoder.load(tmp_path / "to" / "encoder").encode(["wound care"])
    np.testing.assert_allclose(
        Encoder.load(told, backend="torch").encode(["wound care"]), shipped, atol=0.01
    )


@pytest.mark.slow
def test_a_model_of_another_make_is_not_unpacked(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    graph = onnx.helper.make_graph([], "g", [], [])
    onnx.save(onnx.helper.make_model(graph), str(tmp_path / "model.onnx"))
    (tmp_path / "tokenizer.json").write_bytes(
        (Path(__file__).parents[2] / "metier/pretrained/tokenizer/tokenizer.json").read_bytes()
    )
    write_manifest(tmp_path, "tagger", "t", "1", ["model.onnx", "tokenizer.json"])
    with pytest.raises(WeightsError, match="cannot be unpacked") as caught:
        unpack_shipped("tagger", tmp_path / "to", tmp_path)
    assert caught.value.hint


@pytest.mark.slow
def test_a_tokenizer_that_another_shipped_model_uses_is_not_replaced(
    trained: tuple[Path, Any], tmp_path: Path
) -> None:
    folder, _ = trained
    to = tmp_path / "to"
    (to / "encoder").mkdir(parents=True)
    (to / "tokenizer").mkdir()
    there = to / "tokenizer" / "tokenizer.json"
    there.write_text("another")
    write_manifest(to / "encoder", "encoder", "e", "1", ["../tokenizer/tokenizer.json"])
    with pytest.raises(BadInputError, match=r"has another tokenizer than .* uses") as caught:
        ship_tagger(folder, to)
    assert "from one base" in caught.value.hint
    assert there.read_text() == "another"
    assert not (to / "tagger").exists()


def test_a_card_names_base_and_dimensions_by_the_record() -> None:
    def card(**training: Any) -> str:
        fields = {"languages": ["en", "de"], "training": training}
        return model_card(Manifest(Path(), "encoder", "e", "1", "f", {}, fields))

    told = card(base="bilingual + mlm", recipe={"dimensions": [384, 192, 128]})
    assert "- Base: multilingual-e5-small (MIT), vocabulary cut" in told
    assert "pieces + mlm." in told
    assert "The first 128 or 192 dimensions can serve alone." in told
    plain = card(base="MiniLM")
    assert "- Base: MiniLM." in plain
    assert "serve alone" not in plain
    assert "- Base: not recorded." in card()
