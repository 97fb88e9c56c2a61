"""Building a space: what gets a vector, what is replaced, and search over what was built."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from toy_space import BASE, clustered

from matching.encoder import Encoder
from matching.indexes import ExactIndex, HnswIndex
from matching.linking import Linking, link_vectors
from matching.space import Space
from matching.space_build import build_space
from matching.space_store import TEXT_KINDS
from matching.taxonomy import Concept, Labels, Taxonomy
from metier.cli.main import main
from ner.errors import MetierError, UsageError

SKILL = f"{BASE}/skill"


def linking(space: Space, threshold: float) -> Linking:
    return Linking(space, threshold, None, "en", "m")


def test_building_twice_gives_the_same_files(
    space: Space, taxonomy: Taxonomy, encoder: Encoder, tmp_path: Path
) -> None:
    again = build_space(taxonomy, encoder, tmp_path / "again", hnsw=True)
    assert again.fingerprint == space.fingerprint
    for path in space.folder.iterdir():
        assert (again.folder / path.name).read_bytes() == path.read_bytes(), path.name


def test_fewer_dimensions_and_languages_can_be_kept(
    taxonomy: Taxonomy, encoder: Encoder, tmp_path: Path
) -> None:
    small = build_space(taxonomy, encoder, tmp_path / "s", dimension=16, languages=["en"])
    assert small.matrix.shape[1] == small.dimension == 16
    np.testing.assert_allclose(np.linalg.norm(small.matrix, axis=1), 1, atol=1e-6)
    assert small.languages == ("en",)
    assert small.concepts[f"{SKILL}/dough"].label("de") == "knead dough"
    wide = encoder.encode(["weld seams"])
    assert small.best(wide, "skill", 1)[0][0].uri == f"{SKILL}/seams"
    assert small.best(wide[:, :16], "skill", 3) == small.best(wide, "skill", 3)


def test_progress_counts_up_to_all_texts(
    taxonomy: Taxonomy, encoder: Encoder, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    build_space(
        taxonomy, encoder, tmp_path / "s", hnsw=False,
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert seen[-1][0] == seen[-1][1] > 0


def test_what_cannot_be_built_is_refused_and_nothing_is_left_behind(
    taxonomy: Taxonomy, encoder: Encoder, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="49 dimensions"):
        build_space(taxonomy, encoder, tmp_path / "s", dimension=49)
    with pytest.raises(UsageError, match="fr"):
        build_space(taxonomy, encoder, tmp_path / "s", languages=["fr"])
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").touch()
    with pytest.raises(UsageError, match="is no space"):
        build_space(taxonomy, encoder, tmp_path / "photos")
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


def test_an_older_space_is_replaced(taxonomy: Taxonomy, encoder: Encoder, tmp_path: Path) -> None:
    build_space(taxonomy, encoder, tmp_path / "s")
    newer = build_space(replace(taxonomy, version="2"), encoder, tmp_path / "s")
    assert newer.version == Space.load(tmp_path / "s").version == "2"
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


class NeverAsked:
    """An encoder that fails the test which has it encode anything."""

    dimension, fingerprint, model = 8, "0" * 64, "idle 1"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        pytest.fail("the place was found unfit only after hours of encoding")


@pytest.mark.parametrize("extra", ["thesis.docx", "hnsw-skill.bin.bak", "photos/cat.jpg"])
def test_a_space_beside_which_something_else_lies_is_not_replaced(
    taxonomy: Taxonomy, encoder: Encoder, tmp_path: Path, extra: str
) -> None:
    folder = build_space(taxonomy, encoder, tmp_path / "s", hnsw=True).folder
    (folder / extra).parent.mkdir(exist_ok=True)
    (folder / extra).touch()
    with pytest.raises(UsageError, match="holds more than a space") as caught:
        build_space(taxonomy, NeverAsked(), folder)
    assert extra.split("/")[0] in caught.value.message
    assert (folder / extra).is_file()
    assert Space.load(folder)


@pytest.mark.parametrize(
    "manifest",
    [
        b'{"kind": "encoder"}',
        b'{"name": "my app", "icons": []}',
        b"{",
        b"[" * 100_000,
        b'["space"]',
        None,
    ],
)
def test_a_folder_whose_manifest_is_not_of_a_space_is_not_replaced(
    taxonomy: Taxonomy, tmp_path: Path, manifest: bytes | None
) -> None:
    if manifest is None:
        (tmp_path / "manifest.json").mkdir()
    else:
        (tmp_path / "manifest.json").write_bytes(manifest)
    with pytest.raises(UsageError, match="is no space"):
        build_space(taxonomy, NeverAsked(), tmp_path)
    assert (tmp_path / "manifest.json").exists()


def test_a_damaged_space_and_files_of_older_releases_are_replaced(
    taxonomy: Taxonomy, encoder: Encoder, tmp_path: Path
) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"kind": "space"}', "utf-8")
    for name in ("scales.npy", "hnsw-skill.bin", "hnsw-skill.bin.json", "README.md"):
        (folder / name).touch()
    build_space(taxonomy, encoder, folder, hnsw=False)
    found = sorted(path.name for path in folder.iterdir())
    assert found == ["concepts.sqlite", "manifest.json", "vectors.npy"]


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "file/s", "file", "\ud800"])
def test_a_place_that_cannot_be_is_told_before_anything_is_encoded(
    taxonomy: Taxonomy, tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError) as caught:
        build_space(taxonomy, NeverAsked(), tmp_path / name)
    assert caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_where_nothing_can_be_made_is_told_before_anything_is_encoded(
    taxonomy: Taxonomy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", "there")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(UsageError, match=r"no space can be written.*Permission denied"):
        build_space(taxonomy, NeverAsked(), tmp_path / "s")


def test_a_name_as_long_as_the_system_takes_can_be_built_and_replaced(
    taxonomy: Taxonomy, encoder: Encoder, tmp_path: Path
) -> None:
    for _ in range(2):
        assert build_space(taxonomy, encoder, tmp_path / ("s" * 255), hnsw=False)


def test_the_folder_one_stands_in_can_become_a_space(
    taxonomy: Taxonomy, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    build_space(taxonomy, encoder, ".", hnsw=False)
    assert Space.load(tmp_path / "here")


def test_what_was_put_into_the_folder_during_the_encoding_is_kept(
    taxonomy: Taxonomy, encoder: Encoder, tmp_path: Path
) -> None:
    folder = tmp_path / "s"

    def note(done: int, total: int) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "notes.txt").touch()

    with pytest.raises(UsageError, match="is no space"):
        build_space(taxonomy, encoder, folder, hnsw=False, progress=note)
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def failing_renames(monkeypatch: pytest.MonkeyPatch, onto: Path, times: int) -> None:
    """The first `times` folders that would be renamed to `onto` cannot be."""
    rename, left = Path.rename, [None] * times

    def sometimes(path: Path, target: Path) -> Path:
        if target == onto and left:
            left.pop()
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", sometimes)


def test_an_older_space_is_put_back_if_the_new_one_cannot_take_its_place(
    taxonomy: Taxonomy, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_space(taxonomy, encoder, tmp_path / "s", hnsw=False)
    failing_renames(monkeypatch, tmp_path / "s", 1)
    with pytest.raises(MetierError, match="No space left"):
        build_space(replace(taxonomy, version="2"), encoder, tmp_path / "s", hnsw=False)
    assert Space.load(tmp_path / "s").version == taxonomy.version
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_an_older_space_that_cannot_be_put_back_is_named_with_its_place(
    taxonomy: Taxonomy, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_space(taxonomy, encoder, tmp_path / "s", hnsw=False)
    failing_renames(monkeypatch, tmp_path / "s", 2)
    with pytest.raises(MetierError, match="could not be put back") as caught:
        build_space(replace(taxonomy, version="2"), encoder, tmp_path / "s", hnsw=False)
    (kept,) = tmp_path.glob(".space-*/s")
    assert str(kept) in caught.value.message
    assert Space.load(kept).version == taxonomy.version


def test_every_file_is_on_the_disk_before_the_folder_gets_its_name(
    taxonomy: Taxonomy, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[int] = set()
    sync = os.fsync

    def noted(descriptor: int) -> None:
        assert not (tmp_path / "s").exists()
        synced.add(os.fstat(descriptor).st_ino)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    space = build_space(taxonomy, encoder, tmp_path / "s", hnsw=True)
    assert not [path for path in space.folder.iterdir() if path.stat().st_ino not in synced]


def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    taxonomy: Taxonomy, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for owner, step in ((np, "save"), (os, "fsync"), (Path, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, step, full)
            with pytest.raises(MetierError, match=r"cannot be written.*No space left") as caught:
                build_space(taxonomy, encoder, tmp_path / "s", hnsw=False)
        assert caught.value.hint
        assert not list(tmp_path.iterdir())


class TableEncoder:
    """Gives each text the vector written for it, so that tests can place labels exactly."""

    fingerprint, model = "0" * 64, "table 1"

    def __init__(self, vectors: dict[str, NDArray[np.float32]]) -> None:
        self._vectors = vectors
        self.dimension = len(next(iter(vectors.values())))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._vectors[text] for text in texts])


def skills(labels: Sequence[Labels]) -> Taxonomy:
    concepts = [
        Concept(f"s:{number:05}", "skill", labels={"en": own}) for number, own in enumerate(labels)
    ]
    return Taxonomy("toy", "1", ("en",), {concept.uri: concept for concept in concepts})


def test_a_near_duplicate_label_gets_no_vector_but_is_found_by_name(tmp_path: Path) -> None:
    near = np.array([1, 0.2, 0]) / np.hypot(1, 0.2)  # cosine .981 to the preferred label
    far = np.array([1, 0.3, 0]) / np.hypot(1, 0.3)  # cosine .958
    table = {"one": np.array([1.0, 0, 0]), "near": near, "far": far, "same": far}
    encoder = TableEncoder({name: row.astype(np.float32) for name, row in table.items()})
    taxonomy = skills([Labels("one", ("near", "far"), ("same",)), Labels("near")])
    space = build_space(taxonomy, encoder, tmp_path / "s")
    assert space.row_concept.tolist() == [0, 0, 1]
    assert [TEXT_KINDS[kind] for kind in space.row_kind] == [
        "preferred",
        "alternative",
        "preferred",
    ]
    assert space.find("near") == ("s:00001", "s:00000"), "preferred labels first"
    assert space.find("same") == ("s:00000",)
    assert space.concepts["s:00000"].labels["en"].hidden == ("same",)


@pytest.mark.parametrize("hnsw", [True, False])
def test_equal_label_vectors_return_each_concept_once(tmp_path: Path, hnsw: bool) -> None:
    vector = clustered(1, 8)[0]
    taxonomy = skills([Labels(f"a{i}", (f"b{i}",)) for i in range(400)])
    names = [f"{letter}{i}" for letter in "ab" for i in range(400)]
    encoder = TableEncoder(dict.fromkeys(names, vector))
    space = build_space(taxonomy, encoder, tmp_path / "s", hnsw=hnsw)
    (found,) = space.best(vector[None], "skill", 10)
    assert len({hit.uri for hit in found}) == 10
    (exact,) = space.best(vector[None], "skill", 10, exact=True)
    assert [hit.uri for hit in exact] == [f"s:{i:05}" for i in range(10)], "ties in order"


def test_the_graph_agrees_with_exact_search_over_concepts(tmp_path: Path) -> None:
    points = clustered(3100, 24, seed=9)
    names = {f"{i} {j}": points[3 * i + j] for i in range(1000) for j in range(3)}
    taxonomy = skills([Labels(f"{i} 0", (f"{i} 1", f"{i} 2")) for i in range(1000)])
    space = build_space(taxonomy, TableEncoder(names), tmp_path / "s", hnsw=True)
    assert isinstance(space.index("skill"), HnswIndex)
    assert isinstance(space.index("occupation"), ExactIndex)
    near = space.best(points[3000:], "skill", 10)
    true = space.best(points[3000:], "skill", 10, exact=True)
    shared = [len(dict(a).keys() & dict(b).keys()) for a, b in zip(near, true, strict=True)]
    assert np.mean(shared) / 10 >= 0.98
    assert all(len(dict(ranked)) == 10 for ranked in near)


def test_a_phrase_is_linked_through_the_graph_where_the_space_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = clustered(600, 24, seed=3)
    taxonomy = skills([Labels(str(i)) for i in range(600)])
    table = TableEncoder({str(i): row for i, row in enumerate(points)})
    asked: list[int] = []
    search = HnswIndex.search

    def counted(index: HnswIndex, queries: NDArray[np.float32], k: int, *more: Any) -> Any:
        asked.append(len(queries))
        return search(index, queries, k, *more)

    spaces = [build_space(taxonomy, table, tmp_path / str(h), hnsw=h) for h in (True, False)]
    monkeypatch.setattr(HnswIndex, "search", counted)
    said = [str(i) for i in range(5)]
    graph, exact = (link_vectors(linking(space, 0.5), said, points[:5]) for space in spaces)
    assert asked == [1] * 5, "the space without a graph asked none"
    assert graph == exact
    assert [link.text for link in graph] == said


def test_the_command_builds_a_space_with_graphs_or_without(
    esco_folder: Path, encoder_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["taxonomy", "build", str(esco_folder), "--encoder", str(encoder_folder)]
    for name, options, graphs in (
        ("with", [], 2),
        ("without", ["--no-hnsw", "--dimension", "16"], 0),
    ):
        assert main([*base, "--to", str(tmp_path / name), *options]) == 0
        assert len(list((tmp_path / name).glob("hnsw-*.bin"))) == graphs
    assert Space.load(tmp_path / "without").dimension == 16
    assert "ESCO" in capsys.readouterr().out


def test_many_concepts_are_read_at_one_go_after_the_first_few_hundred(tmp_path: Path) -> None:
    taxonomy = skills([Labels(str(i)) for i in range(1500)])
    table = TableEncoder({str(i): row for i, row in enumerate(clustered(1500, 8))})
    space = build_space(taxonomy, table, tmp_path / "s", hnsw=False)
    assert [space.concepts[uri].label() for uri in space.uris] == [str(i) for i in range(1500)]
