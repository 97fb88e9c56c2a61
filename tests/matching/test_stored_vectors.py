"""Vectors as int8, and names as readers compare them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from matching.names import fold
from matching.vectors import dequantise, quantise, unit

SHAPES = st.tuples(st.integers(1, 8), st.integers(1, 40))
VALUES = st.floats(-1, 1, width=32, allow_subnormal=False)


@given(arrays.arrays(np.float32, SHAPES, elements=VALUES))
def test_int8_keeps_length_one_and_the_direction(values: np.ndarray) -> None:
    rows = unit(values)
    again = dequantise(quantise(rows))
    real = np.linalg.norm(rows, axis=1) > 0.5
    np.testing.assert_allclose(np.linalg.norm(again[real], axis=1), 1, atol=1e-5)
    # Half a step of the greatest value in each of d dimensions, at the most.
    bound = np.sqrt(rows.shape[1]) * np.abs(rows).max(axis=1) / 127
    assert (np.linalg.norm(again - rows, axis=1)[real] <= bound[real] + 1e-5).all()


def test_a_zero_row_stays_zero_and_no_rows_stay_none() -> None:
    assert not dequantise(quantise(np.zeros((2, 3), np.float32))).any()
    assert dequantise(quantise(np.zeros((0, 3), np.float32))).shape == (0, 3)
    assert unit(np.zeros((0, 3), np.float32)).shape == (0, 3)


@given(st.text())
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Café-Manager", "cafe manager"), ("Straße", "STRASSE"), ("U\u0308ben", "Üben")],
)
def test_names_that_read_the_same_fold_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


def test_c_and_its_children_stay_apart() -> None:
    assert len({fold(name) for name in ("C", "C++", "C#")}) == 3
