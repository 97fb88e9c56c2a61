"""The token stream of a text: what both training and inference feed the tagger.

A text is cut into lines; each line's words are tokenised one by one and a separator closes every
line that has a word: ``<s> line1 </s> line2 </s>`` (or ``[CLS]`` and ``[SEP]``, if those are the
tokenizer's). Lines are kept apart because a post is a list of short lines more often than it is
running text. What stands behind a tab in a line is a line of its own here (`ner.clean`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ner.errors import WeightsError
from ner.words import split_words

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_SPECIALS: Final = (("<s>", "</s>"), ("[CLS]", "[SEP]"))
_BLANK_PIECE = "▁"
# Words handed to the tokenizer in one call: bounds its working memory on long texts.
_CHUNK: Final = 4096
# A word is labelled by its first piece; the tail of a long blob (base64, a rule of dashes) would
# only push its neighbours out of the window. No real word comes near this length.
MAX_PIECES: Final = 32


@dataclass(frozen=True, slots=True)
class Segments:
    """A tokenised text of t tokens and w words, not yet cut into windows."""

    ids: npt.NDArray[np.int64]
    """(t,) token ids, opening with the start token; a separator closes each line."""
    word: npt.NDArray[np.int64]
    """(t,) index of the token's word, -1 for start and separators."""
    first: npt.NDArray[np.bool_]
    """(t,) whether the token is the first piece of its word."""
    words: tuple[tuple[int, int], ...]
    """(w,) half-open spans in the cleaned text, in code points."""
    line: npt.NDArray[np.int64]
    """(w,) number of the line of each word, counted over all lines from 0."""


def segment(tokenizer: Tokenizer, text: str, separator: bool = True) -> Segments:
    """Cut a cleaned text (see `ner.clean`) into words and tokens.

    Without `separator`, only the end of the text gets one. A word that the tokenizer drops
    altogether has no token and so no first piece; a word keeps at most MAX_PIECES. Raises
    WeightsError if the tokenizer has no special tokens (see `special_tokens`).
    """
    start_id, separator_id = special_tokens(tokenizer)
    words: list[tuple[int, int]] = []
    lines: list[int] = []
    offset = 0
    for number, line in enumerate(text.split("\n")):
        found = split_words(line)
        words += [(offset + start, offset + end) for start, end in found]
        lines += [number] * len(found)
        offset += len(line) + 1
    line_of = np.array(lines, dtype=np.int64)
    ids, word = _pieces(tokenizer, [text[start:end] for start, end in words])

    # A separator stands before the first piece of each new line, and at the end. Which pieces
    # follow it is read from the word numbers, since a word may have lost all its pieces.
    closes = np.flatnonzero(np.diff(line_of)) + 1 if separator else np.empty(0, dtype=np.int64)
    cuts = np.searchsorted(word, closes)
    if words:
        cuts = np.append(cuts, len(ids))
    ids = np.insert(ids, cuts, separator_id)
    word = np.insert(word, cuts, -1)
    ids = np.insert(ids, 0, start_id)
    word = np.insert(word, 0, -1)

    first = word >= 0
    first[1:] &= word[1:] != word[:-1]
    return Segments(ids, word, first, tuple(words), line_of)


def _pieces(
    tokenizer: Tokenizer, words: Sequence[str]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Token ids and the word index of each.

    Lone blank pieces (which only SentencePiece vocabularies have) are left out where others
    remain, and pieces of a word after MAX_PIECES.
    """
    all_ids: list[int] = []
    all_words: list[int] = []
    for begin in range(0, len(words), _CHUNK):
        encoding = tokenizer.encode(
            words[begin : begin + _CHUNK], is_pretokenized=True, add_special_tokens=False
        )
        all_ids += encoding.ids
        all_words += [begin + index for index in encoding.word_ids if index is not None]
    ids = np.array(all_ids, dtype=np.int64)
    word = np.array(all_words, dtype=np.int64)
    blank: int | None = tokenizer.token_to_id(_BLANK_PIECE)
    real = ids != (-1 if blank is None else blank)
    has_real = np.zeros(len(words), dtype=bool)
    has_real[word[real]] = True
    keep = real | ~has_real[word]
    ids, word = ids[keep], word[keep]
    rank = np.arange(len(word)) - np.searchsorted(word, word)
    return ids[rank < MAX_PIECES], word[rank < MAX_PIECES]


def special_tokens(tokenizer: Tokenizer) -> tuple[int, int]:
    """Ids of the start token and the separator: `<s>` and `</s>`, or `[CLS]` and `[SEP]`.

    Raises WeightsError if the tokenizer has neither pair.
    """
    for start, separator in _SPECIALS:
        ids: tuple[int | None, int | None] = (
            tokenizer.token_to_id(start),
            tokenizer.token_to_id(separator),
        )
        if ids[0] is not None and ids[1] is not None:
            return ids[0], ids[1]
    pairs = " nor ".join(f"{start} and {separator}" for start, separator in _SPECIALS)
    raise WeightsError(
        f"the tokenizer has neither {pairs}", "Use the tokenizer that came with the weights."
    )
