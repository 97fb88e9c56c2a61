"""Skills in texts: `SkillTagger.load().tag(text)` gives spans with offsets into the text.

Needs numpy, onnxruntime and tokenizers; torch only for its backend. Knows nothing of taxonomies.
"""

from ner.errors import BadInputError, MetierError, MissingExtraError, UsageError, WeightsError
from ner.labels import Label
from ner.tagger import SkillTagger
from ner.types import Span, TaggedText

__all__ = [
    "BadInputError",
    "Label",
    "MetierError",
    "MissingExtraError",
    "SkillTagger",
    "Span",
    "TaggedText",
    "UsageError",
    "WeightsError",
]
