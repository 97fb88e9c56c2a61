import itertools
import pickle
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from ner import SkillTagger, UsageError, WeightsError
from ner.labels import BIO_TAGS
from ner.segments import segment
from ner.weights import read_manifest, write_manifest

MakeFolder = Callable[..., Path]
KNOWN_WORDS = [
    "Python",
    "C++",
    ".NET",
    "wound care",
    "re\u0301sume\u0301",
    "SQL/NoSQL",
    "Py\u00adthon",
]
any_text = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=()), max_size=8),
        st.sampled_from([*KNOWN_WORDS, " ", "\r\n", "\0", "\u200b", "\u202e", "\ud83d"]),
    ),
    max_size=30,
).map("".join)


def found(tagger: SkillTagger, text: str) -> list[str]:
    return [span.text for span in tagger.tag(text).spans]


@given(text=any_text)
@example(text="\0P\0y\0t\0h\0o\0n\0")
@example(text="C++\u0301 wound\r\ncare wound\u00a0care\ud800")
def test_every_span_of_any_text_is_the_text_at_its_offsets(tagger: SkillTagger, text: str) -> None:
    tagged = tagger.tag(text)
    assert tagged.text == text
    for span in tagged.spans:
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.text
        assert span.text.strip() == span.text
        assert 0 < span.score <= 1
    assert all(a.end <= b.start for a, b in itertools.pairwise(tagged.spans))


@given(before=any_text, after=any_text)
def test_a_known_word_on_its_own_line_is_found_whatever_stands_around(
    tagger: SkillTagger, before: str, after: str
) -> None:
    text = f"{before}\nTerraform\n{after}"
    places = [(span.start, span.end) for span in tagger.tag(text).spans]
    assert (len(before) + 1, len(before) + 10) in places


def test_a_span_holds_what_was_dropped_inside_it(tagger: SkillTagger) -> None:
    (span,) = tagger.tag("uses Py\u00adth\0on\u200b.").spans
    assert (span.start, span.end, span.text) == (5, 13, "Py\u00adth\0on")


def test_words_of_one_span_on_two_lines_are_two_matters(tagger: SkillTagger) -> None:
    assert found(tagger, "wound care") == ["wound care"]
    assert found(tagger, "wound\ncare")[0] == "wound"


@pytest.mark.parametrize("text", ["wound care/", "wound care.", "wound care / ", "wound care./"])
def test_a_slash_or_a_full_stop_is_no_part_of_a_skill(new_folder: MakeFolder, text: str) -> None:
    tagger = SkillTagger.load(new_folder(words={"/": "I-TECHNICAL", ".": "I-TECHNICAL"}))
    (span,) = tagger.tag(text).spans
    assert (span.start, span.text) == (0, "wound care")


def test_a_word_that_vanishes_in_the_tokenizer_is_outside(
    tagger: SkillTagger, vanishing: str
) -> None:
    assert found(tagger, f"Python {vanishing} SQL {vanishing}") == ["Python", "SQL"]
    assert tagger.tag(vanishing).status == "ok"


def test_a_line_longer_than_a_window_is_labelled_to_its_end(tagger: SkillTagger) -> None:
    text = "Python and " * 400
    assert found(tagger, text) == ["Python"] * 400


def test_each_word_is_read_where_it_stands_deepest(
    toy_folder: Path, tokenizer: Tokenizer, table_backend: Any
) -> None:
    class DepthBackend:
        """Scores every token by its distance to the nearer edge of what it was shown."""

        def logits(self, ids: Any) -> Any:
            place = np.arange(len(ids))
            scores = table_backend.logits(ids).copy()
            scores[:, 0] = np.minimum(place, place[::-1])
            return scores

    tagger = SkillTagger(DepthBackend(), tokenizer, read_manifest(toy_folder, "tagger"))
    segments = segment(tokenizer, "Python " * 200)
    depths = tagger.word_logits(segments)[:, 0]
    # Windows hold 30 tokens and share 8: past the first edge no word is read nearer than 4.
    assert depths.argmin() in (0, 199)
    assert depths[4:-4].min() >= 4
    windows = [ids for ids in table_backend.asked if len(ids)]
    assert max(map(len, windows)) == 32
    assert {ids[0] for ids in windows} == {tokenizer.token_to_id("<s>")}
    assert {ids[-1] for ids in windows} == {tokenizer.token_to_id("</s>")}


