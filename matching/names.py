"""When two names are the same name to a reader: case, accents and punctuation aside."""

from __future__ import annotations

import unicodedata

# Punctuation that tells names apart (C from C++ and C#) becomes a word before the rest is dropped.
_SPOKEN = str.maketrans({"+": " plus ", "#": " sharp ", "&": " and "})


def fold(name: str) -> str:
    """Lower-case words of letters and digits, single blanks between; "" if none is left.

    "Café-Manager" and "cafe manager" fold to the same, "C++" and "C" do not. German umlauts lose
    their dots, and "ß" becomes "ss".
    """
    # Twice: a superscript capital becomes a capital, and some small letters fall apart.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    spoken = plain.translate(_SPOKEN)
    kept = (char if char.isalnum() else " " for char in spoken if not unicodedata.combining(char))
    return " ".join("".join(kept).split())
