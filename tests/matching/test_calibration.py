"""What an encoder's manifest may say about its cosines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from toy_space import write_encoder

from matching.calibration import Calibration, read_calibration
from matching.encoder import Encoder
from matching.matcher import Matcher
from matching.occupations import Weights
from matching.space_build import build_space
from matching.taxonomy import Taxonomy
from ner.errors import WeightsError


def test_what_is_not_stated_keeps_its_default() -> None:
    assert read_calibration({}, "toy") == Calibration(0.6, Weights())
    read = read_calibration({"link": 1, "occupations": {"titles": 0.4, "known": 0.2}}, "toy")
    assert read == Calibration(1.0, Weights(titles=0.4, known=0.2), 1.0)
    assert read_calibration({"link": 0.7, "sentence": 0.8}, "toy").sentence == 0.8
    assert read_calibration({"link": -1, "occupations": {"known": -1, "sure": 1}}, "toy")


@pytest.mark.parametrize(
    ("stated", "named"),
    [
        ([0.6], "no object"),
        (None, "no object"),
        ({"occupations": 0.5}, "occupations .*no object"),
        ({"skill": 0.5}, "'skill'"),
        ({"occupations": {"title": 0.5}}, "'title'.*titles"),
        ({"link": "0.6"}, "link '0.6'"),
        ({"link": None}, "link None"),
        ({"link": True}, "link True"),
        ({"sentence": "high"}, "sentence 'high'"),
        ({"link": float("nan")}, "link nan"),
        ({"occupations": {"sure": float("inf")}}, "sure inf"),
        ({"occupations": {"sure": [1]}}, "sure"),
        ({"occupations": {"sure": 0.5, "known": 0.5}}, "known 0.5, sure 0.5"),
        ({"occupations": {"description": 1.1}}, "description 1.1"),
        ({"link": 1.01}, r"link 1\.01.*-1\.\.1"),
        ({"link": -7}, r"link -7\.0.*-1\.\.1"),
        ({"sentence": 80}, r"sentence 80\.0.*-1\.\.1"),
        ({"occupations": {"named": 1.5}}, r"named 1\.5.*-1\.\.1"),
        ({"occupations": {"known": -1.5}}, r"known -1\.5.*-1\.\.1"),
        ({"occupations": {"sure": 1.5}}, r"sure 1\.5.*-1\.\.1"),
        ({"link": 10**400}, "link that is far too large"),
        ({"occupations": {"titles": -(10**5000)}}, "titles that is far too large"),
    ],
)
def test_a_calibration_that_cannot_be_used_is_refused_by_name(stated: Any, named: str) -> None:
    with pytest.raises(WeightsError, match=named) as caught:
        read_calibration(stated, "toy 1")
    assert "toy 1" in caught.value.message
    assert caught.value.hint


def test_a_matcher_takes_threshold_and_weights_from_its_encoder(
    taxonomy: Taxonomy, tmp_path: Path
) -> None:
    stated = {"link": 0.99, "occupations": {"document": 0.25}}
    for calibration in (stated, {"links": 0.99}):
        folder = write_encoder(tmp_path / f"{len(calibration)}", calibration=calibration)
        encoder = Encoder.load(folder)
        space = build_space(taxonomy, encoder, tmp_path / "space")
        if calibration is stated:
            matcher = Matcher(None, encoder, space)
            assert (matcher.threshold, matcher.weights) == (0.99, Weights(document=0.25))
        else:
            with pytest.raises(WeightsError, match="'links'"):
                Matcher(None, encoder, space)
