"""From token ids to one vector: what the encoder runs, by ONNX Runtime or by torch.

Both take one unpadded text at a time: dynamic int8 quantisation takes its activation scales over
the whole batch, so a text in company would come out otherwise than alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ner.errors import MissingExtraError, WeightsError, reason
from ner.session import open_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


_PLAIN_FOLDER = "Give a folder with config.json and model.safetensors."


class Embedder(Protocol):
    """Maps token ids, int64 (n,), to a mean-pooled vector, float32 (d,), of any length."""

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
        return vector

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

    Runs in float32 on the CPU, whatever the folder was saved in. Raises MissingExtraError without
    torch and transformers, WeightsError for an unusable folder.
    """

    def __init__(self, folder: Path) -> None:
        try:
            import torch
            from transformers import AutoModel
        except ImportError as error:
            raise MissingExtraError(error.name or "torch", "train") from None
        self._folder = folder
        self._torch: Any = torch
        try:
            model, report = AutoModel.from_pretrained(
                transformer_folder(folder),
                dtype=torch.float32,
                local_files_only=True,
                output_loading_info=True,
            )
            self.dimension = int(model.config.hidden_size)
        except Exception as error:  # many classes, from many libraries
            raise WeightsError(
                f"{folder} cannot be opened by transformers: {reason(error)}", _PLAIN_FOLDER
            ) from error
        # A pooler is not run here, and masked language models are saved without one.
        lacking = sorted(key for key in report["missing_keys"] if not key.startswith("pooler."))
        if lacking:
            # transformers would fill them with random numbers and go on.
            raise WeightsError(
                f"{folder} lacks {len(lacking)} tensors of its model, such as {lacking[0]}",
                _PLAIN_FOLDER,
            )
        self._model: Any = model.eval()

    def embed(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        torch = self._torch
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
        return np.asarray(pooled, np.float32)


def transformer_folder(folder: Path) -> Path:
    """Older sentence-transformers keep the transformer one folder down."""
    inner = folder / "0_Transformer"
    return inner if not (folder / "config.json").is_file() and inner.is_dir() else folder
