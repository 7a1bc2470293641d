"""Crawls of trees: written under ``tmp_path``, listed as the server lists a bucket."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from crawler_trees import Tree, listed

from glueprint.crawler.crawl import crawl
from glueprint.crawler.result import CrawlResult
from glueprint.crawler.specification import CrawlSpec, S3Target


@pytest.fixture
def spec_of(tmp_path: Path) -> Callable[..., CrawlSpec]:
    """A crawl's specification for one target: ``spec_of(tree, path="s3://b/data/", **settings)``."""

    def make(tree: Tree, path: str = "s3://b/data/", **settings: Any) -> CrawlSpec:
        target = {
            name: settings.pop(name)
            for name in ("exclusions", "sample_size", "catalog_table", "catalog_keys")
            if name in settings
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
