"""Making a space from a taxonomy and an encoder."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matching.indexes.hnsw import HnswIndex
from matching.space import Space
from matching.space_folder import hnsw_name
from matching.space_store import TextKind, TextRow, write_store
from matching.taxonomy import CONCEPT_KINDS, Concept, ConceptKind, Taxonomy
from matching.vectors import dequantise, quantise, unit
from ner.errors import BadInputError, MetierError, UsageError, WeightsError
from ner.weights import MANIFEST, sync_file, write_manifest

Progress = Callable[[int, int], None]

# A label this near to one kept of the same concept and language adds nothing to a search.
NEAR_DUPLICATE = 0.97
_AT_ONCE = 512
# Groups are few and never searched by the thousand: only these kinds get a graph.
_INDEXED: tuple[ConceptKind, ...] = ("occupation", "skill")
# What may lie in the folder of a space that is replaced, files of older releases included.
_OWN_FILES = (
    MANIFEST,
    "README.md",
    "concepts.sqlite",
    "vectors.npy",
    "scales.npy",
    "hnsw-*.bin",
    "hnsw-*.bin.json",
)


class TextEncoder(Protocol):
    """What is asked of an encoder to build a space or to be scored; `Encoder` is one."""

    @property
    def dimension(self) -> int: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def model(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class _Text:
    concept: int
    language: str
    kind: TextKind
    text: str


def build_space(
    taxonomy: Taxonomy,
    encoder: TextEncoder,
    folder: Path | str,
    dimension: int | None = None,
    languages: Sequence[str] | None = None,
    hnsw: bool = True,
    progress: Progress | None = None,
) -> Space:
    """Encode the labels and descriptions of `taxonomy`, write the space to `folder`, and load it.

    `dimension` keeps the first dimensions of the encoder (Kusupati et al., Matryoshka
    representation learning, NeurIPS 2022), by default all. A label nearer than NEAR_DUPLICATE
    to a label kept of the same concept and language gets no vector, but stays findable by name.
    Descriptions get a vector; their text is not stored. `progress(done, total)` counts texts.
    An older space in `folder` stays until the new one is complete, is then moved aside, and is put
    back if the new one cannot take its place; the folders above are made.

    Raises UsageError for a wrong dimension, an unknown language, a folder that cannot be made or
    holds something else, before anything is encoded; BadInputError if nothing can be encoded;
    WeightsError for vectors that are not finite; MetierError if the space cannot be written.
    """
    width = encoder.dimension if dimension is None else dimension
    if not 1 <= width <= encoder.dimension:
        raise UsageError(
            f"a space of {width} dimensions cannot be made by an encoder of {encoder.dimension}",
            f"Use 1 to {encoder.dimension}.",
        )
    tongues = _languages(taxonomy, languages)
    target = _place_for(folder)
    concepts = sorted(
        taxonomy.concepts.values(), key=lambda concept: CONCEPT_KINDS.index(concept.kind)
    )
    texts = _texts(concepts, taxonomy, tongues)
    vectors, places = _encode(texts, encoder, width, progress)
    kept = _drop_near_duplicates(texts, vectors, places)
    if not kept:
        raise BadInputError(
            f"{taxonomy.name} {taxonomy.version} gave no vector", "Check labels and encoder."
        )
    codes = quantise(vectors[[places[text] for text in kept]])
    rows = [(texts[i].concept, texts[i].language, texts[i].kind) for i in kept]
    try:
        draft = _new_folder(target)
        try:
            _write(draft, taxonomy, encoder, concepts, tongues, rows, codes, hnsw)
            # Once more: something else may have been put there in the meantime.
            _check_replaceable(target)
            _replace(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except (OSError, sqlite3.Error) as error:
        raise MetierError(
            f"the space cannot be written to {target}: {error}",
            "Check the rights and the free room of the folder.",
        ) from error
    return Space.load(target, encoder.fingerprint, encoder_name=encoder.model)


def _languages(taxonomy: Taxonomy, languages: Sequence[str] | None) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(languages)) if languages is not None else taxonomy.languages
    unknown = [language for language in chosen if language not in taxonomy.languages]
    if unknown or not chosen:
        raise UsageError(
            f"the taxonomy has no texts in {unknown[0] if unknown else 'no language'}",
            f"Choose among: {', '.join(taxonomy.languages)}.",
        )
    return chosen


def _place_for(folder: Path | str) -> Path:
    """The absolute path of `folder`, once it is sure that a space may and can be written there.

    Encoding may take hours, so that nothing of this is left to the end.
    """
    try:
        target = Path(folder).absolute()
        _check_replaceable(target)
        _new_folder(target).rmdir()
    except (OSError, ValueError) as error:
        # The text of an OSError would name the path a second time.
        why = error.strerror if isinstance(error, OSError) else None
        raise UsageError(
            f"no space can be written to {folder}: {why or error}",
            "Give a folder whose name the system takes, in one where you may write.",
        ) from error
    return target


def _check_replaceable(target: Path) -> None:
    try:
        # Unlike `exists`, this tells a name that the system does not take from a free one.
        target.lstat()
    except FileNotFoundError:
        return
    present = sorted(target.iterdir()) if target.is_dir() else None
    if present is None or (present and not _is_space(target)):
        raise UsageError(
            f"{target} is there already and is no space", "Give a new or an empty folder."
        )
    for path in present:
        if not path.is_file() or not any(fnmatchcase(path.name, own) for own in _OWN_FILES):
            raise UsageError(
                f"{target} holds more than a space, such as {path.name}, which would be deleted",
                "Move that elsewhere, or give a new or an empty folder.",
            )


def _is_space(folder: Path) -> bool:
    """Whether a manifest says so; a damaged space may be replaced by a whole one."""
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get("kind") == "space"


def _new_folder(target: Path) -> Path:
    """An empty folder beside `target`, on the same disk, so that one can be renamed to the other.

    Its name does not grow with that of `target`, which may be as long as the system takes.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=".space-", dir=target.parent))


