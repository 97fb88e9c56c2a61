"""The shipped int8 weights against numbers that float32 torch computed for fixed sentences."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matching import Encoder
from ner import SkillTagger
from ner.clean import clean
from ner.labels import BIO_TAGS
from ner.segments import segment
from ner.tagger_manifest import describe_plain
from training.export import CHECKPOINTS

FILE = Path(__file__).with_name("reference_logits.json")
AGAIN = "after new weights: python benchmarks/reference_logits.py"


@dataclass(frozen=True, slots=True)
class Bound:
    """How far eight bits may lead away from float32 on the fixed sentences."""

    mean_logit: float
    same_tag: float
    cosine: float


# The mean is over the absolute differences of all word logits; single ones may move further, so
# the share of words that keep their best tag is bounded too. Vectors: the least cosine between the
# two vectors of a sentence. benchmarks/int8_against_float.py tells what it costs in F1 and RP@5.
BOUND = Bound(mean_logit=0.04, same_tag=0.97, cosine=0.997)


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    if not FILE.is_file():
        pytest.skip(f"no {FILE.name}: benchmarks/reference_logits.py writes it from torch weights")
    content: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return content


def test_the_reference_names_its_checkpoints_and_covers_both_languages(
    reference: dict[str, Any],
) -> None:
    assert {len(name) for name in reference["checkpoints"].values()} == {64}
    assert set(reference["checkpoints"]) == {"tagger", "encoder"}
    assert reference["tags"] == list(BIO_TAGS)
    texts = " ".join(row["text"] for row in reference["sentences"])
    assert len(reference["sentences"]) >= 12
    assert " and " in texts
    assert " und " in texts


@pytest.mark.parametrize("kind", ["tagger", "encoder"])
def test_a_checkpoint_is_the_one_that_the_reference_was_made_from(
    reference: dict[str, Any], kind: str
) -> None:
    folder = CHECKPOINTS / kind
    if not (folder / "config.json").is_file():
        pytest.skip(f"training/checkpoints holds no {kind}")
    if kind == "tagger":
        found = describe_plain(folder, kind).fingerprint
    else:
        pytest.importorskip("transformers")
        found = Encoder.load(folder, backend="torch").fingerprint
    assert found == reference["checkpoints"][kind], AGAIN


def test_word_logits_of_the_shipped_tagger_stay_near_those_of_float32(
    reference: dict[str, Any], shipped_all: Path
) -> None:
    tagger = SkillTagger.load(shipped_all / "tagger")
    apart, same = [], []
    for row in reference["sentences"]:
        found = tagger.word_logits(segment(tagger.tokenizer, clean(row["text"]).text))
        wanted = np.array(row["logits"])
        assert found.shape == wanted.shape, AGAIN
        apart.append(np.abs(found - wanted).ravel())
        same.append(found.argmax(axis=1) == wanted.argmax(axis=1))
    mean, share = np.concatenate(apart).mean(), np.concatenate(same).mean()
    assert mean <= BOUND.mean_logit, AGAIN
    assert share >= BOUND.same_tag, AGAIN


def test_vectors_of_the_shipped_encoder_stay_near_those_of_float32(
    reference: dict[str, Any], shipped_all: Path
) -> None:
    rows = reference["sentences"]
    found = Encoder.load(shipped_all / "encoder").encode([row["text"] for row in rows])
    wanted = np.array([row["vector"] for row in rows])
    assert found.shape == wanted.shape, AGAIN
    cosines = (found * wanted).sum(axis=1) / np.linalg.norm(wanted, axis=1)
    assert cosines.min() >= BOUND.cosine, AGAIN
