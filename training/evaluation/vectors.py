"""Vectors of many short texts, kept on disk between runs of the same encoder.

A cache file holds the vectors of one block of texts; its name is the hash of those texts, its
folder the fingerprint of the encoder, and its first 32 bytes are the SHA-256 of the rest, so a
damaged file is encoded again rather than believed.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matching.space_build import TextEncoder
from matching.vectors import dequantise, quantise, unit
from ner.errors import UsageError
from training.evaluation.progress import Progress, silent

Vectors = NDArray[np.float32]
# Texts a cache file: a run that is stopped loses at most this much work.
_BLOCK = 1_024
_DIGEST = 32


def encoded(
    texts: Sequence[str],
    encoder: TextEncoder,
    cache: Path | None = None,
    progress: Progress = silent,
    description: str = "texts",
) -> Vectors:
    """Unit rows (len(texts), dimension) of `texts`; equal texts are encoded once.

    With `cache`, vectors are read from and written to that folder; UsageError if it cannot be
    written.
    """
    distinct = list(dict.fromkeys(texts))
    blocks = [distinct[at : at + _BLOCK] for at in range(0, len(distinct), _BLOCK)]
    parts = [_block(block, encoder, cache) for block in progress(blocks, len(blocks), description)]
    if not parts:
        return np.zeros((0, encoder.dimension), dtype=np.float32)
    number = {text: at for at, text in enumerate(distinct)}
    rows: Vectors = np.concatenate(parts)[[number[text] for text in texts]]
    return rows


def as_in_space(queries: Vectors, rows: Vectors, dimension: int | None) -> tuple[Vectors, Vectors]:
    """Queries and label rows as a space of `dimension` would compare them; None: as they are.

    A space keeps the first dimensions, makes unit rows of them, and stores the rows in int8.
    """
    if dimension is None:
        return queries, rows
    stored = dequantise(quantise(unit(rows[:, :dimension])))
    return unit(queries[:, :dimension]), stored


def default_cache() -> Path | None:
    """`METIER_HOME/cache`, else `metier` in the user's cache folder (XDG_CACHE_HOME, ~/.cache).

    Only vectors of labels lie there; it may be deleted. None where it cannot be written: then
    nothing is kept.
    """
    home = os.environ.get("METIER_HOME")
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "metier"
    folder = Path(home) / "cache" if home else user
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _block(texts: Sequence[str], encoder: TextEncoder, cache: Path | None) -> Vectors:
    if cache is None:
        return encoder.encode(texts)
    name = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    path = cache / "vectors" / encoder.fingerprint[:16] / f"{name}.npy"
    vectors = _load(path, (len(texts), encoder.dimension))
    if vectors is None:
        vectors = encoder.encode(texts)
        _save(path, vectors)
    return vectors


def _load(path: Path, shape: tuple[int, int]) -> Vectors | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    body = content[_DIGEST:]
    if hashlib.sha256(body).digest() != content[:_DIGEST]:
        return None
    vectors: Vectors = np.load(io.BytesIO(body), allow_pickle=False)
    return vectors if vectors.shape == shape and vectors.dtype == np.float32 else None


def _save(path: Path, vectors: Vectors) -> None:
    buffer = io.BytesIO()
    np.save(buffer, vectors, allow_pickle=False)
    body = buffer.getvalue()
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(hashlib.sha256(body).digest() + body)
        temporary.replace(path)
    except OSError as problem:
        raise UsageError(
            f"vectors cannot be kept in {path.parent} ({problem.strerror})",
            "give another folder with --cache, or free some space",
        ) from problem
