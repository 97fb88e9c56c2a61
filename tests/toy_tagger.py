"""A small tagger whose every decision is known: an embedding table that knows some words.

`known` maps a word to the tag of its first piece; all other pieces are O.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from ner.labels import BIO_TAGS
from ner.weights import write_manifest

# A word that this tokenizer turns into nothing at all.
VANISHING = "\u2042"
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")


def build_tokenizer(known: Mapping[str, str]) -> Tokenizer:
    pieces = [(piece, 0.0) for piece in SPECIALS]
    pieces.append(("▁", -3.0))
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,/+#-éäü"
    pieces += [(char, -8.0) for char in alphabet]
    pieces += [(f"▁{word}", -5.0) for word in known]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.add_special_tokens(list(SPECIALS))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(VANISHING), "")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    return tokenizer


def build_word_pieces(known: Mapping[str, str]) -> Tokenizer:
    """A tokenizer as BERT has it: [CLS] and [SEP], ## within words, and here no pad token."""
    specials = ["[CLS]", "[SEP]", "[UNK]"]
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,/+#-"
    pieces = [*specials, *alphabet, *(f"##{char}" for char in alphabet), *known]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.add_special_tokens(specials)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def build_model(
    tokenizer: Tokenizer, known: Mapping[str, str], tags: int = len(BIO_TAGS)
) -> onnx.ModelProto:
    """logits = table[input_ids] * attention_mask, with 4.0 for the known tag of each piece."""
    table = np.zeros((tokenizer.get_vocab_size(), tags), dtype=np.float32)
    table[:, 0] = 4.0
    for word, tag in known.items():
        piece = tokenizer.token_to_id(f"▁{word}")
        row = table[tokenizer.token_to_id(word) if piece is None else piece]
        row[0] = 0.0
        row[min(BIO_TAGS.index(tag), tags - 1)] = 4.0
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
            helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["mask", "last"], ["mask3"]),
            helper.make_node("Mul", ["rows", "mask3"], ["logits"]),
        ],
        "toy",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, [1, "n"])
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, "n", tags])],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(np.array([-1], dtype=np.int64), "last"),
        ],
    )
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=9)


def write_tagger(
    folder: Path, known: Mapping[str, str], tokenizer: Tokenizer | None = None, **fields: Any
) -> Path:
    """A tagger folder with the tokenizer beside it, as the shipped ones have."""
    shared = folder.parent / "tokenizer"
    shared.mkdir(parents=True, exist_ok=True)
    folder.mkdir()
    tokenizer = tokenizer or build_tokenizer(known)
    tokenizer.save(str(shared / "tokenizer.json"))
    onnx.save(build_model(tokenizer, known), str(folder / "model.onnx"))
    described = {
        "labels": list(BIO_TAGS),
        "window": {"size": 32, "overlap": 8},
        "languages": ["en", "de"],
        "separator": True,
    } | fields
    files = ["model.onnx", "../tokenizer/tokenizer.json"]
    write_manifest(folder, "tagger", "toy", "1.0", files, **described)
    return folder
