"""Plain folders for other libraries, from the checkpoints of a checkout or the shipped weights."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ner.errors import BadInputError, MetierError, UsageError, reason
from training.cards import plain_card
from training.encoder import plain_tokenizer, sentence_model
from training.runs import writable_folder
from training.shipped import unpack_shipped
from training.trained import load_trained, refuse_tagger

CHECKPOINTS = Path(__file__).parent / "checkpoints"
# The window of the encoder, which it cuts texts at as a sentence-transformers model.
EXPORTED_TOKENS = 256


def export(kind: str, to: Path, checkpoint: Path | None = None) -> Path:
    """Write the tagger as a transformers folder, or the encoder as a sentence-transformers one.

    `checkpoint` is a folder with config.json, model.safetensors and tokenizer.json, by default
    `training/checkpoints/<kind>`; where a checkout or an installation has none, what eight bits
    kept of the weights is taken from the shipped model. Written is float32.
    Raises BadInputError without a checkpoint or for one of another kind, WeightsError for shipped
    weights that are missing or damaged, UsageError where `to` holds something already or cannot be
    written.
    """
    if to.exists() and not (to.is_dir() and not any(to.iterdir())):
        raise UsageError(f"{to} is not an empty folder", "name a new folder with --to")
    with tempfile.TemporaryDirectory() as scratch:
        source = checkpoint or CHECKPOINTS / kind
        if checkpoint is None and not (source / "config.json").is_file():
            source = unpack_shipped(kind, Path(scratch) / kind)
        if not (source / "config.json").is_file():
            raise BadInputError(
                f"there are no weights of the {kind} to export in {source}",
                "name a folder that `metier train` wrote with --checkpoint, or leave it out",
            )
        if kind == "encoder":
            refuse_tagger(source)
        writable_folder(to, "--to")
        try:
            _write(kind, source, to)
        except MetierError:
            raise
        except Exception as problem:  # the loaders raise whatever their parsers do
            raise BadInputError(
                f"the weights in {source} cannot be exported: {reason(problem)}",
                "name a folder that `metier train` wrote with --checkpoint",
            ) from problem
    (to / "README.md").write_text(plain_card(kind), encoding="utf-8")
    return to


def _write(kind: str, source: Path, to: Path) -> None:
    if kind == "encoder":
        with tempfile.TemporaryDirectory() as scratch:
            model = sentence_model(source, Path(scratch), EXPORTED_TOKENS)
            model.float().save_pretrained(str(to), create_model_card=False)
        return
    load_trained("AutoModelForTokenClassification", source).save_pretrained(to)
    plain_tokenizer(source).save_pretrained(to)
