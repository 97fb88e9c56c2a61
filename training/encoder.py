"""Training the bi-encoder: multiple negatives ranking on pairs of texts.

The loss is MultipleNegativesRankingLoss (Henderson et al. 2017) asked in both directions, wrapped
so that the first dimensions serve alone (Matryoshka, Kusupati et al. 2022).
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matching.sources.esco import read_esco
from ner.errors import BadInputError
from training.bases import base_name, read_base, read_tokenizer, special_names
from training.corpora import data_folder, documents
from training.extras import need
from training.pairs import Pair, build_pairs
from training.pairs.kinds import read_templates
from training.pairs.negatives import near_labels, with_negatives
from training.recipe import read_recipe, setting
from training.runs import goes_on, newest_whole, replaced, writable_folder, write_whole
from training.steps import Progress

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)


def train_encoder(
    recipe_file: Path | None,
    base: Path | str | None,
    out: Path,
    data: Path | None = None,
    texts: Path = Path("data"),
    resume: bool = False,
) -> Path:
    """Train by the recipe and return the folder of the trained sentence-transformers model.

    `texts` is the folder of our own texts (`data` of a checkout). Checkpoints are written to
    `out/steps`; with `resume` the newest one is gone on from.
    `out/log.json` holds the recipe, the number of pairs of each kind, and the time.
    """
    recipe = read_recipe(recipe_file, "encoder")
    folder = data_folder(data)
    hard = _kinds_with_negatives(recipe)
    start = base or folder / "bases" / "bilingual"
    languages = setting(recipe, "languages", list)
    templates = read_templates(texts / "templates", languages)
    started_from = base_name(start)
    writable_folder(out, "--out")
    model = sentence_model(start, out / "start", setting(recipe, "max_tokens", int))
    width, dimensions = model.get_embedding_dimension(), setting(recipe, "dimensions", list)
    if max(dimensions) > width:
        raise BadInputError(
            f"the recipe's setting dimensions is {dimensions}, but {start} has {width} dimensions",
            f"set dimensions to numbers from 1 to {width}",
        )
    in_length_groups(model)
    if "frozen_layers" in recipe:
        freeze(model, setting(recipe, "frozen_layers", int))
    taxonomy = read_esco(folder / "taxonomies" / "esco", languages)
    pairs = build_pairs(
        setting(recipe, "pairs", dict),
        taxonomy=taxonomy,
        templates=templates,
        texts=texts,
        documents=documents(folder),
        data=folder,
        seed=setting(recipe, "seed", int),
    )
    if hard:
        log.info("encoder: looking for labels near each other")
        encode = partial(model.encode, normalize_embeddings=True, show_progress_bar=False)
        near = near_labels(taxonomy, encode)
        for kind in hard:
            rng = random.Random(f"{recipe['seed']} {kind}")
            pairs[kind] = with_negatives(pairs[kind], near, rng)
            if not pairs[kind]:
                raise BadInputError(
                    f"no pair of the kind {kind} has a near label: the vectors of {start} tell "
                    "labels too little apart",
                    "train a first run without hard_negatives, and name its result with --base",
                )
    counts = {kind: len(some) for kind, some in pairs.items()}
    batch, most = setting(recipe, "batch", int), max(counts.values())
    if most < batch:
        raise BadInputError(
            f"the recipe's setting batch is {batch}, but no kind has more than {most} pairs",
            "lower batch, or raise the numbers of pairs",
        )
    log.info("encoder: %d pairs of %d kinds", sum(counts.values()), len(counts))
    # Without the negatives: near labels come from sums of floats, which differ between machines.
    every = (repr((kind, p.anchor, p.positive)) for kind, some in pairs.items() for p in some)
    goes_on(out, "steps/checkpoint-*", recipe, start, map(str.encode, every), resume)
    sets = {kind: _table(some) for kind, some in pairs.items() if some}
    trainer = _trainer(model, sets, recipe, out)
    began = time.monotonic()
    checkpoint = newest_whole(out / "steps")
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    final = out / "final"
    with replaced(final) as made:
        model.save_pretrained(str(made), create_model_card=False)
    record = {
        "base": started_from,
        "recipe": recipe,
        "pairs": counts,
        "steps": trainer.state.global_step,
        "seconds": round(time.monotonic() - began, 1),
    }
    write_whole(out / "log.json", json.dumps(record, indent=2) + "\n")
    return final


def _kinds_with_negatives(recipe: Mapping[str, Any]) -> list[str]:
    kinds = setting(recipe, "hard_negatives", list) if "hard_negatives" in recipe else []
    for kind in kinds:
        if kind not in setting(recipe, "pairs", dict):
            raise BadInputError(
                f"the recipe asks for hard negatives of {kind!r}, of which it has no pairs",
                "name kinds of pairs that the recipe lists",
            )
    return kinds


def _table(pairs: Sequence[Pair]) -> Any:
    """The pairs as a dataset of two columns, or of three where they have negatives."""
    columns = ("anchor", "positive", "negative")[: 3 if any(p.negative for p in pairs) else 2]
    return need("datasets", "train").Dataset.from_dict(
        {column: [getattr(pair, column) for pair in pairs] for column in columns}
    )


def sentence_model(base: Path | str, scratch: Path, max_tokens: int) -> SentenceTransformer:
    """`base` in the DistilBERT architecture under mean pooling, with the base's own tokenizer.

    A folder that sentence-transformers wrote (modules.json) is gone on from as it is.
    """
    library = need("sentence_transformers", "train")
    # A checkpoint is kept in half precision; training goes on in full.
    exact = {"attn_implementation": "eager", "dtype": need("torch", "train").float32}
    options = {"model_kwargs": exact, "device": "cpu"}
    if (Path(base) / "modules.json").is_file():
        going_on = library.SentenceTransformer(str(base), **options)
        going_on.max_seq_length = max_tokens
        return going_on
    scratch.mkdir(parents=True, exist_ok=True)
    read_base(base).save_pretrained(scratch)
    plain_tokenizer(base).save_pretrained(scratch)
    modules = need("sentence_transformers.sentence_transformer.modules", "train")
    body = need("sentence_transformers.base.modules", "train").Transformer(
        str(scratch), max_seq_length=max_tokens, model_kwargs=exact
    )
    pooling = modules.Pooling(body.get_embedding_dimension(), pooling_mode="mean")
    return library.SentenceTransformer(modules=[body, pooling], device="cpu")


def plain_tokenizer(base: Path | str) -> Any:
    """The base's tokenizer as transformers wants it; no class of its own is guessed."""
    tokenizer = read_tokenizer(base)
    names = special_names(tokenizer)
    return need("transformers", "train").PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=names.start,
        eos_token=names.end,
        cls_token=names.start,
        sep_token=names.end,
        pad_token=names.pad,
        mask_token=names.mask,
        unk_token=names.unknown,
        model_max_length=512,
        model_input_names=["input_ids", "attention_mask"],
    )


