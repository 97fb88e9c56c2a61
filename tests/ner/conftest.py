"""Fixtures around the toy tagger, which knows the words of KNOWN."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from tokenizers import Tokenizer
from toy_tagger import VANISHING, build_model, build_tokenizer, write_tagger

from ner.labels import BIO_TAGS
from ner.tagger import SkillTagger

KNOWN = {
    "Python": "B-TECHNOLOGY",
    "Terraform": "B-TECHNOLOGY",
    "C++": "B-TECHNOLOGY",
    "C#": "B-TECHNOLOGY",
    ".NET": "B-TECHNOLOGY",
    "Node.js": "B-TECHNOLOGY",
    "CI/CD": "B-TECHNICAL",
    "T-SQL": "B-TECHNOLOGY",
    "IDS": "B-TECHNICAL",
    "IPS": "B-TECHNICAL",
    "SQL": "B-TECHNOLOGY",
    "NoSQL": "B-TECHNOLOGY",
    "Excel": "B-TECHNOLOGY",
    "Salesforce": "B-TECHNOLOGY",
    "Android": "B-TECHNOLOGY",
    "Fortran": "B-TECHNOLOGY",
    "wound": "B-TECHNICAL",
    "care": "I-TECHNICAL",
    "planning": "B-SOFT",
    "organisation": "B-SOFT",
    "résumé": "B-BUSINESS",
    "Präzision": "B-SOFT",
}


class TableBackend:
    """The protocol in plain numpy: also records what it was asked."""

    def __init__(self, table: npt.NDArray[np.float32]) -> None:
        self.table = table
        self.asked: list[npt.NDArray[np.int64]] = []

    def logits(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        self.asked.append(ids)
        return self.table[ids]


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return build_tokenizer(KNOWN)


@pytest.fixture(scope="session")
def vanishing() -> str:
    return VANISHING


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared: tests only read it."""
    return write_tagger(tmp_path_factory.mktemp("weights") / "tagger", KNOWN)


@pytest.fixture
def new_folder(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of the test's own that knows `words` too; keywords replace manifest fields."""

    def make(words: Mapping[str, str] | None = None, **fields: Any) -> Path:
        return write_tagger(tmp_path / "tagger", {**KNOWN, **(words or {})}, **fields)

    return make


@pytest.fixture(scope="session")
def tagger(toy_folder: Path) -> SkillTagger:
    return SkillTagger.load(toy_folder)


@pytest.fixture(scope="session")
def model_with() -> Callable[[int], onnx.ModelProto]:
    """The toy model with another number of tags."""
    return lambda tags: build_model(build_tokenizer(KNOWN), KNOWN, tags)


@pytest.fixture
def table_backend() -> TableBackend:
    """Calls every token O."""
    table = np.zeros((build_tokenizer(KNOWN).get_vocab_size(), len(BIO_TAGS)), dtype=np.float32)
    table[:, 0] = 4.0
    return TableBackend(table)
