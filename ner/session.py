"""Opening an ONNX model for inference on one CPU thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ner.errors import WeightsError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def open_session(path: str | Path) -> InferenceSession:
    """Open `path` with one thread and the CPU provider.

    One thread a session: otherwise every worker takes all cores, and idle threads spin.
    Raises WeightsError if the file is missing or is no usable model.
    """
    import onnxruntime

    path = Path(path)
    if not path.is_file():
        raise WeightsError(
            f"the model file {path} is missing",
            "Install the weights again, or check them with: metier doctor",
        )
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
        reason = (str(error).splitlines() or [""])[0][:200]
        raise WeightsError(
            f"the model file {path} cannot be opened: {reason}",
            "Install the weights again, or check them with: metier doctor",
        ) from error
