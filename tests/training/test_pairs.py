from __future__ import annotations

import gzip
import json
import random
import zlib
from pathlib import Path
from typing import Any

import pytest

from matching.taxonomy import Concept, Labels, Relation, Taxonomy
from ner.errors import BadInputError
from training.corpora import Document
from training.pairs import PAIR_KINDS, Pair, build_pairs
from training.pairs.documents import (
    generated_sentences,
    hide,
    onet_titles,
    post_titles,
    tidy_title,
)
from training.pairs.kinds import Templates, fill, looks_like_a_duty, read_templates

TEMPLATES = Path(__file__).resolve().parents[2] / "data" / "templates"
SKILLS = {
    "wound": ("dress wounds", "Wunden versorgen"),
    "python": ("Python", "Python"),
    "hygiene": ("ward hygiene", "Stationshygiene"),
    "records": ("keep patient records", "Patientenakten führen"),
    "lift": ("lift patients safely", "Patienten sicher heben"),
}


def labels(english: str, german: str) -> dict[str, Labels]:
    return {
        "en": Labels(english, (f"{english} (general)", f"modern {english}"), (f"old {english}",)),
        "de": Labels(german, (f"{german} (allgemein)",)),
    }


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    concepts = [
        Concept(f"s/{key}", "skill", labels=labels(*names)) for key, names in SKILLS.items()
    ]
    concepts.append(Concept("s/gone", "skill", labels=labels("gone", "weg"), status="obsolete"))
    concepts += [
        Concept("o/nurse", "occupation", labels=labels("ward nurse", "Stationspfleger")),
        Concept("o/cook", "occupation", labels={"en": Labels("cook")}),
        Concept("g/care", "isco_group", labels=labels("care", "Pflege")),
    ]
    relations = [Relation("o/nurse", f"s/{key}", key != "python") for key in SKILLS]
    return Taxonomy(
        "ESCO",
        "test",
        ("en", "de"),
        {concept.uri: concept for concept in concepts},
        tuple(relations),
        descriptions={
            "s/wound": {"en": "Clean wounds and cover them.", "de": "Wunden reinigen."},
            "o/nurse": {"en": "Nurses care for people in wards.", "fr": "Soins."},
        },
    )


@pytest.fixture(scope="module")
def templates() -> Templates:
    return read_templates(TEMPLATES, ("en", "de"))


@pytest.fixture
def inputs(taxonomy: Taxonomy, templates: Templates, tmp_path: Path) -> dict[str, Any]:
    body = "The ward nurse looks after twelve beds.\nNights are shared fairly. " * 12
    body += "\nYou keep patient records of all of them."
    own = tmp_path / "sentences"
    own.mkdir()
    for name, uri in (
        ("skill_sentences", "s/wound"),
        ("headlines", "o/nurse"),
        ("duties", "o/cook"),
        ("advertised_titles", "o/cook"),
    ):
        line = {"uri": uri, "language": "en", "text": f"written for {name}"}
        (own / f"{name}.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    (tmp_path / "titles").mkdir()
    title = "Ward Nurse (m/f/d)"
    rows = [
        {"doc_id": doc, "crc32": zlib.crc32(on.encode()), "uri": "o/nurse", "not": ["o/cook"]}
        for doc, on in (("1", title), ("2", title.upper()[:10]))
    ]
    coded = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "titles" / "coded.jsonl").write_text(coded, encoding="utf-8")
    documents = [
        Document("1", "post", "a", title, "en", body),
        Document("2", "resume", "b", "WARD NURSE", "en", body),
        Document("3", "post", "a", "", "en", body),
    ]
    return {
        "taxonomy": taxonomy,
        "templates": templates,
        "texts": tmp_path,
        "documents": documents,
        "data": tmp_path,
        "seed": 7,
    }


FROM_FILES = ("generated_sentences", "onet_titles", "onet_tasks")