def freeze(model: SentenceTransformer, layers: int) -> None:
    """Keep the embeddings and the first `layers` layers of `model` as they are.

    A run that only adds a kind of text needs the upper layers alone: it is faster by the share of
    the backward pass, forgets less, and what stays equal packs to nothing in a new version.
    Raises BadInputError unless a layer is left to learn.
    """
    body = model[0].auto_model
    every = len(body.transformer.layer)
    if not 1 <= layers < every:
        raise BadInputError(
            f"the recipe freezes {layers} of {every} layers",
            f"set frozen_layers to a number from 1 to {every - 1}, or take it out",
        )
    for part in (body.embeddings, *body.transformer.layer[:layers]):
        part.requires_grad_(False)


def in_length_groups(model: SentenceTransformer) -> None:
    """Make `model` run each batch in groups of about equal length.

    A batch holds texts of 3 to 160 tokens; padded to the longest, almost half of the work would
    be spent on padding. The vectors are the same, and gradients flow through all groups.
    """
    torch = need("torch", "train")
    whole = model.forward

    def forward(features: Mapping[str, Any], **options: Any) -> dict[str, Any]:
        lengths = features["attention_mask"].sum(dim=1)
        order = lengths.argsort()
        vectors = []
        for group in _groups(lengths[order].tolist()):
            rows = order[group]
            longest = int(lengths[rows].max())
            part = {
                name: features[name][rows, :longest] for name in ("input_ids", "attention_mask")
            }
            vectors.append(whole(part, **options)["sentence_embedding"])
        return {"sentence_embedding": torch.cat(vectors)[order.argsort()]}

    model.forward = forward


