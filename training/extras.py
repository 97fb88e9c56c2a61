"""Optional packages at the door: import one, or say which command installs it."""

from __future__ import annotations

import logging
from functools import cache
from importlib import import_module
from typing import Any

from ner.errors import MissingExtraError, UsageError, reason


def need(module: str, extra: str) -> Any:
    """The imported `module`, with the messages and progress bars of its package turned off.

    Raises MissingExtraError with the pip command where the package is not installed, UsageError
    where it is but cannot be imported.
    """
    package = module.split(".")[0]
    try:
        found = import_module(module)
        _quieten(package)
    except Exception as problem:  # a broken installation: ImportError, OSError, RuntimeError, ...
        if isinstance(problem, ModuleNotFoundError) and problem.name == package:
            raise MissingExtraError(package, extra) from problem
        raise UsageError(
            f"the package {package} is installed but cannot be imported: {reason(problem)}",
            f'Install it again: pip install --force-reinstall "metier[{extra}]"',
        ) from problem
    return found


@cache
def _quieten(package: str) -> None:
    """Once: what these libraries tell on standard error would stand between our own lines."""
    if package == "datasets":
        import_module("datasets").disable_progress_bars()
    if package in ("sentence_transformers", "transformers"):
        voice = import_module("transformers").utils.logging
        voice.set_verbosity_error()
        voice.disable_progress_bar()
    if package == "onnxruntime":
        logging.getLogger("onnxruntime.quantization").setLevel(logging.WARNING)
