"""Reading ESCO's tables: layouts, versions, languages, and errors that say where and what to do."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest
from toy_space import BASE, esco_tables, write_files

from matching.sources import read_esco
from ner.errors import BadInputError

OCCUPATIONS = "en/occupations_en.csv"
RELATIONS = "en/occupationSkillRelations_en.csv"


def failure(folder: Path, **options: object) -> BadInputError:
    with pytest.raises(BadInputError) as caught:
        read_esco(folder, **options)  # type: ignore[arg-type]
    assert caught.value.hint, "an error says what to do"
    return caught.value


def change(folder: Path, name: str, old: bytes, new: bytes) -> None:
    path = folder / name
    content = path.read_bytes()
    assert content.count(old) >= 1
    path.write_bytes(content.replace(old, new, 1))


def test_labels_of_all_languages_meet_in_one_concept(esco_folder: Path) -> None:
    taxonomy = read_esco(esco_folder)
    baker = taxonomy.concepts[f"{BASE}/occupation/baker"]
    assert taxonomy.languages == ("en", "de")
    assert baker.labels["en"].alternative == ("bread maker", "baker of bread")
    assert baker.label("de") == "Bäcker/Bäckerin"
    assert (baker.kind, baker.isco, baker.code) == ("occupation", "7512", "7512.1")
    assert taxonomy.descriptions[baker.uri] == {"en": "Bakes bread", "de": "Backt Brot"}


def test_labels_are_split_at_lines_and_at_bars(esco_folder: Path) -> None:
    dough = read_esco(esco_folder).concepts[f"{BASE}/skill/dough"]
    assert dough.labels["en"].alternative == ("work dough", "prepare dough")


def test_a_label_is_kept_once_and_its_blanks_are_single(esco_folder: Path) -> None:
    change(esco_folder, OCCUPATIONS, b"bread maker\n", b"baker\nbread  maker \nbread maker\n")
    baker = read_esco(esco_folder).concepts[f"{BASE}/occupation/baker"]
    assert baker.labels["en"].alternative == ("bread maker", "baker of bread")


def test_a_concept_without_a_translation_falls_back_to_english(esco_folder: Path) -> None:
    seams = read_esco(esco_folder).concepts[f"{BASE}/skill/seams"]
    assert set(seams.labels) == {"en"}
    assert seams.label("de") == "weld seams"


def test_a_retired_concept_keeps_its_status_and_its_successor(esco_folder: Path) -> None:
    old = read_esco(esco_folder).concepts[f"{BASE}/skill/old"]
    assert old.status == "obsolete"
    assert old.replaced_by == (f"{BASE}/skill/sewing",)


def test_relations_and_hierarchy_join_the_concepts(esco_folder: Path) -> None:
    taxonomy = read_esco(esco_folder)
    assert len(taxonomy.relations) == 6
    assert sum(relation.essential for relation in taxonomy.relations) == 3
    assert (f"{BASE}/skill/dough", f"{BASE}/group/S2") in taxonomy.broader
    ends = {uri for pair in taxonomy.broader for uri in pair}
    assert ends <= set(taxonomy.concepts)


def test_the_flat_download_and_gzip_read_the_same(esco_folder: Path, tmp_path: Path) -> None:
    flat = {name.partition("/")[2]: content for name, content in esco_tables().items()}
    packed = {f"{name}.gz": gzip.compress(content) for name, content in flat.items()}
    expected = read_esco(esco_folder, version="1")
    assert read_esco(write_files(tmp_path / "flat", flat), version="1") == expected
    assert read_esco(write_files(tmp_path / "packed", packed), version="1") == expected


def test_an_old_version_with_few_columns_is_read(tmp_path: Path) -> None:
    folder = write_files(
        tmp_path / "old",
        {
            "occupations_en.csv": b"conceptUri,preferredLabel\no:1,baker\n",
            "skills_en.csv": b"\xef\xbb\xbfconceptUri,preferredLabel\r\ns:1,bake\r\n",
            "occupationSkillRelations.csv": b"occupationUri,relationType,skillUri\n"
            b"o:1,essential,s:1\n",
        },
    )
    taxonomy = read_esco(folder)
    assert taxonomy.concepts["s:1"].label() == "bake"
    assert taxonomy.concepts["o:1"].status == "released"
    assert taxonomy.version == "unknown"


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("esco v1.9.3", "1.9.3"),
        ("ESCO dataset - v1.2.0 - classification - en - csv", "1.2.0"),
        ("1.1.1", "1.1.1"),
        ("esco", "unknown"),
    ],
)
def test_the_version_is_read_from_the_folder_name(tmp_path: Path, name: str, version: str) -> None:
    folder = write_files(tmp_path / name, esco_tables())
    assert read_esco(folder).version == version
    assert read_esco(folder, version="7").version == "7"


def test_one_language_can_be_chosen_and_what_it_cannot_name_is_left_out(
    esco_folder: Path,
) -> None:
    taxonomy = read_esco(esco_folder, languages=["de"])
    assert taxonomy.languages == ("de",)
    assert all(set(concept.labels) == {"de"} for concept in taxonomy.concepts.values())
    # No German row for "old" and "c", an empty German label for "seams".
    assert not {f"{BASE}/skill/{key}" for key in ("old", "c", "seams")} & set(taxonomy.concepts)
    assert len(taxonomy.relations) == 4


def test_a_language_that_is_not_there_is_named_with_those_found(esco_folder: Path) -> None:
    assert "fr (found: en, de)" in str(failure(esco_folder, languages=["en", "fr"]))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"preferredLabel", b"label", ("line 1", "column preferredLabel is missing")),
        (b"altLabels", b"status", ("line 1", "column status occurs twice")),
        (b",7534,7534.2", b",7534", ("line 4", "column code", "8 fields")),
        (b",7534,7534.2", b",7534,7534.2,x", ("line 4", "column code", "10 fields")),
        (b"sail maker", b"sail \xffmaker", ("line 4", "column preferredLabel", "0xff")),
        (b",7534,", b",534,", ("line 4", "column iscoGroup", "'534'")),
        (b"occupation/welder", b"occupation/baker", ("line 5", "column conceptUri", "before")),
        (b"occupation/welder", b"skill/dough", ("column conceptUri", "skill/dough")),
        (b"Occupation,http://example.org/esco/occupation/welder", b"Occupation,", ("line 5",)),
        (b'"bread maker\nbaker of bread"', b'"bread maker\nbaker of bread', ("line 2", "broken")),
    ],
)
def test_a_broken_table_is_told_with_file_line_and_column(
    esco_folder: Path, old: bytes, new: bytes, expected: tuple[str, ...]
) -> None:
    change(esco_folder, OCCUPATIONS, old, new)
    message = str(failure(esco_folder))
    for part in expected:
        assert part in message
    assert ".csv" in message


def test_semicolons_instead_of_commas_are_recognised(esco_folder: Path) -> None:
    path = esco_folder / OCCUPATIONS
    path.write_bytes(path.read_bytes().replace(b",", b";"))
    assert "commas" in failure(esco_folder).hint


def test_a_damaged_gzip_is_named(esco_folder: Path) -> None:
    path = esco_folder / OCCUPATIONS
    packed = gzip.compress(path.read_bytes())
    path.unlink()
    for broken in (packed[:-20], packed[:30] + b"\0\0\0\0" + packed[34:], b"no gzip at all"):
        path.with_name("occupations_en.csv.gz").write_bytes(broken)
        assert "occupations_en.csv.gz is a damaged gzip file" in str(failure(esco_folder))


def test_an_empty_file_and_an_empty_folder_are_named(esco_folder: Path, tmp_path: Path) -> None:
    (esco_folder / OCCUPATIONS).write_bytes(b"")
    assert "the file is empty" in str(failure(esco_folder))
    (tmp_path / "nothing").mkdir()
    assert "no ESCO tables" in str(failure(tmp_path / "nothing"))
    assert "not a folder" in str(failure(tmp_path / "missing"))


def test_a_missing_table_is_named(esco_folder: Path) -> None:
    (esco_folder / RELATIONS).unlink()
    assert "occupationSkillRelations_en.csv" in str(failure(esco_folder))


def test_a_relation_to_an_unknown_concept_names_the_line(esco_folder: Path) -> None:
    change(esco_folder, RELATIONS, b"skill/ovens", b"skill/kilns")
    message = str(failure(esco_folder))
    assert "line 3, column skillUri" in message
    assert "skill/kilns" in message


def test_a_relation_with_its_ends_swapped_is_refused(esco_folder: Path) -> None:
    change(esco_folder, RELATIONS, b"skill/ovens", b"occupation/welder")
    assert "not in the skills files" in str(failure(esco_folder))


def test_an_unknown_relation_type_is_refused(esco_folder: Path) -> None:
    change(esco_folder, RELATIONS, b",optional,", b",nice to have,")
    assert "line 3, column relationType" in str(failure(esco_folder))


def test_a_concept_without_any_label_is_refused(esco_folder: Path) -> None:
    change(esco_folder, "en/skills_en.csv", b"weld seams", b"")
    assert "column preferredLabel" in str(failure(esco_folder))


def test_the_whole_of_esco_is_read_in_seconds(data_folder: Path) -> None:
    start = time.process_time()
    taxonomy = read_esco(data_folder / "taxonomies" / "esco", version="1.2.0")
    seconds = time.process_time() - start
    kinds = [concept.kind for concept in taxonomy.concepts.values()]
    assert kinds.count("occupation") == 3039
    assert kinds.count("skill") == 13939
    assert len(taxonomy.relations) == 129_004
    assert sum(relation.essential for relation in taxonomy.relations) == 67_622
    assert all(c.isco for c in taxonomy.concepts.values() if c.kind == "occupation")
    assert taxonomy.languages == ("en", "de")
    assert seconds < 10, "five seconds on a quiet machine"
