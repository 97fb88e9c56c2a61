"""From trained folders to the checkpoints of a checkout: half precision, nothing but the model.

    python -m training.checkpoint tagger|encoder FOLDER

writes training/checkpoints/<kind>: config.json, model.safetensors in float16, tokenizer.json and,
for the encoder, the module files of sentence-transformers. `metier export` reads them.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ner.errors import MetierError
from training.encoder import plain_tokenizer, sentence_model
from training.export import CHECKPOINTS, EXPORTED_TOKENS
from training.runs import replaced, writable_folder
from training.trained import load_trained

_LOADERS = {"tagger": "AutoModelForTokenClassification", "encoder": "AutoModel"}


def write_checkpoint(kind: str, trained: Path, to: Path | None = None) -> Path:
    """Write `to`, by default training/checkpoints/<kind>, anew; what was there is replaced whole.

    Raises BadInputError when `trained` holds no whole model of this kind.
    """
    target = to or CHECKPOINTS / kind
    model = load_trained(_LOADERS[kind], trained)
    writable_folder(target.parent, "")
    with tempfile.TemporaryDirectory() as scratch, replaced(target) as made:
        if kind == "encoder":
            whole = sentence_model(trained, Path(scratch) / "start", EXPORTED_TOKENS)
            whole.half().save_pretrained(str(made), create_model_card=False)
        else:
            model.half().save_pretrained(made)
            plain_tokenizer(trained).save_pretrained(made)
        # As it lies in `trained`, and not as a library would write it anew: its hash is part of the
        # fingerprint of the model in this folder. Where training set it to cut and pad, it still
        # says so; `open_tokenizer` turns both off.
        shutil.copyfile(trained / "tokenizer.json", made / "tokenizer.json")
    return target


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m training.checkpoint")
    parser.add_argument("kind", choices=sorted(_LOADERS))
    parser.add_argument("trained", type=Path, metavar="FOLDER")
    given = parser.parse_args(arguments)
    try:
        print(write_checkpoint(given.kind, given.trained))
    except MetierError as problem:
        parser.exit(problem.exit_code, f"error: {problem.message}\nhint: {problem.hint}\n")


if __name__ == "__main__":
    main()
