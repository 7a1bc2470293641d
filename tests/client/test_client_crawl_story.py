"""The statements of a crawl, by table, column and partition key."""

from __future__ import annotations

import json

from glueprint.client.crawl_story import CrawlStory, StoryEntry


def test_records_are_sorted_by_their_subjects() -> None:
    """The JSON lines of the local Glue (docs/fidelity/crawler.md); names may contain anything."""
    records = [
        {"level": "INFO", "text": "2 files were read"},
        {"level": "INFO", "text": "created in the catalog", "table": "sales: 2"},
        {"level": "WARN", "text": "two spellings", "table": "sales: 2"},
        {"level": "INFO", "text": "double, because", "table": "sales: 2", "column": 'a "price": x'},
        {"level": "INFO", "text": "all folders", "table": "sales: 2", "partition_key": "year"},
    ]
    story = CrawlStory.from_records(map(json.dumps, records))
    assert story.others == [StoryEntry("INFO", "2 files were read")]
    assert [table.to_json() for table in story.tables.values()] == [
        {
            "name": "sales: 2",
            "reasons": ["created in the catalog"],
            "warnings": ["two spellings"],
            "columns": [{"name": 'a "price": x', "reason": "double, because"}],
            "partition_keys": [{"name": "year", "reason": "all folders"}],
        }
    ]
    assert story.tables["sales: 2"].has_part("year")
    assert not story.tables["sales: 2"].has_part("month")


def test_lines_of_a_log_keep_their_levels() -> None:
    """AWS's crawlers write such lines (docs/facts/crawlers.md); what a driver writes has no level."""
    lines = [
        "[3d2e] BENCHMARK : Running Start Crawl for Crawler sales",
        "[3d2e] INFO : Some files do not match the schema detected.\n",
        "java.lang.Exception: x",
        "WARN : no data",
    ]
    story = CrawlStory.from_log(lines)
    assert [(entry.level, entry.is_warning) for entry in story.others] == [
        ("BENCHMARK", False),
        ("INFO", False),
        ("WARN", True),
    ]
    assert story.tables == {}
