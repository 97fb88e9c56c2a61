"""What an answer shows of a sentence: not all of a long one, and no contacts."""

from __future__ import annotations

from matching.contacts import masked

# Characters on either side. A text without sentence ends is one sentence: shown whole with each of
# its skills, it would make an answer grow with the square of the text.
_AROUND = 200
# Contacts are looked for so far beyond what is shown: half a contact does not read as one.
_BEYOND = 150


def excerpt(sentence: str, begin: int, end: int) -> str:
    """`sentence` from some 200 characters before `begin` to as many behind `end`, in whole words.

    What stands in [begin, end) is kept as it is; contacts beside it become dashes.
    """
    low, high = max(begin - _AROUND, 0), min(end + _AROUND, len(sentence))
    before = masked(sentence[max(low - _BEYOND, 0) : begin])
    behind = masked(sentence[end : high + _BEYOND])
    if low > 0:
        before = "… " + before[-_AROUND:].partition(" ")[2]
    if high < len(sentence):
        behind = behind[:_AROUND].rpartition(" ")[0] + " …"
    return before + sentence[begin:end] + behind
