"""Cleaning a text for the model, with a map back to the original.

- Line ends (CRLF, CR, NEL, form feed, U+2028, U+2029) become "\\n". So do tabs behind a word: they
  part the cells of a table, and what stands in two cells is as little one thing as what stands in
  two lines. Behind a bullet or a mark ("1."), and before anything else, a tab is a blank.
- Every exotic blank (NBSP, thin, ideographic, ...) becomes one " ".
- NUL and other control characters, zero-width characters, soft hyphens, byte-order marks,
  direction marks (left-to-right, right-to-left) and variation selectors are dropped.
- A lone surrogate, which no tokenizer takes, becomes U+FFFD.
- The rest is composed (NFC), so that "e" + U+0301 is the "é" of the training texts.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

_LINE_ENDS: Final = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")
# What the word in a cell of a table may end with, besides letters and digits ("C++", "100 %").
_WORD_ENDS: Final = frozenset("+#%")
_REPLACEMENT: Final = "\ufffd"
# NFC sorts the marks of a cluster in quadratic time. No script stacks more than a few; UAX #15
# ("stream-safe text") cuts at 30.
_LONGEST_CLUSTER: Final = 30


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned text of n code points and where each came from.

    starts, ends: (n,) half-open span in the original of each cleaned character, in code points;
    both never decrease.
    """

    text: str
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The original span of the cleaned, non-empty span start..end.

        It holds what was dropped inside, and the whole of a character composed from several.
        """
        if not 0 <= start < end <= len(self.text):
            raise IndexError(f"no span {start}..{end} in {len(self.text)} characters")
        return int(self.starts[start]), int(self.ends[end - 1])


def clean(text: str) -> Cleaned:
    """Clean `text`; time and memory grow linearly with its length."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    distinct, which = np.unique(codes, return_inverse=True)
    characters = [chr(code) for code in distinct]
    # Asked once per distinct character, not once per position.
    new_codes = np.array([_code(char) for char in characters], dtype=np.int64)[which]
    if "\t" in text:
        wordy = np.array([_ends_word(char) for char in characters], dtype=bool)[which]
        new_codes[(codes == ord("\t")) & _behind(wordy, new_codes)] = ord("\n")
    keep = new_codes >= 0
    carriage_return, line_feed = ord("\r"), ord("\n")
    keep[:-1] &= ~((codes[:-1] == carriage_return) & (codes[1:] == line_feed))
    starts = np.flatnonzero(keep).astype(np.int64)

    traits = np.array([_traits(char) for char in characters], dtype=bool).reshape(-1, 4)
    mark, jamo, hangul, grows = traits[which][keep].T
    joins = mark.copy()
    joins[1:] |= jamo[1:] & hangul[:-1]
    return _compose(_to_text(new_codes[keep]), starts, joins, grows)


def _behind(
    wordy: npt.NDArray[np.bool_], new_codes: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """(n,) whether the last character before each place that is no blank is one of `wordy`."""
    filled = (new_codes >= 0) & (new_codes != ord(" "))
    last = np.maximum.accumulate(np.where(filled, np.arange(len(filled)), -1))
    before = np.concatenate([[-1], last[:-1]])
    return np.asarray((before >= 0) & wordy[before], dtype=np.bool_)


def _compose(
    text: str,
    starts: npt.NDArray[np.int64],
    joins: npt.NDArray[np.bool_],
    grows: npt.NDArray[np.bool_],
) -> Cleaned:
    """NFC, cluster by cluster; all characters of a changed cluster map to the whole of it.

    A cluster is a character and those that `joins` marks after it; only clusters that NFC may
    change are looked at: those of several characters, and single ones that `grows` marks.
    """
    ends = starts + 1
    opens = ~joins
    opens[:1] = True
    heads = np.flatnonzero(opens & (np.append(joins[1:], False) | grows))
    if not len(heads):
        return Cleaned(text, starts, ends)
    boundaries = np.append(np.flatnonzero(opens), len(text))
    stops = boundaries[np.searchsorted(boundaries, heads, side="right")]
    stops = np.minimum(stops, heads + _LONGEST_CLUSTER)

    parts: list[str] = []
    changed: list[tuple[int, int, int]] = []
    done = 0
    for head, stop in zip(heads.tolist(), stops.tolist(), strict=True):
        cluster = text[head:stop]
        composed = _nfc(cluster)
        if composed != cluster:
            parts += [text[done:head], composed]
            changed.append((head, stop, len(composed)))
            done = stop
    parts.append(text[done:])

    # The head of a changed cluster stands for all its new characters, the rest of it for none.
    copies = np.ones(len(text), dtype=np.int64)
    for head, stop, count in changed:
        copies[head + 1 : stop] = 0
        copies[head] = count
        ends[head] = ends[stop - 1]
    return Cleaned("".join(parts), np.repeat(starts, copies), np.repeat(ends, copies))


@lru_cache(maxsize=4096)
def _nfc(cluster: str) -> str:
    return unicodedata.normalize("NFC", cluster)


def _code(char: str) -> int:
    """The code point that stands for `char` in the cleaned text, -1 to drop it."""
    if char in _LINE_ENDS:
        return ord("\n")
    category = unicodedata.category(char)
    if char == "\t" or category == "Zs":
        return ord(" ")
    if category == "Cs":
        return ord(_REPLACEMENT)
    if category in ("Cc", "Cf") or _is_variation_selector(char):
        return -1
    composed = unicodedata.normalize("NFC", char)
    return ord(composed) if len(composed) == 1 else ord(char)


def _ends_word(char: str) -> bool:
    # A mark belongs to the letter before it, which is not composed yet.
    return char.isalnum() or char in _WORD_ENDS or unicodedata.category(char)[0] == "M"


def _is_variation_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _traits(char: str) -> tuple[bool, bool, bool, bool]:
    """What NFC may do with `char`: (mark, jamo, hangul, grows).

    A mark may merge into what precedes it, a jamo (Hangul vowel or final) only into Hangul;
    `grows` says that NFC writes the character as several (the composition exclusions).
    """
    hangul = "\u1100" <= char <= "\u11ff" or "\uac00" <= char <= "\ud7a3"
    return (
        unicodedata.category(char)[0] == "M",
        "\u1160" <= char <= "\u11ff",
        hangul,
        len(unicodedata.normalize("NFC", char)) > 1,
    )


def _to_text(codes: npt.NDArray[np.int64]) -> str:
    return codes.astype("<u4").tobytes().decode("utf-32-le")
