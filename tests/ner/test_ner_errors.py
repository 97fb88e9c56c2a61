import pickle

import pytest

import ner
from ner.errors import BadInputError, MetierError, MissingExtraError, UsageError, WeightsError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MetierError("m", "h"), 1),
        (UsageError("m", "h"), 2),
        (MissingExtraError("torch", "train"), 2),
        (BadInputError("m", "h"), 3),
        (WeightsError("m", "h"), 4),
    ],
)
def test_each_kind_of_error_has_its_exit_code(error: MetierError, code: int) -> None:
    assert error.exit_code == code


@pytest.mark.parametrize(
    "error", [WeightsError("it broke", "mend it"), MissingExtraError("a", "b")]
)
def test_an_error_survives_the_way_between_processes(error: MetierError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert (copy.message, copy.hint) == (error.message, error.hint)


def test_an_error_prints_its_message_alone() -> None:
    assert str(WeightsError("it broke", "mend it")) == "it broke"


def test_a_missing_package_is_named_with_the_pip_command() -> None:
    error = MissingExtraError("torch", "train")
    assert "torch" in error.message
    assert 'pip install "metier[train]"' in error.hint


def test_the_public_names_are_sorted_and_exist() -> None:
    assert ner.__all__ == sorted(ner.__all__)
    assert all(hasattr(ner, name) for name in ner.__all__)
