"""How a runner tells that it goes on, without knowing whether anyone looks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Wraps an iterable of known length; the default, `silent`, shows nothing."""

    def __call__(self, items: Iterable[T], total: int, description: str) -> Iterable[T]: ...


def silent(items: Iterable[T], total: int, description: str) -> Iterable[T]:
    return items
