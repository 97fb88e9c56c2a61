"""From trained folders to what is shipped: an int8 ONNX file with a manifest.

    python -m training.onnx_export tagger FOLDER --to metier/pretrained
    python -m training.onnx_export encoder FOLDER --to metier/pretrained --calibration FILE.json

Both models share one tokenizer, which is written once, to `<to>/tokenizer`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ner.errors import BadInputError, MetierError
from ner.labels import BIO_TAGS
from ner.vocabulary import open_tokenizer
from ner.weights import MANIFEST, Manifest, write_manifest
from ner.windows import WINDOW_OVERLAP, WINDOW_SIZE
from training.cards import model_card
from training.extras import need
from training.runs import writable_folder
from training.trained import load_trained

VERSION = "0.1.0"
_SHARED = "../tokenizer/tokenizer.json"
_WINDOW = {"size": WINDOW_SIZE, "overlap": WINDOW_OVERLAP}
# Steps from zero to the greatest value of a row of embeddings. The tagger's take half as many: they
# pack better, and no loss of accuracy could be measured (benchmarks/results.md).
_STEPS = {"tagger": 63, "encoder": 127}


def ship_tagger(trained: Path, to: Path, record: Mapping[str, Any] | None = None) -> Manifest:
    """Write `to/tagger` from a transformers folder of a token classifier.

    Raises BadInputError when `trained` cannot be read or has other labels than `ner.labels`.
    """
    model = load_trained("AutoModelForTokenClassification", trained)
    labels = [model.config.id2label.get(number) for number in range(model.config.num_labels)]
    if labels != list(BIO_TAGS):
        raise BadInputError(
            f"the tagger in {trained} has the labels {', '.join(map(str, labels))}",
            f"train it with: {', '.join(BIO_TAGS)}",
        )
    fields = {
        "labels": list(BIO_TAGS),
        "window": _WINDOW,
        "languages": ["en", "de"],
        "separator": True,
        "training": dict(record or {}),
    }
    return _ship("tagger", _logits_only(model), "logits", trained, to, fields)


def ship_encoder(
    trained: Path,
    to: Path,
    record: Mapping[str, Any] | None = None,
    calibration: Mapping[str, Any] | None = None,
) -> Manifest:
    """Write `to/encoder` from a sentence-transformers folder with mean pooling.

    Raises BadInputError when `trained` cannot be read, or is a tagger.
    """
    model = load_trained("AutoModel", trained)
    fields = {
        "dimension": model.config.hidden_size,
        "window": _WINDOW,
        "languages": ["en", "de"],
        "calibration": dict(calibration or {}),
        "training": dict(record or {}),
    }
    return _ship("encoder", _mean_pooled(model), "embedding", trained, to, fields)


def to_onnx(module: Any, output: str, path: Path) -> None:
    """Export a module of (input_ids, attention_mask), both int64 (1, n), in float32."""
    torch = need("torch", "train")
    module.eval()
    # Two tensors: one given twice is traced as one input, and the mask would be read as the ids.
    ids, mask = torch.zeros((1, 7), dtype=torch.long), torch.ones((1, 7), dtype=torch.long)
    length = torch.export.Dim("length", min=1, max=512)
    torch.onnx.export(
        module,
        (ids, mask),
        str(path),
        dynamo=True,
        input_names=["input_ids", "attention_mask"],
        output_names=[f"{output}_of_model"],
        dynamic_shapes={"input_ids": {1: length}, "attention_mask": {1: length}},
        opset_version=18,
        external_data=False,
        verbose=False,
    )
    # The exporter names inner values after operations, "embedding" among them: two values of one
    # name make the file invalid, so the output gets its name when the others have made way.
    onnx = need("onnx", "train")
    model = onnx.load(str(path))
    _rename(model.graph, output, f"{output}_inside")
    _rename(model.graph, f"{output}_of_model", output)
    onnx.save(model, str(path))


def _rename(graph: Any, old: str, new: str) -> None:
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]
    for value in (*graph.value_info, *graph.output):
        if value.name == old:
            value.name = new


def to_int8(source: Path, target: Path, steps: int = 127) -> None:
    """Eight-bit weights: matrices in blocks of 64 values with a scale each, embeddings by row.

    Activations are rounded block by block too, so a text does not depend on its company, as it
    does under dynamic quantisation, which takes one scale for a whole tensor; that cost ten times
    more accuracy on this encoder (cosine to float32 .989 against .999) and saved a quarter of the
    time. One scale for a whole table of embeddings has five times the step of one a row.
    """
    onnx = need("onnx", "train")
    blocks = need("onnxruntime.quantization.matmul_nbits_quantizer", "train")
    shape_inference = need("onnxruntime.quantization.shape_inference", "train")
    prepared = source.with_suffix(".prepared.onnx")
    shape_inference.quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    matrices = blocks.MatMulNBitsQuantizer(
        onnx.load(str(prepared)), bits=8, block_size=64, is_symmetric=True, accuracy_level=4
    )
    matrices.process()
    model = matrices.model.model
    embeddings_by_row(model.graph, steps)
    _without_notes(model)
    onnx.save(model, str(target))


def embeddings_by_row(graph: Any, steps: int = 127) -> None:
    """Give each float table (n, d) that is only looked up int8 rows and a float32 scale a row.

    The greatest value of a row becomes `steps`, at most 127.
    """
    onnx = need("onnx", "train")
    tables = {one.name: one for one in graph.initializer if len(one.dims) == 2}
    uses = Counter(name for node in graph.node for name in node.input)
    for place, node in reversed(list(enumerate(graph.node))):
        table = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or table.data_type != onnx.TensorProto.FLOAT or uses[table.name] > 1:
            continue
        values = onnx.numpy_helper.to_array(table)
        peaks = np.abs(values).max(axis=1, keepdims=True)
        scales = np.where(peaks > 0, peaks / steps, 1).astype(np.float32)
        codes = np.rint(values / scales).astype(np.int8)
        graph.initializer.remove(table)
        (_, ids), (result,) = node.input, node.output
        make, names = (
            onnx.helper.make_node,
            [f"{table.name}.{part}" for part in ("codes", "scales")],
        )
        for name, part in zip(names, (codes, scales), strict=True):
            graph.initializer.append(onnx.numpy_helper.from_array(part, name))
        lookup = [
            make("Gather", [names[0], ids], [f"{result}.codes"]),
            make("Cast", [f"{result}.codes"], [f"{result}.floats"], to=onnx.TensorProto.FLOAT),
            make("Gather", [names[1], ids], [f"{result}.scales"]),
            make("Mul", [f"{result}.floats", f"{result}.scales"], [result]),
        ]
        graph.node.remove(node)
        for number, step in enumerate(lookup):
            graph.node.insert(place + number, step)


def _without_notes(model: Any) -> None:
    """Exporters note source files of this machine in the nodes; nobody else can use them."""
    for node in (*model.graph.node, *(n for function in model.functions for n in function.node)):
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    del model.metadata_props[:]
    del model.graph.metadata_props[:]


def _ship(
    kind: str, module: Any, output: str, trained: Path, to: Path, fields: Mapping[str, Any]
) -> Manifest:
    folder, tokenizer = to / kind, to / "tokenizer" / "tokenizer.json"
    # What a library set for its own batches (cutting, padding) is no part of the tokenizer.
    content = open_tokenizer(trained / "tokenizer.json").to_str(pretty=True)
    _keep_shared(tokenizer, content, kind)
    writable_folder(folder, "--to")
    writable_folder(tokenizer.parent, "--to")
    tokenizer.write_text(content, encoding="utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "float.onnx"
        to_onnx(module, output, plain)
        to_int8(plain, folder / "model.onnx", _STEPS[kind])
    files = ["model.onnx", _SHARED]
    manifest = write_manifest(folder, kind, f"metier-{kind}", VERSION, files, **fields)
    (folder / "README.md").write_text(model_card(manifest), encoding="utf-8")
    return manifest


def _keep_shared(there: Path, content: str, kind: str) -> None:
    """BadInputError where `content` would replace another tokenizer that another model uses."""
    if not there.is_file() or there.read_text(encoding="utf-8") == content:
        return
    for manifest in sorted(there.parents[1].glob(f"*/{MANIFEST}")):
        user = manifest.parent.name
        if user != kind and f'"{_SHARED}"' in manifest.read_text(encoding="utf-8"):
            raise BadInputError(
                f"the {kind} has another tokenizer than {there}, which {manifest.parent} uses",
                f"train the {kind} and the {user} from one base, or name another folder with --to",
            )


def _logits_only(model: Any) -> Any:
    need("torch", "train")
    from torch import nn

    class LogitsOnly(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask).logits

    return LogitsOnly()


def _mean_pooled(model: Any) -> Any:
    need("torch", "train")
    from torch import nn

    class MeanPooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            states = self.model(input_ids=input_ids, attention_mask=attention_mask)[0]
            kept = attention_mask[..., None].to(states.dtype)
            return (states * kept).sum(dim=1) / kept.sum(dim=1)

    return MeanPooled()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m training.onnx_export")
    parser.add_argument("kind", choices=("tagger", "encoder"))
    parser.add_argument("trained", type=Path)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--record", type=Path, help="JSON of how the weights were made")
    parser.add_argument("--calibration", type=Path, help="JSON of thresholds (encoder)")
    given = parser.parse_args(arguments)
    try:
        record = _json(given.record)
        if given.kind == "tagger":
            manifest = ship_tagger(given.trained, given.to, record)
        else:
            manifest = ship_encoder(given.trained, given.to, record, _json(given.calibration))
    except MetierError as problem:
        parser.exit(problem.exit_code, f"error: {problem.message}\nhint: {problem.hint}\n")
    print(manifest.model)


def _json(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        return dict(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError) as problem:
        raise BadInputError(
            f"{path} holds no JSON object: {problem}", "name a file with one JSON object"
        ) from problem


if __name__ == "__main__":
    main()
