"""Both indexes behind one interface, and the wrapper that keeps hnswlib from harm."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from toy_space import clustered

from matching.indexes import ExactIndex, HnswIndex, VectorIndex
from ner.errors import BadInputError, UsageError, WeightsError

VECTORS = clustered(600, 24)
QUERIES = clustered(700, 24)[600:650]


@pytest.fixture(scope="module")
def graph() -> HnswIndex:
    return HnswIndex.build(VECTORS)


@pytest.fixture(scope="module", params=["exact", "hnsw"])
def index(request: pytest.FixtureRequest, graph: HnswIndex) -> VectorIndex:
    return ExactIndex(VECTORS) if request.param == "exact" else graph


def test_a_vector_finds_itself_first(index: VectorIndex) -> None:
    ids, scores = index.search(VECTORS[:20], 1)
    assert ids[:, 0].tolist() == list(range(20))
    np.testing.assert_allclose(scores, 1, atol=1e-5)


@pytest.mark.parametrize("k", [0, -1])
def test_fewer_than_one_result_is_refused(index: VectorIndex, k: int) -> None:
    with pytest.raises(UsageError, match=f"k is {k}"):
        index.search(QUERIES, k)


def test_more_results_than_vectors_gives_all_of_them(index: VectorIndex) -> None:
    ids, scores = index.search(QUERIES[:3], 100_000)
    assert ids.shape == (3, 600)
    assert all(sorted(row) == list(range(600)) for row in ids.tolist())
    assert (np.diff(scores, axis=1) <= 0).all()


@pytest.mark.parametrize("passing", [1, 7, 60, 300, 599])
def test_a_filter_is_obeyed_whether_many_or_few_pass(index: VectorIndex, passing: int) -> None:
    allowed = np.zeros(600, np.bool_)
    allowed[np.random.default_rng(passing).permutation(600)[:passing]] = True
    ids, scores = index.search(QUERIES, 10, allowed)
    assert ids.shape == scores.shape == (50, min(10, passing))
    assert allowed[ids].all()
    assert all(len(set(row)) == len(row) for row in ids.tolist())


def test_a_filter_that_nothing_passes_gives_no_results(index: VectorIndex) -> None:
    ids, scores = index.search(QUERIES, 5, np.zeros(600, np.bool_))
    assert ids.shape == scores.shape == (50, 0)


def test_no_query_gives_no_rows(index: VectorIndex) -> None:
    ids, _ = index.search(QUERIES[:0], 5)
    assert ids.shape == (0, 5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_a_query_that_has_no_direction_is_refused(index: VectorIndex, bad: float) -> None:
    with pytest.raises(BadInputError, match="zero or not finite"):
        index.search(np.full((1, 24), bad, np.float32), 5)


def test_wrong_shapes_are_refused(index: VectorIndex) -> None:
    with pytest.raises(UsageError, match="24 dimensions"):
        index.search(np.ones((1, 23), np.float32), 5)
    with pytest.raises(UsageError, match="600 rows"):
        index.search(QUERIES, 5, np.ones(599, np.bool_))


def test_vectors_that_have_no_direction_are_refused() -> None:
    vectors = VECTORS.copy()
    vectors[17] = 0
    for kind in (ExactIndex, HnswIndex.build):
        with pytest.raises(BadInputError, match="vector 17"):
            kind(vectors)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_exact_search_agrees_with_sorting_and_ties_go_by_id(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 40))
    # Few distinct values, so that ties abound.
    values = st.sampled_from([-1.0, 0.5, 1.0])
    cells = data.draw(st.lists(values, min_size=2 * count, max_size=2 * count))
    vectors = np.array(cells, np.float32).reshape(count, 2)
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    k = data.draw(st.integers(1, 50))
    query = np.array([[1.0, 0.5]], np.float32)
    ids, scores = ExactIndex(vectors).search(query, k, allowed)
    plain = vectors @ query[0]
    expected = sorted(np.flatnonzero(allowed), key=lambda i: (-plain[i], i))[:k]
    assert ids[0].tolist() == expected
    np.testing.assert_array_equal(scores[0], plain[expected])


def recall(index: VectorIndex, exact: ExactIndex, queries: NDArray[np.float32]) -> float:
    found, _ = index.search(queries, 10)
    true, _ = exact.search(queries, 10)
    pairs = zip(found.tolist(), true.tolist(), strict=True)
    return float(np.mean([len(set(a) & set(b)) / 10 for a, b in pairs]))


def test_recall_at_10_against_exact_search_is_above_the_bar() -> None:
    points = clustered(4200, 32, seed=5)
    vectors, queries = points[:4000], points[4000:]
    assert recall(HnswIndex.build(vectors), ExactIndex(vectors), queries) >= 0.98


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    content = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        path, _ = HnswIndex.build(VECTORS, seed=seed).save(tmp_path / name)
        content.append(path.read_bytes())
    assert content[0] == content[1] != content[2]


def test_a_saved_index_answers_as_before(graph: HnswIndex, tmp_path: Path) -> None:
    path, _ = graph.save(tmp_path / "hnsw.bin")
    loaded = HnswIndex.load(path, VECTORS)
    for before, after in zip(graph.search(QUERIES, 9), loaded.search(QUERIES, 9), strict=True):
        np.testing.assert_array_equal(before, after)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["hnsw.bin", "hnsw.bin.json"]


def test_an_answer_does_not_depend_on_the_queries_before_it(graph: HnswIndex) -> None:
    before = graph.search(QUERIES, 5)
    graph.search(QUERIES, 250)
    for one, other in zip(before, graph.search(QUERIES, 5), strict=True):
        np.testing.assert_array_equal(one, other)


def test_equal_vectors_do_not_hang_the_search() -> None:
    vectors = np.repeat(clustered(10, 16), 300, axis=0)
    ids, _ = HnswIndex.build(vectors).search(vectors[:1], 20)
    assert len(set(ids[0].tolist())) == 20


@pytest.fixture
def saved(graph: HnswIndex, tmp_path: Path) -> Path:
    return graph.save(tmp_path / "hnsw.bin")[0]


def test_a_flipped_bit_anywhere_is_refused_before_the_native_reader(saved: Path) -> None:
    whole = saved.read_bytes()
    draw = random.Random(3)
    positions = [*range(96), *(draw.randrange(len(whole)) for _ in range(200)), len(whole) - 1]
    for position in positions:
        damaged = bytearray(whole)
        damaged[position] ^= 1 << draw.randrange(8)
        saved.write_bytes(damaged)
        with pytest.raises(WeightsError, match="damaged"):
            HnswIndex.load(saved, VECTORS)


def test_a_file_cut_short_lengthened_or_overwritten_is_refused(saved: Path) -> None:
    whole = saved.read_bytes()
    for damaged in (b"", whole[:100], whole[:-1], whole + b"\0", bytes(len(whole))):
        saved.write_bytes(damaged)
        with pytest.raises(WeightsError):
            HnswIndex.load(saved, VECTORS)


def test_a_missing_file_is_named(saved: Path) -> None:
    saved.unlink()
    with pytest.raises(WeightsError, match=r"hnsw\.bin"):
        HnswIndex.load(saved, VECTORS)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 99},
        {"space": "l2"},
        {"count": "600"},
        {"dimension": 25},
        {"count": 601},
        {"vectors_sha256": "0" * 64},
    ],
)
def test_a_record_that_does_not_fit_is_refused(saved: Path, change: dict[str, object]) -> None:
    note = saved.with_name("hnsw.bin.json")
    note.write_text(json.dumps(json.loads(note.read_text()) | change))
    with pytest.raises(WeightsError):
        HnswIndex.load(saved, VECTORS)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", '{"schema": 1}'])
def test_a_broken_record_is_refused(saved: Path, content: str) -> None:
    saved.with_name("hnsw.bin.json").write_text(content)
    with pytest.raises(WeightsError, match=r"hnsw\.bin\.json"):
        HnswIndex.load(saved, VECTORS)


def test_an_index_of_other_vectors_is_refused(saved: Path) -> None:
    other = VECTORS.copy()
    other[3] = other[4]
    with pytest.raises(WeightsError, match="other vectors"):
        HnswIndex.load(saved, other)
    with pytest.raises(WeightsError, match="600 vectors of 24"):
        HnswIndex.load(saved, VECTORS[:, :20])


def test_a_process_that_meets_damage_ends_in_an_error_and_not_in_a_crash(saved: Path) -> None:
    damaged = bytearray(saved.read_bytes())
    damaged[8:72] = b"\xff" * 64
    saved.write_bytes(damaged)
    np.save(saved.with_name("vectors.npy"), VECTORS)
    script = (
        "import sys, numpy\n"
        "from matching.indexes import HnswIndex\n"
        "from ner.errors import WeightsError\n"
        "try:\n"
        "    HnswIndex.load(sys.argv[1], numpy.load(sys.argv[2]))\n"
        "except WeightsError:\n"
        "    sys.exit(44)\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script, str(saved), str(saved.with_name("vectors.npy"))],
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    assert done.returncode == 44
