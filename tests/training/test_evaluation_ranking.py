from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from letter_encoder import LetterEncoder

from matching.parts import whole_and_parts
from matching.taxonomy import Concept, Labels
from ner.errors import BadInputError, UsageError
from training.evaluation.candidates import of_concepts, of_vocabulary
from training.evaluation.ranking import rank
from training.evaluation.skill_linking import (
    abstention,
    evaluate_skill_linking,
    read_sentences,
    read_vocabulary,
)
from training.evaluation.titles import evaluate_titles, read_titles
from training.evaluation.vectors import as_in_space, default_cache, encoded

OCCUPATION = "http://data.europa.eu/esco/occupation/"
SKILL = "http://data.europa.eu/esco/skill/"
ISCO = "http://data.europa.eu/esco/isco/"


def concept(
    name: str, preferred: str, *alternative: str, kind: str = "skill", german: str = ""
) -> Concept:
    prefix = {"skill": SKILL, "occupation": OCCUPATION, "isco_group": ISCO}[kind]
    labels = {"en": Labels(preferred, alternative)}
    if german:
        labels["de"] = Labels(german)
    return Concept(prefix + name, kind, labels=labels)  # type: ignore[arg-type]


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


# --- candidates -----------------------------------------------------------------------------


def test_candidates_are_released_concepts_of_the_kind_with_all_their_labels() -> None:
    old = {"en": Labels("old")}
    retired = Concept(OCCUPATION + "z", "occupation", labels=old, status="obsolete")
    concepts = [
        retired,
        concept("b", "cook", "chef", kind="occupation", german="Koch"),
        concept("a", "nurse", kind="occupation"),
        concept("s", "cooking"),
    ]
    found = of_concepts(concepts, ("occupation",))
    assert found.names == (OCCUPATION + "a", OCCUPATION + "b")
    assert found.texts == ("nurse", "Koch", "cook", "chef")
    assert found.owners.tolist() == [0, 1, 1, 1]
    assert found.preferred.tolist() == [True, True, True, False]


def test_a_concept_without_a_label_in_the_language_stays_with_its_english_one() -> None:
    concepts = [
        concept("a", "nurse", "carer", kind="occupation"),
        concept("b", "cook", kind="occupation", german="Koch"),
    ]
    assert of_concepts(concepts, ("occupation",), "de").texts == ("nurse", "Koch")


def test_a_vocabulary_label_takes_the_other_names_of_its_skill() -> None:
    concepts = [
        concept("1", "Python (computer programming)", "Python", "py"),
        concept("2", "manage staff", "lead staff", "SQL"),
        concept("3", "new label", "old label", "third name"),
    ]
    vocabulary = ["python (computer  programming)", "SQL", "manage staff", "old label"]
    match = of_vocabulary(vocabulary, concepts)
    assert (match.by_preferred, match.by_alternative, match.unmatched) == (2, 1, 1)
    names: dict[int, list[str]] = {}
    for owner, text in zip(match.candidates.owners, match.candidates.texts, strict=True):
        names.setdefault(int(owner), []).append(text)
    assert names == {
        0: ["python (computer  programming)", "Python", "py"],
        1: ["SQL"],  # "manage staff" is in the vocabulary, so its alternative name is no match
        2: ["manage staff", "lead staff"],  # and "SQL" names only itself
        3: ["old label", "new label", "third name"],
    }


def test_an_old_label_that_two_skills_carry_belongs_to_neither() -> None:
    concepts = [concept("1", "new one", "old"), concept("2", "new two", "old")]
    match = of_vocabulary(["old"], concepts)
    assert (match.by_alternative, match.unmatched) == (0, 1)


# --- ranks ----------------------------------------------------------------------------------


