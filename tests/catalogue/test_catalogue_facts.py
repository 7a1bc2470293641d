"""The catalogue cannot import Glueprint: the facts of Glue that it repeats are the same ones."""

from __future__ import annotations

from pathlib import Path

from glue_jobs.common import crawled_table, partition_folders
from glueprint.facts import globs
from glueprint.facts.partition_names import DEFAULT_PARTITION, folder_name

ROOT = Path(__file__).parents[2]


def test_partitions_are_named_alike() -> None:
    """Hive's escapes and its name of a null (Hive, FileUtils.escapePathName)."""
    assert crawled_table.DEFAULT_PARTITION == DEFAULT_PARTITION
    for letter in map(chr, range(1, 0x250)):
        assert partition_folders.escape_value(letter) == folder_name("k", letter)[2:]


def test_globs_are_one_file() -> None:
    """A crawler's exclude patterns and a blueprint's file patterns are one dialect."""
    assert (ROOT / "glue_jobs/common/globs.py").read_bytes() == Path(globs.__file__).read_bytes()
