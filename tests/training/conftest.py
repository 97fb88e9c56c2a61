"""A tiny tokenizer, tiny random models and toy data: every recipe runs end to end in seconds."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = (
    "we",
    "need",
    "someone",
    "with",
    "experience",
    "in",
    "Python",
    "and",
    "wound",
    "care",
    "Excel",
    "team",
    "work",
    "planning",
    "Teamarbeit",
    "Kenntnisse",
    "résumé",
)


@pytest.fixture(scope="session")
def tiny_tokenizer() -> Tokenizer:
    """A unigram tokenizer with some whole words, all letters, and <mask> as its last piece."""
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    pieces = [(piece, 0.0) for piece in specials]
    pieces += [("▁", -3.0), *((f"▁{word}", -5.0) for word in WORDS)]
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789äöüßé.,-+#/()"
    pieces += [(letter, -9.0) for letter in letters]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.add_special_tokens([*specials, "<mask>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return tokenizer


@pytest.fixture
def make_base(tiny_tokenizer: Tokenizer, tmp_path: Path) -> Callable[..., Path]:
    """Writes a random BERT or DistilBERT base folder: make_base("bert", layers=3, half=True)."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")

    def make(kind: str, layers: int = 2, half: bool = False, **options: Any) -> Path:
        torch.manual_seed(1)
        size = {"vocab_size": tiny_tokenizer.get_vocab_size(), "pad_token_id": 1}
        if kind == "bert":
            config = transformers.BertConfig(
                **size,
                hidden_size=32,
                intermediate_size=48,
                num_attention_heads=4,
                num_hidden_layers=layers,
                **options,
            )
            model = transformers.BertModel(config, add_pooling_layer=False)
        else:
            config = transformers.DistilBertConfig(
                **size, dim=32, hidden_dim=48, n_heads=4, n_layers=layers, **options
            )
            model = transformers.DistilBertModel(config)
        with torch.no_grad():
            # Fresh biases and norms are all 0 or 1: a mix-up of theirs would not show.
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.05)
        folder = tmp_path / f"{kind}-{layers}{'-half' if half else ''}"
        (model.half() if half else model).save_pretrained(folder)
        tiny_tokenizer.save(str(folder / "tokenizer.json"))
        return folder

    return make


@pytest.fixture
def write_gold() -> Callable[[Path, str, list[Mapping[str, Any]]], None]:
    """Writes `gold/<name>.jsonl`; a line is {"id", "doc_id", "text", "skills": {part: label}}."""

    def write(folder: Path, name: str, lines: list[Mapping[str, Any]]) -> None:
        path = folder / "gold" / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as out:
            for line in lines:
                spans = []
                for part, label in line.get("skills", {}).items():
                    start = line["text"].index(part)
                    end = start + len(part)
                    spans.append({"start": start, "end": end, "label": label, "text": part})
                record = {key: line[key] for key in ("id", "doc_id", "text")}
                out.write(json.dumps({**record, "spans": spans}) + "\n")

    return write


@pytest.fixture
def toy_data(
    tmp_path: Path, write_gold: Callable[[Path, str, list[Mapping[str, Any]]], None]
) -> Path:
    """A data folder in small: marked lines, posts, resumes, benchmarks, O*NET."""
    pytest.importorskip("pyarrow")
    import pyarrow as pa
    from pyarrow import parquet

    folder = tmp_path / "data"
    for name, language in (("gold", "en"), ("gold_de", "de")):
        for part in ("train", "dev"):
            write_gold(
                folder,
                f"{name}_{part}",
                [
                    {
                        "id": f"{part[0]}{language}-{block:03}{letter}",
                        "doc_id": f"{part}-{language}-{block}",
                        "text": "we need Python and wound care",
                        "skills": {"Python": "TECHNOLOGY", "wound care": "TECHNICAL"},
                    }
                    for block in range(3)
                    for letter in "abcd"
                ],
            )
    posts = [
        {
            "doc_id": f"post-{number}",
            "source": f"source-{number % 3}",
            "title": f"Nurse {chr(97 + number)}",
            "language": "de" if number % 3 == 2 else "en",
            "text": _prose(number),
        }
        for number in range(12)
    ]
    posts.append({**posts[0], "doc_id": "dev-en-0", "text": _prose(50)})
    posts.append({**posts[0], "doc_id": "copy-of-dev", "text": _prose(50) + " and more"})
    posts.append({**posts[0], "doc_id": "copy-of-benchmark", "text": _prose(60) + " and more"})
    resumes = [
        {"doc_id": "resume-1", "source": "one", "text": "WARD NURSE\n" + _prose(20)},
        {"doc_id": "resume-2", "source": "one", "text": _prose(21)},
    ]
    for path, table in (
        ("jobposts/jobposts.parquet", posts),
        ("resumes/resumes.parquet", resumes),
        ("benchmarks/doc_to_esco/some.dev.parquet", [{"query_text": _prose(60)}]),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(pa.Table.from_pylist(table), folder / path)

    skillskape = folder / "benchmarks" / "skillskape"
    skillskape.mkdir()
    with gzip.open(skillskape / "train.csv.gz", "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sentence", "skills"])
        writer.writerow(["You dress wounds, gently.", '["wound care"]'])
        writer.writerow(["Lunch is free.", '["UNK"]'])
    onet = folder / "taxonomies" / "onet"
    onet.mkdir(parents=True)
    head = "O*NET-SOC Code\t"
    (onet / "Occupation Data.txt").write_text(head + "Title\n29-1141.00\tRegistered Nurses\n")
    for name, column, value in (
        ("Alternate Titles.txt.gz", "Alternate Title", "Ward Nurse"),
        ("Task Statements.txt.gz", "Task", 'Dress "deep" wounds.'),
    ):
        with gzip.open(onet / name, "wt", encoding="utf-8") as file:
            file.write(f"{head}{column}\n29-1141.00\t{value}\n")
    return folder


def _prose(number: int) -> str:
    """Sixty words that no other number shares in runs of eight."""
    return " ".join(
        f"{WORDS[(number * 7 + place * 3) % len(WORDS)]} {number}x{place}" for place in range(30)
    )
