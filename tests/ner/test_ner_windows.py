from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.errors import UsageError
from ner.windows import deepest, windows

sizes = st.integers(1, 40).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1)))


@given(st.integers(0, 300), sizes)
def test_windows_cover_everything_and_overlap_as_asked(length: int, sizes: tuple[int, int]) -> None:
    size, overlap = sizes
    bounds = windows(length, size, overlap)
    covered = {position for start, end in bounds for position in range(start, end)}
    assert covered == set(range(length))
    assert all(end - start == min(size, length) for start, end in bounds)
    for (start, end), (next_start, next_end) in pairwise(bounds):
        assert start < next_start
        assert end - next_start >= overlap
        assert next_end > end


@given(st.integers(0, 300), sizes)
def test_every_position_is_read_in_a_window_that_holds_it(
    length: int, sizes: tuple[int, int]
) -> None:
    bounds = windows(length, *sizes)
    for position, index in enumerate(deepest(bounds, length).tolist()):
        depths = [min(position - start, end - 1 - position) for start, end in bounds]
        assert depths[index] == max(depths)
        assert depths.index(max(depths)) == index


def test_a_token_seen_twice_takes_the_window_where_it_is_deeper() -> None:
    bounds = windows(14, 8, 2)
    assert bounds == [(0, 8), (6, 14)]
    assert deepest(bounds, 14).tolist() == [0] * 7 + [1] * 7


def test_a_short_text_is_one_window_and_an_empty_one_has_none() -> None:
    assert windows(5, 8, 2) == [(0, 5)]
    assert windows(0, 8, 2) == []
    assert deepest([], 0).dtype == np.int64


@pytest.mark.parametrize(("size", "overlap"), [(8, 8), (0, 0), (8, -1)])
def test_an_overlap_that_leaves_no_step_is_refused(size: int, overlap: int) -> None:
    with pytest.raises(UsageError, match=str(overlap)):
        windows(20, size, overlap)