def test_ranks_by_best_label_preferred_label_and_surface_form() -> None:
    candidates = of_concepts(
        [
            concept("a", "ab", "ac", kind="occupation"),
            concept("b", "cd", "xy", kind="occupation"),
            concept("c", "cde", kind="occupation"),
        ],
        ("occupation",),
    )
    # Rows: ab, ac | cd, xy | cde. The query "ac" is nearest to "ac", then to "ab" and "cd".
    encoder = LetterEncoder()
    (found,) = rank(encoder.encode(["ac"]), [[1]], candidates, encoder.encode(candidates.texts))
    assert found.best == (2,)  # concept a first through "ac"
    assert found.preferred == (2,)  # "ab" and "cd" tie; the earlier URI comes first
    assert found.surface == 3  # ac, ab, cd


def test_blocks_of_queries_do_not_change_a_rank() -> None:
    random = np.random.default_rng(0)
    concepts = [concept(f"{n:03}", f"label {n}", f"other {n}") for n in range(40)]
    candidates = of_concepts(concepts, ("skill",))
    rows = random.normal(size=(80, 8)).astype(np.float32)
    queries = random.normal(size=(150, 8)).astype(np.float32)
    relevant = [[n % 40, (n * 7) % 40] for n in range(150)]
    together = rank(queries, relevant, candidates, rows)
    for number in (0, 63, 64, 149):
        scores = (rows @ queries[number]).reshape(40, 2)
        found = together[number]
        for wanted, place in ((scores[:, 0], found.preferred), (scores.max(axis=1), found.best)):
            expected = sorted({int((wanted > wanted[c]).sum()) + 1 for c in relevant[number]})
            assert list(place) == expected
        assert found.surface >= found.best[0]


def test_parts_of_a_query_are_weighed_with_the_whole() -> None:
    random = np.random.default_rng(1)
    candidates = of_concepts([concept(f"{n:03}", f"label {n}") for n in range(30)], ("skill",))
    rows = random.normal(size=(30, 8)).astype(np.float32)
    queries = random.normal(size=(70, 8)).astype(np.float32)
    pieces = [random.normal(size=(n % 4, 8)).astype(np.float32) for n in range(70)]
    relevant = [[n % 30] for n in range(70)]
    together = rank(queries, relevant, candidates, rows, parts=pieces)
    assert together != rank(queries, relevant, candidates, rows)
    for number, (query, some) in enumerate(zip(queries, pieces, strict=True)):
        scores = whole_and_parts(np.vstack([query, *some]) @ rows.T)
        expected = int((scores > scores[number % 30]).sum()) + 1
        assert together[number].best == together[number].preferred == (expected,)


# --- vectors kept on disk -------------------------------------------------------------------


def test_equal_texts_are_encoded_once_and_come_back_in_order() -> None:
    encoder = LetterEncoder()
    rows = encoded(["b", "a", "b"], encoder)
    assert encoder.seen == ["b", "a"]
    assert rows.tolist() == LetterEncoder().encode(["b", "a", "b"]).tolist()
    assert encoded([], encoder).shape == (0, 26)


def test_kept_vectors_are_used_again_by_the_same_encoder_only(tmp_path: Path) -> None:
    first = encoded(["a", "b"], LetterEncoder(), tmp_path)
    again = LetterEncoder()
    assert encoded(["a", "b"], again, tmp_path).tolist() == first.tolist()
    assert again.seen == []
    other = LetterEncoder(fingerprint="e" * 64)
    encoded(["a", "b"], other, tmp_path)
    assert other.seen == ["a", "b"]


def test_a_damaged_cache_file_is_encoded_again(tmp_path: Path) -> None:
    expected = encoded(["a", "b"], LetterEncoder(), tmp_path).tolist()
    (path,) = tmp_path.rglob("*.npy")
    content = bytearray(path.read_bytes())
    for damaged in (content[:40], content[:-3], bytes(content[:-1]) + b"\x55", b""):
        path.write_bytes(bytes(damaged))
        encoder = LetterEncoder()
        assert encoded(["a", "b"], encoder, tmp_path).tolist() == expected
        assert encoder.seen == ["a", "b"]