def test_a_megabyte_takes_seconds_and_loses_nothing(tagger: SkillTagger) -> None:
    line = "We plan in Python, mit Präzision\u00a0und C++.\r\n"
    text = line * (1_000_000 // len(line)) + "Terraform"
    began = time.perf_counter()
    tagged = tagger.tag(text)
    assert time.perf_counter() - began < 60
    assert len(tagged.spans) == 3 * (1_000_000 // len(line)) + 1
    assert tagged.spans[-1].start == len(text) - len("Terraform")


@pytest.mark.parametrize("unit", ["\0", " ", "x", "_", "- ", "\u0301", "Python ", "wound\u00a0"])
def test_a_long_text_of_one_oddity_takes_seconds(tagger: SkillTagger, unit: str) -> None:
    began = time.perf_counter()
    tagged = tagger.tag(unit * (200_000 // len(unit)))
    assert time.perf_counter() - began < 30
    assert tagged.status in ("ok", "empty")


@pytest.mark.parametrize("workers", [1, 3])
def test_many_texts_give_the_answers_of_each_alone_in_order(
    tagger: SkillTagger, workers: int
) -> None:
    texts = [f"{'Python ' * (number % 7)} wound care {number}" for number in range(40)]
    assert list(tagger.tag_many(texts, workers)) == [tagger.tag(text) for text in texts]


@pytest.mark.parametrize("workers", [1, 3])
def test_texts_are_read_only_a_little_ahead(tagger: SkillTagger, workers: int) -> None:
    numbers = itertools.count()
    answers = tagger.tag_many((f"Python {number}" for number in numbers), workers)
    assert next(answers).text == "Python 0"
    assert next(numbers) < 50


def test_no_workers_and_a_bare_text_are_refused(tagger: SkillTagger) -> None:
    with pytest.raises(UsageError, match="0"):
        tagger.tag_many(["Python"], workers=0)
    with pytest.raises(UsageError, match="one text"):
        tagger.tag_many("Python")


@pytest.mark.parametrize("texts", [b"Python", bytearray(b"Python"), None, 5])
@pytest.mark.parametrize("workers", [1, 3])
def test_what_is_no_list_of_texts_is_refused(tagger: SkillTagger, texts: Any, workers: int) -> None:
    with pytest.raises(UsageError, match=f"given {type(texts).__name__}, not texts") as caught:
        tagger.tag_many(texts, workers)
    assert "list" in caught.value.hint


def test_anything_to_go_through_is_taken_for_many_texts(tagger: SkillTagger) -> None:
    class Numbered:
        def __getitem__(self, number: int) -> str:
            return ["Python", "SQL"][number]

    for texts in (["Python", "SQL"], iter(["Python", "SQL"]), {"Python": 1, "SQL": 2}, Numbered()):
        assert [one.text for one in tagger.tag_many(texts)] == ["Python", "SQL"]  # type: ignore[arg-type]


def test_a_tagger_pickles_by_its_folder(tagger: SkillTagger) -> None:
    pickled = pickle.dumps(tagger)
    assert len(pickled) < 1000
    assert pickle.loads(pickled).tag("Python") == tagger.tag("Python")


def test_a_tagger_of_a_relative_folder_is_found_from_another_place(
    toy_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(toy_folder.parent)
    relative = SkillTagger.load(toy_folder.name)
    monkeypatch.chdir(tmp_path)
    assert pickle.loads(pickle.dumps(relative)).model == relative.model


def test_the_shipped_tagger_pickles_as_the_shipped_one(
    toy_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METIER_HOME", str(toy_folder.parent))
    packed = pickle.dumps(SkillTagger.load())
    assert str(toy_folder).encode() not in packed
    shutil.copytree(toy_folder.parent, tmp_path / "there")
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "there"))
    assert pickle.loads(packed).tag("Python").spans


@pytest.mark.parametrize("models", [[], ["model.onnx", "b.onnx"]])
def test_other_than_one_model_is_refused(new_folder: MakeFolder, models: list[str]) -> None:
    folder = new_folder()
    (folder / "b.onnx").touch()
    files = [*models, "../tokenizer/tokenizer.json"]
    write_manifest(folder, "tagger", "toy", "1.0", files, labels=list(BIO_TAGS))
    with pytest.raises(WeightsError, match=f"lists {len(models)} ONNX files"):
        SkillTagger.load(folder)


def test_the_model_is_named_with_version_and_fingerprint(tagger: SkillTagger) -> None:
    name, version, fingerprint = tagger.model.split()
    assert (name, version, len(fingerprint)) == ("toy", "1.0", 12)
    assert tagger.tag("Python").model == tagger.model


def test_an_unknown_backend_is_refused_with_the_known_ones(toy_folder: Path) -> None:
    with pytest.raises(UsageError, match="abacus") as caught:
        SkillTagger.load(toy_folder, backend="abacus")
    assert "onnx, torch" in caught.value.hint


@pytest.mark.parametrize(
    "fields",
    [
        {"labels": ["O", "B-SKILL", "I-SKILL"]},
        {"labels": list(reversed(BIO_TAGS))},
        {"window": {"size": 8, "overlap": 7}},
        {"window": {"size": "big"}},
        {"window": None},
        {"labels": None},
        {"languages": None},
        {"languages": "en"},
        {"languages": ["en", 5]},
        {"separator": "no"},
        {"separator": None},
    ],
)
def test_weights_made_for_something_else_are_refused(
    new_folder: MakeFolder, fields: dict[str, Any]
) -> None:
    with pytest.raises(WeightsError) as caught:
        SkillTagger.load(new_folder(**fields))
    assert caught.value.hint


@settings(max_examples=40)
@given(data=st.data())
def test_a_flipped_byte_anywhere_is_an_error_and_no_crash(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, toy_folder: Path
) -> None:
    folder = tmp_path_factory.mktemp("flipped") / "tagger"
    folder.mkdir()
    (folder.parent / "tokenizer").mkdir()
    files = ["manifest.json", "model.onnx", "../tokenizer/tokenizer.json"]
    for file in files:
        (folder / file).write_bytes((toy_folder / file).read_bytes())
    damaged = folder / data.draw(st.sampled_from(files[1:]))
    content = bytearray(damaged.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    damaged.write_bytes(content)
    with pytest.raises(WeightsError, match="SHA-256"):
        SkillTagger.load(folder)


@settings(max_examples=60)
@given(data=st.data())
def test_a_flipped_byte_of_the_manifest_is_an_error_or_changes_nothing(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, toy_folder: Path
) -> None:
    folder = tmp_path_factory.mktemp("flipped") / "tagger"
    shutil.copytree(toy_folder.parent, folder.parent, dirs_exist_ok=True)
    before = read_manifest(folder, "tagger")
    path = folder / "manifest.json"
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        loaded = SkillTagger.load(folder)
    except WeightsError:
        return
    assert read_manifest(folder, "tagger") == before
    assert loaded.tag("Python").spans


def test_the_torch_backend_without_a_folder_names_the_export_command(
    toy_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METIER_HOME", str(toy_folder.parent))
    with pytest.raises(UsageError, match="needs a folder") as caught:
        SkillTagger.load(backend="torch")
    assert "metier export tagger --to FOLDER" in caught.value.hint


def test_the_shipped_folder_is_the_default(
    toy_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METIER_HOME", str(toy_folder.parent))
    assert [span.text for span in SkillTagger.load().tag("Python").spans] == ["Python"]


def test_a_tokenizer_that_is_none_is_one_sentence(new_folder: MakeFolder) -> None:
    folder = new_folder()
    (folder / "../tokenizer/tokenizer.json").write_text("{}", "utf-8")
    files = ["model.onnx", "../tokenizer/tokenizer.json"]
    write_manifest(folder, "tagger", "toy", "1.0", files, labels=list(BIO_TAGS))
    with pytest.raises(WeightsError, match=r"tokenizer\.json"):
        SkillTagger.load(folder)
