"""The matcher: texts to skills and occupations of a taxonomy, with reasons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from matching.answers import Link, Recommendation, Recommendations, Unlinked
from matching.calibration import read_calibration
from matching.contacts import contacts, masked, overlaps
from matching.encoder import Encoder
from matching.explain import explained
from matching.linking import (
    Linking,
    Mention,
    found_skills,
    link_mentions,
    link_sentence,
    link_vectors,
    wordings,
)
from matching.occupations import Signals, Weights, best, read_signals, scores
from matching.parts import is_phrase, parts
from matching.passages import Passage, grouped, sentence_at, sentences, without_contacts
from matching.profiles import Profiles, profiles
from matching.ranking import Hit
from matching.senses import Stretches
from matching.space import Space
from matching.titles import is_heading, title_lines
from ner import SkillTagger, Span, TaggedText
from ner.errors import UsageError

Kind = Literal["auto", "resume", "post", "title"]

# A text of so few words is a job title rather than a document.
_TITLE_WORDS = 8
_LITTLE = 25


class Matcher:
    """Links texts to skills and ranks occupations for documents.

    Holds no open files, is safe to share between threads, and pickles by its folders.
    """

    def __init__(
        self,
        tagger: SkillTagger | None,
        encoder: Encoder,
        space: Space,
        weights: Weights | None = None,
    ) -> None:
        """Put together from loaded parts; `weights` mix the parts of an occupation's score.

        Without a tagger, the shipped one is loaded when a text is first read. Raises
        WeightsError for a space of another encoder and for a calibration that cannot be used.
        """
        space.check_encoder(encoder.model, encoder.fingerprint)
        calibration = read_calibration(encoder.calibration, encoder.model)
        self._tagger = tagger
        # Eight threads that meet a fresh matcher must not load eight taggers.
        self._loading = Lock()
        self.encoder = encoder
        self.space = space
        self.weights = weights or calibration.occupations
        self.threshold = calibration.link
        self.likelihood = calibration.likelihood
        self.for_sentences = calibration.sentence
        self._folders: tuple[Path | None, ...] | None = None

    @classmethod
    def load(
        cls,
        tagger: Path | str | None = None,
        encoder: Path | str | None = None,
        space: Path | str | None = None,
    ) -> Matcher:
        """Load the shipped weights and space, or those in the given folders.

        The tagger is loaded when a sentence or document is first read. Raises
        WeightsError for anything missing or damaged, and for a space of another encoder.
        """
        eyes = Encoder.load(encoder)
        matcher = cls(None, eyes, Space.load(space, eyes.fingerprint, encoder_name=eyes.model))
        # Absolute: the tagger is loaded later, and a copy in another process may stand elsewhere.
        matcher._folders = tuple(
            None if folder is None else Path(folder).absolute()
            for folder in (tagger, encoder, space)
        )
        return matcher

    @property
    def tagger(self) -> SkillTagger:
        """The tagger, loaded on first use; WeightsError if it is missing or damaged."""
        with self._loading:
            if self._tagger is None:
                self._tagger = SkillTagger.load(self._folders[0] if self._folders else None)
            return self._tagger

    @property
    def model(self) -> str:
        """The tagger and the encoder, as results carry them; loads the tagger."""
        return f"{self.tagger.model} + {self.encoder.model}"

    @property
    def taxonomy(self) -> str:
        """Name and version of the taxonomy."""
        return self.space.taxonomy

    def link(self, text: str, language: str | None = None) -> Link | Unlinked:
        """The skill that a phrase or sentence names, or Unlinked below the threshold.

        A coined word ("MLflow") is linked only to a skill with that word in a name. A sentence is
        read as a whole, by its clauses, and by the skills that the tagger marks; addresses and
        numbers of contacts are not read. `language` is that of the label; the default is English.
        Raises UsageError for a language that the space lacks, and for anything but a text.
        """
        _text_only(text)
        chosen = self._language(language, "en")
        said = masked(text)
        if not any(char.isalnum() for char in said):
            return self._linking(chosen, self.encoder.model).answer(text, [])
        if is_phrase(said):
            linking = self._linking(chosen, self.encoder.model)
            return link_vectors(linking, [text], self.encoder.encode([said]))[0]
        marked = [span.text for span in self.tagger.tag(said).spans]
        vectors = self.encoder.encode([said, *parts(said, marked)])
        linking = replace(self._linking(chosen, self.model), threshold=self.for_sentences)
        return link_sentence(linking, text, vectors)

    def rank_occupations(self, text: str, limit: int = 100) -> list[tuple[str, float]]:
        """The best `limit` occupations as (URI, score), without reasons."""
        _text_only(text)
        _at_least_one(limit)
        tagged = self.tagger.tag(text)
        signals, _ = self._signals(tagged, "auto")
        if signals is None:
            return []
        ranked = scores(self._table, signals, self.weights)
        order = best(ranked, limit, self.weights)
        return [(self._table.occupations[place], float(ranked[place])) for place in order]

    def recommend(
        self, text: str, limit: int | None = None, kind: str = "auto", language: str | None = None
    ) -> Recommendations:
        """The best `limit` occupations for a resume, a post or a title, with reasons.

        Without a limit, up to ten: those behind the third only where the text says enough of them
        (see `occupations.best`). `kind` "auto" takes a text of a few words for a title. Labels are
        in `language`, by default that of the text. An empty text has no recommendations.
        Raises UsageError for limit < 1, an unknown kind or language, and anything but a text.
        """
        _text_only(text)
        if limit is not None:
            _at_least_one(limit)
        if kind not in get_args(Kind):
            raise UsageError(f"unknown kind: {kind}", f"Use one of: {', '.join(get_args(Kind))}.")
        tagged = self.tagger.tag(text)
        chosen = self._language(language, tagged.language)
        signals, mentions = self._signals(tagged, kind)
        found: tuple[Recommendation, ...] = ()
        links: list[Link | Unlinked] = []
        if signals is not None:
            linking = self._linking(chosen, self.encoder.model)
            links = link_mentions(linking, self._table.skills, mentions, signals)
            order = best(scores(self._table, signals, self.weights), limit, self.weights)
            found = tuple(
                explained(
                    self.space, self._table, signals, self.weights, mentions, int(place), chosen
                )
                for place in order
            )
        sure = kind == "title" or (
            len(text.split()) >= _LITTLE and self._says_something(signals, links)
        )
        return Recommendations(
            found,
            found_skills(mentions, links),
            text,
            tagged.language,
            self.model,
            self.taxonomy,
            "ok" if sure and found else "low",
            tagged.warnings,
        )

    def _says_something(self, signals: Signals | None, links: Sequence[Link | Unlinked]) -> bool:
        """Whether a skill is linked, or a title-like line names an occupation."""
        named = signals is not None and signals.named.max(initial=0) >= self.weights.named
        return bool(named) or any(isinstance(link, Link) for link in links)

    def candidates(self, text: str) -> list[tuple[Mention, list[Hit]]]:
        """The marked stretches of a document, each wording once, with the skills they may name.

        At most five skills each, best first, with their fit (see `senses`).
        """
        _text_only(text)
        signals, mentions = self._signals(self.tagger.tag(text), "auto")
        if signals is None:
            return []
        return list(wordings(self._table.skills, mentions, signals).values())

    def _linking(self, language: str, model: str) -> Linking:
        return Linking(self.space, self.threshold, self.likelihood, language, model)

    def _signals(self, tagged: TaggedText, kind: str) -> tuple[Signals | None, list[Mention]]:
        """What the text says; None where it has no words but those of contacts."""
        lines = sentences(tagged.text)
        private = contacts(tagged.text)
        mentions = [
            _mention(span, lines)
            for span in tagged.spans
            if not overlaps(private, span.start, span.end)
        ]
        # Taggers mark headings too ("Languages"); as a part of a sentence the same word may count.
        mentions = [
            one
            for one in mentions
            if one.text.rstrip(" :") != one.sentence or not is_heading(one.sentence)
        ]
        plain = without_contacts(lines)
        if not plain and not mentions:
            return None, []
        short = kind == "title" or (kind == "auto" and len(tagged.text.split()) <= _TITLE_WORDS)
        windows = ["\n".join(line.text for line in plain)] if short else grouped(plain)
        titles = windows if short else _titles(lines, mentions)
        return read_signals(
            self.space,
            self._table,
            self._vectors(tuple(windows)),
            self._vectors(tuple(titles)),
            self._stretches(mentions),
        ), mentions

    def _stretches(self, mentions: list[Mention]) -> Stretches:
        # A sentence with an address in it is not encoded: there, a mention is its own sentence.
        # Looked for once a sentence, since a text without lines may be a single one.
        private = {text: bool(contacts(text)) for text in {one.sentence for one in mentions}}
        around = [
            one.text if private[one.sentence] else one.sentence or one.text for one in mentions
        ]
        number = {text: place for place, text in enumerate(dict.fromkeys(around))}
        return Stretches(
            self._vectors(tuple(mention.text for mention in mentions)),
            self._vectors(tuple(number)),
            np.array([number[text] for text in around], np.int64),
            np.array([mention.trade for mention in mentions], np.bool_),
        )

    def _vectors(self, texts: tuple[str, ...]) -> NDArray[np.float32]:
        """Rows for texts; each distinct text is encoded once."""
        distinct = {text: number for number, text in enumerate(dict.fromkeys(texts))}
        rows = self.encoder.encode(list(distinct))
        return rows[[distinct[text] for text in texts]] if texts else rows

    @cached_property
    def _table(self) -> Profiles:
        return profiles(self.space, self.space.uris_of("occupation"), self.space.uris_of("skill"))

    def _language(self, asked: str | None, detected: str) -> str:
        if asked is None:
            return detected if detected in self.space.languages else "en"
        if asked not in self.space.languages:
            raise UsageError(
                f"the taxonomy has no labels in {asked!r}",
                f"Choose among: {', '.join(self.space.languages)}.",
            )
        return asked

    def __reduce__(self) -> tuple[Callable[..., Matcher], tuple[Path | None, ...], dict[str, Any]]:
        if self._folders is None:
            raise TypeError("a matcher that was not loaded from folders cannot be pickled")
        settings = ("weights", "threshold", "likelihood", "for_sentences")
        return Matcher.load, self._folders, {name: getattr(self, name) for name in settings}


def _mention(span: Span, lines: list[Passage]) -> Mention:
    line = sentence_at(lines, span.start, span.end) or Passage(span.start, span.end, "")
    inside = max(span.start - line.start, 0)
    return Mention(span.start, span.end, span.text, line.text, inside, span.label, span.score)


def _titles(lines: list[Passage], mentions: list[Mention]) -> list[str]:
    """Lines that may be a title; one that is marked as a skill from end to end is a skill."""
    ends = {one.start: one.end for one in mentions}
    return [line.text for line in title_lines(lines) if ends.get(line.start, line.start) < line.end]


def _text_only(text: object) -> None:
    if not isinstance(text, str):
        raise UsageError(
            f"expected a text, got {type(text).__name__}", "Pass a string; leave out missing ones."
        )


def _at_least_one(limit: object) -> None:
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise UsageError(f"the limit is {limit!r:.80}", "Use a whole number.")
    if limit < 1:
        raise UsageError(f"the limit is {limit}", "Ask for at least one occupation.")
