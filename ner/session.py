"""Opening a model for inference on the CPU: by ONNX Runtime on one thread, or by torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ner.errors import MissingExtraError, UsageError, WeightsError, reason
from ner.weights import REINSTALL

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

# ONNX Runtime reports its use to Microsoft, and keeps a device id and a queue of reports in the
# user's cache folder, from the moment it is imported; `disable_telemetry_events` comes too late for
# that. So this is set with the first import of `ner`: whoever imports ONNX Runtime elsewhere has to
# import `ner` before. A value that a user has set stays.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

PLAIN_FOLDER = "Give a folder with config.json and model.safetensors."


def open_session(path: str | Path) -> InferenceSession:
    """Open `path` with one thread and the CPU provider.

    One thread a session: otherwise every worker takes all cores, and idle threads spin.
    Raises WeightsError if the file is missing or is no usable model.
    """
    import onnxruntime

    path = Path(path)
    if not path.is_file():
        raise WeightsError(f"the model file {path} is missing", REINSTALL)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    # Errors are raised and mapped below; the library's own warnings would only reach stderr.
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(
            str(path), sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime raises a class of its own for each status code
        raise WeightsError(
            f"the model file {path} cannot be opened: {reason(error)}", REINSTALL
        ) from error


def open_transformer(folder: Path, loader: str, spare: str | None = None) -> Any:
    """The model in the transformers folder `folder`, for inference in float32 on the CPU.

    `loader` names a class of transformers, such as "AutoModel"; tensors whose names begin with
    `spare` may be missing. Raises MissingExtraError without torch and transformers, UsageError
    if they are there but cannot be imported, WeightsError for an unusable folder.
    """
    single, load = _torch_and(loader)
    try:
        model, report = load.from_pretrained(
            folder, dtype=single, local_files_only=True, output_loading_info=True
        )
    except Exception as error:  # the loaders raise whatever their parsers do
        raise WeightsError(
            f"{folder} cannot be opened by transformers: {reason(error)}", PLAIN_FOLDER
        ) from error
    lacking = [key for key in report["missing_keys"] if spare is None or not key.startswith(spare)]
    if lacking:
        # transformers would fill them with random numbers and go on.
        raise WeightsError(
            f"{folder} lacks {len(lacking)} tensors of its model, such as {min(lacking)}",
            PLAIN_FOLDER,
        )
    return model.eval()


def _torch_and(loader: str) -> tuple[Any, Any]:
    """The float32 of torch, and a class of transformers."""
    try:
        import torch
        import transformers

        return torch.float32, getattr(transformers, loader)
    except Exception as error:  # a broken installation: ImportError, OSError, RuntimeError, ...
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing in ("torch", "transformers"):
            raise MissingExtraError(missing, "train") from None
        raise UsageError(
            f"torch or transformers is installed but cannot be imported: {reason(error)}",
            'Install both again: pip install --force-reinstall "metier[train]"',
        ) from error
