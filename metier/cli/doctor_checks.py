"""What `metier doctor` looks at; each check gives findings and raises nothing."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from metier import __version__

Status = Literal["ok", "note", "warning", "wrong"]

PACKAGES = ("ner", "matching", "training", "metier")
_DISTRIBUTION = "metier"
_OLDEST_PYTHON = (3, 11)
# Distribution -> module, of the base installation.
_PARTS = {
    "numpy": "numpy",
    "onnxruntime": "onnxruntime",
    "tokenizers": "tokenizers",
    "hnswlib": "hnswlib",
    "pypdfium2": "pypdfium2",
    "typer": "typer",
}
# Extra -> distributions that only it brings.
_EXTRAS = {
    "train": ("torch", "transformers", "sentence-transformers", "datasets", "onnx"),
    "spacy": ("spacy",),
    "ray": ("ray",),
    "map": ("matplotlib",),
    "serve": ("fastapi", "sqlalchemy"),
}
_KINDS = ("tagger", "encoder", "space")
_REINSTALL = "Install the release again: pip install --force-reinstall --no-deps WHEEL_OR_CHECKOUT"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; where it is wrong, `hint` says what to do.

    `exit_code` is what the command ends with if this is the worst of it.
    """

    name: str
    status: Status
    detail: str
    hint: str = ""
    exit_code: int = 1

    def to_dict(self) -> dict[str, str]:
        return {"name": self.name, "status": self.status, "detail": self.detail, "hint": self.hint}


def all_findings() -> Iterator[Finding]:
    """Every finding, in the order in which a person would look."""
    yield from environment()
    yield from parts()
    yield from name_clashes()
    yield from weights()
    yield from folders()
    yield from extras()


def environment() -> Iterator[Finding]:
    """The release, Python and the platform."""
    yield Finding("metier", "ok", f"{__version__} in {_root()}")
    version = platform.python_version()
    if sys.version_info[:2] < _OLDEST_PYTHON:
        oldest = ".".join(map(str, _OLDEST_PYTHON))
        yield Finding("Python", "wrong", version, f"Use Python {oldest} or newer.")
    else:
        yield Finding("Python", "ok", f"{version} ({sys.executable})")
    yield Finding("platform", "ok", platform.platform())


def parts() -> Iterator[Finding]:
    """Whether each package of the base installation is there and can be loaded."""
    # As `ner.session` has it, which is not imported here: it needs some of these packages itself.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    for distribution, module in _PARTS.items():
        try:
            version = importlib.metadata.version(distribution)
            importlib.import_module(module)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(distribution, "wrong", "missing", f"pip install {distribution}")
        except Exception as error:  # a native library can fail in any way
            yield Finding(
                distribution,
                "wrong",
                f"cannot be loaded: {type(error).__name__}: {error}",
                f"pip install --force-reinstall --no-cache-dir {distribution}",
            )
        else:
            yield Finding(distribution, "ok", version)


def name_clashes() -> Iterator[Finding]:
    """Whether other distributions hold packages with our names: one would hide the other."""
    owners = importlib.metadata.packages_distributions()
    for package in PACKAGES:
        others = sorted(set(owners.get(package, ())) - {_DISTRIBUTION})
        place = _place(package)
        if others:
            yield Finding(
                f"package {package}",
                "wrong",
                f"also comes from another distribution: {', '.join(others)}",
                f"pip uninstall {' '.join(others)}, then install metier again.",
            )
        elif place is None:
            yield Finding(f"package {package}", "wrong", "missing", _REINSTALL)
        elif place.parent != _root():
            yield Finding(
                f"package {package}",
                "wrong",
                f"is taken from {place}, not from {_root()}",
                f"Rename or remove {place}, or take its folder off the Python path.",
            )
        else:
            yield Finding(f"package {package}", "ok", str(place))


def weights() -> Iterator[Finding]:
    """The shipped weights, every file hashed, and whether the space is of this encoder."""
    from ner.errors import MetierError
    from ner.weights import Manifest, read_manifest, shipped_folder

    found: dict[str, Manifest] = {}
    for kind in _KINDS:
        try:
            manifest = read_manifest(shipped_folder(kind), kind)
        except MetierError as error:
            yield Finding(kind, "wrong", error.message, _REINSTALL, error.exit_code)
            continue
        found[kind] = manifest
        yield Finding(
            kind,
            "ok",
            f"{manifest.model}, {len(manifest.files)} files verified in {manifest.folder}",
        )
    if "encoder" in found and "space" in found:
        yield _agreement(found["encoder"].fingerprint, found["space"].fields.get("encoder"))


def _agreement(fingerprint: str, stated: object) -> Finding:
    from ner.errors import WeightsError

    made_by = stated.get("fingerprint") if isinstance(stated, dict) else stated
    if made_by == fingerprint:
        return Finding("space and encoder", "ok", "fit each other")
    return Finding(
        "space and encoder",
        "wrong",
        f"the space was made by encoder {str(made_by)[:12]}, the encoder here is"
        f" {fingerprint[:12]}",
        "Build the space again: metier taxonomy build ESCO_FOLDER --to FOLDER",
        WeightsError.exit_code,
    )


def folders() -> Iterator[Finding]:
    """The folders that the environment names, and whether one for weights holds any."""
    from ner.weights import MANIFEST

    for variable, use in (("METIER_HOME", "other weights"), ("METIER_DATA", "development files")):
        named = os.environ.get(variable)
        if not named:
            yield Finding(variable, "note", f"not set ({use})")
        elif not Path(named).is_dir():
            yield Finding(
                variable,
                "wrong",
                f"names {named}, which is no folder",
                f"Correct or unset {variable}.",
            )
        elif variable == "METIER_HOME" and not any(
            (Path(named) / kind / MANIFEST).is_file() for kind in _KINDS
        ):
            yield Finding(
                variable,
                "warning",
                f"none of {', '.join(_KINDS)} lies in {named}",
                f"What is installed is used. A space, say, belongs into {Path(named) / 'space'}.",
            )
        else:
            yield Finding(variable, "ok", named)


def extras() -> Iterator[Finding]:
    """Which optional packages are installed."""
    for extra, needed in _EXTRAS.items():
        missing = [name for name in needed if not _installed(name)]
        if missing:
            detail = f"not installed (missing: {', '.join(missing)})"
            yield Finding(f"extra {extra}", "note", detail)
        else:
            yield Finding(f"extra {extra}", "ok", "installed")


def _installed(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _root() -> Path:
    return Path(__file__).resolve().parents[2]


def _place(package: str) -> Path | None:
    spec = find_spec(package)
    if spec is None:
        return None
    if spec.origin:
        file = Path(spec.origin).resolve()
        return file.parent if file.name == "__init__.py" else file
    return Path(next(iter(spec.submodule_search_locations or ["."]))).resolve()
