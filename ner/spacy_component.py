"""A spaCy pipeline component: `nlp.add_pipe("skill_tagger")` fills `doc.spans["skills"]`.

spaCy finds it through its entry point, so nothing needs to be imported. This module imports spaCy
and is imported by nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from ner.tagger import SkillTagger

if TYPE_CHECKING:
    from ner.types import Span as SkillSpan

SPANS_KEY = "skills"


@Language.factory("skill_tagger", default_config={"folder": None}, assigns=["doc.spans"])
def make_skill_tagger(nlp: Language, name: str, folder: str | None) -> SkillComponent:
    """The factory that spaCy calls; `folder` names other weights than the shipped ones."""
    return SkillComponent(SkillTagger.load(folder))


class SkillComponent:
    """Adds the skills of a text to a Doc, whatever tokens the pipeline has made of it."""

    def __init__(self, tagger: SkillTagger) -> None:
        self.tagger = tagger

    def __call__(self, doc: Doc) -> Doc:
        """Fill `doc.spans["skills"]`; each span's `id_` is "start:end" in code points.

        spaCy's tokens need not end where a skill does ("C++/C#" may be one token), so a span is
        widened to whole tokens; its `id_` keeps the exact place, and two skills in one token
        stay two spans.
        """
        found = [_as_tokens(doc, span) for span in self.tagger.tag(doc.text).spans]
        doc.spans[SPANS_KEY] = SpanGroup(
            doc, name=SPANS_KEY, spans=[span for span in found if span is not None]
        )
        return doc


def _as_tokens(doc: Doc, span: SkillSpan) -> Span | None:
    return doc.char_span(
        span.start,
        span.end,
        label=str(span.label),
        span_id=f"{span.start}:{span.end}",
        alignment_mode="expand",
    )
