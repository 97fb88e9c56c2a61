from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ner.errors import BadInputError
from training.pairs import PAIR_KINDS
from training.recipe import KINDS, kept_layers, read_recipe, setting


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_shipped_recipe(kind: str) -> None:
    assert read_recipe(None, kind)["kind"] == kind


def test_the_shipped_encoder_recipe_asks_only_for_known_pairs() -> None:
    assert set(read_recipe(None, "encoder")["pairs"]) <= set(PAIR_KINDS)


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"absent\.toml cannot be read: No such file") as caught:
        read_recipe(tmp_path / "absent.toml", "mlm")
    assert "--recipe" in caught.value.hint


def test_a_folder_is_no_recipe(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot be read"):
        read_recipe(tmp_path, "mlm")


@pytest.mark.parametrize("content", [b'kind = "mlm"\nseed = ', b'kind = "\xff"'])
def test_broken_toml_and_other_encodings_are_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some.toml"
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=r"some\.toml is not valid TOML"):
        read_recipe(path, "mlm")


def test_the_hint_for_a_recipe_of_another_kind_names_the_right_command(tmp_path: Path) -> None:
    path = tmp_path / "some.toml"
    path.write_text('kind = "tagger"\n')
    with pytest.raises(BadInputError, match="'tagger', not 'mlm'") as caught:
        read_recipe(path, "mlm")
    assert caught.value.hint == f"run: metier train tagger --recipe {path}"


@pytest.mark.parametrize("content", ["seed = 1\n", 'kind = "soup"\n', 'kind = ["mlm"]\n'])
def test_the_hint_for_a_recipe_of_no_kind_names_no_command(tmp_path: Path, content: str) -> None:
    path = tmp_path / "some.toml"
    path.write_text(content)
    with pytest.raises(BadInputError, match="not 'mlm'") as caught:
        read_recipe(path, "mlm")
    assert "metier train" not in caught.value.hint


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(BadInputError, match="setting epochs is missing") as caught:
        setting({"seed": 1}, "epochs", int)
    assert caught.value.hint == "set epochs to a whole number"


@pytest.mark.parametrize(
    ("value", "kind"),
    [("3", int), (2.5, int), (True, int), (True, float), ([], dict), ("1", float)],
)
def test_a_setting_of_another_type_is_refused(value: Any, kind: type) -> None:
    with pytest.raises(BadInputError, match="setting x is "):
        setting({"x": value}, "x", kind)


def test_a_whole_number_serves_as_a_float() -> None:
    assert setting({"warmup": 0}, "warmup", float) == 0.0
    assert isinstance(setting({"warmup": 0}, "warmup", float), float)
    assert setting({"scale": 20}, "scale", (int, float)) == 20


@pytest.mark.parametrize(
    ("kind", "line", "hint"),
    [
        ("mlm", "windows = 5", "did you mean window?"),
        ("tagger", "learning_rat = 1.0", "did you mean learning_rate?"),
        ("encoder", "layers = [0]", "did you mean frozen_layers?"),
        ("encoder", "mask = 0.2", "take it out; the settings are batch, "),
    ],
)
def test_a_setting_that_the_kind_lacks_is_refused_by_name(
    tmp_path: Path, kind: str, line: str, hint: str
) -> None:
    path = tmp_path / "some.toml"
    path.write_text(f'kind = "{kind}"\n{line}\n')
    name = line.split()[0]
    with pytest.raises(BadInputError, match=f"has a setting {name}, which") as caught:
        read_recipe(path, kind)
    assert caught.value.hint.startswith(hint)


def test_the_layers_are_a_list_of_numbers_and_none_means_all() -> None:
    assert kept_layers({}) is None
    assert kept_layers({"layers": []}) is None
    assert kept_layers({"layers": [0, 2]}) == [0, 2]
    for wrong in (3, ["0"], [True], [1.0]):
        with pytest.raises(BadInputError, match="setting layers is"):
            kept_layers({"layers": wrong})
