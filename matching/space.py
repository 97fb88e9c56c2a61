"""A taxonomy in vector space: a folder with facts (SQLite), int8 vectors and HNSW indexes."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.indexes.base import VectorIndex
from matching.indexes.exact import ExactIndex
from matching.indexes.hnsw import HnswIndex
from matching.ranking import BlockPick, Hit, TextBlock, hits, mixed
from matching.space_concepts import ConceptTable
from matching.space_folder import (
    REBUILD,
    check_origin,
    hnsw_name,
    of_another_encoder,
    read_dimensions,
    read_matrix,
    read_origin,
)
from matching.space_relations import Relations
from matching.space_store import TEXT_KINDS, SpaceStore
from matching.taxonomy import CONCEPT_KINDS, ConceptKind
from matching.vectors import unit
from ner.errors import BadInputError, UsageError, WeightsError
from ner.weights import Manifest, read_manifest, shipped_folder

_DESCRIPTION = TEXT_KINDS.index("description")
# Labels fetched from an HNSW index for each concept asked for: one concept has many labels.
_FETCH = 12


class Space:
    """Concepts, their text vectors, and the relations between them. Read-only, thread-safe.

    Public arrays, one entry a text row: `row_concept` int32 (n,), places in `uris`;
    `row_language` int8 (n,), places in `languages`; `row_kind` int8 (n,), places in TEXT_KINDS;
    `matrix` float32 (n, dimension), unit rows. `kinds[i]` is the kind of the concept `uris[i]`.
    """

    def __init__(
        self,
        manifest: Manifest,
        store: SpaceStore,
        matrix: NDArray[np.float32],
        source: tuple[Path | None, str | None, str | None] | None = None,
    ) -> None:
        """Put together by `load`; `source` is (folder, fingerprint, version) as asked for there."""
        facts = store.facts()
        texts = store.texts()
        if len(texts) != len(matrix):
            raise WeightsError(
                f"{manifest.folder} has {len(matrix)} vectors for {len(texts)} texts", REBUILD
            )
        self.folder = manifest.folder
        self.fingerprint = manifest.fingerprint
        self.taxonomy_name, self.version, self.encoder_name, self.encoder_fingerprint = read_origin(
            manifest
        )
        self.dimension, self.encoder_dimension = read_dimensions(manifest)
        self.languages = store.languages
        self.concepts = ConceptTable(store, facts)
        self.uris: list[str] = [concept.uri for concept in facts]
        self.kinds: list[ConceptKind] = [concept.kind for concept in facts]
        self.matrix = matrix
        self.row_concept = np.ascontiguousarray(texts[:, 0])
        self.row_language = texts[:, 1].astype(np.int8)
        self.row_kind = texts[:, 2].astype(np.int8)
        self._store = store
        self._source = source or (manifest.folder, None, None)
        retired = np.array([concept.status == "obsolete" for concept in facts], np.bool_)
        self._live = ~retired if retired.any() else None
        self._label_rows = {kind: self._find_rows(kind, False) for kind in CONCEPT_KINDS}
        self._blocks = {
            kind: (self._block(self._label_rows[kind]), self._block(self._find_rows(kind, True)))
            for kind in CONCEPT_KINDS
        }
        self._hnsw = {
            kind: HnswIndex.load(manifest.path(name), self._blocks[kind][0].vectors)
            for kind in CONCEPT_KINDS
            if (name := hnsw_name(kind)) in manifest.files
        }

    @classmethod
    def load(
        cls,
        folder: Path | str | None = None,
        encoder_fingerprint: str | None = None,
        *,
        encoder_name: str = "",
        taxonomy_version: str | None = None,
    ) -> Space:
        """Open the space in `folder`, by default the shipped one; every file is hashed first.

        Raises WeightsError for a missing or damaged file, and for a space that another encoder
        made or that holds another version of the taxonomy than was asked for.
        """
        # Of the shipped space no place is remembered: another machine has it elsewhere.
        given = None if folder is None else Path(folder).absolute()
        place = given or shipped_folder("space").absolute()
        manifest = read_manifest(place, "space")
        check_origin(manifest, encoder_fingerprint, encoder_name, taxonomy_version)
        store = SpaceStore(manifest.path("concepts.sqlite"))
        matrix = read_matrix(manifest)
        return cls(manifest, store, matrix, (given, encoder_fingerprint, taxonomy_version))

    def __reduce__(self) -> tuple[Any, ...]:
        return (_reload, self._source)

    def __repr__(self) -> str:
        return (
            f"Space({self.taxonomy}, {len(self.uris)} concepts, "
            f"{len(self.matrix)} vectors of {self.dimension})"
        )

    @property
    def taxonomy(self) -> str:
        """Name and version of the taxonomy, such as "ESCO 1.2.0"."""
        return f"{self.taxonomy_name} {self.version}"

    def check_encoder(self, name: str, fingerprint: str) -> None:
        """Raise WeightsError, with both names, unless this encoder made the space."""
        if fingerprint != self.encoder_fingerprint:
            raise of_another_encoder(
                f"{self.folder} ({self.taxonomy})",
                (self.encoder_name, self.encoder_fingerprint),
                (name, fingerprint),
            )

    def vectors(self, rows: NDArray[np.integer[Any]] | slice) -> NDArray[np.float32]:
        """The unit vectors of text rows, float32 (len(rows), dimension)."""
        return self.matrix[rows]

    def label_rows(self, kind: ConceptKind) -> slice:
        """The text rows of the labels of all concepts of `kind`; neighbours in the matrix."""
        _check_kind(kind)
        return self._label_rows[kind]

    def index(self, kind: ConceptKind) -> VectorIndex:
        """An index over the label vectors of `kind`; id i is row `label_rows(kind).start` + i."""
        _check_kind(kind)
        return self._hnsw.get(kind) or ExactIndex(self._blocks[kind][0].vectors)

    def best(
        self,
        queries: NDArray[np.float32],
        kind: ConceptKind,
        k: int,
        languages: Collection[str] | None = None,
        allowed: Collection[str] | None = None,
        preferred_only: bool = False,
        description_weight: float = 0.0,
        own_share: float = 0.0,
        obsolete: bool = False,
        exact: bool = False,
    ) -> list[list[Hit]]:
        """For each query the best `k` concepts of `kind`, best first, each once.

        queries: float32 (q, d), d the encoder's dimension or the space's; they are cut to the
        space's and normalised. A zero query (an empty text) finds nothing. Texts count if they
        are in `languages`, and preferred labels if `preferred_only`; concepts if their URI is in
        `allowed`, and retired ones only if `obsolete`. A concept scores as its best label; with an
        `own_share` (0..1) its preferred label vouches for the others (`ranking.with_own`); and
        then `description_weight` (0..1) is its description's. `exact` compares every vector even
        where an HNSW index could answer, which knows plain cosines of labels alone.
        Raises UsageError for k < 1, an unknown kind, language or a wrong shape; BadInputError
        for queries that are not finite.
        """
        _check_kind(kind)
        if k < 1:
            raise UsageError(f"k is {k}", "Ask for at least one concept.")
        _check_shares(description_weight, own_share)
        cut = self._cut(queries)
        result: list[list[Hit]] = [[] for _ in cut]
        asked = np.flatnonzero(np.any(cut, axis=1))
        concepts = self._concept_filter(allowed, obsolete)
        plain = languages is None and allowed is None and not preferred_only
        index = self._hnsw.get(kind) if plain and not exact else None
        shares = (description_weight, own_share)
        if index is not None:
            for place in asked:
                found = self._approximate(kind, index, cut[place], k, concepts, shares)
                if found is None:
                    break
                result[place] = found
            else:
                return result
        labels, texts = self._picks(kind, languages, concepts, preferred_only)
        scores = mixed(labels, texts, cut[asked], *shares)
        for place, row in zip(asked, scores, strict=True):
            result[place] = hits(row, labels.concepts, self.uris, k)
        return result

    def scores(
        self,
        queries: NDArray[np.float32],
        kind: ConceptKind,
        languages: Collection[str] | None = None,
        description_weight: float = 0.0,
        obsolete: bool = False,
        own_share: float = 0.0,
    ) -> tuple[NDArray[np.float32], list[str]]:
        """The score of every concept of `kind` for every query, as `best` counts it.

        Returns float32 (q, c) and the URIs of the c concepts; a zero query scores 0. Raises as
        `best` does.
        """
        _check_kind(kind)
        _check_shares(description_weight, own_share)
        cut = self._cut(queries)
        labels, texts = self._picks(kind, languages, self._concept_filter(None, obsolete), False)
        uris = [self.uris[number] for number in labels.concepts]
        return mixed(labels, texts, cut, description_weight, own_share), uris

    def uris_of(self, kind: ConceptKind) -> list[str]:
        """URIs of the concepts of `kind` in use, in the order of the columns of `scores`."""
        return self.scores(np.zeros((0, self.dimension), np.float32), kind)[1]

    def skills_of(self, occupation: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(essential, optional) skill URIs of an occupation; one that is both is essential.

        Raises UsageError, as the next two do, for a URI that the taxonomy lacks.
        """
        essential, optional = self._relations.skills_of(self._number(occupation))
        return self._named(essential), self._named(optional)

    def occupations_of(self, skill: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """URIs of the occupations for which a skill is (essential, optional)."""
        essential, optional = self._relations.occupations_of(self._number(skill))
        return self._named(essential), self._named(optional)

    @property
    def has_relations(self) -> bool:
        """Whether the taxonomy says of any occupation which skills it asks for."""
        return self._relations.any

    def parents(self, uri: str) -> tuple[str, ...]:
        """URIs of the broader concepts one step up; a skill may have several."""
        return self._named(self._relations.parents(self._number(uri)))

    def find(self, label: str, language: str | None = None) -> tuple[str, ...]:
        """URIs of the concepts with a label that reads the same, case and accents aside.

        Concepts in use come before retired ones, preferred labels before alternative and hidden.
        Raises UsageError for a language that the space lacks.
        """
        if language is not None:
            self._language(language)
        numbers = dict.fromkeys(name.concept for name in self._store.find(label, language))
        live = self._live
        order = sorted(numbers, key=lambda n: live is not None and not live[n])
        return tuple(self.uris[number] for number in order)

    def _number(self, uri: str) -> int:
        number = self.concepts.number(uri)
        if number is None:
            raise UsageError(
                f"{uri} is not in {self.taxonomy}",
                "Take a URI of this version of the taxonomy.",
            )
        return number

    @cached_property
    def _relations(self) -> Relations:
        return Relations(self._store.relations(), self._store.broader())

    def _named(self, numbers: list[int]) -> tuple[str, ...]:
        return tuple(self.uris[number] for number in numbers)

    def _find_rows(self, kind: ConceptKind, description: bool) -> slice:
        of_kind = np.array([one == kind for one in self.kinds], np.bool_)[self.row_concept]
        rows = np.flatnonzero(of_kind & ((self.row_kind == _DESCRIPTION) == description))
        first, end = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)
        if end - first != len(rows) or np.any(np.diff(self.row_concept[first:end]) < 0):
            raise WeightsError(f"the texts of {self.folder} are out of order", REBUILD)
        return slice(first, end)

    def _block(self, rows: slice) -> TextBlock:
        return TextBlock(
            self.matrix[rows], self.row_concept[rows], self.row_language[rows], self.row_kind[rows]
        )

    def _cut(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        wide = np.asarray(queries, np.float32)
        if wide.ndim != 2 or wide.shape[1] not in (self.dimension, self.encoder_dimension):
            raise UsageError(
                f"the queries have the shape {wide.shape}; the space has {self.dimension} "
                f"dimensions, its encoder {self.encoder_dimension}",
                "Pass a (q, d) array of the encoder that made the space.",
            )
        if not np.isfinite(wide).all():
            raise BadInputError("a query vector is not finite", "Encode the text again.")
        return unit(wide[:, : self.dimension])

    def _concept_filter(
        self, allowed: Collection[str] | None, obsolete: bool
    ) -> NDArray[np.bool_] | None:
        live = None if obsolete else self._live
        if allowed is None:
            return live
        mask = np.zeros(len(self.uris), np.bool_)
        numbers = (self.concepts.number(uri) for uri in allowed)
        mask[[number for number in numbers if number is not None]] = True
        return mask if live is None else mask & live

    def _picks(
        self,
        kind: ConceptKind,
        languages: Collection[str] | None,
        concepts: NDArray[np.bool_] | None,
        preferred_only: bool,
    ) -> tuple[BlockPick, BlockPick]:
        labels, texts = self._blocks[kind]
        keep_labels = keep_texts = None
        if concepts is not None:
            keep_labels, keep_texts = concepts[labels.concept], concepts[texts.concept]
        if languages is not None:
            chosen = np.array([self._language(language) for language in languages], np.int8)
            keep_labels = _both(keep_labels, np.isin(labels.language, chosen))
            keep_texts = _both(keep_texts, np.isin(texts.language, chosen))
        if preferred_only:
            keep_labels = _both(keep_labels, labels.kind == TEXT_KINDS.index("preferred"))
        return BlockPick(labels, keep_labels), BlockPick(texts, keep_texts)

    def _language(self, language: str) -> int:
        if language not in self.languages:
            raise UsageError(
                f"the space has no texts in {language!r}",
                f"Choose among: {', '.join(self.languages)}.",
            )
        return self.languages.index(language)

    def _approximate(
        self,
        kind: ConceptKind,
        index: HnswIndex,
        query: NDArray[np.float32],
        k: int,
        concepts: NDArray[np.bool_] | None,
        shares: tuple[float, float],
    ) -> list[Hit] | None:
        """Rank the concepts of the nearest labels; None if they are fewer than `k`."""
        labels, texts = self._blocks[kind]
        ids, _ = index.search(query[None], max(_FETCH * k, 100))
        near = np.zeros(len(self.uris), np.bool_)
        near[labels.concept[ids[0]]] = True
        if concepts is not None:
            near &= concepts
        if np.count_nonzero(near) < k and len(ids[0]) < index.count:
            return None
        # Scored again over all their labels, so that scores equal those of the exact search.
        pick = BlockPick(labels, near[labels.concept])
        scores = mixed(pick, BlockPick(texts, near[texts.concept]), query[None], *shares)
        return hits(scores[0], pick.concepts, self.uris, k)


def _reload(folder: Path | None, fingerprint: str | None, version: str | None) -> Space:
    return Space.load(folder, fingerprint, taxonomy_version=version)


def _both(one: NDArray[np.bool_] | None, other: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return other if one is None else one & other


def _check_shares(*shares: float) -> None:
    for share in shares:
        if not 0 <= share <= 1:
            raise UsageError(f"the share of a text is {share}", "Use a number from 0 to 1.")


def _check_kind(kind: str) -> None:
    if kind not in CONCEPT_KINDS:
        raise UsageError(
            f"there are no concepts of the kind {kind!r}", f"Use {', '.join(CONCEPT_KINDS)}."
        )
