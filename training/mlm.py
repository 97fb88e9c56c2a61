"""Masked language modelling on job posts and resumes: whole words, skill words more often.

Devlin et al. 2019 for the task (80 % mask, 10 % random, 10 % kept), Gururangan et al. 2020 for
going on with it in the domain, before the tagger learns its labels.
"""

from __future__ import annotations

import json
import logging
import math
import random
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ner.clean import clean
from ner.errors import BadInputError
from ner.segments import segment
from training.bases import base_name, read_base, read_tokenizer, special_names
from training.corpora import Document, data_folder, documents, gold
from training.extras import need
from training.recipe import kept_layers, read_recipe, setting
from training.runs import goes_on, replaced, writable_folder, write_whole
from training.steps import Progress, restore, save_state, warm_then_linear
from training.streams import padded

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

log = logging.getLogger(__name__)
_WORD = re.compile(r"\w\w+")


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids of a stretch of one document, and the word each token belongs to (-1 for none)."""

    ids: NDArray[np.int64]
    word: NDArray[np.int64]
    skill: NDArray[np.bool_]


def train_mlm(
    recipe_file: Path | None,
    base: Path | str | None,
    out: Path,
    data: Path | None = None,
    resume: bool = False,
) -> Path:
    """Train by the recipe; returns the folder with the adapted DistilBERT trunk and its tokenizer.

    `out/log.json` holds the loss on held-back windows before and after.
    """
    torch = need("torch", "train")
    recipe = read_recipe(recipe_file, "mlm")
    folder = data_folder(data)
    writable_folder(out, "--out")
    start = base or folder / "bases" / "bilingual"
    started_from = base_name(start)
    seed = setting(recipe, "seed", int)
    torch.manual_seed(seed)
    rng = random.Random(seed)
    tokenizer = read_tokenizer(start)
    lexicon = skill_words(folder)
    size = setting(recipe, "window", int)
    wanted = setting(recipe, "tokens", int)
    chosen = balanced(documents(folder), setting(recipe, "resumes", float), rng)
    every = list(windows_of(chosen, tokenizer, lexicon, size, wanted))
    rng.shuffle(every)
    held_back = min(64, max(1, len(every) // 10))
    apart, train = every[:held_back], every[held_back:]
    if not train:
        raise BadInputError(
            f"the documents in {folder} give {len(every)} windows of {size} tokens, too few",
            "give more documents, or a smaller window in the recipe",
        )
    per_step = max(1, setting(recipe, "tokens_per_step", int) // size)
    steps = [train[i : i + per_step] for i in range(0, len(train), per_step)]

    model = mlm_model(start, kept_layers(recipe))
    texts = (window.ids.tobytes() for window in train)
    resume = goes_on(out, "state.pt", recipe, start, texts, resume)
    optimizer = torch.optim.AdamW(
        parameter_groups(model, recipe), weight_decay=0.01, fused=True, betas=(0.9, 0.98)
    )
    schedule = warm_then_linear(optimizer, len(steps), setting(recipe, "warmup", float))
    before = held_back_loss(model, apart, tokenizer, recipe)
    done = restore(out / "state.pt", model, optimizer, schedule) if resume else 0
    progress = Progress(len(steps), done)
    model.train()
    began = time.monotonic()
    for number, batch in enumerate(steps[done:], done + 1):
        loss = _loss(model, batch, tokenizer, recipe, np.random.default_rng([seed, number]))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        progress.step(number, float(loss.detach()))
        if number % setting(recipe, "checkpoint_steps", int) == 0:
            save_state(out / "state.pt", model, optimizer, schedule, number)
    after = held_back_loss(model, apart, tokenizer, recipe)
    final = out / "final"
    with replaced(final) as made:
        model.distilbert.save_pretrained(made)
        tokenizer.save(str(made / "tokenizer.json"))
    record = {
        "base": started_from,
        "recipe": recipe,
        "tokens": int(sum(len(w.ids) for w in train)),
        "steps": len(steps),
        "held_back_loss_before": before,
        "held_back_loss_after": after,
        "seconds": round(time.monotonic() - began, 1),
        "seed": seed,
    }
    write_whole(out / "log.json", json.dumps(record, indent=2) + "\n")
    log.info("mlm: %s", record)
    return final


def skill_words(folder: Path) -> frozenset[str]:
    """Lower-case words of two letters or more that occur in marked skills of the training lines."""
    words: set[str] = set()
    for name in ("gold_train", "gold_de_train"):
        for line in gold(folder, name):
            for mark in line.marks:
                words.update(_WORD.findall(line.text[mark.start : mark.end].lower()))
    return frozenset(words)


def balanced(every: Sequence[Document], resumes: float, rng: random.Random) -> Iterator[Document]:
    """Documents without end of a pass: sources take turns, so that no large one dominates.

    A share `resumes` of the documents are resumes; each German source has two turns.
    """
    by_source: dict[str, list[Document]] = defaultdict(list)
    cvs = [d for d in every if d.kind == "resume"]
    for document in every:
        if document.kind == "post":
            by_source[document.source].append(document)
    for some in (*by_source.values(), cvs):
        rng.shuffle(some)
    turns = []
    for source, docs in by_source.items():
        turns += [source] * (2 if docs[0].language == "de" else 1)
    while by_source or cvs:
        for source in turns:
            if by_source.get(source):
                yield by_source[source].pop()
            else:
                by_source.pop(source, None)
            if cvs and rng.random() < resumes:
                yield cvs.pop()
        if not by_source:
            yield from cvs
            return


def windows_of(
    chosen: Iterator[Document],
    tokenizer: Tokenizer,
    lexicon: frozenset[str],
    size: int,
    wanted: int,
) -> Iterator[Window]:
    """Windows of at most `size` tokens cut from documents, until `wanted` tokens were given."""
    given = 0
    for document in chosen:
        text = clean(document.text).text
        pieces = segment(tokenizer, text)
        ids, word = pieces.ids, pieces.word
        marked = np.array([text[s:e].lower() in lexicon for s, e in pieces.words] + [False])
        for begin in range(1, len(ids), size - 1):
            part = slice(begin, begin + size - 1)
            if len(ids[part]) < 16:
                continue
            yield Window(
                np.concatenate([ids[:1], ids[part]]),
                np.concatenate([word[:1], word[part]]),
                np.concatenate([[False], marked[word[part]]]),
            )
            given += len(ids[part]) + 1
            if given >= wanted:
                return


def masked(
    window: Window,
    rng: np.random.Generator,
    mask_id: int,
    vocabulary: int,
    rate: float,
    skill: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ids with hidden words and the targets (-100 where nothing is asked).

    A word is hidden with the chance `rate`, or `skill` where it is a skill's; random pieces are
    drawn from the ids 4 to `vocabulary` - 1.
    """
    words = np.unique(window.word[window.word >= 0])
    if not len(words):
        return window.ids, np.full_like(window.ids, -100)
    skilled = np.zeros(words.max() + 1, bool)
    skilled[window.word[window.skill & (window.word >= 0)]] = True
    chance = np.where(skilled[words], skill, rate)
    picked = np.zeros(words.max() + 1, bool)
    picked[words] = rng.random(len(words)) < chance
    asked = (window.word >= 0) & picked[np.maximum(window.word, 0)]
    targets = np.where(asked, window.ids, -100)
    # All pieces of a word share its fate.
    fate = rng.random(len(picked))[np.maximum(window.word, 0)]
    ids = np.where(asked & (fate < 0.8), mask_id, window.ids)
    random_ids = rng.integers(4, vocabulary, len(ids))
    return np.where(asked & (fate >= 0.8) & (fate < 0.9), random_ids, ids), targets


