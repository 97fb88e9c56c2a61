"""The tagger: text in, skills with their places in the original text out."""

from __future__ import annotations

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
from ner.errors import UsageError
from ner.labels import BIO_TAGS, Label
from ner.language import detect
from ner.segments import Segments, segment, special_tokens
from ner.tagger_manifest import describe_plain, tagger_fields
from ner.types import Span, TaggedText
from ner.vocabulary import open_tokenizer
from ner.weights import MANIFEST, Manifest, read_manifest, shipped_folder
from ner.windows import WINDOW_SPECIALS, deepest, windows
from ner.words import loose_marks

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_KIND = "tagger"
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
        """Put together from parts; `source` is (folder, backend name) for pickling.

        Raises WeightsError for unusable fields or a tokenizer without special tokens.
        """
        self._fields = tagger_fields(manifest)
        self._backend = backend
        self._tokenizer = tokenizer
        self._model = manifest.model
        self._source = source
        self._start, self._close = special_tokens(tokenizer)

    @classmethod
    def load(cls, folder: str | Path | None = None, backend: str = "onnx") -> SkillTagger:
        """Load the shipped weights, or those in `folder`, after checking every file.

        `backend` is "onnx" or "torch"; "torch" needs a folder, which may be a plain transformers
        one without a manifest. Raises UsageError for another backend or no folder for torch,
        WeightsError for missing, damaged or mismatched files, MissingExtraError without torch.
        """
        open_backend = _BACKENDS.get(backend)
        if open_backend is None:
            raise UsageError(
                f"unknown backend: {backend}", f"Use one of: {', '.join(sorted(_BACKENDS))}."
            )
        if folder is None and backend == "torch":
            # What is shipped is an ONNX model.
            raise UsageError(
                "the torch backend needs a folder",
                "Make one with: metier export tagger --to FOLDER",
            )
        place = shipped_folder(_KIND) if folder is None else Path(folder)
        if backend == "torch" and not (place / MANIFEST).is_file():
            manifest = describe_plain(place, _KIND)
        else:
            manifest = read_manifest(place, _KIND)
        # Before the model is opened: its loader would complain of shapes, not of labels.
        tagger_fields(manifest)
        tokenizer = open_tokenizer(manifest.path("tokenizer.json"))
        # The shipped weights are those of the process that unpickles; a folder must be found from
        # any working directory.
        source = (None if folder is None else str(Path(folder).absolute()), backend)
        return cls(open_backend(manifest), tokenizer, manifest, source)

    @property
    def model(self) -> str:
        """Name, version and fingerprint of the weights."""
        return self._model

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer of the weights, as `ner.segments.segment` takes it."""
        return self._tokenizer

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that the weights were trained on."""
        return self._fields.languages

    def tag(self, text: object) -> TaggedText:
        """The skills of one text; anything else than a `str` is answered with "not_text".

        Nothing is cut: long texts are read in overlapping windows.
        """
        if not isinstance(text, str):
            warning = f"expected a text, got {type(text).__name__}"
            return TaggedText("", (), self.model, "und", "not_text", (warning,))
        cleaned = clean(text)
        segments = segment(self._tokenizer, cleaned.text, self._fields.separator)
        if not segments.words:
            return TaggedText(text, (), self.model, "und", "empty")
        words = segments.words
        loose = np.array(loose_marks(cleaned.text, words), dtype=np.bool_)
        chunks = decode(self.word_logits(segments), segments.line, loose)
        spans = tuple(
            _span(text, cleaned, words[first][0], words[last - 1][1], label, score)
            for first, last, label, score in chunks
        )
        language = detect(cleaned.text, self.languages)
        return TaggedText(text, spans, self.model, language, "ok", self._warnings(language))

    def tag_many(self, texts: Iterable[object], workers: int = 1) -> Iterator[TaggedText]:
        """One answer for each of `texts`, in order, as they become ready.

        Each text is tagged alone, so the answers do not depend on their company. `workers`
        threads share the model; texts are read only a little ahead of the answers.
        Raises UsageError if `workers` is below 1, or if `texts` is one text, bytes or nothing to go
        through.
        """
        if workers < 1:
            raise UsageError(f"workers is {workers}", "Use at least 1.")
        if isinstance(texts, str):
            raise UsageError("tag_many was given one text", "Use tag for it, or give a list.")
        try:
            # Bytes would be answered number by number.
            each = None if isinstance(texts, bytes | bytearray | memoryview) else iter(texts)
        except TypeError:
            each = None
        if each is None:
            raise UsageError(
                f"tag_many was given {type(texts).__name__}, not texts", "Give a list of texts."
            )
        return map(self.tag, each) if workers == 1 else self._in_threads(each, workers)

    def word_logits(self, segments: Segments) -> npt.NDArray[np.float32]:
        """(w, tags) scores of the words, each read at its first piece where it stands deepest.

        A word without pieces is O for certain.
        """
        content = segments.ids[1:]
        bounds = windows(len(content), self._fields.size - WINDOW_SPECIALS, self._fields.overlap)
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
        languages = self._fields.languages
        if language == "und" or not languages or language in languages:
            return ()
        trained = ", ".join(languages)
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
    return OnnxBackend(manifest.onnx_path())


def _open_torch(manifest: Manifest) -> TokenClassifier:
    return TorchBackend(manifest.folder)


_BACKENDS: dict[str, Callable[[Manifest], TokenClassifier]] = {
    "onnx": _open_onnx,
    "torch": _open_torch,
}
