"""From token ids to one vector: what the encoder runs, by ONNX Runtime or by torch.

Both take one unpadded text at a time: dynamic int8 quantisation takes its activation scales over
the whole batch, so a text in company would come out otherwise than alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ner.errors import WeightsError, reason
from ner.session import PLAIN_FOLDER, open_session, open_transformer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


class Embedder(Protocol):
    """Maps token ids, int64 (n,), to a mean-pooled vector, float32 (d,), of any length.

    Raises WeightsError if the model fails, or gives a vector that is not finite.
    """

    @property
    def dimension(self) -> int: ...

    def embed(self, ids: NDArray[np.int64]) -> NDArray[np.float32]: ...


class OnnxEmbedder:
    """Inputs `input_ids`, `attention_mask` (1, n) int64; output `embedding` (1, d)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._session: InferenceSession = open_session(path)
        inputs = {value.name for value in self._session.get_inputs()}
        outputs = {value.name: value.shape for value in self._session.get_outputs()}
        if not {"input_ids", "attention_mask"} <= inputs or "embedding" not in outputs:
            raise WeightsError(
                f"{path} is no encoder: its inputs are {sorted(inputs)}, "
                f"its outputs {sorted(outputs)}",
                "Use an export with input_ids, attention_mask and embedding.",
            )
        self.dimension = int(self._run(np.zeros(1, np.int64)).shape[0])

    def embed(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        vector = self._run(ids)
        if vector.shape != (self.dimension,):
            raise WeightsError(
                f"{self._path} gave a vector of {vector.shape} instead of {self.dimension} values",
                "Export the encoder again; its output must be pooled to (1, d).",
            )
        return _finite(vector, self._path)

    def _run(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        row = ids[None, :]
        feed = {"input_ids": row, "attention_mask": np.ones_like(row)}
        try:
            (output,) = self._session.run(["embedding"], feed)
        except Exception as error:  # onnxruntime raises a class of its own for each status code
            raise WeightsError(
                f"{self._path} failed on a text of {len(ids)} tokens: {reason(error)}",
                "Check that model and tokenizer belong together: metier doctor",
            ) from error
        return np.asarray(output, np.float32).reshape(-1)


class TorchEmbedder:
    """A transformers folder, or a sentence-transformers folder around one; mean pooling.

    Runs in float32 on the CPU, whatever the folder was saved in. Raises what
    `ner.session.open_transformer` does.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # A pooler is not run here, and masked language models are saved without one.
        self._model: Any = open_transformer(transformer_folder(folder), "AutoModel", "pooler.")
        size = getattr(self._model.config, "hidden_size", None)
        if not isinstance(size, int):
            raise WeightsError(f"{folder} is no encoder: it states no hidden_size", PLAIN_FOLDER)
        self.dimension = size

    def embed(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        import torch

        try:
            with torch.inference_mode():
                row = torch.from_numpy(np.ascontiguousarray(ids))[None]
                states = self._model(input_ids=row, attention_mask=torch.ones_like(row))
                pooled = states.last_hidden_state.mean(dim=1)[0].numpy()
        except Exception as error:  # an id beyond the embedding, no memory, ...
            raise WeightsError(
                f"{self._folder} failed on a text of {len(ids)} tokens: {reason(error)}",
                "Check that model and tokenizer belong together.",
            ) from error
        return _finite(np.asarray(pooled, np.float32), self._folder)


def transformer_folder(folder: Path) -> Path:
    """Older sentence-transformers keep the transformer one folder down."""
    inner = folder / "0_Transformer"
    return inner if not (folder / "config.json").is_file() and inner.is_dir() else folder


def _finite(vector: NDArray[np.float32], source: Path) -> NDArray[np.float32]:
    # The unit vector of one that is not finite would be compared with others without complaint.
    if not np.isfinite(vector).all():
        raise WeightsError(
            f"{source} gave a vector that is not finite",
            "Install the encoder again, or export it again.",
        )
    return vector
