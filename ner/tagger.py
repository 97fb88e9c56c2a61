"""The tagger: text in, skills with their places in the original text out."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ner.backends import OnnxBackend, TokenClassifier, TorchBackend
from ner.clean import Cleaned, clean
from ner.decode import decode
from ner.errors import UsageError, WeightsError
from ner.labels import BIO_TAGS, Label
from ner.language import detect
from ner.segments import SEPARATOR, START, Segments, segment, special_id
from ner.types import Span, TaggedText
from ner.weights import (
    MANIFEST,
    REINSTALL,
    Manifest,
    make_manifest,
    read_manifest,
    shipped_folder,
)
from ner.windows import deepest, windows

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_KIND = "tagger"
WINDOW_SIZE = 256
WINDOW_OVERLAP = 64
# Each window opens with <s> and closes with a separator, whatever it holds.
_SPECIALS = 2
# Texts handed to a worker ahead of the one whose answer is due: bounds memory on long batches.
_AHEAD = 4


class SkillTagger:
    """Finds skills in English and German texts of any length.

    Use `SkillTagger.load()`. A loaded tagger holds no open file, may be shared between threads,
    and pickles by its folder.
    """

    def __init__(
        self,
        backend: TokenClassifier,
        tokenizer: Tokenizer,
        manifest: Manifest,
        source: tuple[str | None, str] | None = None,
    ) -> None:
        """Put together from parts; `source` is (folder, backend name) for pickling."""
        _check_labels(manifest)
        self._backend = backend
        self._tokenizer = tokenizer
        self._manifest = manifest
        self._source = source
        self._size, self._overlap = _window(manifest)
        self._separator = bool(manifest.fields.get("separator", True))
        self._languages = tuple(manifest.fields.get("languages", ()))
        self._start = special_id(tokenizer, START)
        self._close = special_id(tokenizer, SEPARATOR)

    @classmethod
    def load(cls, folder: str | Path | None = None, backend: str = "onnx") -> SkillTagger:
        """Load the shipped weights, or those in `folder`, after checking every file.

        `backend` is "onnx" or "torch"; "torch" also takes a plain transformers folder without a
        manifest. Raises UsageError for another backend, WeightsError for missing, damaged or
        mismatched files, MissingExtraError if torch is not installed.
        """
        open_backend = _BACKENDS.get(backend)
        if open_backend is None:
            raise UsageError(
                f"unknown backend: {backend}", f"Use one of: {', '.join(sorted(_BACKENDS))}."
            )
        place = shipped_folder(_KIND) if folder is None else Path(folder)
        if backend == "torch" and not (place / MANIFEST).is_file():
            manifest = _describe_plain(place)
        else:
            manifest = read_manifest(place, _KIND)
        # Before the model is opened: its loader would complain of shapes, not of labels.
        _check_labels(manifest)
        tokenizer = _open_tokenizer(manifest.path("tokenizer.json"))
        source = (None if folder is None else str(folder), backend)
        return cls(open_backend(manifest), tokenizer, manifest, source)

    @property
    def model(self) -> str:
        """Name, version and fingerprint of the weights."""
        return self._manifest.model

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer of the weights, as `ner.segments.segment` takes it."""
        return self._tokenizer

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that the weights were trained on."""
        return self._languages

    def tag(self, text: object) -> TaggedText:
        """The skills of one text; anything else than a `str` is answered with "not_text".

        Nothing is cut: long texts are read in overlapping windows.
        """
        if not isinstance(text, str):
            warning = f"expected a text, got {type(text).__name__}"
            return TaggedText("", (), self.model, "und", "not_text", (warning,))
        cleaned = clean(text)
        segments = segment(self._tokenizer, cleaned.text, self._separator)
        if not segments.words:
            return TaggedText(text, (), self.model, "und", "empty")
        chunks = decode(self.word_logits(segments), segments.line)
        words = segments.words
        spans = tuple(
            _span(text, cleaned, words[first][0], words[last - 1][1], label, score)
            for first, last, label, score in chunks
        )
        language = detect(cleaned.text)
        return TaggedText(text, spans, self.model, language, "ok", self._warnings(language))

    def tag_many(self, texts: Iterable[object], workers: int = 1) -> Iterator[TaggedText]:
        """One answer for each of `texts`, in order, as they become ready.

        Each text is tagged alone, so the answers do not depend on their company. `workers`
        threads share the model; texts are read only a little ahead of the answers.
        Raises UsageError if `workers` is below 1.
        """
        if workers < 1:
            raise UsageError(f"workers is {workers}", "Use at least 1.")
        if isinstance(texts, str):
            raise UsageError("tag_many was given one text", "Use tag for it, or give a list.")
        return map(self.tag, texts) if workers == 1 else self._in_threads(texts, workers)

    def word_logits(self, segments: Segments) -> npt.NDArray[np.float32]:
        """(w, tags) scores of the words, each read at its first piece where it stands deepest.

        A word without pieces is O for certain.
        """
        content = segments.ids[1:]
        bounds = windows(len(content), self._size - _SPECIALS, self._overlap)
        owner = deepest(bounds, len(content))
        wanted = segments.first[1:]
        words = np.zeros((len(segments.words), len(BIO_TAGS)), dtype=np.float32)
        words[:, 1:] = -100.0
        for index, (start, end) in enumerate(bounds):
            here = np.flatnonzero((owner[start:end] == index) & wanted[start:end])
            if len(here):
                scores = self._backend.logits(self._framed(content[start:end]))
                words[segments.word[1:][start:end][here]] = scores[here + 1]
        return words

    def _framed(self, content: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        close = [] if content[-1] == self._close else [self._close]
        return np.concatenate(([self._start], content, close)).astype(np.int64)

    def _warnings(self, language: str) -> tuple[str, ...]:
        if language == "und" or not self._languages or language in self._languages:
            return ()
        trained = ", ".join(self._languages)
        return (
            f"the text seems to be in another language ({language}) than the model was trained on"
            f" ({trained}): skills may be missed",
        )

    def _in_threads(self, texts: Iterable[object], workers: int) -> Iterator[TaggedText]:
        waiting: deque[Future[TaggedText]] = deque()
        with ThreadPoolExecutor(workers) as pool:
            try:
                for text in texts:
                    waiting.append(pool.submit(self.tag, text))
                    if len(waiting) >= workers * _AHEAD:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def __reduce__(self) -> tuple[Callable[..., SkillTagger], tuple[str | None, str]]:
        if self._source is None:
            raise TypeError("a tagger that was not loaded from a folder cannot be pickled")
        return SkillTagger.load, self._source


def _span(text: str, cleaned: Cleaned, start: int, end: int, label: Label, score: float) -> Span:
    begin, stop = cleaned.original(start, end)
    return Span(begin, stop, label, score, text[begin:stop])


def _open_onnx(manifest: Manifest) -> TokenClassifier:
    files = sorted(name for name in manifest.files if name.endswith(".onnx"))
    if len(files) != 1:
        raise WeightsError(
            f"{manifest.folder / MANIFEST} lists {len(files)} ONNX files instead of one", REINSTALL
        )
    return OnnxBackend(manifest.folder / files[0])


def _open_torch(manifest: Manifest) -> TokenClassifier:
    return TorchBackend(manifest.folder)


_BACKENDS: dict[str, Callable[[Manifest], TokenClassifier]] = {
    "onnx": _open_onnx,
    "torch": _open_torch,
}


def _open_tokenizer(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception
        raise WeightsError(f"the tokenizer {path} cannot be read: {error}", REINSTALL) from error


def _describe_plain(folder: Path) -> Manifest:
    """A manifest for a transformers folder, which has none of its own."""
    config_file = folder / "config.json"
    try:
        config = json.loads(config_file.read_bytes())
        tags = config["id2label"]
        labels = [tags[str(index)] for index in range(len(tags))]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"{folder} is no model folder: {config_file.name} is missing or names no labels",
            "Give a folder with a manifest.json, or one that transformers has saved.",
        ) from error
    files = [path.name for path in folder.iterdir() if path.suffix in (".json", ".safetensors")]
    return make_manifest(folder, _KIND, folder.resolve().name, "unversioned", files, labels=labels)


def _check_labels(manifest: Manifest) -> None:
    labels = manifest.fields.get("labels")
    if labels != list(BIO_TAGS):
        raise WeightsError(
            f"{manifest.folder} was trained for other labels: {labels}",
            f"Use weights whose labels are: {', '.join(BIO_TAGS)}.",
        )


def _window(manifest: Manifest) -> tuple[int, int]:
    """Size, with the two special tokens, and overlap."""
    window = manifest.fields.get("window", {"size": WINDOW_SIZE, "overlap": WINDOW_OVERLAP})
    size = window.get("size") if isinstance(window, dict) else None
    overlap = window.get("overlap") if isinstance(window, dict) else None
    if (
        not isinstance(size, int)
        or not isinstance(overlap, int)
        or not 0 <= overlap < size - _SPECIALS
    ):
        raise WeightsError(
            f"{manifest.folder / MANIFEST} has no usable window: {window}", REINSTALL
        )
    return size, overlap
