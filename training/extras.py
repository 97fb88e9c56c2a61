"""Optional packages at the door: import one, or say which command installs it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ner.errors import MissingExtraError


def need(module: str, extra: str) -> Any:
    """The imported `module`; MissingExtraError with the pip command where it is not installed."""
    try:
        return import_module(module)
    except ImportError as problem:
        raise MissingExtraError(module.split(".")[0], extra) from problem