@pytest.mark.parametrize("kind", [kind for kind in PAIR_KINDS if kind not in FROM_FILES])
def test_every_kind_gives_different_sides_that_hold_something(
    kind: str, inputs: dict[str, Any]
) -> None:
    pairs = build_pairs({kind: 40}, **inputs)[kind]
    assert pairs
    assert len(pairs) <= 40
    for pair in pairs:
        assert pair.anchor.strip()
        assert pair.positive.strip()
        assert pair.anchor != pair.positive
        assert "gone" not in pair.anchor + pair.positive
        assert "{" not in pair.anchor + pair.positive


@pytest.mark.slow
def test_kinds_that_are_read_from_files(inputs: dict[str, Any], toy_data: Path) -> None:
    pytest.importorskip("datasets")
    made = build_pairs(dict.fromkeys(FROM_FILES, 1), **{**inputs, "data": toy_data})
    assert made == {
        "generated_sentences": [Pair("You dress wounds, gently.", "wound care")],
        "onet_titles": [Pair("Ward Nurse", "Registered Nurses")],
        "onet_tasks": [Pair('Dress "deep" wounds.', "Registered Nurses")],
    }


ONET = "O*NET-SOC Code\tAlternate Title\n"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("Alternate Titles.txt.gz", gzip.compress(ONET.encode())[:-6], "gzip data is damaged"),
        ("Alternate Titles.txt.gz", ONET.encode(), "gzip data is damaged"),
        ("Alternate Titles.txt.gz", gzip.compress(b"a\tb\n1\t2\n"), "the columns are a, b"),
        (
            "Alternate Titles.txt.gz",
            gzip.compress(f"{ONET}99-0000.00\tWard Nurse\n".encode()),
            "line 2: the occupation '99-0000.00' is not in Occupation Data.txt",
        ),
        ("Occupation Data.txt", b"O*NET-SOC Code\tTitle\n29-1141.00\n", "line 2: 1 cells"),
        ("Occupation Data.txt", b"O*NET-SOC Code\tTitle\n\xff\ta\n", "not UTF-8"),
        ("Occupation Data.txt", None, "is missing"),
    ],
)
def test_what_is_wrong_with_a_file_of_onet_is_told_with_its_name(
    toy_data: Path, name: str, content: bytes | None, told: str
) -> None:
    path = toy_data / "taxonomies" / "onet" / name
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(BadInputError, match=told) as caught:
        list(onet_titles(toy_data))
    assert str(path) in caught.value.message


@pytest.mark.slow
@pytest.mark.parametrize("skills", ["", "no list", "3", "null", "[3]", '"""care"""'])
def test_a_generated_sentence_without_a_list_of_skills_is_named(
    toy_data: Path, skills: str
) -> None:
    pytest.importorskip("datasets")
    path = toy_data / "benchmarks" / "skillskape" / "train.csv.gz"
    path.write_bytes(
        gzip.compress(f'sentence,skills\nRest.,"[""care""]"\nWork.,{skills}\n'.encode())
    )
    with pytest.raises(BadInputError, match=r"row 2 of .* holds no list of skills"):
        list(generated_sentences(toy_data))


def test_a_seed_repeats_and_another_differs(inputs: dict[str, Any]) -> None:
    counts = dict.fromkeys((kind for kind in PAIR_KINDS if kind not in FROM_FILES), 10)
    first = build_pairs(counts, **inputs)
    assert build_pairs(counts, **inputs) == first
    assert build_pairs(counts, **{**inputs, "seed": 8}) != first


def test_a_kind_is_drawn_alike_whatever_its_company(inputs: dict[str, Any]) -> None:
    alone = build_pairs({"skill_mentions": 10}, **inputs)
    together = build_pairs({"skill_synonyms": 5, "skill_mentions": 10}, **inputs)
    assert together["skill_mentions"] == alone["skill_mentions"]


def test_the_count_is_kept_where_there_is_enough(inputs: dict[str, Any]) -> None:
    counts = {"skill_mentions": 33, "occupation_titles": 3, "skill_synonyms": 0}
    made = build_pairs(counts, **inputs)
    assert {kind: len(pairs) for kind, pairs in made.items()} == counts


