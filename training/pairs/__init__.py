"""Pairs of texts that mean the same, the food of the bi-encoder; one file a kind of source."""

from training.pairs.builder import PAIR_KINDS, build_pairs
from training.pairs.kinds import Pair

__all__ = ["PAIR_KINDS", "Pair", "build_pairs"]
