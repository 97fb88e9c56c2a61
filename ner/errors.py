"""The errors that reach a caller; no lower library's exception escapes unmapped.

MetierError            exit code 1
├── UsageError         exit code 2: an argument cannot be used
│   └── MissingExtraError       2: an optional package is not installed
├── BadInputError      exit code 3: the data given cannot be read
└── WeightsError       exit code 4: weights or an index are damaged, missing or mismatched
"""

from __future__ import annotations

from typing import ClassVar


class MetierError(Exception):
    """What happened (`message`, with names and numbers) and what to do about it (`hint`)."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        # Both go to `args`, so that the error survives pickling between processes.
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class UsageError(MetierError):
    """An argument or a combination of arguments cannot be used."""

    exit_code: ClassVar[int] = 2


class MissingExtraError(UsageError):
    """An optional package is needed; the hint names the pip command."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"the package {package} is not installed",
            f'Install it with: pip install "metier[{extra}]"',
        )
        self.package = package
        self.extra = extra

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str]]:
        return type(self), (self.package, self.extra)


class BadInputError(MetierError):
    """The data given cannot be read as what it should be."""

    exit_code: ClassVar[int] = 3


class WeightsError(MetierError):
    """Weights, a space or an index are damaged, missing, or made for something else."""

    exit_code: ClassVar[int] = 4


def reason(error: Exception) -> str:
    """What another library's `error` says, in one line of at most 200 characters."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
