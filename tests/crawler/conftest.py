"""Trees of objects for crawls: written under ``tmp_path``, listed as the server lists a bucket."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glueprint.crawler.contract import CrawlResult, CrawlSpec, ObjectEntry, S3Target
from glueprint.crawler.crawl import crawl

Tree = Mapping[str, bytes | str]


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


@pytest.fixture
def spec_of(tmp_path: Path) -> Callable[..., CrawlSpec]:
    """A crawl's specification for one target: ``spec_of(tree, path="s3://b/data/", **settings)``."""

    def make(tree: Tree, path: str = "s3://b/data/", **settings: Any) -> CrawlSpec:
        target = {
            name: settings.pop(name) for name in ("exclusions", "sample_size", "catalog_table") if name in settings
        }
        return CrawlSpec(
            crawler=settings.pop("crawler", "c"),
            database="db",
            targets=(S3Target(path, objects=listed(tmp_path, tree), **target),),
            **settings,
        )

    return make


@pytest.fixture
def crawled(spec_of: Callable[..., CrawlSpec]) -> Callable[..., CrawlResult]:
    """Crawl one target: ``crawled(tree, path="s3://b/data/", **settings)``."""
    return lambda *arguments, **settings: crawl(spec_of(*arguments, **settings))
