"""Model folders: a `manifest.json` beside the files, checked before anything opens them.

The check finds accidents (a cut download, a flipped bit, files of two versions mixed); it is no
protection against someone who rewrites the manifest too. `fingerprint` names the files alone, so
that what was computed with them stays valid when only a field changes; `fields_sha256` is the
SHA-256 of name, version and the fields of the kind, as JSON with sorted keys and no blanks.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from ner.errors import MetierError, UsageError, WeightsError
from ner.windows import WINDOW_OVERLAP, WINDOW_SIZE, WINDOW_SPECIALS

SCHEMA = 1
MANIFEST = "manifest.json"
KINDS = ("encoder", "space", "tagger")
REINSTALL = "Install the weights again, or check them with: metier doctor"
# For plain transformers folders, of either kind.
FAST_TOKENIZER = "Save the folder with a fast tokenizer (transformers: save_pretrained)."

# One tokenizer serves both models, so it lies beside their folders and is shipped once.
_SHARED_PREFIX = "../tokenizer/"
_OWN_KEYS = ("schema", "kind", "name", "version", "fingerprint", "files", "fields_sha256")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """The expected content of one file: SHA-256 (hex) and size in bytes."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A checked model folder. `fields` holds what is particular to the kind."""

    folder: Path
    kind: str
    name: str
    version: str
    fingerprint: str
    files: Mapping[str, FileRecord]
    fields: Mapping[str, Any]

    @property
    def model(self) -> str:
        """Name, version and the first 12 digits of the fingerprint, as results carry it."""
        return f"{self.name} {self.version} {self.fingerprint[:12]}"

    def path(self, name: str) -> Path:
        """The path of a listed file, given by its relative path or by its base name alone.

        Raises WeightsError if the manifest lists no such file, or several.
        """
        if name in self.files:
            return self.folder / name
        found = [file for file in self.files if PurePosixPath(file).name == name]
        if len(found) != 1:
            raise WeightsError(
                f"{self.folder / MANIFEST} lists {len(found) or 'no'} files named {name}",
                REINSTALL,
            )
        return self.folder / found[0]

    def onnx_path(self) -> Path:
        """The path of the one ONNX file; WeightsError if the manifest lists none, or several."""
        found = [file for file in self.files if file.endswith(".onnx")]
        if len(found) != 1:
            raise WeightsError(
                f"{self.folder / MANIFEST} lists {len(found)} ONNX files instead of one", REINSTALL
            )
        return self.folder / found[0]


