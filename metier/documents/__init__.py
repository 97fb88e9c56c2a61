"""Text of the files that people send: PDF and plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metier.documents.read import Document, read_bytes, read_document

__all__ = ["Document", "read_bytes", "read_document"]


def __getattr__(name: str) -> Any:
    # On first use: the process that opens a PDF is in this package and needs nothing of it.
    if name in __all__:
        from metier.documents import read

        return getattr(read, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
