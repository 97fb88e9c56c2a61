"""Building a space: what gets a vector, what is replaced, and search over what was built."""

from __future__ import annotations

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
from matching.linking import link_vectors
from matching.space import Space
from matching.space_build import build_space
from matching.space_store import TEXT_KINDS
from matching.taxonomy import Concept, Labels, Taxonomy
from metier.cli.main import main
from ner.errors import UsageError

SKILL = f"{BASE}/skill"


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
    graph, exact = (link_vectors(space, said, points[:5], 0.5, "en", "m") for space in spaces)
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
