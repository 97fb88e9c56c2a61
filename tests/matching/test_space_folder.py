"""A space on disk and in memory: what it holds, whom it refuses, and how it answers."""

from __future__ import annotations

import os
import pickle
import random
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from toy_space import BASE, DIMENSION, SECRET, write_encoder

from matching.encoder import Encoder
from matching.ranking import with_own
from matching.space import Space
from matching.space_store import TEXT_KINDS
from matching.taxonomy import Taxonomy
from ner.errors import BadInputError, UsageError, WeightsError
from ner.weights import read_manifest, write_manifest

OCCUPATION, SKILL = f"{BASE}/occupation", f"{BASE}/skill"


@pytest.fixture
def copied(space: Space, tmp_path: Path) -> Path:
    return Path(shutil.copytree(space.folder, tmp_path / "copy"))


def names_of(space: Space, row: int) -> tuple[str, str, str]:
    uri = space.uris[space.row_concept[row]]
    return uri, space.languages[space.row_language[row]], TEXT_KINDS[space.row_kind[row]]


def test_every_label_and_description_has_a_row(space: Space) -> None:
    rows = {names_of(space, row) for row in range(len(space.matrix))}
    assert (f"{OCCUPATION}/baker", "de", "alternative") in rows
    assert (f"{OCCUPATION}/sailmaker", "en", "hidden") in rows
    assert (f"{OCCUPATION}/baker", "de", "description") in rows
    assert (f"{SKILL}/seams", "de", "preferred") not in rows


def test_rows_are_unit_vectors_near_those_of_the_encoder(space: Space, encoder: Encoder) -> None:
    np.testing.assert_allclose(np.linalg.norm(space.matrix, axis=1), 1, atol=1e-6)
    (row,) = (
        row
        for row in range(len(space.matrix))
        if names_of(space, row) == (f"{SKILL}/seams", "en", "preferred")
    )
    assert float(space.vectors([row])[0] @ encoder.encode(["weld seams"])[0]) > 0.9995


def test_the_best_concept_is_the_one_whose_label_was_asked(space: Space, encoder: Encoder) -> None:
    queries = encoder.encode(["stitch sails", "Teig kneten", "join metal"])
    found = space.best(queries, "skill", 2)
    assert [ranked[0].uri.rpartition("/")[2] for ranked in found] == ["sewing", "dough", "seams"]
    assert all(ranked[0].score > 0.999 for ranked in found)
    assert all(ranked[0].score >= ranked[1].score for ranked in found)


def test_a_score_is_the_best_label_mixed_with_the_best_description(
    space: Space, encoder: Encoder
) -> None:
    query = encoder.encode(["bread"])
    numbers = {uri: number for number, uri in enumerate(space.uris)}
    for weight in (0.0, 0.3, 1.0):
        found = dict(space.best(query, "occupation", 9, description_weight=weight)[0])
        for name in ("baker", "welder"):
            uri = f"{OCCUPATION}/{name}"
            own = space.row_concept == numbers[uri]
            text = space.row_kind == TEXT_KINDS.index("description")
            scores = space.matrix @ query[0]
            expected = scores[own & ~text].max()
            if (own & text).any():
                expected = (1 - weight) * expected + weight * scores[own & text].max()
            assert found[uri] == pytest.approx(expected, abs=1e-6)


def test_languages_labels_and_concepts_can_be_filtered(space: Space, encoder: Encoder) -> None:
    query = encoder.encode(["stitch sails"])
    only = {f"{SKILL}/dough", f"{SKILL}/ovens", "urn:unknown"}
    assert {hit.uri for hit in space.best(query, "skill", 9, allowed=only)[0]} < only
    german = space.best(query, "skill", 9, languages=["de"])[0]
    assert f"{SKILL}/seams" not in dict(german), "it has no German label"
    preferred = dict(space.best(query, "skill", 9, preferred_only=True)[0])
    assert preferred[f"{SKILL}/sewing"] < 0.99
    assert space.best(query, "skill", 9, allowed=[]) == [[]]


@pytest.mark.parametrize("k", [0, -1])
def test_fewer_than_one_concept_is_refused(space: Space, encoder: Encoder, k: int) -> None:
    with pytest.raises(UsageError, match=f"k is {k}"):
        space.best(encoder.encode(["baker"]), "occupation", k)


def test_one_concept_and_more_than_there_are_can_be_asked(space: Space, encoder: Encoder) -> None:
    query = encoder.encode(["baker"])
    assert len(space.best(query, "occupation", 1)[0]) == 1
    everything = space.best(query, "occupation", 10_000)[0]
    assert sorted(hit.uri for hit in everything) == sorted(
        uri for uri, kind in zip(space.uris, space.kinds, strict=True) if kind == "occupation"
    )


def test_an_empty_text_finds_nothing_and_its_neighbour_is_unmoved(
    space: Space, encoder: Encoder
) -> None:
    queries = encoder.encode(["", "baker"])
    assert space.best(queries, "occupation", 3)[0] == []
    assert space.best(queries, "occupation", 3)[1] == space.best(queries[1:], "occupation", 3)[0]
    assert space.best(queries[:0], "occupation", 3) == []


