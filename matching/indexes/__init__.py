"""Nearest-neighbour indexes behind one interface: exact (numpy) and HNSW (hnswlib)."""

from matching.indexes.base import VectorIndex
from matching.indexes.exact import ExactIndex
from matching.indexes.hnsw import HnswIndex

__all__ = ["ExactIndex", "HnswIndex", "VectorIndex"]
