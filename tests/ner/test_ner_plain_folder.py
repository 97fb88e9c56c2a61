"""What is taken for the files of a plain transformers folder, without torch."""

import json
from pathlib import Path

import pytest

from ner import SkillTagger, WeightsError
from ner.labels import BIO_TAGS
from ner.tagger_manifest import describe_plain

FILES = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).write_text(name, "utf-8")
    config = {"id2label": dict(enumerate(BIO_TAGS))}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    return tmp_path


def test_what_transformers_saves_is_listed(plain: Path) -> None:
    manifest = describe_plain(plain, "tagger")
    assert sorted(manifest.files) == FILES
    assert manifest.fields == {"labels": list(BIO_TAGS)}
    (plain / "model-00002-of-00002.safetensors").touch()
    (plain / "special_tokens_map.json").touch()
    assert len(describe_plain(plain, "tagger").files) == len(FILES) + 2


@pytest.mark.parametrize(
    "stray", ["a:b.json", "a\\b.json", "a:b.safetensors", "trainer_state.json", "notes.txt"]
)
def test_stray_files_are_neither_refused_nor_listed(plain: Path, stray: str) -> None:
    before = describe_plain(plain, "tagger")
    (plain / stray).touch()
    (plain / "tokenizer_old.json").mkdir()
    assert describe_plain(plain, "tagger") == before


def test_a_folder_without_a_fast_tokenizer_says_how_to_save_one(plain: Path) -> None:
    (plain / "tokenizer.json").unlink()
    with pytest.raises(WeightsError, match=r"holds no tokenizer\.json") as caught:
        SkillTagger.load(plain, backend="torch")
    assert "fast tokenizer" in caught.value.hint


@pytest.mark.parametrize("config", [b"", b"[]", b"{}", b'{"id2label": {"1": "O"}}', None])
def test_a_folder_that_names_no_labels_is_refused(plain: Path, config: bytes | None) -> None:
    (plain / "config.json").unlink()
    if config is not None:
        (plain / "config.json").write_bytes(config)
    with pytest.raises(WeightsError, match=r"config\.json is missing or names no labels"):
        describe_plain(plain, "tagger")
