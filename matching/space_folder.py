"""What lies in the folder of a space, and whether it is the space that was asked for.

`manifest.json`, `concepts.sqlite` (see space_store), `vectors.npy` int8 (n, d), and for each
indexed kind of concept `hnsw-KIND.bin` with `hnsw-KIND.bin.json`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matching.taxonomy import ConceptKind
from matching.vectors import dequantise
from ner.errors import WeightsError
from ner.weights import Manifest

REBUILD = "Build the space again: metier taxonomy build"


def hnsw_name(kind: ConceptKind) -> str:
    """The file of the HNSW index over the labels of `kind`."""
    return f"hnsw-{kind}.bin"


def read_origin(manifest: Manifest) -> tuple[str, str, str, str]:
    """Taxonomy name and version, encoder name and fingerprint."""
    values = []
    for field, keys in (("taxonomy", ("name", "version")), ("encoder", ("name", "fingerprint"))):
        stated = manifest.fields.get(field)
        for key in keys:
            value = stated.get(key) if isinstance(stated, dict) else None
            if not isinstance(value, str):
                raise WeightsError(f"{manifest.folder} does not state the {field}'s {key}", REBUILD)
            values.append(value)
    return values[0], values[1], values[2], values[3]


def check_origin(
    manifest: Manifest, fingerprint: str | None, encoder_name: str, version: str | None
) -> None:
    """Raise WeightsError for a space of another encoder or another version, where given."""
    taxonomy, made_of, encoder, made_by = read_origin(manifest)
    if fingerprint is not None and fingerprint != made_by:
        raise of_another_encoder(
            f"{manifest.folder} ({taxonomy} {made_of})",
            (encoder, made_by),
            (encoder_name, fingerprint),
        )
    if version is not None and version != made_of:
        raise WeightsError(
            f"the space {manifest.folder} holds {taxonomy} {made_of}, "
            f"not {taxonomy} {version} as asked for",
            REBUILD,
        )


def of_another_encoder(
    space: str, made_by: tuple[str, str], in_use: tuple[str, str]
) -> WeightsError:
    """The error for a space whose encoder (name, fingerprint) is not the one in use."""
    return WeightsError(
        f"the space {space} was made by the encoder {made_by[0]} ({made_by[1][:12]}), "
        f"not by {in_use[0] or 'the one in use'} ({in_use[1][:12]})",
        REBUILD,
    )


def read_dimensions(manifest: Manifest) -> tuple[int, int]:
    """Dimensions that the space keeps, and those of its encoder (the same where not stated)."""
    kept = manifest.fields.get("dimension")
    whole = manifest.fields.get("encoder_dimension", kept)
    # type() and not isinstance: True is an int to Python.
    if type(kept) is int and type(whole) is int and 1 <= kept <= whole:
        return kept, whole
    raise WeightsError(
        f"{manifest.folder} states {kept!r:.80} dimensions of an encoder with {whole!r:.80}",
        REBUILD,
    )


def read_matrix(manifest: Manifest) -> NDArray[np.float32]:
    """The unit vectors of all text rows, float32 (n, dimension)."""
    path = manifest.path("vectors.npy")
    try:
        codes = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise WeightsError(f"{path} cannot be read: {error}", REBUILD) from error
    stated, _ = read_dimensions(manifest)
    if codes.ndim != 2 or codes.dtype != np.int8 or codes.shape[1] != stated:
        raise WeightsError(
            f"{manifest.folder} holds vectors of {codes.shape} {codes.dtype}; "
            f"it states {stated} dimensions",
            REBUILD,
        )
    return dequantise(codes)
