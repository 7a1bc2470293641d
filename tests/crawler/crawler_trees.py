"""Trees of objects for crawls, and files to put into them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from glueprint.crawler.specification import ObjectEntry

Tree = Mapping[str, bytes | str]
"""Keys of a bucket, with their content."""

SALES = "id,name,price\n1,a,2.5\n2,b,3\n"
PEOPLE = "person,born,town,height\nann,1970,York,1.6\nbob,1980,Hull,1.8\n"
"""Two files of CSV that have nothing in common."""


def parquet(**columns: Any) -> bytes:
    """A Parquet file with these columns."""
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def listed(root: Path, tree: Tree) -> tuple[ObjectEntry, ...]:
    """Write ``tree`` (key -> content) under ``root`` and list it."""
    entries = []
    for number, (key, content) in enumerate(tree.items()):
        data = content.encode() if isinstance(content, str) else content
        path = root / f"{number}.object"
        path.write_bytes(data)
        entries.append(ObjectEntry(key, len(data), 1.0, str(path)))
    return tuple(entries)
