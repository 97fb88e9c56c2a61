import dataclasses
import hashlib
import json
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.errors import MetierError, UsageError, WeightsError
from ner.weights import (
    read_manifest,
    sha256_of_file,
    shipped_folder,
    window_of,
    write_manifest,
)

MakeFolder = Callable[..., Path]
# What `write_manifest` takes by name, and what a manifest has of its own.
RESERVED = {"folder", "kind", "name", "version", "files", "schema"}


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "manifest.json"
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")


def test_what_is_written_is_read_back(new_folder: MakeFolder) -> None:
    manifest = read_manifest(new_folder(), "tagger")
    assert (manifest.kind, manifest.name, manifest.version) == ("tagger", "toy", "1.0")
    assert manifest.fields["languages"] == ["en", "de"]
    assert manifest.model == f"toy 1.0 {manifest.fingerprint[:12]}"
    assert manifest.path("model.onnx").is_file()
    assert manifest.path("tokenizer.json").is_file()


def test_the_fingerprint_is_the_hash_of_the_sorted_paths_and_hashes(tmp_path: Path) -> None:
    for name, content in (("b.bin", b"two"), ("a.bin", b"one")):
        (tmp_path / name).write_bytes(content)
    lines = [
        f"a.bin {hashlib.sha256(b'one').hexdigest()}",
        f"b.bin {hashlib.sha256(b'two').hexdigest()}",
    ]
    manifest = write_manifest(tmp_path, "encoder", "e", "1", ["b.bin", "a.bin"])
    assert manifest.fingerprint == hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_the_same_files_have_the_same_fingerprint_and_others_another(tmp_path: Path) -> None:
    prints = []
    for content in (b"one", b"one", b"two"):
        (tmp_path / "w.bin").write_bytes(content)
        prints.append(write_manifest(tmp_path, "encoder", "e", "1", ["w.bin"]).fingerprint)
    assert prints[0] == prints[1] != prints[2]


@pytest.mark.parametrize("file", ["model.onnx", "../tokenizer/tokenizer.json"])
def test_a_flipped_bit_is_named_with_its_file(new_folder: MakeFolder, file: str) -> None:
    folder = new_folder()
    content = bytearray((folder / file).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / file).write_bytes(content)
    with pytest.raises(WeightsError, match="SHA-256") as caught:
        read_manifest(folder, "tagger")
    assert Path(file).name in caught.value.message
    assert "metier doctor" in caught.value.hint


def test_a_cut_file_is_named_with_both_sizes(new_folder: MakeFolder) -> None:
    folder = new_folder()
    content = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(content[:-100])
    with pytest.raises(WeightsError, match=f"{len(content) - 100:,}.*{len(content):,}"):
        read_manifest(folder, "tagger")


def test_a_missing_file_or_folder_is_named(new_folder: MakeFolder, tmp_path: Path) -> None:
    folder = new_folder()
    (folder / "model.onnx").unlink()
    with pytest.raises(WeightsError, match=r"model\.onnx is missing"):
        read_manifest(folder, "tagger")
    with pytest.raises(WeightsError, match="nowhere"):
        read_manifest(tmp_path / "nowhere", "tagger")


def test_a_listed_folder_is_no_file(new_folder: MakeFolder) -> None:
    folder = new_folder()
    (folder / "model.onnx").unlink()
    (folder / "model.onnx").mkdir()
    with pytest.raises(WeightsError, match=r"model\.onnx"):
        read_manifest(folder, "tagger")


def test_weights_of_another_kind_are_refused(new_folder: MakeFolder) -> None:
    with pytest.raises(WeightsError, match="tagger weights, not encoder"):
        read_manifest(new_folder(), "encoder")


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(schema=2),
        lambda content: content.pop("name"),
        lambda content: content.update(fingerprint="0" * 64),
        lambda content: content.update(fields_sha256="0" * 64),
        lambda content: content.pop("fields_sha256"),
        lambda content: content["files"].update({"\ud800": {"sha256": "", "bytes": 0}}),
        lambda content: content.update(files={}),
        lambda content: content.update(files=["model.onnx"]),
        lambda content: content["files"].update({"../../secret": {"sha256": "", "bytes": 0}}),
        lambda content: content["files"].update({"/etc/hosts": {"sha256": "", "bytes": 0}}),
        lambda content: content["files"].update({"model.onnx": {"bytes": 3}}),
        lambda content: content["files"].update({"model.onnx": None}),
    ],
)
def test_a_manifest_that_is_not_one_is_refused(
    new_folder: MakeFolder, change: Callable[[dict[str, Any]], object]
) -> None:
    folder = new_folder()
    edit(folder, change)
    with pytest.raises(WeightsError, match=r"manifest\.json"):
        read_manifest(folder, "tagger")


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_a_manifest_that_is_no_json_object_is_refused(
    new_folder: MakeFolder, content: bytes
) -> None:
    folder = new_folder()
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(WeightsError, match=r"manifest\.json"):
        read_manifest(folder, "tagger")


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(name="toi"),
        lambda content: content.update(version="1.1"),
        lambda content: content.update(separator=False),
        lambda content: content.update(window={"size": 64, "overlap": 8}),
        lambda content: content.update(more=1),
        lambda content: content.pop("languages"),
        lambda content: content.update(languages=["en", "\ud800"]),
    ],
)
def test_a_changed_field_does_not_fit_the_checksum(
    new_folder: MakeFolder, change: Callable[[dict[str, Any]], object]
) -> None:
    folder = new_folder()
    edit(folder, change)
    with pytest.raises(WeightsError, match=r"manifest.*does not fit its checksum"):
        read_manifest(folder, "tagger")


