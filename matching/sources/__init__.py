"""Readers of published taxonomies, one module a publisher."""

from matching.sources.esco import read_esco

__all__ = ["read_esco"]
