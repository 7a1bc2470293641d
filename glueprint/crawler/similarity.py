"""How similar the schemas of files are, and the columns of files that share a table. Pure."""

from __future__ import annotations

from collections import Counter

from glueprint.facts.hive_types import GlueType
from glueprint.facts.serdes import LAZY_SIMPLE, OPEN_CSV

from .inspection import Columns, FileSchema
from .type_merging import merged, settled, widened

SIMILAR = 0.7
"""Two schemas are similar, and a folder's members agree, above this share."""

TEXT_SERDES = frozenset({LAZY_SIMPLE, OPEN_CSV})
"""SerDes of files whose cells are texts: their types are guessed."""


def similarity(left: Columns, right: Columns, *, guessed_types: bool = False) -> float:
    """Return how similar two schemas are, from 0 to 1: the share of all their columns that both have, with types
    that have a common type.

    ``guessed_types``: the types were guessed from texts (CSV), where one cell ``N/A`` makes a column of numbers
    text. There, any two types have a common type: text.
    """
    if left == right:
        return 1.0
    first, second = dict(left), dict(right)
    names = first.keys() | second.keys()
    if not names:
        return 1.0
    shared = first.keys() & second.keys()
    common = sum(guessed_types or widened(first[name], second[name]) is not None for name in shared)
    return common / len(names)


def merged_columns(schemas: Counter[FileSchema]) -> Columns:
    """Return a table's columns: those of its most frequent schema first, then others; types are merged."""
    columns: dict[str, GlueType] = {}
    for schema, _ in sorted(schemas.items(), key=lambda entry: -entry[1]):
        for name, kind in schema.columns:
            columns[name] = merged(columns[name], kind) if name in columns else kind
    return tuple((name, settled(kind)) for name, kind in columns.items())