def sha256_of_file(path: str | Path) -> str:
    """SHA-256 of a file's content, in hex; OSError if it cannot be read."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_file(path: str | Path) -> None:
    """Have the system write a file to the disk, before it is renamed; OSError if it cannot."""
    with open(path, "r+b") as file:
        os.fsync(file.fileno())


def fingerprint_of(files: Mapping[str, FileRecord]) -> str:
    """SHA-256 over the sorted lines "path sha256"."""
    lines = sorted(f"{path} {record.sha256}" for path, record in files.items())
    # A damaged manifest may name a path that is no valid Unicode; it has a hash all the same.
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def window_of(manifest: Manifest) -> tuple[int, int]:
    """Size, special tokens included, and overlap of the windows, in tokens; default (256, 64).

    Raises WeightsError unless they are whole numbers and each window brings something new.
    """
    window = manifest.fields.get("window", {"size": WINDOW_SIZE, "overlap": WINDOW_OVERLAP})
    size = window.get("size") if isinstance(window, dict) else None
    overlap = window.get("overlap") if isinstance(window, dict) else None
    # type() and not isinstance: True is an int to Python.
    if type(size) is int and type(overlap) is int and 0 <= overlap < size - WINDOW_SPECIALS:
        return size, overlap
    raise WeightsError(
        f"{manifest.folder / MANIFEST} has no usable window: {window!r:.200}", REINSTALL
    )


def read_manifest(folder: str | Path, kind: str) -> Manifest:
    """Read the manifest in `folder`; check the kind, then size and hash of every file.

    Raises WeightsError, naming the file, if anything is missing, damaged or of another kind.
    """
    folder = Path(folder)
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise WeightsError(
            f"no {kind} weights in {folder}: {MANIFEST} is missing", REINSTALL
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise WeightsError(f"{path} cannot be read: {error}", REINSTALL) from error
    manifest = _parse(folder, content)
    if manifest.kind != kind:
        raise WeightsError(
            f"{folder} holds {manifest.kind} weights, not {kind} weights",
            f"Give the folder of a {kind}.",
        )
    for name, record in manifest.files.items():
        _check_file(folder / name, record)
    return manifest


def make_manifest(
    folder: str | Path, kind: str, name: str, version: str, files: Iterable[str], **fields: Any
) -> Manifest:
    """Hash `files` (paths relative to `folder`) into a Manifest, without writing it.

    Raises UsageError for an unknown kind, a reserved field, or a path outside the folder;
    WeightsError if a file cannot be read.
    """
    folder = Path(folder)
    if kind not in KINDS:
        raise UsageError(f"unknown kind of weights: {kind}", f"Use one of: {', '.join(KINDS)}.")
    reserved = sorted(set(fields) & set(_OWN_KEYS))
    if reserved:
        raise UsageError(f"a manifest has its own {reserved[0]}", "Give the field another name.")
    records: dict[str, FileRecord] = {}
    for file in sorted(files):
        if not is_inside(file):
            raise UsageError(f"{file} lies outside the model folder", "Copy it into the folder.")
        path = folder / file
        try:
            records[file] = FileRecord(sha256_of_file(path), path.stat().st_size)
        except OSError as error:
            raise WeightsError(f"{path} cannot be read: {error}", REINSTALL) from error
    return Manifest(
        folder,
        kind,
        name,
        version,
        fingerprint_of(records),
        MappingProxyType(records),
        MappingProxyType(dict(fields)),
    )


def write_manifest(
    folder: str | Path, kind: str, name: str, version: str, files: Iterable[str], **fields: Any
) -> Manifest:
    """Hash `files` and write `manifest.json` in one step (temporary file, then rename).

    Raises what `make_manifest` does, and MetierError if the manifest cannot be written.
    """
    manifest = make_manifest(folder, kind, name, version, files, **fields)
    content = {
        "schema": SCHEMA,
        "kind": kind,
        "name": name,
        "version": version,
        "fingerprint": manifest.fingerprint,
        "fields_sha256": _fields_sha256(name, version, fields),
        "files": {
            path: {"sha256": record.sha256, "bytes": record.bytes}
            for path, record in manifest.files.items()
        },
        **fields,
    }
    temporary = manifest.folder / f".{MANIFEST}.tmp"
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as out:
            json.dump(content, out, ensure_ascii=False, indent=2)
            out.write("\n")
        sync_file(temporary)
        temporary.replace(manifest.folder / MANIFEST)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise MetierError(
            f"{manifest.folder / MANIFEST} cannot be written: {error.strerror or error}",
            "Check the rights and the free room of the folder.",
        ) from error
    return manifest


def shipped_folder(name: str) -> Path:
    """The folder `name` in METIER_HOME if it is there, else the one that came installed.

    Raises WeightsError naming the places looked at, or if METIER_HOME names no folder: whoever set
    it would take the answers of the installed weights for those of their own.
    """
    places: list[Path] = []
    home = os.environ.get("METIER_HOME")
    if home:
        if not os.path.isdir(home):
            raise WeightsError(
                f"METIER_HOME names {home}, which is no folder", "Correct or unset METIER_HOME."
            )
        places.append(Path(home) / name)
    # find_spec does not import the package: no layer imports `metier`.
    spec = find_spec("metier")
    if spec is not None and spec.submodule_search_locations:
        places += [Path(root) / "pretrained" / name for root in spec.submodule_search_locations]
    for place in places:
        if (place / MANIFEST).is_file():
            return place
    looked = ", ".join(str(place) for place in places) or "no place: metier is not installed"
    raise WeightsError(f"no shipped weights named {name} (looked at {looked})", REINSTALL)


def _parse(folder: Path, content: Any) -> Manifest:
    def bad(why: str) -> WeightsError:
        return WeightsError(f"{folder / MANIFEST} is not a valid manifest: {why}", REINSTALL)

    if not isinstance(content, dict):
        raise bad("it holds no JSON object")
    if content.get("schema") != SCHEMA:
        raise WeightsError(
            f"{folder / MANIFEST} has schema {content.get('schema')!r}, not {SCHEMA}",
            "Use weights and program of one release.",
        )
    texts: list[str] = []
    for key in ("kind", "name", "version", "fingerprint", "fields_sha256"):
        value = content.get(key)
        if not isinstance(value, str):
            raise bad(f"{key} is missing or no text")
        texts.append(value)
    listed = content.get("files")
    if not isinstance(listed, dict) or not listed:
        raise bad("it lists no files")
    records: dict[str, FileRecord] = {}
    for file, record in listed.items():
        if not is_inside(file):
            raise bad(f"the path {file!r} leaves the folder")
        sha256 = record.get("sha256") if isinstance(record, dict) else None
        size = record.get("bytes") if isinstance(record, dict) else None
        if not isinstance(sha256, str) or not isinstance(size, int):
            raise bad(f"the record of {file!r} lacks sha256 or bytes")
        records[file] = FileRecord(sha256, size)
    kind, name, version, fingerprint, fields_sha256 = texts
    if fingerprint != fingerprint_of(records):
        raise bad("its fingerprint does not fit its files")
    fields = {key: value for key, value in content.items() if key not in _OWN_KEYS}
    if fields_sha256 != _fields_sha256(name, version, fields):
        raise WeightsError(
            f"the manifest {folder / MANIFEST} does not fit its checksum: a field was changed",
            REINSTALL,
        )
    return Manifest(
        folder,
        kind,
        name,
        version,
        fingerprint,
        MappingProxyType(records),
        MappingProxyType(fields),
    )


def _fields_sha256(name: str, version: str, fields: Mapping[str, Any]) -> str:
    # Through JSON and back, since keys that are numbers sort otherwise than the texts they become.
    plain = json.loads(json.dumps({"name": name, "version": version, **fields}))
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def is_inside(file: str) -> bool:
    """Whether a manifest may list the path `file`: one in the folder, or the shared tokenizer's."""
    own = PurePosixPath(file.removeprefix(_SHARED_PREFIX))
    return (
        bool(own.parts)
        and not own.is_absolute()
        and ".." not in own.parts
        and "\\" not in file
        and ":" not in file
        and "\0" not in file
    )


def _check_file(path: Path, record: FileRecord) -> None:
    try:
        size = path.stat().st_size
        if size != record.bytes:
            raise WeightsError(
                f"{path} is damaged: {size:,} bytes instead of {record.bytes:,}", REINSTALL
            )
        digest = sha256_of_file(path)
    except FileNotFoundError:
        raise WeightsError(f"the file {path} is missing", REINSTALL) from None
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error}", REINSTALL) from error
    if digest != record.sha256:
        raise WeightsError(
            f"{path} is damaged: its SHA-256 is {digest[:12]}… instead of {record.sha256[:12]}…",
            REINSTALL,
        )