def mlm_model(base: Path | str, layers: Sequence[int] | None) -> Any:
    """DistilBertForMaskedLM on the base's trunk; the head's dense layer starts as the identity."""
    torch, transformers = need("torch", "train"), need("transformers", "train")
    trunk = read_base(base, layers)
    model = transformers.DistilBertForMaskedLM._from_config(
        trunk.config, attn_implementation="eager"
    )
    model.distilbert.load_state_dict(trunk.state_dict())
    model.tie_weights()
    with torch.no_grad():
        torch.nn.init.eye_(model.vocab_transform.weight)
        torch.nn.init.zeros_(model.vocab_transform.bias)
        torch.nn.init.zeros_(model.vocab_projector.bias)
    return model


def parameter_groups(model: Any, recipe: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Trunk and head with their own learning rates; the tied embeddings belong to the trunk."""
    head = [*model.vocab_transform.parameters(), *model.vocab_layer_norm.parameters()]
    head.append(model.vocab_projector.bias)
    return [
        {"params": model.distilbert.parameters(), "lr": setting(recipe, "learning_rate", float)},
        {"params": head, "lr": setting(recipe, "head_learning_rate", float)},
    ]


def held_back_loss(
    model: Any, apart: Sequence[Window], tokenizer: Tokenizer, recipe: Mapping[str, Any]
) -> float | None:
    """Mean loss on the same masked windows whenever it is asked; None where it is no number."""
    torch = need("torch", "train")
    model.eval()
    with torch.no_grad():
        losses = [
            float(_loss(model, [w], tokenizer, recipe, np.random.default_rng([7, n])))
            for n, w in enumerate(apart)
        ]
    # A window of which no word is hidden has none.
    known = [loss for loss in losses if not math.isnan(loss)]
    return round(sum(known) / len(known), 4) if known else None


def _loss(
    model: Any,
    batch: Sequence[Window],
    tokenizer: Tokenizer,
    recipe: Mapping[str, Any],
    rng: np.random.Generator,
) -> Any:
    torch = need("torch", "train")
    names = special_names(tokenizer)
    pad, mask_id = names.pad_id, names.mask_id
    rates = setting(recipe, "mask", float), setting(recipe, "skill_mask", float)
    pairs = [masked(w, rng, mask_id, model.config.vocab_size - 1, *rates) for w in batch]
    ids = torch.from_numpy(padded([p[0] for p in pairs], pad))
    targets = torch.from_numpy(padded([p[1] for p in pairs], -100))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model.distilbert(input_ids=ids, attention_mask=(ids != pad).long())[0]
        # Only hidden words are projected onto the vocabulary: most of the head's cost is saved.
        asked = targets != -100
        states = model.vocab_layer_norm(model.activation(model.vocab_transform(hidden[asked])))
        logits = model.vocab_projector(states)
    return torch.nn.functional.cross_entropy(logits.float(), targets[asked])