def _groups(lengths: Sequence[int], fewest: int = 256, spread: float = 1.3) -> list[slice]:
    """Slices of ascending lengths: longest <= spread * shortest, once `fewest` tokens are in."""
    slices, start = [], 0
    for place, length in enumerate(lengths):
        enough = (place - start) * lengths[max(place - 1, 0)] >= fewest
        if enough and length > spread * lengths[start]:
            slices.append(slice(start, place))
            start = place
    return [*slices, slice(start, len(lengths))]


def _trainer(
    model: SentenceTransformer, sets: Mapping[str, Any], recipe: Mapping[str, Any], out: Path
) -> Any:
    library = need("sentence_transformers", "train")
    losses = need("sentence_transformers.sentence_transformer.losses", "train")
    sampler = need("sentence_transformers.base.sampler", "train")
    ranking = losses.MultipleNegativesRankingLoss(
        model,
        scale=setting(recipe, "scale", float),
        directions=("query_to_doc", "doc_to_query"),
        partition_mode="per_direction",
    )
    batch = setting(recipe, "batch", int)
    steps = sum(len(some) // batch for some in sets.values())
    if "steps" in recipe:
        steps = min(steps, setting(recipe, "steps", int))
    arguments = library.SentenceTransformerTrainingArguments(
        output_dir=str(out / "steps"),
        per_device_train_batch_size=batch,
        max_steps=steps,
        learning_rate=setting(recipe, "learning_rate", float),
        warmup_steps=int(steps * setting(recipe, "warmup", float)),
        weight_decay=0.01,
        seed=setting(recipe, "seed", int),
        # Half the time of float32 on CPUs with bfloat16; others emulate it correctly, but slower.
        bf16=True,
        use_cpu=True,
        optim="adamw_torch_fused",
        batch_sampler=sampler.BatchSamplers.NO_DUPLICATES,
        multi_dataset_batch_sampler=sampler.MultiDatasetBatchSamplers.PROPORTIONAL,
        dataloader_drop_last=True,
        save_steps=setting(recipe, "checkpoint_steps", int),
        save_total_limit=1,
        logging_steps=5,
        report_to="none",
        disable_tqdm=True,
    )
    # Examples for a model card that nobody reads would be looked for under a progress bar.
    model.model_card_data.set_widget_examples = lambda dataset: None
    trainer = library.SentenceTransformerTrainer(
        model=model,
        args=arguments,
        train_dataset=dict(sets),
        loss=losses.MatryoshkaLoss(
            model, ranking, matryoshka_dims=setting(recipe, "dimensions", list)
        ),
    )
    # It prints to standard output, where the folder of the result alone belongs.
    trainer.remove_callback(need("transformers", "train").PrinterCallback)
    trainer.add_callback(_progress_callback())
    return trainer


def _progress_callback() -> Any:
    """Tells `Progress` each loss that the trainer logs."""
    library = need("transformers", "train")

    class Told(library.TrainerCallback):  # type: ignore[name-defined]
        progress: Progress | None = None

        def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            self.progress = Progress(state.max_steps, state.global_step)

        def on_log(
            self, args: Any, state: Any, control: Any, logs: Any = None, **rest: Any
        ) -> None:
            if self.progress is not None and "loss" in (logs or {}):
                self.progress.step(state.global_step, float(logs["loss"]))

    return Told()
