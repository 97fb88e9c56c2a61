"""A small guess at the language, to warn about texts that a model was not made for.

Short function words are counted. It tells English and German from each other and from other
languages; it is no general language identification.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

Language = Literal["en", "de", "other", "und"]

# Left out are words of one letter, which are markers and initials more often ("m/w/d", "R"), and
# words that two of the sets would share ("in", "was", "am") or that are names and abbreviations in
# English and German posts ("per", "van", "los", "med", "er"), unless they are far more frequent in
# one of the languages.
_STOP_WORDS: dict[Language, str] = {
    "en": (
        "the of and to is are with for on you your we our be will this that as from by or at"
        " have has it not can who their us an all other work working experience about"
    ),
    "de": (
        "der die das und mit für von ist sind im den dem des ein eine einen einer wir sie ihre"
        " ihr unser unsere sowie auf zu zum zur bei oder nicht sich auch als nach über durch"
        " haben werden du dich deine uns bis aus"
    ),
    "other": (
        # French, Spanish, Portuguese, Italian, Dutch, Polish, Swedish, Danish
        "le la les et des du une dans pour avec sur nous vous votre nos aux qui"
        " de en el las con para por del que nuestro experiencia un"
        " os em com uma não você nossa nosso dos da"
        " il gli di che nel sono dei della"
        " het een voor wij onze jij jouw ben aan naar"
        " na się oraz jest dla nie pracy"
        " och att för på av som ett vi har är til af"
    ),
}
_WORD = re.compile(r"[^\W\d_]{2,}")
# German titles close with "(m/w/d)" and English ones with "(all genders)": no words of a language.
_GENDERS = re.compile(
    r"\b[mwfhdx](?:\s?[/|]\s?(?:[mwfhdx]\b|div(?:erse?)?\b|\*)){1,3}"
    r"|\b(?:all|any) genders?\b|\balle geschlechter\b"
)


@cache
def _stop_words() -> dict[Language, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in _STOP_WORDS.items()}


def detect(text: str) -> Language:
    """Guess "en" or "de"; "other" for another language; "und" if there is too little to tell.

    A bare list of names ("Python, SQL, Docker") has no language and is "und".
    """
    words = _WORD.findall(_GENDERS.sub(" ", text.casefold()))
    letters = sum(map(len, words))
    foreign = sum(1 for word in words for char in word if char > "\u024f")
    if letters >= 4 and foreign * 2 > letters:
        return "other"
    found = {
        language: [word for word in words if word in stop_words]
        for language, stop_words in _stop_words().items()
    }
    best = max(found, key=lambda language: len(found[language]))
    rest = max(len(hits) for language, hits in found.items() if language != best)
    hits = found[best]
    # A title may borrow a word ("Chef de Partie"): "other" takes two different ones.
    least = 1 if best != "other" and len(words) <= 6 else 2
    count = len(set(hits)) if best == "other" else len(hits)
    return best if count >= least and len(hits) > rest else "und"
