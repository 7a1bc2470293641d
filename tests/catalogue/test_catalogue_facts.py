"""The catalogue cannot import Glueprint: the facts of Glue that it repeats are the same ones."""

from __future__ import annotations

from pathlib import Path

from glue_jobs.common import crawled_table, partition_folders
from glue_jobs.common.storage_formats import SNAPPY_PARQUET
from glueprint.facts import globs, serdes
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


def test_parquet_tables_are_described_alike() -> None:
    """SerDe and formats of a published table are a crawler's (docs/facts/crawlers.md#formats)."""
    assert SNAPPY_PARQUET.serde == serdes.DEFAULT_SERDES[SNAPPY_PARQUET.classification]
    formats = serdes.FileFormats(SNAPPY_PARQUET.input_format, SNAPPY_PARQUET.output_format)
    assert formats == serdes.file_formats(SNAPPY_PARQUET.serde)
