"""Opens a `tokenizer.json`: one way for all models, in training and in use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ner.errors import WeightsError, reason
from ner.weights import REINSTALL

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def open_tokenizer(path: str | Path) -> Tokenizer:
    """The tokenizer in the file `path`, which neither cuts nor pads, whatever the file asks for.

    Raises WeightsError if the file is missing or no tokenizer.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception
        raise WeightsError(
            f"the tokenizer {path} cannot be read: {reason(error)}", REINSTALL
        ) from error
    # A saved file may carry the limits of its training run; a text here is windowed, never cut.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
