from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ner.errors import BadInputError
from training.pairs import PAIR_KINDS
from training.recipe import KINDS, SETTINGS, kept_layers, read_recipe, setting

RECIPES = Path(__file__).resolve().parents[2] / "training" / "recipes"


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


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_recipe_is_in_range(path: Path) -> None:
    assert read_recipe(path, path.stem.partition("_")[0])


def changed(folder: Path, kind: str, name: str, line: str) -> Path:
    """The shipped recipe of `kind` with `line` instead of its setting `name`."""
    lines = (RECIPES / f"{kind}.toml").read_text(encoding="utf-8").splitlines()
    kept = [one for one in lines if not one.startswith(f"{name} =")]
    if line.startswith("pairs"):
        kept = kept[: kept.index("[pairs]")]
    path = folder / "some.toml"
    path.write_text("\n".join([line, *kept]) + "\n", encoding="utf-8")
    return path


WRONG = [
    ("encoder", "batch = 0", "a whole number from 2 on"),
    ("encoder", "dimensions = []", "a list that is not empty, of which each is a whole number"),
    ("encoder", 'dimensions = ["a"]', "a list that is not empty"),
    ("encoder", "dimensions = [384, 0]", "a list that is not empty"),
    ("encoder", "checkpoint_steps = 0", "a whole number from 1 on"),
    ("encoder", "steps = 0", "a whole number from 1 on"),
    ("encoder", "max_tokens = 0", "a whole number from 8 to 512"),
    ("encoder", "learning_rate = -1", "a number from 1e-09 to 1"),
    ("encoder", "learning_rate = nan", "a number from 1e-09 to 1"),
    ("encoder", "warmup = 5", "a number from 0 to 1"),
    ("encoder", "scale = 0", "a number from 0.1 to 1000"),
    ("encoder", "scale = inf", "a number from 0.1 to 1000"),
    ("encoder", "languages = []", "a list that is not empty, of which each is a text"),
    ("encoder", "languages = [1]", "a list that is not empty"),
    ("encoder", "seed = -1", "a whole number from 0 to 4294967295"),
    ("encoder", "pairs = {}", "a table that is not empty, of which each is a whole number"),
    ("encoder", "pairs = 3", "a table"),
    ("encoder", "hard_negatives = [1]", "a list, of which each is a text"),
    ("encoder", "frozen_layers = 0", "a whole number from 1 on"),
    ("mlm", "window = 1", "a whole number from 32 to 512"),
    ("mlm", "tokens_per_step = 0", "a whole number from 1 on"),
    ("mlm", "tokens = true", "a whole number from 1 on"),
    ("mlm", "mask = 0", "a number from 0.01 to 0.9"),
    ("mlm", "skill_mask = 1", "a number from 0.01 to 0.9"),
    ("mlm", "resumes = -0.1", "a number from 0 to 1"),
    ("mlm", "checkpoint_steps = 0", "a whole number from 1 on"),
    ("mlm", "layers = 3", "a list, of which each is a whole number from 0 on"),
    ("mlm", 'layers = ["0"]', "a list"),
    ("mlm", "layers = [true]", "a list"),
    ("mlm", "layers = [-1]", "a list"),
    ("mlm", "name = 3", "a text"),
    ("tagger", "seeds = []", "a list that is not empty"),
    ("tagger", 'seeds = ["a"]', "a list that is not empty, of which each is a whole number"),
    ("tagger", "epochs = 0", "a whole number from 1 on"),
    ("tagger", "window = 0", "a whole number from 32 to 512"),
    ("tagger", "dropout = 7", "a number from 0 to 0.9"),
    ("tagger", "german_weight = -1", "a whole number from 0 to 100"),
    ("tagger", 'own_marks = "yes"', "true or false"),
]


@pytest.mark.parametrize(("kind", "line", "wanted"), WRONG, ids=lambda part: str(part))
def test_a_setting_out_of_range_is_refused_with_its_value_and_range(
    tmp_path: Path, kind: str, line: str, wanted: str
) -> None:
    name = line.split()[0]
    with pytest.raises(BadInputError) as caught:
        read_recipe(changed(tmp_path, kind, name, line), kind)
    told = caught.value.message
    assert told.startswith(f"the recipe's setting {name} is ")
    assert f", not {wanted}" in told


def test_a_number_of_pairs_out_of_range_is_named_by_its_kind(tmp_path: Path) -> None:
    path = changed(tmp_path, "encoder", "pairs", "pairs = {post_titles = -5}")
    with pytest.raises(
        BadInputError, match=r"setting pairs\.post_titles is -5, not a whole number"
    ):
        read_recipe(path, "encoder")


@pytest.mark.parametrize("kind", KINDS)
def test_a_setting_that_the_kind_needs_is_missed_before_anything_starts(
    tmp_path: Path, kind: str
) -> None:
    assert [name for name, known in SETTINGS[kind].items() if known.needed]
    path = changed(tmp_path, kind, "learning_rate", "")
    with pytest.raises(BadInputError, match="lacks the setting learning_rate") as caught:
        read_recipe(path, kind)
    assert caught.value.hint == "set learning_rate to a number from 1e-09 to 1"