def test_the_layout_of_the_manifest_is_free_and_the_fingerprint_is_of_the_files_alone(
    new_folder: MakeFolder,
) -> None:
    folder = new_folder(training={"2": 0.1, "10": [1e-9, None, "ä"]})
    before = read_manifest(folder, "tagger")
    path = folder / "manifest.json"
    content = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(dict(reversed(content.items()))), "utf-8")
    assert read_manifest(folder, "tagger") == before
    files = list(before.files)
    again = write_manifest(folder, "tagger", "toy", "1.0", files, calibration={"low": 0.2})
    assert again.fingerprint == before.fingerprint
    assert read_manifest(folder, "tagger") == again


@given(
    st.dictionaries(
        st.text(max_size=5).filter(lambda key: key not in RESERVED),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        ),
        max_size=4,
    )
)
def test_any_fields_are_read_back_as_written(
    tmp_path_factory: pytest.TempPathFactory, fields: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "w.bin").write_bytes(b"one")
    write_manifest(folder, "space", "s", "1", ["w.bin"], **fields)
    assert read_manifest(folder, "space").fields == fields


def test_the_window_is_the_stated_one_or_256_by_64(new_folder: MakeFolder) -> None:
    stated = read_manifest(new_folder(), "tagger")
    assert window_of(stated) == (32, 8)
    assert window_of(dataclasses.replace(stated, fields={})) == (256, 64)


@pytest.mark.parametrize(
    "window",
    [
        None,
        5,
        [256, 64],
        {},
        {"size": 10, "overlap": 8},
        {"size": True, "overlap": False},
        {"size": 256, "overlap": -1},
        {"size": 256.0, "overlap": 64},
    ],
)
def test_a_window_that_leaves_no_step_is_refused(new_folder: MakeFolder, window: object) -> None:
    manifest = read_manifest(new_folder(window=window), "tagger")
    with pytest.raises(WeightsError, match="no usable window"):
        window_of(manifest)


def test_the_hash_of_a_file_is_its_sha256(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one" * 100_000)
    digest = hashlib.sha256(b"one" * 100_000).hexdigest()
    assert sha256_of_file(tmp_path / "a") == sha256_of_file(str(tmp_path / "a")) == digest


def test_nothing_outside_the_folder_is_listed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="outside"):
        write_manifest(tmp_path, "tagger", "t", "1", ["../model.onnx"])


def test_an_unknown_kind_and_a_reserved_field_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="parrot"):
        write_manifest(tmp_path, "parrot", "t", "1", [])
    with pytest.raises(UsageError, match="schema"):
        write_manifest(tmp_path, "tagger", "t", "1", [], schema=1)


def test_a_manifest_that_cannot_be_written_is_one_sentence(
    new_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    folder = new_folder()
    before = sorted(folder.iterdir())
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(MetierError, match=r"manifest\.json cannot be written: No space") as caught:
        write_manifest(folder, "tagger", "toy", "2.0", ["model.onnx"])
    assert caught.value.hint
    assert sorted(folder.iterdir()) == before
    assert read_manifest(folder, "tagger").version == "1.0"


def test_a_replacement_folder_comes_before_the_shipped_one(
    new_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = new_folder()
    monkeypatch.setenv("METIER_HOME", str(folder.parent))
    assert shipped_folder("tagger") == folder


def test_a_home_without_the_folder_goes_on_to_the_installed_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "site" / "metier"
    (installed / "pretrained" / "tagger").mkdir(parents=True)
    (installed / "__init__.py").touch()
    (installed / "pretrained" / "tagger" / "manifest.json").touch()
    spec = ModuleSpec("metier", None, is_package=True)
    spec.submodule_search_locations = [str(installed)]
    monkeypatch.setattr("ner.weights.find_spec", lambda _: spec)
    monkeypatch.setenv("METIER_HOME", str(tmp_path))
    assert shipped_folder("tagger") == installed / "pretrained" / "tagger"


@pytest.mark.parametrize("home", ["nowhere", "file"])
def test_a_home_that_is_no_folder_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("METIER_HOME", str(tmp_path / home))
    with pytest.raises(WeightsError, match="METIER_HOME names") as caught:
        shipped_folder("tagger")
    assert f"{tmp_path / home}, which is no folder" in caught.value.message
    assert "METIER_HOME" in caught.value.hint


def test_weights_found_nowhere_are_reported_with_the_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METIER_HOME", str(tmp_path))
    with pytest.raises(WeightsError, match="unicorn") as caught:
        shipped_folder("unicorn")
    assert str(tmp_path) in caught.value.message
    assert "metier doctor" in caught.value.hint
