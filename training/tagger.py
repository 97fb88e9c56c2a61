"""Fine-tuning the skill tagger on marked lines.

A DistilBERT token classifier (Sanh et al. 2019). The loss is taken on the first piece of each
word, as the tagger decides on words. The best epoch by the development lines is kept.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ner.errors import BadInputError
from ner.labels import BIO_TAGS
from ner.tagger import SkillTagger
from ner.weights import Manifest
from training.bases import base_name, read_base, read_tokenizer
from training.corpora import data_folder, documents, gold
from training.evaluation.gold import GoldLine, Mark
from training.evaluation.tagging import score
from training.examples import IGNORED, Example, epoch_of
from training.extras import need
from training.marks import read_marks
from training.recipe import kept_layers, read_recipe, setting
from training.runs import goes_on, replaced, writable_folder, write_whole
from training.steps import Progress, restore, save_state, warm_then_linear
from training.streams import batches_by_length, padded

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

log = logging.getLogger(__name__)


def train_tagger(
    recipe_file: Path | None,
    base: Path | str | None,
    out: Path,
    data: Path | None = None,
    texts: Path = Path("data"),
    resume: bool = False,
) -> Path:
    """Train by the recipe, once for each seed; returns the folder of the best seed's weights.

    With the setting `own_marks`, lines marked for this project (in `texts`, the folder `data` of a
    checkout) are learnt from as well as the gold lines.
    `out/log.json` holds every epoch's figures on the development lines, English and German.
    """
    recipe = read_recipe(recipe_file, "tagger")
    folder = data_folder(data)
    writable_folder(out, "--out")
    start = base or folder / "bases" / "bilingual"
    lines = [*gold(folder, "gold_train"), *gold(folder, "gold_de_train")]
    if "own_marks" in recipe and setting(recipe, "own_marks", bool):
        lines += read_marks(texts / "marks" / "lines.jsonl", documents(folder))
    develop = {"en": gold(folder, "gold_dev"), "de": gold(folder, "gold_de_dev")}
    record: dict[str, Any] = {"base": base_name(start), "recipe": dict(recipe)}
    record |= {"lines": len(lines), "epochs": []}
    log_file = out / "log.json"
    # A base that cannot be read ends the run before anything of an older one is removed.
    read_tokenizer(start)
    read_base(start, kept_layers(recipe))
    every = (repr(line).encode() for some in (lines, *develop.values()) for line in some)
    resume = goes_on(out, "state-*.pt", recipe, start, every, resume)
    if resume:
        record["epochs"] = _epochs_so_far(log_file)
    best = max((epoch["chosen_by"] for epoch in record["epochs"]), default=-1.0)
    for seed in setting(recipe, "seeds", list):
        for epoch in _one_seed(recipe, start, out, lines, develop, seed, resume, best):
            again = (epoch["seed"], epoch["epoch"])
            record["epochs"] = [e for e in record["epochs"] if (e["seed"], e["epoch"]) != again]
            record["epochs"].append(epoch)
            best = max(best, epoch["chosen_by"])
            write_whole(log_file, json.dumps(record, indent=2) + "\n")
    return out / "final"


def _epochs_so_far(log_file: Path) -> list[dict[str, Any]]:
    """The epochs that an interrupted run logged: the best weights so far are one of theirs."""
    if not log_file.is_file():
        return []
    try:
        epochs: list[dict[str, Any]] = json.loads(log_file.read_bytes())["epochs"]
        return [{**e, "chosen_by": float(e["chosen_by"])} for e in epochs]
    except (ValueError, KeyError, TypeError) as problem:
        raise BadInputError(
            f"the log {log_file} cannot be gone on from: {problem!r}",
            "run without --resume to start afresh",
        ) from problem


def _one_seed(
    recipe: Mapping[str, Any],
    start: Path | str,
    out: Path,
    lines: Sequence[GoldLine],
    develop: Mapping[str, Sequence[GoldLine]],
    seed: int,
    resume: bool,
    best: float,
) -> Any:
    torch = need("torch", "train")
    torch.manual_seed(seed)
    tokenizer = read_tokenizer(start)
    model = tagging_model(start, kept_layers(recipe), setting(recipe, "dropout", float))
    epochs = [
        _plan(tokenizer, lines, recipe, random.Random(f"{seed} {number}"))
        for number in range(setting(recipe, "epochs", int))
    ]
    optimizer = torch.optim.AdamW(_groups(model, recipe), weight_decay=0.01, fused=True)
    total = sum(len(batches) for batches in epochs)
    if not total:
        raise BadInputError(
            "the marked lines hold no word to learn from", "check --data: its folder gold"
        )
    schedule = warm_then_linear(optimizer, total, setting(recipe, "warmup", float))
    state = out / f"state-{seed}.pt"
    done = restore(state, model, optimizer, schedule) if resume else 0
    progress = Progress(total, done)
    number = 0
    for index, batches in enumerate(epochs, 1):
        began, losses = time.monotonic(), []
        for batch in batches:
            number += 1
            if number <= done:
                continue
            losses.append(_step(model, batch, optimizer, schedule))
            progress.step(number, losses[-1])
        if not losses:
            continue
        figures = {key: scored(model, tokenizer, some) for key, some in develop.items()}
        # English has nine times the lines; German counts a quarter so that it is not forgotten.
        chosen_by = 0.75 * figures["en"] + 0.25 * figures["de"]
        if chosen_by > best:
            best = chosen_by
            with replaced(out / "final") as made:
                model.save_pretrained(made)
                tokenizer.save(str(made / "tokenizer.json"))
        epoch = {
            "seed": seed,
            "epoch": index,
            "loss": round(float(np.mean(losses)), 4),
            "f1_en": round(figures["en"], 4),
            "f1_de": round(figures["de"], 4),
            "chosen_by": round(chosen_by, 4),
            "seconds": round(time.monotonic() - began, 1),
        }
        log.info("tagger: %s", epoch)
        yield epoch
        # Last: what a resumed run skips is scored, logged, and in `final` if it was the best.
        save_state(state, model, optimizer, schedule, number)


def tagging_model(base: Path | str, layers: Sequence[int] | None, dropout: float) -> Any:
    """DistilBertForTokenClassification on the base's trunk, with the labels of `ner.labels`."""
    transformers = need("transformers", "train")
    trunk = read_base(base, layers)
    config = transformers.DistilBertConfig(
        **{
            **trunk.config.to_dict(),
            "id2label": dict(enumerate(BIO_TAGS)),
            "label2id": {tag: number for number, tag in enumerate(BIO_TAGS)},
            "seq_classif_dropout": dropout,
            "dropout": dropout,
        }
    )
    model = transformers.DistilBertForTokenClassification._from_config(
        config, attn_implementation="eager"
    )
    model.distilbert.load_state_dict(trunk.state_dict())
    return model