def test_an_unknown_kind_is_named(inputs: dict[str, Any]) -> None:
    with pytest.raises(BadInputError, match="unknown kind 'skill_poems'") as caught:
        build_pairs({"skill_synonyms": 1, "skill_poems": 1}, **inputs)
    assert "skill_mentions" in caught.value.hint


def test_translations_join_two_languages_of_one_concept(inputs: dict[str, Any]) -> None:
    pairs = build_pairs({"occupation_translations": 50}, **inputs)["occupation_translations"]
    sides = {(pair.anchor in {"ward nurse"}, pair.positive) for pair in pairs}
    assert {positive for _, positive in sides} == {"ward nurse", "Stationspfleger"}
    assert not any("cook" in pair.anchor for pair in pairs)


def test_profiles_name_skills_of_their_occupation(inputs: dict[str, Any]) -> None:
    for pair in build_pairs({"occupation_profiles": 20}, **inputs)["occupation_profiles"]:
        assert "nurse" in pair.positive or "Stationspfleger" in pair.positive
        names = [name for pair_of_names in SKILLS.values() for name in pair_of_names]
        for line in pair.anchor.splitlines():
            assert any(name.lower() in line.lower() for name in names)


@pytest.mark.parametrize("language", ["en", "de"])
def test_filling_leaves_no_slot_in_any_template(templates: Templates, language: str) -> None:
    for patterns in (templates.mentions, templates.duties, templates.titles):
        assert patterns[language]
        for pattern in patterns[language]:
            sentence = fill(pattern, random.Random(1), "Löten", ("SAP", "Excel"))
            assert "Löten" in sentence, pattern
            assert not {"{", "}"} & set(sentence), pattern


def test_a_missing_template_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"mentions_en\.txt is missing"):
        read_templates(tmp_path, ("en",))
    (tmp_path / "mentions_en.txt").write_bytes(b"\xff {skill}\n")
    with pytest.raises(BadInputError, match=r"mentions_en\.txt: not UTF-8"):
        read_templates(tmp_path, ("en",))


@pytest.mark.parametrize(
    ("title", "tidy"),
    [
        ("Nurse (m/f/d)", "Nurse"),
        ("Nurse [Remote], Berlin", "Nurse"),
        ("Data Engineer - London", "Data Engineer"),
        ("Data Engineer | Acme", "Data Engineer"),
        ("Front-End Developer", "Front-End Developer"),
        ("HR MANAGER", "hr manager"),
        ("Nurse #A12345", "Nurse"),
        ("*** Cook!! ***", "Cook"),
        ("  Senior   Cook ", "Senior Cook"),
        ("C++ Developer", "C++ Developer"),
        ("(m/w/d)", ""),
    ],
)
def test_titles_are_tidied(title: str, tidy: str) -> None:
    assert tidy_title(title) == tidy


def test_a_title_is_hidden_in_any_case_and_read_literally() -> None:
    assert hide("A WARD NURSE is a ward nurse.", "Ward Nurse") == "A  is a ."
    assert hide("C++ and C", "C++") == " and C"
    assert hide("nothing of it", "Cook") == "nothing of it"


def test_titles_of_posts_come_from_posts_alone(inputs: dict[str, Any]) -> None:
    pairs = list(post_titles(inputs["documents"], "post", random.Random(2)))
    assert [pair.positive for pair in pairs] == ["Ward Nurse"]
    assert "ward nurse" not in pairs[0].anchor.removeprefix("Ward Nurse (m/f/d)").lower()


@pytest.mark.parametrize(
    ("label", "language", "duty"),
    [
        ("manage budgets", "en", True),
        ("Budgets verwalten", "de", True),
        ("accounting", "en", False),
        ("Python (computer programming)", "en", False),
        ("Buchhaltung", "de", False),
    ],
)
def test_duties_are_told_from_knowledge(label: str, language: str, duty: bool) -> None:
    assert looks_like_a_duty(label, language) == duty
