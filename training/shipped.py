"""Plain weights out of shipped ONNX files: `training.onnx_export` reversed, rounding aside."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ner.errors import MetierError, WeightsError
from ner.labels import BIO_TAGS
from ner.vocabulary import open_tokenizer
from ner.weights import read_manifest, shipped_folder
from training.bases import special_names
from training.extras import need

_AGAIN = "name trained weights with --checkpoint, or install metier again"
# Eight-bit codes are stored from 0 on.
_ZERO = 128


def unpack_shipped(kind: str, to: Path, folder: Path | None = None) -> Path:
    """Write the shipped tagger or encoder, or the one in `folder`, as a transformers folder `to`.

    The weights are those that eight bits hold, in float32. Raises WeightsError for missing or
    damaged weights, and for a file of another make.
    """
    onnx = need("onnx", "train")
    manifest = read_manifest(folder or shipped_folder(kind), kind)
    try:
        graph = onnx.load(str(manifest.path("model.onnx"))).graph
        pad = special_names(open_tokenizer(manifest.path("tokenizer.json"))).pad_id
        _model(kind, *_weights(graph), pad).save_pretrained(to)
    except MetierError:
        raise
    except Exception as problem:  # files of another make lack names and shapes of all kinds
        raise WeightsError(
            f"the weights in {manifest.folder} cannot be unpacked: {problem!r:.200}", _AGAIN
        ) from problem
    shutil.copyfile(manifest.path("tokenizer.json"), to / "tokenizer.json")
    return to


def _weights(graph: Any) -> tuple[dict[str, NDArray[np.float32]], int]:
    """Tensors by the names of transformers, and the number of attention heads."""
    helper = need("onnx", "train").numpy_helper
    parts = {one.name: helper.to_array(one) for one in graph.initializer}
    plain = {
        name: part
        for name, part in parts.items()
        if name.startswith("model.")
        and name.endswith(("bias", "weight"))
        and part.dtype == np.float32
    }
    for name in parts:
        if name.endswith(".codes"):
            table = name.removesuffix(".codes")
            plain[table] = parts[name].astype(np.float32) * parts[f"{table}.scales"]
    bias = {
        given: name
        for node in graph.node
        if node.op_type == "Add"
        for given, name in (node.input, reversed(node.input))
        if name in plain
    }
    for node in graph.node:
        if node.op_type == "MatMulNBits":
            size = {one.name: one.i for one in node.attribute}
            codes, scales = (parts[name] for name in node.input[1:3])
            blocks = (codes.astype(np.float32) - _ZERO) * scales.reshape(*codes.shape[:2], 1)
            name = bias[node.output[0]].removesuffix("bias") + "weight"
            plain[name] = blocks.reshape(size["N"], -1)[:, : size["K"]]
    # The shape that splits a row into heads: (1, length, heads, what each holds).
    heads = next(int(part[2]) for part in parts.values() if part.shape == (4,) and part[1] == -1)
    return {name.removeprefix("model."): part for name, part in plain.items()}, heads


def _model(kind: str, weights: Mapping[str, NDArray[np.float32]], heads: int, pad: int) -> Any:
    torch, transformers = need("torch", "train"), need("transformers", "train")
    trunk = "distilbert." if kind == "tagger" else ""
    vocabulary, width = weights[f"{trunk}embeddings.word_embeddings.weight"].shape
    layers = {name.split(".layer.")[1].split(".")[0] for name in weights if ".layer." in name}
    labels = dict(enumerate(BIO_TAGS))
    tags = {"id2label": labels, "label2id": {tag: number for number, tag in labels.items()}}
    config = transformers.DistilBertConfig(
        vocab_size=vocabulary,
        dim=width,
        hidden_dim=len(weights[f"{trunk}transformer.layer.0.ffn.lin1.bias"]),
        n_heads=heads,
        n_layers=len(layers),
        pad_token_id=pad,
        max_position_embeddings=len(weights[f"{trunk}embeddings.position_embeddings.weight"]),
        **(tags if trunk else {}),
    )
    form = "DistilBertForTokenClassification" if trunk else "DistilBertModel"
    model = getattr(transformers, form)(config)
    model.load_state_dict({name: torch.from_numpy(part.copy()) for name, part in weights.items()})
    return model
