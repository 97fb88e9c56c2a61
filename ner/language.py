"""A small guess at the language, to warn about texts that a model was not made for.

Short function words are counted. It tells English and German from each other and from other
languages; it is no general language identification.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

Language = Literal["en", "de", "other", "und"]

# Words that two of the sets would share ("in", "was", "am") are left out
# unless they are far more frequent in one of the languages.
_STOP_WORDS: dict[Language, str] = {
    "en": (
        "the of and to a is are with for on you your we our be will this that as from by or at"
        " have has it not can who their us an all other work working experience about"
    ),
    "de": (
        "der die das und mit für von ist sind im den dem des ein eine einen einer wir sie ihre"
        " ihr unser unsere sowie auf zu zum zur bei oder nicht sich auch als nach über durch"
        " haben werden du dich deine uns bis aus"
    ),
    "other": (
        # French, Spanish, Portuguese, Italian, Dutch, Polish, Swedish, Danish
        "le la les et des du une dans pour avec sur est nous vous votre nos aux qui"
        " de en el los las y con para por del que nuestro experiencia"
        " o os e em com uma não você nossa nosso dos da do"
        " il gli di che per della nel sono dei"
        " het een van voor wij onze jij jouw ben bij aan naar"
        " w z na się oraz jest dla nie pracy"
        " och att för på av som med ett vi har är og til af er"
    ),
}
_WORD = re.compile(r"[^\W\d_]+")


@cache
def _stop_words() -> dict[Language, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in _STOP_WORDS.items()}


def detect(text: str) -> Language:
    """Guess "en" or "de"; "other" for another language; "und" if there is too little to tell.

    A bare list of names ("Python, SQL, Docker") has no language and is "und".
    """
    words = _WORD.findall(text.casefold())
    letters = sum(map(len, words))
    foreign = sum(1 for word in words for char in word if char > "\u024f")
    if letters >= 4 and foreign * 2 > letters:
        return "other"
    counts = {
        language: sum(word in stop_words for word in words)
        for language, stop_words in _stop_words().items()
    }
    best = max(counts, key=lambda language: counts[language])
    rest = max(count for language, count in counts.items() if language != best)
    # Two of them, or one in a very short text, and more than any other language can claim.
    enough = counts[best] >= (2 if len(words) > 6 else 1)
    return best if enough and counts[best] > rest else "und"
