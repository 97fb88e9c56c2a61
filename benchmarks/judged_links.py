"""How many of the skills that `recommend` lists are right, on stretches judged by eye.

    METIER_DATA=... python benchmarks/judged_links.py
        [--tagger FOLDER] [--encoder FOLDER] [--taxonomy FOLDER] [--threshold NUMBER ...]

`data/links/judged.jsonl` says of a stretch of a document and a skill whether the link is right,
related or wrong; pairs that nobody judged are counted apart. The threshold that is shipped stands
in the encoder's manifest (`calibration.link`).
"""

from __future__ import annotations

import argparse
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from matching import Matcher
from ner.errors import MetierError
from training.corpora import data_folder, documents
from training.link_calibration import CHARACTERS, read_verdicts


def links(matcher: Matcher, text: str, language: str) -> list[tuple[str, str]]:
    """(stretch, URI of its skill): the first mention of each skill that the document shows."""
    found = matcher.recommend(text, limit=1, language=language).skills
    return [(one.mentions[0].text, one.skill.uri) for one in found if one.skill]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one row a threshold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tagger", type=Path)
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--taxonomy", type=Path)
    parser.add_argument("--threshold", type=float, nargs="*", help="others than the shipped one")
    given = parser.parse_args(arguments)
    try:
        verdicts = read_verdicts()
        wanted = {document for document, _, _ in verdicts}
        matcher = Matcher.load(given.tagger, given.encoder, given.taxonomy)
        texts = [one for one in documents(data_folder()) if one.doc_id in wanted]
    except MetierError as problem:
        raise SystemExit(f"error: {problem.message}\nhint: {problem.hint}") from problem
    shipped = matcher.threshold
    print(
        f"{len(texts)} of {len(wanted)} documents; {matcher.model}; shipped threshold {shipped}\n"
    )
    print("| threshold | skills listed | right | related | wrong | not judged | wrong, share |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for threshold in given.threshold or [shipped]:
        matcher.threshold = threshold
        kinds = Counter(
            verdicts.get((one.doc_id, zlib.crc32(stretch.lower().encode()), uri), "not judged")
            for one in texts
            for stretch, uri in links(matcher, one.text[:CHARACTERS], one.language)
        )
        judged = kinds["right"] + kinds["related"] + kinds["wrong"]
        print(
            f"| {threshold} | {kinds.total()} | {kinds['right']} | {kinds['related']} "
            f"| {kinds['wrong']} | {kinds['not judged']} | {kinds['wrong'] / max(judged, 1):.3f} |"
        )


if __name__ == "__main__":
    main()
