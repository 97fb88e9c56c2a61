"""Names as a reader takes them: which are the same, and which are coined."""

from __future__ import annotations

import re
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


def likeness(one: str, other: str) -> float:
    """The share of the letter triples of either name that both have, 0..1; blanks count as letters.

    The Jaccard index of their trigrams, of the folded names between blanks.
    """
    first, second = _triples(one), _triples(other)
    return len(first & second) / max(len(first | second), 1)


def _triples(name: str) -> set[str]:
    spelled = f" {fold(name)} "
    return {spelled[start : start + 3] for start in range(len(spelled) - 2)}


# A capital behind another letter, or a digit: "MLflow", "DBs", "OCR", "S7".
_COINED = re.compile(r"[^\W\d_]\S*(?:[A-ZÄÖÜ]|\d)")
_JOINT = re.compile(r"[/‐‑–-]")
# Longer words in capitals alone are shouted rather than coined: "EXCEL" may be, "LANGUAGES" is.
_LONGEST_SHORTHAND = 5


def is_coined(text: str) -> bool:
    """Whether `text` is one word spelled as products and abbreviations are ("MLflow", "OCR").

    Of a joined word each part is, or is a number: "CI/CD", not "Java-Programmierung".
    """
    if len(text.split()) != 1:
        return False
    parts = _JOINT.split(text)
    return _is_coined_part(parts[0]) and all(
        part.isdecimal() or _is_coined_part(part) for part in parts[1:]
    )


def _is_coined_part(part: str) -> bool:
    if not _COINED.match(part):
        return False
    return not part.isupper() or len(part) <= _LONGEST_SHORTHAND


def holds_word(name: str, word: str) -> bool:
    """Whether `word`, or what it is the plural of ("APIs"), stands in `name` as a word."""
    words = f" {fold(name)} "
    one = word.removesuffix("s") if word[:-1].isupper() else word
    return any(f" {fold(form)} " in words for form in (word, one) if fold(form))
