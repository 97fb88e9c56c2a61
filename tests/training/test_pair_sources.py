"""Pairs mined from posts, written by us, and made harder by near labels."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from matching.taxonomy import Concept, Labels, Taxonomy
from ner.errors import BadInputError
from training.corpora import Document
from training.pairs import PAIR_KINDS, Pair
from training.pairs.mined import PER_CONCEPT, named_skills, named_titles
from training.pairs.negatives import TOO_CLOSE, near_labels, with_negatives
from training.pairs.written import written
from training.recipe import read_recipe

SENTENCES = Path(__file__).resolve().parents[2] / "data" / "sentences"
CODES = ("en", "de")
RECIPES = Path(__file__).resolve().parents[2] / "training" / "recipes"


def concept(kind: str, key: str, preferred: str, *alternative: str, german: str = "") -> Concept:
    labels = {"en": Labels(preferred, alternative)}
    if german:
        labels["de"] = Labels(german)
    return Concept(f"{kind}/{key}", kind, labels=labels)  # type: ignore[arg-type]


def taxonomy_of(*concepts: Concept, broader: tuple[tuple[str, str], ...] = ()) -> Taxonomy:
    return Taxonomy("ESCO", "t", ("en", "de"), {c.uri: c for c in concepts}, broader=broader)


TAXONOMY = taxonomy_of(
    concept("skill", "wounds", "dress wounds", "care of wounds", german="Wunden versorgen"),
    concept("skill", "stock", "manage stock", "stock keeping"),
    concept("skill", "shelves", "fill shelves", "stock keeping"),
    concept("skill", "read", "read books", "reading"),
    concept("skill", "chemistry", "chemistry"),
    concept("occupation", "nurse", "nurse", "ward nurse", german="Pfleger"),
    concept("occupation", "cook", "cook"),
    concept("skill", "plan", "planning"),
    concept("skill", "rota", "plan rotas", "planning"),
)


def post(text: str, title: str = "", language: str = "en") -> Document:
    return Document(str(len(text)), "post", "a", title, language, text)


def found(text: str, language: str = "en") -> set[str]:
    rng = random.Random(1)
    return {p.positive for p in named_skills([post(text, language=language)], TAXONOMY, rng)}


def test_a_name_in_a_sentence_gives_the_skill_it_belongs_to() -> None:
    assert found("You will take care of WOUNDS and more.") == {"dress wounds"}
    assert found("Zu den Aufgaben: Wunden versorgen und lagern.", "de") == {"Wunden versorgen"}
    assert found("A degree in chemistry is a plus here.") == {"chemistry"}


@pytest.mark.parametrize(
    "text",
    [
        "You are good at stock keeping and more.",  # a name of two skills
        "You like reading in the early evening.",  # one word that is no preferred label
        "You are good at planning your week.",  # one word that another skill has too
        "Chemistry, please.",  # too short to say anything
        "You will dress the wounds of war.",  # words apart
    ],
)
def test_a_name_that_says_too_little_gives_nothing(text: str) -> None:
    assert found(text) == set()


def test_no_skill_fills_the_share_alone() -> None:
    documents = [post(f"On ward {n} you dress wounds with care.") for n in range(3 * PER_CONCEPT)]
    made = list(named_skills(documents, TAXONOMY, random.Random(1)))
    assert len(made) == PER_CONCEPT
    assert len({pair.anchor for pair in made}) > 1


def test_some_names_are_hidden_and_only_names_of_several_words() -> None:
    text = "On every single day of the week you {} as long as it takes."
    documents = [post(text.format(f"dress wounds {n}")) for n in range(PER_CONCEPT)]
    documents += [post(text.format(f"need chemistry {n}")) for n in range(PER_CONCEPT)]
    hidden = {"dress wounds": 0, "chemistry": 0}
    for seed in range(20):
        for pair in named_skills(documents, TAXONOMY, random.Random(seed)):
            hidden[pair.positive] += pair.positive not in pair.anchor
    assert 0 < hidden["dress wounds"] < 20 * PER_CONCEPT / 2
    assert hidden["chemistry"] == 0


def test_an_advertised_title_is_paired_with_the_occupation_it_names() -> None:
    titles = ("Ward Nurse (nights) - Leeds", "Nurse", "Cook or nurse", "Driver")
    documents = [post("text", title) for title in titles]
    documents.append(replace(documents[0], kind="resume"))
    made = list(named_titles(documents, TAXONOMY, random.Random(1)))
    assert made == [Pair("Ward Nurse (nights) - Leeds", "nurse")]


# --- written texts --------------------------------------------------------------------------


def test_a_written_text_takes_the_label_of_its_language_or_now_and_then_of_another(
    tmp_path: Path,
) -> None:
    line = '{"uri": "skill/wounds", "language": "en", "text": "Changes dressings."}\n'
    gone = '{"uri": "skill/gone", "language": "en", "text": "Nothing."}\n'
    path = tmp_path / "texts.jsonl"
    path.write_text(line * 200 + gone, encoding="utf-8")
    made = list(written(path, TAXONOMY, random.Random(3)))
    assert {pair.anchor for pair in made} == {"Changes dressings."}
    german = [pair.positive for pair in made].count("Wunden versorgen")
    assert len(made) == 200
    assert 25 < german < 80


@pytest.mark.parametrize("line", ["{", "[]", '{"uri": "a", "language": "en"}', "7"])
def test_a_line_of_another_form_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(f'{{"uri": "a", "language": "en", "text": "b"}}\n{line}\n', encoding="utf-8")
    with pytest.raises(BadInputError, match=r"row 2 of .* holds no text with its concept"):
        list(written(path, TAXONOMY, random.Random(1)))
    with pytest.raises(BadInputError, match="is missing"):
        list(written(tmp_path / "absent", TAXONOMY, random.Random(1)))


# --- hard negatives -------------------------------------------------------------------------


def on_a_circle(degrees: dict[str, float]) -> object:
    def encode(texts: list[str]) -> NDArray[np.float32]:
        angles = np.radians([degrees[text] for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    return encode


def test_near_labels_are_near_but_not_as_right() -> None:
    names = ("one", "two", "three", "four", "five", "six", "seven")
    extra = {"five": ("one point",), "six": ("ONE",)}
    taxonomy = taxonomy_of(
        *(concept("skill", name, name, *extra.get(name, ())) for name in names),
        broader=(("skill/seven", "skill/one"),),
    )
    degrees = dict(zip(names, (0, 10, 40, 50, 60, 70, 80), strict=True))
    near = near_labels(taxonomy, on_a_circle(degrees))  # type: ignore[arg-type]
    # The nearest ("two") is passed over, "six" shares a name, "seven" is a child.
    assert near["one"] == ("three", "four", "five")
    for label, others in near.items():
        assert label not in others
        for other in others:
            apart = np.radians(degrees[label] - degrees[other])
            assert np.cos(apart) < TOO_CLOSE


def test_a_label_of_two_languages_has_the_neighbours_of_both() -> None:
    taxonomy = taxonomy_of(
        *(concept("skill", str(n), f"en {n}", german=f"de {n}") for n in range(4)),
        concept("skill", "sql", "SQL", german="SQL"),
    )
    degrees = {"SQL": -80.0} | {f"{code} {n}": 30.0 * n for n in range(4) for code in CODES}
    near = near_labels(taxonomy, on_a_circle(degrees))  # type: ignore[arg-type]
    assert {label.split()[0] for label in near["SQL"]} == set(CODES)
    # The nearest is passed over even where it is far enough (30 degrees) to be something else.
    assert near["en 3"][:2] == ("en 1", "en 0")


def test_pairs_take_a_near_label_and_are_left_out_without_one() -> None:
    pairs = [Pair("a", "four"), Pair("four", "quartet"), Pair("b", "lonely"), Pair("c", "unknown")]
    near = {"four": ("five", "six"), "lonely": ()}
    kept = with_negatives(pairs, near, random.Random(1))
    assert [(pair.anchor, pair.positive) for pair in kept] == [("a", "four"), ("four", "quartet")]
    assert all(pair.negative in near["four"] for pair in kept)


# --- what is shipped ------------------------------------------------------------------------


@pytest.mark.parametrize("recipe", sorted(path.name for path in RECIPES.glob("encoder*.toml")))
def test_the_recipes_of_the_encoder_ask_for_pairs_that_exist(recipe: str) -> None:
    read = read_recipe(RECIPES / recipe, "encoder")
    assert set(read["pairs"]) <= set(PAIR_KINDS)
    assert set(read.get("hard_negatives", ())) <= set(read["pairs"])


@pytest.mark.parametrize("name", ["skill_sentences", "headlines", "advertised_titles", "duties"])
def test_the_written_texts_are_whole(name: str) -> None:
    lines = (SENTENCES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) > 6_000
    english_only = name == "advertised_titles"
    assert {row["language"] for row in rows} == ({"en"} if english_only else {"en", "de"})
    kind = "skill" if name == "skill_sentences" else "occupation"
    assert all(row["uri"].startswith(f"http://data.europa.eu/esco/{kind}/") for row in rows)
    assert all(row["text"] == " ".join(row["text"].split()) != "" for row in rows)
    assert len({(row["uri"], row["text"]) for row in rows}) == len(rows)
