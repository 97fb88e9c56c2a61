import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models

from ner.clean import clean
from ner.errors import WeightsError
from ner.segments import MAX_PIECES, Segments, segment


def tokens(tokenizer: Tokenizer, segments: Segments) -> list[str]:
    return [tokenizer.id_to_token(token_id) for token_id in segments.ids.tolist()]


def test_each_line_with_a_word_is_closed_by_a_separator(tokenizer: Tokenizer) -> None:
    segments = segment(tokenizer, "Python\n \n\nSQL care\n")
    assert tokens(tokenizer, segments) == ["<s>", "▁Python", "</s>", "▁SQL", "▁care", "</s>"]
    assert segments.word.tolist() == [-1, 0, -1, 1, 2, -1]
    assert segments.first.tolist() == [False, True, False, True, True, False]
    assert segments.line.tolist() == [0, 3, 3]


def test_without_separators_only_the_end_is_closed(tokenizer: Tokenizer) -> None:
    segments = segment(tokenizer, "Python\nSQL", separator=False)
    assert tokens(tokenizer, segments) == ["<s>", "▁Python", "▁SQL", "</s>"]
    assert segments.line.tolist() == [0, 1]


def test_a_lone_blank_piece_is_dropped_when_its_word_has_another(tokenizer: Tokenizer) -> None:
    segments = segment(tokenizer, "abc")
    assert tokens(tokenizer, segments) == ["<s>", "a", "b", "c", "</s>"]
    assert segments.first.tolist() == [False, True, False, False, False]


def test_a_word_without_pieces_has_no_first_piece(tokenizer: Tokenizer, vanishing: str) -> None:
    segments = segment(tokenizer, f"Python {vanishing} SQL\n{vanishing}\ncare")
    assert len(segments.words) == 5
    with_first = set(segments.word[segments.first].tolist())
    assert {0, 2, 4} <= with_first
    assert tokens(tokenizer, segments)[0] == "<s>"
    assert (segments.ids == tokenizer.token_to_id("</s>")).sum() == 3


def test_a_word_keeps_a_bounded_number_of_pieces(tokenizer: Tokenizer) -> None:
    segments = segment(tokenizer, "ab" * 10_000 + " Python")
    assert len(segments.words) == 2
    assert (segments.word == 0).sum() == MAX_PIECES
    assert tokens(tokenizer, segments)[-2] == "▁Python"


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_a_text_without_a_word_has_only_the_start(tokenizer: Tokenizer, text: str) -> None:
    segments = segment(tokenizer, text)
    assert tokens(tokenizer, segments) == ["<s>"]
    assert segments.words == ()


def test_words_beyond_one_call_of_the_tokenizer_keep_their_numbers(tokenizer: Tokenizer) -> None:
    segments = segment(tokenizer, "Python SQL " * 5000)
    assert segments.word[1:-1].tolist() == list(range(10_000))


@given(text=st.text())
def test_tokens_follow_the_words_of_the_text(tokenizer: Tokenizer, text: str) -> None:
    cleaned = clean(text).text
    segments = segment(tokenizer, cleaned)
    inner = segments.word[segments.word >= 0]
    assert (np.diff(inner) >= 0).all()
    assert len(segments.ids) == len(segments.word) == len(segments.first)
    assert len(segments.words) == len(segments.line)
    assert len(set(inner.tolist())) == segments.first.sum()
    for (start, end), line in zip(segments.words, segments.line.tolist(), strict=True):
        assert "\n" not in cleaned[start:end]
        assert cleaned.count("\n", 0, start) == line


def test_a_tokenizer_without_separators_is_refused() -> None:
    bare = Tokenizer(models.Unigram([("<unk>", 0.0)], unk_id=0, byte_fallback=False))
    with pytest.raises(WeightsError, match="<s>"):
        segment(bare, "Python")
