"""What turns token ids into tag scores: ONNX Runtime by default, PyTorch on request.

One unpadded sequence at a time: dynamic int8 takes one scale for a whole batch, so a text in
company could come out otherwise than alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from ner.errors import WeightsError, reason
from ner.labels import BIO_TAGS
from ner.session import open_session, open_transformer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_OTHER_WEIGHTS = "Install weights and program of one release, or export the model again."


class TokenClassifier(Protocol):
    """Scores of each token for each tag; may be called from several threads."""

    def logits(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """(n,) token ids of one sequence -> (n, len(BIO_TAGS)) unnormalised scores."""
        ...


class OnnxBackend:
    """An ONNX model: inputs "input_ids" and "attention_mask" (1, n), output "logits" (1, n, tags).

    Raises WeightsError if the file cannot be opened, has other inputs or outputs, or gives scores
    that are not finite.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._session: InferenceSession = open_session(path)
        inputs = sorted(entry.name for entry in self._session.get_inputs())
        outputs = {entry.name: entry.shape for entry in self._session.get_outputs()}
        if inputs != ["attention_mask", "input_ids"] or "logits" not in outputs:
            raise WeightsError(
                f"{path} is no tagger: its inputs are {', '.join(inputs)},"
                f" its outputs {', '.join(sorted(outputs))}",
                _OTHER_WEIGHTS,
            )

    def logits(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """(n,) token ids -> (n, tags) scores."""
        batch = np.ascontiguousarray(ids, dtype=np.int64)[None, :]
        feed = {"input_ids": batch, "attention_mask": np.ones_like(batch)}
        try:
            (result,) = self._session.run(["logits"], feed)
        except Exception as error:  # onnxruntime raises a class of its own for each status code
            raise _failed(self._path, error) from error
        return _checked(np.asarray(result)[0], len(ids), self._path)


class TorchBackend:
    """A transformers folder with a token classification model, in float32 on the CPU.

    Raises what `ner.session.open_transformer` does.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._model: Any = open_transformer(folder, "AutoModelForTokenClassification")

    def logits(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """(n,) token ids -> (n, tags) scores."""
        import torch

        batch = torch.from_numpy(np.ascontiguousarray(ids, dtype=np.int64))[None, :]
        try:
            with torch.inference_mode():
                result = self._model(input_ids=batch, attention_mask=torch.ones_like(batch)).logits
        except Exception as error:  # an id beyond the embedding, no memory, ...
            raise _failed(self._folder, error) from error
        return _checked(result[0].numpy(), len(ids), self._folder)


def _checked(logits: npt.NDArray[np.generic], count: int, source: Path) -> npt.NDArray[np.float32]:
    if logits.shape != (count, len(BIO_TAGS)):
        raise WeightsError(
            f"{source} gives scores of shape {logits.shape} for {count} tokens and"
            f" {len(BIO_TAGS)} tags",
            _OTHER_WEIGHTS,
        )
    scores = logits.astype(np.float32, copy=False)
    if not np.isfinite(scores).all():
        raise WeightsError(f"{source} gives scores that are not finite", _OTHER_WEIGHTS)
    return scores


def _failed(source: Path, error: Exception) -> WeightsError:
    return WeightsError(f"the model in {source} cannot be used: {reason(error)}", _OTHER_WEIGHTS)
