"""Texts to unit vectors with the shipped bi-encoder.

Sentence embeddings by mean pooling after Reimers and Gurevych, Sentence-BERT, EMNLP 2019.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from matching.embedders import Embedder, OnnxEmbedder, TorchEmbedder, transformer_folder
from matching.vectors import unit
from ner.errors import UsageError, WeightsError
from ner.vocabulary import open_tokenizer
from ner.weights import (
    FAST_TOKENIZER,
    FileRecord,
    fingerprint_of,
    read_manifest,
    sha256_of_file,
    shipped_folder,
    window_of,
)
from ner.windows import WINDOW_OVERLAP, WINDOW_SIZE, windows

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Backend = Literal["onnx", "torch"]

_WORD = re.compile(r"[^\W\d_]{4,}")


class Encoder:
    """Encodes texts one at a time, so that a text comes out equal in any company.

    Safe to share between threads; pickles by its folder. `dimension` is the length of a vector,
    `fingerprint` identifies the weights, `model` is the "name version fingerprint" of results.
    """

    def __init__(
        self,
        folder: Path,
        backend: Backend,
        embedder: Embedder,
        tokenizer: Tokenizer,
        model: str,
        fingerprint: str,
        window: tuple[int, int] = (WINDOW_SIZE, WINDOW_OVERLAP),
        calibration: Mapping[str, Any] | None = None,
        workers: int = 1,
        shipped: bool = False,
    ) -> None:
        """Put together from parts, as `load` does; `shipped` weights pickle without a folder."""
        self.folder = folder
        self.backend = backend
        self.dimension = embedder.dimension
        self.model = model
        self.fingerprint = fingerprint
        # As the manifest states it (see matching.calibration); empty for plain folders.
        self.calibration: Mapping[str, Any] = {} if calibration is None else calibration
        self.workers = workers
        # The shipped weights are those of the process that unpickles; a folder must be found from
        # any working directory.
        self._source = None if shipped else str(folder.absolute())
        self._embedder = embedder
        self._tokenizer = tokenizer
        self._size, self._overlap = window

    @classmethod
    def load(
        cls, folder: Path | str | None = None, backend: Backend = "onnx", workers: int = 1
    ) -> Encoder:
        """Open the encoder in `folder`, by default the shipped one.

        `workers` threads share the texts of one `encode` call among them.

        backend "onnx" reads a folder with a manifest; "torch" (extra `train`) reads a plain
        transformers or sentence-transformers folder that holds a tokenizer.json.
        Raises WeightsError for missing or damaged weights; UsageError for `workers` below 1,
        another backend, torch without a folder, or a torch that cannot be imported;
        MissingExtraError without torch.
        """
        if workers < 1:
            raise UsageError(f"workers is {workers}", "Use at least 1.")
        if backend == "onnx":
            place = Path(folder) if folder is not None else shipped_folder("encoder")
            return cls._load_onnx(place.absolute(), workers, shipped=folder is None)
        if backend != "torch":
            raise UsageError(f"unknown backend {backend!r}", "Choose onnx or torch.")
        if folder is None:
            raise UsageError(
                "the torch backend needs a folder",
                "Make one with: metier export encoder --to FOLDER",
            )
        return cls._load_torch(Path(folder).absolute(), workers)

    @classmethod
    def _load_onnx(cls, folder: Path, workers: int, shipped: bool) -> Encoder:
        manifest = read_manifest(folder, "encoder")
        embedder = OnnxEmbedder(manifest.onnx_path())
        stated = manifest.fields.get("dimension", embedder.dimension)
        if stated != embedder.dimension:
            raise WeightsError(
                f"{folder} states {stated} dimensions, its model gives {embedder.dimension}",
                "Export the encoder again.",
            )
        tokenizer = open_tokenizer(manifest.path("tokenizer.json"))
        return cls(
            folder,
            "onnx",
            embedder,
            tokenizer,
            manifest.model,
            manifest.fingerprint,
            window_of(manifest),
            manifest.fields.get("calibration"),
            workers,
            shipped,
        )

    @classmethod
    def _load_torch(cls, folder: Path, workers: int) -> Encoder:
        inner = transformer_folder(folder)
        tokenizer_file = next(
            (place for place in (inner, folder) if (place / "tokenizer.json").is_file()), None
        )
        if tokenizer_file is None:
            raise WeightsError(f"{folder} holds no tokenizer.json", FAST_TOKENIZER)
        tokenizer = open_tokenizer(tokenizer_file / "tokenizer.json")
        fingerprint = _fingerprint(inner, tokenizer_file / "tokenizer.json")
        model = f"{folder.name} torch {fingerprint[:12]}"
        embedder = TorchEmbedder(folder)
        return cls(folder, "torch", embedder, tokenizer, model, fingerprint, workers=workers)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, float32 (n, dimension); a text without a token gives a zero row.

        A text longer than the window is the normalised mean of its windows' unit vectors. Words
        of four letters or more in CAPITALS are read as if they were not.
        Raises UsageError if `texts` is one string or holds anything but strings.
        """
        if isinstance(texts, str):
            raise UsageError("encode takes a list of texts, not one text", "Wrap it: [text].")
        for row, text in enumerate(texts):
            if not isinstance(text, str):
                raise UsageError(
                    f"text {row} is a {type(text).__name__}, not a string",
                    "Leave it out or convert it first.",
                )
        rows = np.zeros((len(texts), self.dimension), np.float32)
        if self.workers == 1 or len(texts) < 2:
            for row, text in enumerate(texts):
                rows[row] = self._encode_one(text)
            return rows
        # The session lets go of the interpreter lock while it runs: threads use the cores.
        with ThreadPoolExecutor(self.workers) as pool:
            for row, vector in enumerate(pool.map(self._encode_one, texts)):
                rows[row] = vector
        return rows

    def _encode_one(self, text: str) -> NDArray[np.float32]:
        # Lone surrogates (from broken JSON escapes) have no UTF-8, which the tokenizer needs.
        known = calm(text).encode("utf-8", "replace").decode("utf-8")
        encoding = self._tokenizer.encode(known)
        ids = np.asarray(encoding.ids, np.int64)
        content = np.flatnonzero(np.asarray(encoding.special_tokens_mask, np.int64) == 0)
        if not len(content):
            return np.zeros(self.dimension, np.float32)
        first, last = int(content[0]), int(content[-1]) + 1
        before, inner, after = ids[:first], ids[first:last], ids[last:]
        total = np.zeros(self.dimension, np.float32)
        room = max(self._size - len(before) - len(after), 1)
        for start, end in windows(len(inner), room, min(self._overlap, room - 1)):
            part = np.concatenate([before, inner[start:end], after])
            total += unit(self._embedder.embed(part))
        return unit(total)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Encoder.load, (self._source, self.backend, self.workers))


def calm(text: str) -> str:
    """`text` with words of four letters or more in capitals in small letters instead.

    The vocabulary is cased: "LORRY DRIVER" falls into pieces that say nothing, while shorter words
    in capitals are mostly names ("SQL", "CNC").
    """
    return _WORD.sub(lambda word: word[0].lower() if word[0].isupper() else word[0], text)


def _fingerprint(folder: Path, tokenizer: Path) -> str:
    """A plain folder has no manifest: hash what decides the vectors, in the manifest's way."""
    files = {tokenizer.name: tokenizer}
    for pattern in ("config.json", "*.safetensors", "*.bin"):
        files |= {path.name: path for path in folder.glob(pattern)}
    try:
        return fingerprint_of(
            {
                name: FileRecord(sha256_of_file(path), path.stat().st_size)
                for name, path in files.items()
            }
        )
    except OSError as error:
        raise WeightsError(
            f"a file of {folder} cannot be read: {error}", "Save the folder again."
        ) from error
