"""HNSW by hnswlib, wrapped so that no damaged file and no odd query can end the process.

Malkov and Yashunin, Efficient and robust approximate nearest neighbor search using Hierarchical
Navigable Small World graphs, IEEE TPAMI 42(4), 2020. hnswlib reads its files without checks: a
flipped bit segfaults or silently changes answers, and a wrong dimension loads as nonsense. So
size and SHA-256 are compared with a manifest beside the index before hnswlib sees the file.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.indexes.base import Found, check_query, check_vectors, ordered
from matching.indexes.exact import ExactIndex
from ner.errors import UsageError, WeightsError
from ner.weights import sha256_of_file, sync_file

M = 16
EF_CONSTRUCTION = 200
EF = 100
SEED = 42

_SPACE = "ip"
_SCHEMA = 1
# hnswlib calls Python for every candidate of a filter: 8 times slower, and below this share the
# graph reaches too few rows. Exact search over the rows that pass is then faster and complete.
_EXACT_SHARE = 0.25
_REBUILD = "Build the index again: metier taxonomy build"


@dataclass(frozen=True, slots=True)
class HnswRecord:
    """What the file holds; written beside it as `NAME.json`."""

    schema: int
    sha256: str
    bytes: int
    space: str
    dimension: int
    count: int
    m: int
    ef_construction: int
    seed: int
    vectors_sha256: str


class HnswIndex:
    """Approximate search over `vectors`, float32 unit rows (n, d), kept for exact fallback."""

    def __init__(
        self,
        vectors: NDArray[np.float32],
        graph: Any,
        built_with: tuple[int, int, int],
        ef: int = EF,
    ) -> None:
        """Use `build` or `load`; built_with is (m, ef_construction, seed)."""
        self._exact = ExactIndex(vectors)
        self._graph = graph
        self._built_with = built_with
        # Not saved with the index: it is 10 after each load. hnswlib itself raises it to k for a
        # query, so it is never changed later, and no query depends on those before it.
        graph.set_ef(ef)
        graph.set_num_threads(1)

    @property
    def count(self) -> int:
        return self._exact.count

    @property
    def dimension(self) -> int:
        return self._exact.dimension

    @classmethod
    def build(
        cls,
        vectors: NDArray[np.float32],
        m: int = M,
        ef_construction: int = EF_CONSTRUCTION,
        seed: int = SEED,
        ef: int = EF,
    ) -> HnswIndex:
        """Build with one thread: the same vectors and seed give the same bytes.

        Raises BadInputError if a vector is zero or not finite, UsageError without vectors.
        """
        vectors = check_vectors(vectors)
        if not len(vectors):
            raise UsageError("an HNSW index needs at least one vector", "Use the exact index.")
        graph = _new_graph(vectors.shape[1])
        graph.init_index(
            max_elements=len(vectors), M=m, ef_construction=ef_construction, random_seed=seed
        )
        graph.add_items(vectors, np.arange(len(vectors)), num_threads=1)
        return cls(vectors, graph, (m, ef_construction, seed), ef)

    def save(self, path: Path | str) -> tuple[Path, Path]:
        """Write `path` and `path`.json, each to a temporary file first; returns both paths."""
        path = Path(path)
        temporary = path.with_name(f".{path.name}.tmp")
        self._graph.save_index(str(temporary))
        sync_file(temporary)
        m, ef_construction, seed = self._built_with
        record = HnswRecord(
            schema=_SCHEMA,
            sha256=sha256_of_file(temporary),
            bytes=temporary.stat().st_size,
            space=_SPACE,
            dimension=self.dimension,
            count=self.count,
            m=m,
            ef_construction=ef_construction,
            seed=seed,
            vectors_sha256=_sha256_of_vectors(self._exact.vectors),
        )
        note = record_path(path)
        draft = note.with_name(f".{note.name}.tmp")
        draft.write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")
        sync_file(draft)
        # The old record goes first: at no moment does a record describe another file.
        note.unlink(missing_ok=True)
        temporary.replace(path)
        draft.replace(note)
        return path, note

    @classmethod
    def load(cls, path: Path | str, vectors: NDArray[np.float32], ef: int = EF) -> HnswIndex:
        """Open an index that was built over exactly these `vectors`.

        Raises WeightsError if a file is missing, damaged, or belongs to other vectors.
        """
        path = Path(path)
        vectors = check_vectors(vectors)
        record = _read_record(path)
        _check_against_vectors(path, record, vectors)
        # The bytes are hashed first; only a file known to be whole reaches the native reader.
        _check_file(path, record)
        graph = _new_graph(record.dimension)
        try:
            graph.load_index(str(path), max_elements=record.count)
        except Exception as error:  # hnswlib raises RuntimeError, but promises nothing
            raise WeightsError(f"hnswlib cannot open {path}: {error}", _REBUILD) from error
        found = int(graph.element_count)
        if found != record.count:
            raise WeightsError(f"{path} holds {found} vectors, not {record.count}", _REBUILD)
        index = cls(vectors, graph, (record.m, record.ef_construction, record.seed), ef)
        index._check_known_neighbour(path)
        return index

    def search(
        self,
        queries: NDArray[np.float32],
        k: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> Found:
        """See VectorIndex.search. Falls back to exact search where few rows pass the filter."""
        queries, k = check_query(queries, k, allowed, self.count, self.dimension)
        few = allowed is not None and np.count_nonzero(allowed) < _EXACT_SHARE * self.count
        if few or 2 * k > self.count or not len(queries):
            return self._exact.search(queries, max(k, 1), allowed)
        try:
            ids, distances = self._query(queries, k, allowed)
        except RuntimeError:
            # The graph reached fewer than k rows that pass.
            return self._exact.search(queries, k, allowed)
        rows = [
            ordered(row, np.float32(1) - distance)
            for row, distance in zip(ids.astype(np.int64), distances, strict=True)
        ]
        return np.stack([row for row, _ in rows]), np.stack([score for _, score in rows])

    def _query(
        self, queries: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.uint64], NDArray[np.float32]]:
        if allowed is None:
            found = self._graph.knn_query(queries, k=k, num_threads=1)
        else:
            passing = allowed
            found = self._graph.knn_query(
                queries, k=k, num_threads=1, filter=lambda label: bool(passing[label])
            )
        ids, distances = found
        return ids, distances

    def _check_known_neighbour(self, path: Path) -> None:
        probe = self.count // 2
        query = self._exact.vectors[probe : probe + 1]
        _, scores = self.search(query, 1)
        if scores[0, 0] < float(query[0] @ query[0]) - 1e-3:
            raise WeightsError(f"{path} does not find its own vector {probe}", _REBUILD)


def record_path(path: Path) -> Path:
    """Where the record of the index file `path` lies."""
    return path.with_name(f"{path.name}.json")


def _new_graph(dimension: int) -> Any:
    import hnswlib

    return hnswlib.Index(space=_SPACE, dim=dimension)


def _read_record(path: Path) -> HnswRecord:
    note = record_path(path)
    try:
        content = json.loads(note.read_text(encoding="utf-8"))
        record = HnswRecord(**{field.name: content[field.name] for field in fields(HnswRecord)})
        valid = all(
            isinstance(getattr(record, field.name), str if field.type == "str" else int)
            for field in fields(HnswRecord)
        )
    except FileNotFoundError:
        raise WeightsError(f"the index record {note} is missing", _REBUILD) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise WeightsError(f"the index record {note} is damaged: {error}", _REBUILD) from error
    if not valid or record.schema != _SCHEMA or record.space != _SPACE:
        raise WeightsError(f"{note} is no index record that this version reads", _REBUILD)
    return record


def _check_against_vectors(path: Path, record: HnswRecord, vectors: NDArray[np.float32]) -> None:
    stated = (record.count, record.dimension)
    if stated != vectors.shape:
        raise WeightsError(
            f"{path} was built over {stated[0]} vectors of {stated[1]} dimensions, "
            f"the space has {vectors.shape[0]} of {vectors.shape[1]}",
            _REBUILD,
        )
    if record.vectors_sha256 != _sha256_of_vectors(vectors):
        raise WeightsError(f"{path} was built over other vectors than these", _REBUILD)


def _check_file(path: Path, record: HnswRecord) -> None:
    try:
        size = path.stat().st_size
        digest = sha256_of_file(path) if size == record.bytes else ""
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}", _REBUILD) from error
    if size != record.bytes:
        raise WeightsError(f"{path} has {size} bytes instead of {record.bytes}", _REBUILD)
    if digest != record.sha256:
        raise WeightsError(f"{path} is damaged: its SHA-256 is not the recorded one", _REBUILD)


def _sha256_of_vectors(vectors: NDArray[np.float32]) -> str:
    return hashlib.sha256(np.ascontiguousarray(vectors, "<f4").data).hexdigest()
