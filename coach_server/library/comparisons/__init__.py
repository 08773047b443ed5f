"""Comparisons of two films: making them, what they are written as, and those on disk."""

from coach_server.library.comparisons.compare import compare_films
from coach_server.library.comparisons.store import ComparisonLibrary, StoredComparison

__all__ = ["ComparisonLibrary", "StoredComparison", "compare_films"]
