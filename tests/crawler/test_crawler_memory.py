"""A crawler's memory: unchanged objects are not read again."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import fastavro
import pytest
from crawler_trees import parquet

from glueprint.crawler.crawl import crawl
from glueprint.crawler.result import CrawlResult
from glueprint.crawler.specification import CrawlSpec, ObjectEntry

CSV = "id,name\n1,a\n2,b\n"


@pytest.fixture
def remembered(spec_of: Callable[..., CrawlSpec], tmp_path: Path) -> CrawlSpec:
    """A crawl of files of every kind, with a memory."""
    avro = tmp_path / "avro"
    with avro.open("wb") as file:
        fastavro.writer(
            file, {"type": "record", "name": "r", "fields": [{"name": "a", "type": "int"}]}, [{"a": 1}]
        )
    tree = {
        "data/csv/a.csv": CSV,
        "data/json/a.json": '{"Id": 1, "x": {"y": [1.5]}}\n',
        "data/parquet/a.parquet": parquet(a=[1], s=[{"b": {"c": 1}}]),
        "data/avro/a.avro": avro.read_bytes(),
        "data/broken/a.parquet": b"PAR1 is not all",
        "data/unknown/a.bin": b"\0\1\2",
    }
    return replace(spec_of(tree), memory=str(tmp_path / "memory.json"))


def comparable(result: CrawlResult) -> CrawlResult:
    """A result without the number of files read and the statements about them; warnings stay."""
    warnings = tuple(statement for statement in result.statements if statement.level == "WARN")
    return replace(result, files_read=0, statements=warnings)


def test_a_second_crawl_of_unchanged_data_reads_no_file(remembered: CrawlSpec) -> None:
    """The second crawl finds the same without opening any file (reads no file bodies)."""
    first = crawl(remembered)
    assert first.files_read == 6
    for entry in remembered.targets[0].objects:
        os.remove(entry.path)
    second = crawl(remembered)
    assert second.files_read == 0
    assert comparable(second) == comparable(first)


def test_changed_objects_are_read_again(remembered: CrawlSpec) -> None:
    """An object with another time or size is read, the others are not (unchanged data)."""
    crawl(remembered)
    (target,) = remembered.targets
    first, *rest = target.objects
    Path(first.path).write_text("k,v\n1,2\n")
    changed = first._replace(modified=2.0, size=8)
    result = crawl(replace(remembered, targets=(replace(target, objects=(changed, *rest)),)))
    assert result.files_read == 1
    assert ("k", "bigint") in {column for table in result.tables for column in table.columns}


def test_an_object_that_could_not_be_opened_is_tried_again(remembered: CrawlSpec) -> None:
    """That a file was out of reach once says nothing about what it holds."""
    entry = remembered.targets[0].objects[0]
    content = Path(entry.path).read_bytes()
    os.remove(entry.path)
    assert "cannot be opened" in " ".join(crawl(remembered).warnings)
    Path(entry.path).write_bytes(content)
    assert crawl(remembered).files_read == 1


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"version": 99}', '{"version": 1, "shapes": [1], "files": {}}']
)
def test_a_memory_that_cannot_be_read_is_an_empty_one(remembered: CrawlSpec, content: str) -> None:
    """A broken memory costs time, not the crawl."""
    assert remembered.memory is not None
    Path(remembered.memory).write_text(content)
    assert crawl(remembered).files_read == 6
    assert crawl(remembered).files_read == 0


def test_only_new_folders_leaves_the_others_as_they_were(remembered: CrawlSpec, tmp_path: Path) -> None:
    """Files that come to a folder, or change there, after it was crawled do not count; the folder stays known
    though its files are gone (DG:incremental-crawls: only folders that were added).
    """
    crawl(remembered)
    (target,) = remembered.targets
    first = target.objects[0]
    stranger = tmp_path / "stranger"
    stranger.write_text("x,y,z\n1,2,3\n4,5,6\n")
    late = [
        ObjectEntry(key, stranger.stat().st_size, 9.0, str(stranger))
        for key in (first.key, f"{first.key.rpartition('/')[0]}/late.csv")
    ]
    again = replace(
        remembered,
        new_folders_only=True,
        targets=(replace(target, objects=(*target.objects[1:], *late)),),
    )
    for _ in range(2):
        result = crawl(again)
        assert result.files_read == 0
        assert any(
            "2 new or changed files left out, in folders that were crawled before" in m for m in result.messages
        )
    assert crawl(replace(again, new_folders_only=False)).files_read == 2


def test_other_classifiers_look_again_at_what_was_not_recognised(
    spec_of: Callable[..., CrawlSpec], tmp_path: Path
) -> None:
    """Files in no table are read again when classifiers have changed; the others keep their result, with a warning
    (DG:add-classifier: what was crawled using a classifier is not reclassified).
    """
    tree = {"data/words/a.txt": "ann\nbob\ncleo\n", "data/rows/a.csv": CSV}
    spec = replace(spec_of(tree), memory=str(tmp_path / "memory.json"))
    assert [dict(table.columns) for table in crawl(spec).tables] == [{"id": "bigint", "name": "string"}]
    single = {"Name": "words", "AllowSingleColumn": True, "ContainsHeader": "ABSENT", "Header": ["word"]}
    changed = replace(spec, classifiers=({"CsvClassifier": single},))
    result = crawl(changed)
    assert {table.name: dict(table.columns) for table in result.tables} == {
        "words": {"word": "string"},
        "rows": {"id": "bigint", "name": "string"},
    }
    assert result.files_read == 1
    assert ["1 file of earlier crawls" in warning for warning in result.warnings] == [True]
    again = crawl(changed)
    assert (again.files_read, again.warnings) == (0, ())
