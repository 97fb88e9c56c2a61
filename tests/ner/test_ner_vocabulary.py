"""Tokenizers as others save them: with limits of their training run, or of another family."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from toy_tagger import build_word_pieces, write_tagger

from ner import SkillTagger, WeightsError
from ner.segments import segment, special_tokens
from ner.vocabulary import open_tokenizer

KNOWN = {"Terraform": "B-TECHNOLOGY", "wound": "B-TECHNICAL", "care": "I-TECHNICAL"}


def limited(tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.enable_truncation(128)
    tokenizer.enable_padding(length=128)
    return tokenizer


def test_limits_saved_with_a_tokenizer_cut_and_pad_nothing(
    tmp_path: Path, tokenizer: Tokenizer
) -> None:
    path = tmp_path / "tokenizer.json"
    limited(Tokenizer.from_str(tokenizer.to_str())).save(str(path))
    assert len(Tokenizer.from_file(str(path)).encode("Python " * 300).ids) == 128
    opened = open_tokenizer(path)
    assert opened.truncation is None
    assert opened.padding is None
    words = ["Python"] * 300
    assert len(opened.encode(words, is_pretokenized=True, add_special_tokens=False).ids) == 300


def test_a_skill_after_300_words_is_found_with_a_tokenizer_that_was_saved_with_limits(
    tmp_path: Path, tokenizer: Tokenizer
) -> None:
    saved = limited(Tokenizer.from_str(tokenizer.to_str()))
    tagger = SkillTagger.load(
        write_tagger(tmp_path / "tagger", {"Terraform": "B-TECHNOLOGY"}, saved)
    )
    (span,) = tagger.tag("word " * 300 + "Terraform").spans
    assert span.text == "Terraform"


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff"])
def test_a_file_that_is_no_tokenizer_is_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"tokenizer\.json") as caught:
        open_tokenizer(path)
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_a_word_piece_tokenizer_gives_the_same_stream_with_its_own_special_tokens() -> None:
    tokenizer = build_word_pieces(KNOWN)
    segments = segment(tokenizer, "Terraforming C++\n\nwound care")
    tokens = [tokenizer.id_to_token(token_id) for token_id in segments.ids.tolist()]
    assert tokens == [
        "[CLS]", "Terraform", "##i", "##n", "##g", "C", "+", "+", "[SEP]",
        "wound", "care", "[SEP]",
    ]  # fmt: skip
    assert segments.word.tolist() == [-1, 0, 0, 0, 0, 1, 1, 1, -1, 2, 3, -1]
    assert np.flatnonzero(segments.first).tolist() == [1, 5, 9, 10]
    assert tokenizer.token_to_id("[PAD]") is None


def test_a_tagger_on_word_pieces_finds_skills_in_every_window(tmp_path: Path) -> None:
    folder = write_tagger(tmp_path / "tagger", KNOWN, build_word_pieces(KNOWN))
    text = "some plain words\n" * 60 + "wound care\n" + "and Terraform " * 40
    found = [span.text for span in SkillTagger.load(folder).tag(text).spans]
    assert found == ["wound care"] + ["Terraform"] * 40


def test_special_tokens_are_those_of_the_tokenizer(tokenizer: Tokenizer) -> None:
    pairs = [(tokenizer, ["<s>", "</s>"]), (build_word_pieces(KNOWN), ["[CLS]", "[SEP]"])]
    for each, names in pairs:
        assert [each.id_to_token(token_id) for token_id in special_tokens(each)] == names