class InTraining:
    """The model being trained, as `ner.SkillTagger` asks it: one text, float32, no gradients."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def logits(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """(n,) token ids -> (n, tags) scores; the model must be in evaluation mode."""
        torch = need("torch", "train")
        batch = torch.from_numpy(np.ascontiguousarray(ids, dtype=np.int64))[None, :]
        with torch.no_grad():
            result = self._model(input_ids=batch, attention_mask=torch.ones_like(batch)).logits
        scores: NDArray[np.float32] = result[0].float().numpy()
        return scores


def scored(model: Any, tokenizer: Tokenizer, lines: Sequence[GoldLine]) -> float:
    """Strict typed micro F1 on marked lines, each alone: the figure of `metier evaluate tagging`.

    The model is left in training mode.
    """
    manifest = Manifest(Path(), "tagger", "in training", "", "", {}, {"labels": list(BIO_TAGS)})
    tagger = SkillTagger(InTraining(model), tokenizer, manifest)
    model.eval()
    found = [
        [Mark(span.start, span.end, span.label) for span in tagger.tag(line.text).spans]
        for line in lines
    ]
    model.train()
    return score(lines, found).figures["typed.micro.f1"].value


def _plan(
    tokenizer: Tokenizer, lines: Sequence[GoldLine], recipe: Mapping[str, Any], rng: random.Random
) -> list[list[Example]]:
    some = epoch_of(
        tokenizer,
        lines,
        setting(recipe, "window", int),
        setting(recipe, "joined", float),
        setting(recipe, "german_weight", int),
        rng,
    )
    size = setting(recipe, "tokens_per_step", int)
    batches = batches_by_length([len(e.ids) for e in some], size, rng)
    return [[some[i] for i in batch] for batch in batches]


def _groups(model: Any, recipe: Mapping[str, Any]) -> list[dict[str, Any]]:
    rate = setting(recipe, "learning_rate", float)
    return [
        {"params": model.distilbert.parameters(), "lr": rate},
        {
            "params": model.classifier.parameters(),
            "lr": rate * setting(recipe, "head_factor", float),
        },
    ]


def _step(model: Any, batch: Sequence[Example], optimizer: Any, schedule: Any) -> float:
    torch = need("torch", "train")
    model.train()
    ids = torch.from_numpy(padded([e.ids for e in batch], model.config.pad_token_id))
    tags = torch.from_numpy(padded([e.tags for e in batch], IGNORED))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(
            input_ids=ids, attention_mask=(ids != model.config.pad_token_id).long()
        ).logits
    loss = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), tags.flatten())
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    schedule.step()
    optimizer.zero_grad(set_to_none=True)
    return float(loss.detach())