def test_unusable_queries_are_refused(space: Space) -> None:
    with pytest.raises(UsageError, match="48 dimensions"):
        space.best(np.ones((1, 3), np.float32), "skill", 3)
    with pytest.raises(BadInputError, match="not finite"):
        space.best(np.full((1, DIMENSION), np.nan, np.float32), "skill", 3)
    with pytest.raises(UsageError, match="'fr'"):
        space.best(np.ones((1, DIMENSION), np.float32), "skill", 3, languages=["fr"])
    with pytest.raises(UsageError, match="'job'"):
        space.best(np.ones((1, DIMENSION), np.float32), "job", 3)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="share of a text is 2"):
        space.best(np.ones((1, DIMENSION), np.float32), "skill", 3, description_weight=2)


def test_relations_and_parents_are_looked_up_by_uri(space: Space) -> None:
    assert space.skills_of(f"{OCCUPATION}/baker") == ((f"{SKILL}/dough",), (f"{SKILL}/ovens",))
    assert space.skills_of(f"{SKILL}/dough") == ((), ())
    assert space.occupations_of(f"{SKILL}/sewing") == ((f"{OCCUPATION}/sailmaker",), ())
    assert space.parents(f"{SKILL}/dough") == (f"{BASE}/group/S1", f"{BASE}/group/S2")
    with pytest.raises(UsageError, match=r"urn:x is not in ESCO 1\.9\.3"):
        space.parents("urn:x")


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("Knead Dough", "skill/dough"),
        ("backer backerin", "occupation/baker"),
        ("SCHWEISSER/SCHWEISSERIN", "occupation/welder"),
        ("sailmkr", "occupation/sailmaker"),
        ("c++", "skill/cpp"),
        ("C", "skill/c"),
    ],
)
def test_a_concept_is_found_by_a_name_that_reads_the_same(
    space: Space, name: str, uri: str
) -> None:
    assert space.find(name) == (f"{BASE}/{uri}",)


@pytest.mark.parametrize("name", ["", "  ", "knead", "dough knead", '"', "a OR b*", "\ud800", "中"])
def test_other_names_find_nothing(space: Space, name: str) -> None:
    assert space.find(name) == ()


def test_a_name_can_be_looked_up_in_one_language(space: Space) -> None:
    assert space.find("Teig kneten", "de") == (f"{SKILL}/dough",)
    assert space.find("Teig kneten", "en") == ()


def test_every_id_in_an_answer_resolves_and_a_retired_one_names_its_successor(
    space: Space, encoder: Encoder
) -> None:
    query = encoder.encode(["canvas"])
    found = space.best(query, "skill", 99, obsolete=True)[0]
    assert {hit.uri for hit in found} <= set(space.concepts)
    assert all(space.concepts[hit.uri].label("en") for hit in found)
    retired = space.concepts[found[0].uri]
    assert (retired.uri, retired.status) == (f"{SKILL}/old", "obsolete")
    assert retired.replaced_by == (f"{SKILL}/sewing",)
    assert (space.taxonomy_name, space.version) == ("ESCO", "1.9.3")
    assert space.find("canvas") == (f"{SKILL}/old",)


def test_a_retired_concept_is_not_recommended(space: Space, encoder: Encoder) -> None:
    for exact in (True, False):
        found = space.best(encoder.encode(["canvas"]), "skill", 99, exact=exact)[0]
        assert f"{SKILL}/old" not in dict(found)


def test_concepts_read_back_as_they_were(space: Space, taxonomy: Taxonomy) -> None:
    assert dict(space.concepts) == dict(taxonomy.concepts)
    assert "urn:x" not in space.concepts


def test_the_text_of_a_description_is_nowhere_in_the_folder(space: Space) -> None:
    for path in space.folder.iterdir():
        assert SECRET.encode() not in path.read_bytes()


def test_a_space_of_another_encoder_is_refused_with_both_names(
    space: Space, tmp_path: Path
) -> None:
    other = Encoder.load(write_encoder(tmp_path / "e", seed=1))
    with pytest.raises(WeightsError) as caught:
        Space.load(space.folder, other.fingerprint, encoder_name=other.model)
    message = str(caught.value)
    assert "toy0" in message
    assert "toy1" in message
    assert space.encoder_fingerprint[:12] in message
    assert other.fingerprint[:12] in message
    assert "metier taxonomy build" in caught.value.hint


def test_a_space_of_another_taxonomy_version_is_refused_with_both(space: Space) -> None:
    with pytest.raises(WeightsError, match=r"ESCO 1\.9\.3.*ESCO 1\.2\.0") as caught:
        Space.load(space.folder, taxonomy_version="1.2.0")
    assert "metier taxonomy build" in caught.value.hint
    assert Space.load(space.folder, space.encoder_fingerprint, taxonomy_version="1.9.3")


