"""From a recipe's shares to the pairs of each kind."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from matching.taxonomy import Taxonomy
from ner.errors import BadInputError
from training.corpora import Document
from training.pairs import documents as from_documents
from training.pairs import esco, mined
from training.pairs.coded import Coded, coded_documents, coded_titles, read_coded
from training.pairs.kinds import Pair, Templates
from training.pairs.written import written

PAIR_KINDS = (
    "skill_synonyms",
    "occupation_synonyms",
    "skill_translations",
    "occupation_translations",
    "skill_descriptions",
    "occupation_descriptions",
    "skill_mentions",
    "occupation_titles",
    "occupation_profiles",
    "occupation_skills",
    "occupation_headlines",
    "occupation_duties",
    "generated_sentences",
    "skill_sentences",
    "advertised_titles",
    "coded_titles",
    "coded_posts",
    "coded_resumes",
    "named_skills",
    "named_titles",
    "post_titles",
    "resume_titles",
    "onet_titles",
    "onet_tasks",
)

# Texts that are there once: drawn again, they would only repeat themselves.
_ONCE = frozenset(
    (
        "skill_sentences",
        "occupation_headlines",
        "occupation_duties",
        "advertised_titles",
        "named_skills",
        "named_titles",
    )
)


def build_pairs(
    counts: Mapping[str, int],
    *,
    taxonomy: Taxonomy,
    templates: Templates,
    texts: Path,
    documents: Iterable[Document],
    data: Path,
    seed: int,
) -> dict[str, list[Pair]]:
    """For each kind in `counts` about that many pairs, drawn and shuffled by `seed`.

    A kind with fewer pairs than asked for is drawn again, with new random choices, until the count
    is reached (at most eight times), unless its texts are there once. Pairs whose sides are equal
    or empty are left out. `texts` is the folder of our own texts (`data`).
    Raises BadInputError for an unknown kind.
    """
    for kind, count in counts.items():
        if not isinstance(count, int):
            raise BadInputError(
                f"the recipe asks for {count!r} pairs of the kind {kind}", "write a whole number"
            )
    unknown = sorted(set(counts) - set(PAIR_KINDS))
    if unknown:
        raise BadInputError(
            f"the recipe asks for pairs of the unknown kind {unknown[0]!r}",
            f"take from: {', '.join(PAIR_KINDS)}",
        )
    kept = list(documents)
    sentences = texts / "sentences"

    def coded(rng: random.Random) -> list[Coded]:
        return read_coded(texts / "titles" / "coded.jsonl", kept, taxonomy, rng)

    def source(kind: str, rng: random.Random) -> Iterable[Pair]:
        concept, _, what = kind.partition("_")
        makers: dict[str, Callable[[], Iterable[Pair]]] = {
            "synonyms": lambda: esco.synonyms(taxonomy, concept, rng),
            "translations": lambda: esco.translations(taxonomy, concept, rng),
            "descriptions": lambda: esco.descriptions(taxonomy, concept, rng),
            "skill_mentions": lambda: esco.mentions(taxonomy, templates, rng),
            "occupation_titles": lambda: esco.titled(taxonomy, templates, rng),
            "occupation_profiles": lambda: esco.profiles(taxonomy, templates, rng),
            "occupation_skills": lambda: esco.title_skills(taxonomy, rng),
            "generated_sentences": lambda: from_documents.generated_sentences(data),
            "skill_sentences": lambda: written(sentences / "skill_sentences.jsonl", taxonomy, rng),
            "occupation_headlines": lambda: written(sentences / "headlines.jsonl", taxonomy, rng),
            "occupation_duties": lambda: written(sentences / "duties.jsonl", taxonomy, rng),
            "advertised_titles": lambda: written(
                sentences / "advertised_titles.jsonl", taxonomy, rng
            ),
            "coded_titles": lambda: coded_titles(coded(rng), rng),
            "coded_posts": lambda: coded_documents(coded(rng), "post", rng),
            "coded_resumes": lambda: coded_documents(coded(rng), "resume", rng),
            "named_skills": lambda: mined.named_skills(kept, taxonomy, rng),
            "named_titles": lambda: mined.named_titles(kept, taxonomy, rng),
            "post_titles": lambda: from_documents.post_titles(kept, "post", rng),
            "resume_titles": lambda: from_documents.post_titles(kept, "resume", rng),
            "onet_titles": lambda: from_documents.onet_titles(data),
            "onet_tasks": lambda: from_documents.onet_tasks(data),
        }
        return makers.get(kind, makers.get(what, list))()

    built = {}
    for kind, count in counts.items():
        rng = random.Random(f"{seed} {kind}")
        pairs: list[Pair] = []
        for _ in range(8):
            drawn = [
                p for p in source(kind, rng) if p.anchor and p.positive and p.positive != p.anchor
            ]
            rng.shuffle(drawn)
            pairs += drawn[: count - len(pairs)]
            if len(pairs) >= count or not drawn or kind in _ONCE:
                break
        built[kind] = pairs
    return built
