"""Base weights: read them, turn BERT into the DistilBERT architecture, keep fewer layers.

A BertModel without cross attention is a DistilBertModel under other names: the embedding of token
type 0, which every text uses, is added into the position embeddings, and the pooler is dropped.
The conversion is exact (Sanh et al. 2019 describe the architecture; no distillation happens here).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ner.errors import BadInputError, MetierError, WeightsError, reason
from ner.vocabulary import open_tokenizer
from training.extras import need

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor
    from transformers import DistilBertModel

# What XLM-R's and BERT's vocabularies call the same five tokens.
_SPECIALS = (
    ("<s>", "[CLS]"),
    ("</s>", "[SEP]"),
    ("<pad>", "[PAD]"),
    ("<mask>", "[MASK]"),
    ("<unk>", "[UNK]"),
)
# DistilBERT has no setting for it.
LAYER_NORM_EPS = 1e-12
LAYER_NAMES = (
    ("attention.self.query", "attention.q_lin"),
    ("attention.self.key", "attention.k_lin"),
    ("attention.self.value", "attention.v_lin"),
    ("attention.output.dense", "attention.out_lin"),
    ("attention.output.LayerNorm", "sa_layer_norm"),
    ("intermediate.dense", "ffn.lin1"),
    ("output.dense", "ffn.lin2"),
    ("output.LayerNorm", "output_layer_norm"),
)


@dataclass(frozen=True, slots=True)
class SpecialNames:
    """The names that a vocabulary gives to its special tokens, and the ids of two of them."""

    start: str
    end: str
    pad: str
    mask: str
    unknown: str
    pad_id: int
    mask_id: int


def distil_state(state: Mapping[str, Tensor], layers: Sequence[int]) -> dict[str, Tensor]:
    """The DistilBERT state dictionary of a BERT one, keeping `layers` (counted from 0) in order."""
    words = state["embeddings.word_embeddings.weight"]
    positions = state["embeddings.position_embeddings.weight"]
    token_type = state["embeddings.token_type_embeddings.weight"][0]
    new = {
        "embeddings.word_embeddings.weight": words,
        "embeddings.position_embeddings.weight": positions + token_type,
        "embeddings.LayerNorm.weight": state["embeddings.LayerNorm.weight"],
        "embeddings.LayerNorm.bias": state["embeddings.LayerNorm.bias"],
    }
    for target, source in enumerate(layers):
        for theirs, ours in LAYER_NAMES:
            for part in ("weight", "bias"):
                new[f"transformer.layer.{target}.{ours}.{part}"] = state[
                    f"encoder.layer.{source}.{theirs}.{part}"
                ]
    return new


def read_base(base: str | Path, layers: Sequence[int] | None = None) -> DistilBertModel:
    """A DistilBertModel in float32 from a BERT or DistilBERT folder, or a hub id (Python only).

    `layers` keeps only these layers (from 0); None keeps all. Attention is the plain kind: the
    fused kernel's backward pass is slow for short texts in bfloat16 on a CPU.
    Raises BadInputError when the base cannot be read, is of another architecture, or lacks one of
    `layers`.
    """
    transformers = need("transformers", "train")
    source = _loaded(base)
    config = source.config
    is_bert = config.model_type == "bert"
    count = config.num_hidden_layers
    chosen = list(range(count)) if layers is None else list(layers)
    if any(not 0 <= layer < count for layer in chosen):
        raise BadInputError(
            f"the base {base} has the layers 0 to {count - 1}, not all of {chosen}",
            "correct the recipe's setting layers, or leave it out to keep every layer",
        )
    if is_bert:
        state = distil_state(source.state_dict(), chosen)
        same = {
            "vocab_size": config.vocab_size,
            "max_position_embeddings": config.max_position_embeddings,
            "dim": config.hidden_size,
            "hidden_dim": config.intermediate_size,
            "n_heads": config.num_attention_heads,
            "activation": config.hidden_act,
            "pad_token_id": config.pad_token_id,
        }
    elif layers is None:
        return source
    else:
        state = _kept(source.state_dict(), chosen)
        same = {key: value for key, value in config.to_dict().items() if key != "dtype"}
    model = transformers.DistilBertModel._from_config(
        transformers.DistilBertConfig(**{**same, "n_layers": len(chosen)}),
        attn_implementation="eager",
        dtype=need("torch", "train").float32,
    )
    model.load_state_dict(state)
    return model


def _loaded(base: str | Path) -> Any:
    """The base as it lies in its folder; BadInputError where DistilBERT could not stand for it."""
    transformers, torch = need("transformers", "train"), need("torch", "train")
    try:
        config = transformers.AutoConfig.from_pretrained(str(base))
        kind = config.model_type
        if kind not in ("bert", "distilbert"):
            raise BadInputError(
                f"the base {base} is of the architecture {kind!r}",
                "take a BERT or DistilBERT base, or convert it first",
            )
        if kind == "bert" and config.layer_norm_eps != LAYER_NORM_EPS:
            raise BadInputError(
                f"the base {base} has a layer_norm_eps of {config.layer_norm_eps}",
                f"take a base with {LAYER_NORM_EPS}, the only one that DistilBERT knows",
            )
        options: dict[str, Any] = {"add_pooling_layer": False} if kind == "bert" else {}
        model, report = transformers.AutoModel.from_pretrained(
            str(base),
            dtype=torch.float32,
            attn_implementation="eager",
            output_loading_info=True,
            **options,
        )
    except MetierError:
        raise
    except Exception as problem:  # the loaders raise whatever their parsers do
        raise BadInputError(
            f"the base {base} cannot be read: {reason(problem)}",
            "give --base a folder with config.json and model.safetensors",
        ) from problem
    if report["missing_keys"]:
        # transformers would fill them with random numbers and go on.
        raise BadInputError(
            f"the base {base} lacks {len(report['missing_keys'])} tensors,"
            f" such as {min(report['missing_keys'])}",
            "give --base a whole model of its architecture",
        )
    return model


def _kept(state: Mapping[str, Tensor], layers: Sequence[int]) -> dict[str, Tensor]:
    """A DistilBERT state dictionary with only `layers`, renumbered."""
    prefix = "transformer.layer."
    new = {name: tensor for name, tensor in state.items() if not name.startswith(prefix)}
    for target, source in enumerate(layers):
        theirs = f"{prefix}{source}."
        for name, tensor in state.items():
            if name.startswith(theirs):
                new[f"{prefix}{target}.{name.removeprefix(theirs)}"] = tensor
    return new


def tokenizer_file(base: str | Path) -> Path:
    """The `tokenizer.json` of a base folder, or of a hub id (fetched by the hub's own cache)."""
    local = Path(base) / "tokenizer.json"
    if local.is_file():
        return local
    hub = need("huggingface_hub", "train")
    try:
        return Path(hub.hf_hub_download(str(base), "tokenizer.json"))
    except Exception as problem:
        raise BadInputError(
            f"no tokenizer.json in {base}",
            "give --base a folder that holds config.json, model.safetensors and tokenizer.json",
        ) from problem


def read_tokenizer(base: str | Path) -> Tokenizer:
    """The base's tokenizer, set to cut and to pad nothing, whatever its file says.

    Raises BadInputError where there is none, or none that can be read.
    """
    path = tokenizer_file(base)
    try:
        return open_tokenizer(path)
    except WeightsError as problem:
        raise BadInputError(
            problem.message, "give --base a folder with a tokenizer.json of the tokenizers library"
        ) from problem


def special_names(tokenizer: Tokenizer) -> SpecialNames:
    """The special tokens by their names in this vocabulary, XLM-R's or BERT's.

    Raises BadInputError where one is missing.
    """
    found: list[tuple[str, int]] = []
    for names in _SPECIALS:
        ids = {name: tokenizer.token_to_id(name) for name in names}
        known = [(name, number) for name, number in ids.items() if number is not None]
        if not known:
            raise BadInputError(
                f"the base's vocabulary has no token {' or '.join(names)}",
                "take a base with the special tokens of XLM-R or BERT",
            )
        found.append(known[0])
    (start, _), (end, _), (pad, pad_id), (mask, mask_id), (unknown, _) = found
    return SpecialNames(start, end, pad, mask, unknown, pad_id, mask_id)


def base_name(base: str | Path) -> str:
    """The base as logs name it: its folder, and the recipes that it went through since.

    A folder `final` beside the `log.json` of a recipe is named by what the log started from, such
    as "bilingual + mlm".
    """
    try:
        log = json.loads((Path(base).parent / "log.json").read_bytes())
        return f"{log['base']} + {log['recipe']['kind']}"
    except (OSError, ValueError, KeyError, TypeError):  # not made by a recipe
        return Path(base).name