def _texts(concepts: Sequence[Concept], taxonomy: Taxonomy, tongues: Sequence[str]) -> list[_Text]:
    """By kind of concept: labels of all concepts, then descriptions; of each concept in a run.

    This order makes the labels of a kind neighbours in the matrix, so that a search copies none.
    """
    numbers: dict[ConceptKind, list[int]] = {kind: [] for kind in CONCEPT_KINDS}
    for number, concept in enumerate(concepts):
        numbers[concept.kind].append(number)
    texts: list[_Text] = []
    for kind in CONCEPT_KINDS:
        for number in numbers[kind]:
            texts += _labels(number, concepts[number], tongues)
        for number in numbers[kind]:
            described = taxonomy.descriptions.get(concepts[number].uri, {})
            texts += [
                _Text(number, language, "description", described[language])
                for language in tongues
                if described.get(language)
            ]
    return texts


def _labels(number: int, concept: Concept, tongues: Sequence[str]) -> Iterator[_Text]:
    for language in tongues:
        labels = concept.labels.get(language)
        if labels is None:
            continue
        yield _Text(number, language, "preferred", labels.preferred)
        for label in labels.alternative:
            yield _Text(number, language, "alternative", label)
        for label in labels.hidden:
            yield _Text(number, language, "hidden", label)


def _encode(
    texts: Sequence[_Text], encoder: TextEncoder, width: int, progress: Progress | None
) -> tuple[NDArray[np.float32], list[int]]:
    """Unit vectors of the distinct texts, (m, width), and the place of each text among them."""
    distinct: dict[str, int] = {}
    places = [distinct.setdefault(text.text, len(distinct)) for text in texts]
    names = list(distinct)
    vectors = np.zeros((len(names), width), np.float32)
    for start in range(0, len(names), _AT_ONCE):
        block = encoder.encode(names[start : start + _AT_ONCE])
        if not np.isfinite(block).all():
            raise WeightsError(
                f"the encoder {encoder.model} gave vectors that are not finite",
                "Export the encoder again.",
            )
        vectors[start : start + _AT_ONCE] = unit(block[:, :width])
        if progress is not None:
            progress(min(start + _AT_ONCE, len(names)), len(names))
    return vectors, places


def _drop_near_duplicates(
    texts: Sequence[_Text], vectors: NDArray[np.float32], places: Sequence[int]
) -> list[int]:
    """Numbers of the texts that get a vector row; preferred labels come first and always do."""
    kept: list[int] = []
    group: tuple[int, str] | None = None
    seen: list[NDArray[np.float32]] = []
    for number, text in enumerate(texts):
        vector = vectors[places[number]]
        if not vector.any():
            continue
        if text.kind != "description":
            if group != (text.concept, text.language):
                group, seen = (text.concept, text.language), []
            if seen and text.kind != "preferred" and np.max(seen @ vector) > NEAR_DUPLICATE:
                continue
            seen.append(vector)
        kept.append(number)
    return kept


def _write(
    folder: Path,
    taxonomy: Taxonomy,
    encoder: TextEncoder,
    concepts: Sequence[Concept],
    tongues: Sequence[str],
    rows: Sequence[TextRow],
    codes: NDArray[np.int8],
    hnsw: bool,
) -> None:
    files = ["concepts.sqlite", "vectors.npy"]
    uris = [concept.uri for concept in concepts]
    write_store(folder / files[0], taxonomy, uris, tongues, rows)
    np.save(folder / files[1], codes)
    for name in files:
        sync_file(folder / name)  # indexes and manifest are synced by those who write them
    if hnsw:
        # The vectors as they will be read: the index records their hash.
        matrix = dequantise(codes)
        for kind in _INDEXED:
            picked = [
                row
                for row, (concept, _, text) in enumerate(rows)
                if text != "description" and concepts[concept].kind == kind
            ]
            if picked:
                saved = HnswIndex.build(matrix[picked]).save(folder / hnsw_name(kind))
                files += [path.name for path in saved]
    write_manifest(
        folder,
        "space",
        taxonomy.name.lower(),
        taxonomy.version,
        files,
        taxonomy={"name": taxonomy.name, "version": taxonomy.version},
        encoder={"name": encoder.model, "fingerprint": encoder.fingerprint},
        encoder_dimension=encoder.dimension,
        dimension=int(codes.shape[1]),
        languages=list(tongues),
        counts={
            **Counter(concept.kind for concept in concepts),
            "relations": len(taxonomy.relations),
            "vectors": len(codes),
        },
    )


def _replace(draft: Path, target: Path) -> None:
    draft.chmod(0o755)
    if not target.exists():
        draft.rename(target)
        return
    aside = _new_folder(target)
    old = aside / target.name
    try:
        target.rename(old)
        try:
            draft.rename(target)
        except OSError:
            old.rename(target)
            raise
    except OSError as error:
        if os.path.lexists(old):
            raise MetierError(
                f"the older space of {target} could not be put back and is now {old}: {error}",
                f"Move it to {target}, then build the space again.",
            ) from error
        aside.rmdir()
        raise
    shutil.rmtree(aside, ignore_errors=True)
