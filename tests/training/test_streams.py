from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.streams import batches_by_length, padded

lengths = st.lists(st.integers(1, 300), max_size=80)


@given(lengths, st.integers(300, 3000), st.integers())
def test_every_item_comes_once_and_no_padded_batch_exceeds_the_budget(
    lengths: list[int], budget: int, seed: int
) -> None:
    batches = batches_by_length(lengths, budget, random.Random(seed))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert batch
        assert max(lengths[index] for index in batch) * len(batch) <= budget


@given(lengths, st.integers())
def test_an_item_above_the_budget_comes_alone(lengths: list[int], seed: int) -> None:
    batches = batches_by_length([*lengths, 5000], 1000, random.Random(seed))
    assert [len(lengths)] in batches


@given(lengths, st.integers())
def test_a_seed_repeats_its_batches(lengths: list[int], seed: int) -> None:
    one, two = (batches_by_length(lengths, 900, random.Random(seed)) for _ in range(2))
    assert one == two


def test_items_of_like_length_share_a_batch() -> None:
    lengths = [10, 200] * 50
    for batch in batches_by_length(lengths, 1000, random.Random(0)):
        sizes = {lengths[index] for index in batch}
        assert len(sizes) == 1 or len(batch) <= 5


def test_padding_stands_at_the_end() -> None:
    table = padded([np.array([1, 2, 3]), np.array([4])], -100)
    assert table.tolist() == [[1, 2, 3], [4, -100, -100]]
    assert table.dtype == np.int64
