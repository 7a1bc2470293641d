"""How similar the schemas of files are, and the columns of files that share a table. Pure."""

from __future__ import annotations

from collections import Counter

from glueprint.facts.hive_types import GlueType

from .inspection import Columns, FileSchema
from .type_merging import merged, settled, widened

SIMILAR = 0.7
"""Two schemas are similar, and a folder's members agree, above this share."""


def similarity(left: Columns, right: Columns) -> float:
    """Return how similar two schemas are, from 0 to 1: the share of all their columns that both have, with types
    that have a common type."""
    if left == right:
        return 1.0
    first, second = dict(left), dict(right)
    names = first.keys() | second.keys()
    if not names:
        return 1.0
    common = sum(widened(first[name], second[name]) is not None for name in first.keys() & second.keys())
    return common / len(names)


def merged_columns(schemas: Counter[FileSchema]) -> Columns:
    """Return a table's columns: those of its most frequent schema first, then others; types are merged."""
    columns: dict[str, GlueType] = {}
    for schema, _ in sorted(schemas.items(), key=lambda entry: -entry[1]):
        for name, kind in schema.columns:
            columns[name] = merged(columns[name], kind) if name in columns else kind
    return tuple((name, settled(kind)) for name, kind in columns.items())