def test_a_flipped_bit_in_any_file_is_refused_by_name(copied: Path) -> None:
    draw = random.Random(11)
    for path in sorted(copied.iterdir()):
        whole = path.read_bytes()
        for _ in range(12):
            damaged = bytearray(whole)
            damaged[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
            path.write_bytes(damaged)
            if path.name == "manifest.json":
                # Nothing vouches for the manifest itself; it must read the same or be refused.
                try:
                    Space.load(copied)
                except WeightsError:
                    continue
            else:
                with pytest.raises(WeightsError, match=path.name):
                    Space.load(copied)
        path.write_bytes(whole)
    assert Space.load(copied)


def test_a_missing_file_is_refused_by_name(copied: Path) -> None:
    for path in sorted(copied.iterdir()):
        content = path.read_bytes()
        path.unlink()
        with pytest.raises(WeightsError, match=path.name):
            Space.load(copied)
        path.write_bytes(content)


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("encoder", None, "does not state the encoder's name"),
        ("taxonomy", {"name": "ESCO"}, "does not state the taxonomy's version"),
        ("dimension", 7, "it states 7 dimensions"),
        ("dimension", "48", "states '48' dimensions"),
        ("dimension", None, "states None dimensions"),
        ("dimension", 0, "states 0 dimensions"),
        ("encoder_dimension", "48", "an encoder with '48'"),
        ("encoder_dimension", True, "an encoder with True"),
        ("encoder_dimension", 47, "states 48 dimensions of an encoder with 47"),
    ],
)
def test_a_manifest_with_other_origins_or_dimensions_is_refused(
    copied: Path, field: str, value: object, named: str
) -> None:
    whole = read_manifest(copied, "space")
    fields = {**whole.fields, field: value}
    write_manifest(copied, "space", whole.name, whole.version, whole.files, **fields)
    with pytest.raises(WeightsError, match=named):
        Space.load(copied)


def test_facts_that_change_under_a_loaded_space_are_noticed(copied: Path) -> None:
    loaded = Space.load(copied)
    with sqlite3.connect(copied / "concepts.sqlite") as base:
        base.execute("DELETE FROM labels")
    os.utime(copied / "concepts.sqlite", (1, 1))
    with pytest.raises(WeightsError, match="changed since it was loaded"):
        loaded.find("baker")


def test_a_loaded_space_holds_no_open_file(space: Space) -> None:
    fresh = Space.load(space.folder)
    assert fresh.concepts[f"{SKILL}/cpp"].label() == "C++"
    links = Path("/proc/self/fd")
    if not links.is_dir():
        pytest.skip("this system does not list open files")
    opened = [os.readlink(link) for link in links.iterdir() if link.exists()]
    assert not [name for name in opened if name.startswith(str(space.folder))]


def test_threads_share_one_space(space: Space, encoder: Encoder) -> None:
    fresh = Space.load(space.folder)
    query = encoder.encode(["sails", "Brot"])

    def ask(_: int) -> object:
        hits = fresh.best(query, "occupation", 3)
        return hits, fresh.find("baker"), [fresh.concepts[uri].label("de") for uri in fresh.uris]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(40)))
    assert all(answer == answers[0] for answer in answers)


def test_a_pickled_space_answers_the_same(space: Space, encoder: Encoder) -> None:
    packed = pickle.dumps(space)
    assert len(packed) < 2000, "the folder travels, not the vectors"
    query = encoder.encode(["sails"])
    assert pickle.loads(packed).best(query, "skill", 5) == space.best(query, "skill", 5)


def test_the_preferred_label_vouches_for_a_name_unless_it_is_the_query_itself() -> None:
    best = np.array([1.0, 0.9, 0.5, -0.2], np.float32)
    own = np.array([0.2, 0.2, 0.2, -0.4], np.float32)
    mixed = with_own(best, own, 0.5)
    assert mixed[0] == pytest.approx(1, abs=1e-3)
    assert mixed[2] == pytest.approx(0.35, abs=1e-4)
    assert np.all((own <= mixed) & (mixed <= best))
    assert with_own(best, own, 0.0).tolist() == best.tolist()


def test_the_preferred_label_decides_between_concepts_that_share_the_very_name() -> None:
    same = np.ones(3, np.float32)
    mixed = with_own(same, np.array([0.2, 0.9, 0.5], np.float32), 0.5)
    assert np.argsort(-mixed).tolist() == [1, 2, 0]


def test_own_labels_count_in_scores_and_in_both_searches(space: Space, encoder: Encoder) -> None:
    query = encoder.encode(["Excel skills w1"])
    alone = space.best(query, "skill", 1, preferred_only=True)[0][0]
    best = space.best(query, "skill", 1)[0][0]
    assert best.uri == alone.uri
    for exact in (False, True):
        half = space.best(query, "skill", 1, own_share=0.5, exact=exact)[0][0]
        assert alone.score < half.score < best.score
    scores, uris = space.scores(query, "skill", own_share=0.5)
    assert scores[0, uris.index(best.uri)] == pytest.approx(half.score, abs=1e-6)