def test_a_cache_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    blocked = write(tmp_path, "file", "")
    with pytest.raises(UsageError, match="cannot be kept"):
        encoded(["a"], LetterEncoder(), blocked)


def test_vectors_as_a_space_holds_them_are_cut_unit_and_nearly_the_same() -> None:
    random = np.random.default_rng(0)
    queries, rows = random.normal(size=(2, 5, 16)).astype(np.float32)
    assert as_in_space(queries, rows, None) == (queries, rows)
    cut, stored = as_in_space(queries, rows, 8)
    assert cut.shape == stored.shape == (5, 8)
    assert np.linalg.norm(stored, axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    exact = rows[:, :8] / np.linalg.norm(rows[:, :8], axis=1, keepdims=True)
    assert stored == pytest.approx(exact, abs=0.01)
    assert not np.array_equal(stored, exact)


def test_vectors_are_kept_in_the_home_or_the_users_cache_or_nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "home"))
    assert default_cache() == tmp_path / "home" / "cache"
    monkeypatch.delenv("METIER_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    assert default_cache() == tmp_path / "user" / "metier"
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert default_cache() is None


# --- skill linking --------------------------------------------------------------------------

TECH = """sentence,span,sub_span,label
use abc and xyz,abc,,abc
use abc and xyz,xyz,,"xyz, klm and rest"
use abc and xyz,abc,,abc
use abc and xyz,more,,UNDERSPECIFIED
only vague,vague,,LABEL NOT PRESENT
only other,other,,not a label of the list
"""


def test_rows_of_a_sentence_become_one_query_and_the_rest_is_counted(tmp_path: Path) -> None:
    gold = read_sentences(write(tmp_path, "t.csv", TECH), ["abc", "xyz, klm, and rest"])
    (sentence,) = gold.sentences
    assert sentence.text == "use abc and xyz"
    assert sentence.relevant == (0, 1)  # the second one in spite of its commas
    assert sentence.marked == 3
    assert gold.dropped == {
        "UNDERSPECIFIED": 1,
        "LABEL NOT PRESENT": 1,
        "label_not_in_vocabulary": 1,
        "sentence_without_label": 2,
    }


def test_sentences_marked_unknown_are_kept_apart(tmp_path: Path) -> None:
    content = 'id,sentence,skills\n1,do abc,"[""abc"", ""abc""]"\n2,nothing,"[""UNK""]"\n'
    gold = read_sentences(write(tmp_path, "s.csv", content), ["abc"])
    assert [(one.relevant, one.marked) for one in gold.sentences] == [((0,), 2)]
    assert gold.without_skill == ("nothing",)
    assert gold.dropped == {"UNK": 1}
    figures = abstention(gold, lambda text: text == "nothing")
    assert figures["abstention.without_skill"].value == 1.0
    assert figures["abstention.with_skill"].value == 0.0


@pytest.mark.parametrize("cell", ["abc", '"{""a"": 1}"', "[1]"])
def test_skills_that_are_no_list_name_file_and_line(tmp_path: Path, cell: str) -> None:
    path = write(tmp_path, "s.csv", f"sentence,skills\ndo abc,{cell}\n")
    with pytest.raises(BadInputError, match=r"s\.csv, line 2"):
        read_sentences(path, ["abc"])


def test_a_vocabulary_is_stripped_and_each_label_counts_once(tmp_path: Path) -> None:
    assert read_vocabulary(write(tmp_path, "v.txt", "a \n b\na\n")) == ["a", "b"]
    with pytest.raises(BadInputError, match="no labels"):
        read_vocabulary(write(tmp_path, "empty.txt", "\n"))


def test_skill_linking_by_hand(tmp_path: Path) -> None:
    vocabulary = write(tmp_path, "v.txt", "aa\nbb\ncc\n")
    sentences = (
        "sentence,label\n"
        "zzzz,cc\n"  # through the alternative name zz: first; by its own label: last of three ties
        "bbb c,bb\nbbb c,bb\nbbb c,aa\n"  # bb first, aa third (after cc); marked three times
    )
    concepts = [concept("1", "aa"), concept("2", "bb"), concept("3", "cc", "zz")]
    report = evaluate_skill_linking(
        write(tmp_path, "t.csv", sentences), vocabulary, LetterEncoder(), concepts, "ESCO 9"
    ).to_dict()
    assert report["n"] == 2
    assert report["taxonomy"] == "ESCO 9"
    assert report["vocabulary.texts"] == 4
    assert report["mrr"] == 1.0
    assert report["rp@1"] == 1.0
    assert report["rp@5"] == 1.0
    assert report["published_rule.rp@5"] == pytest.approx((1 + 2 / 3) / 2, abs=1e-6)
    assert report["labels_only.mrr"] == pytest.approx((1 / 3 + 1) / 2, abs=1e-6)
    assert report["labels_only.rp@1"] == 0.5
    assert {"mrr.low", "mrr.high", "labels_only.rp@10", "published_rule.rp@1"} <= set(report)


def test_sentences_are_read_in_parts_where_marks_are_given(tmp_path: Path) -> None:
    vocabulary = write(tmp_path, "v.txt", "aa\nbb\ncc\n")
    sentences = write(tmp_path, "t.csv", "sentence,label\nbb b b b bccccc,cc\n")
    concepts = [concept("1", "aa"), concept("2", "bb"), concept("3", "cc")]
    given = (sentences, vocabulary, LetterEncoder(), concepts, "ESCO 9")
    plain = evaluate_skill_linking(*given).to_dict()
    marked = evaluate_skill_linking(*given, marked=lambda text: ["ccccc"]).to_dict()
    assert "whole_only.mrr" not in plain
    assert marked["whole_only.mrr"] == plain["mrr"] == 0.5
    assert marked["mrr"] == marked["labels_only.rp@1"] == 1.0
    assert marked["whole_only.labels_only.rp@1"] == 0.0


def test_a_file_of_another_vocabulary_is_bad_input(tmp_path: Path) -> None:
    sentences = write(tmp_path, "t.csv", "sentence,label\nsome,dd\nother,ee\n")
    with pytest.raises(BadInputError, match=r"v\.txt \(left out: label_not_in_vocabulary 2, "):
        evaluate_skill_linking(
            sentences, write(tmp_path, "v.txt", "aa\n"), LetterEncoder(), [], "ESCO 9"
        )


# --- titles ---------------------------------------------------------------------------------


def test_the_columns_tell_what_a_file_of_titles_is(tmp_path: Path) -> None:
    jobs = read_titles(
        write(tmp_path, "a.csv", f"vacancyTitle,conceptUri\nCook,{OCCUPATION}b\n,{OCCUPATION}b\n")
    )
    assert (jobs.kinds, jobs.group, jobs.dropped) == (("occupation",), False, {"blank_query": 1})
    groups = read_titles(write(tmp_path, "b.csv", f"query,esco_uris\nq,{ISCO}C0 {OCCUPATION}b\n"))
    assert groups.kinds == ("occupation", "isco_group")
    assert groups.queries[0].uris == (ISCO + "C0", OCCUPATION + "b")
    answers = read_titles(write(tmp_path, "c.csv", f"query,esco_uris_group\nq,{OCCUPATION}b\n"))
    assert answers.group
    terms = read_titles(
        write(tmp_path, "d.csv", f"query,esco_skill_uris_exact,x\nq,{SKILL}1,\nr,,\n")
    )
    assert (terms.kinds, terms.dropped) == (("skill",), {"no_uri": 1})
    with pytest.raises(BadInputError, match="columns are a"):
        read_titles(write(tmp_path, "e.csv", "a\n1\n"))


def test_titles_by_hand(tmp_path: Path) -> None:
    concepts = [
        concept("a", "cook", "chef", kind="occupation", german="Koch"),
        concept("b", "nurse", kind="occupation"),
        concept("c", "miner", kind="occupation"),
        concept("s", "chef"),
    ]
    content = (
        f"query,esco_uris\nchef,{OCCUPATION}a\nnurse,{OCCUPATION}b {OCCUPATION}c\n"
        f"gone,{OCCUPATION}zz\n"
    )
    path = write(tmp_path, "t.csv", content)
    report = evaluate_titles(path, LetterEncoder(), concepts, "ESCO 9").to_dict()
    assert report["n"] == 2
    assert report["dropped"] == {"uri_not_a_candidate": 1}
    assert report["candidates.n"] == 3
    assert report["mrr"] == 1.0
    assert report["recall@1"] == 0.75
    assert report["recall@5"] == 1.0
    assert report["hit@1"] == 1.0
    # "chef" shares two letters of four with Koch, less with any other preferred label.
    assert report["preferred_only.mrr"] == 1.0
    assert report["surface.mrr"] == 1.0
    assert {"mrr.low", "preferred_only.recall@10", "surface.hit@10"} <= set(report)
    english = evaluate_titles(path, LetterEncoder(), concepts, "ESCO 9", "en").to_dict()
    assert (english["candidates.texts"], english["dimension"]) == (4, 26)
    short = evaluate_titles(path, LetterEncoder(), concepts, "ESCO 9", dimension=5).to_dict()
    assert short["dimension"] == 5
    assert english["mrr"] == 1.0
    # Without Koch, "chef" is nearer to nurse and miner (one e in five letters) than to cook.
    assert english["preferred_only.mrr"] == pytest.approx((1 / 3 + 1) / 2, abs=1e-6)


def test_titles_in_a_language_that_the_taxonomy_lacks_are_a_usage_error(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", f"query,esco_uris\nchef,{OCCUPATION}a\n")
    concepts = [concept("a", "cook", kind="occupation")]
    with pytest.raises(UsageError, match="no labels in 'fr'") as caught:
        evaluate_titles(path, LetterEncoder(), concepts, "ESCO 9", "fr")
    assert "en" in caught.value.hint


def test_titles_without_any_known_answer_are_bad_input(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", f"query,esco_uris\nchef,{OCCUPATION}x\n")
    with pytest.raises(BadInputError, match="none of the 1 queries"):
        evaluate_titles(path, LetterEncoder(), [concept("a", "cook", kind="occupation")], "E")


def test_any_member_of_a_group_is_a_hit_and_recall_is_left_out(tmp_path: Path) -> None:
    concepts = [concept("a", "cook", kind="occupation"), concept("b", "nurse", kind="occupation")]
    content = f"query,esco_uris_group\nnurse,{OCCUPATION}a {OCCUPATION}b\n"
    report = evaluate_titles(
        write(tmp_path, "t.csv", content), LetterEncoder(), concepts, "E"
    ).to_dict()
    assert report["hit@1"] == 1.0
    assert "recall@1" not in report


def test_uris_may_be_a_list(tmp_path: Path) -> None:
    lines = f'{{"query": "q", "esco_uris": ["{OCCUPATION}a", "{OCCUPATION}b "]}}\n'
    lines += '{"query": "r", "esco_uris": []}\n'
    found = read_titles(write(tmp_path, "t.jsonl", lines))
    assert [query.uris for query in found.queries] == [(OCCUPATION + "a", OCCUPATION + "b")]
    assert found.dropped == {"no_uri": 1}
    wrong = write(tmp_path, "w.jsonl", '{"query": "q", "esco_uris": [1]}\n')
    with pytest.raises(BadInputError, match=r"w\.jsonl, line 1: column 'esco_uris' holds"):
        read_titles(wrong)
