"""What passes between the server and a crawl: JSON forms, the process, the API's structures."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import botocore.loaders
import pytest
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from crawler_trees import parquet

from glueprint.crawler.result import CrawlResult
from glueprint.crawler.specification import CrawlSpec, KnownTable, ObjectEntry, S3Target
from glueprint.crawler.wire import found_partition_to_partition_input, found_table_to_table_input

CSV = "id,name\n1,a\n2,b\n"


def test_specification_and_result_survive_json(
    spec_of: Callable[..., CrawlSpec], crawled: Callable[..., CrawlResult]
) -> None:
    """Both sides read what the other wrote (glueprint/crawler/specification.py and result.py)."""
    tree = {"data/x=1/a.csv": CSV, "data/x=2/b.csv": CSV}
    spec = spec_of(
        tree,
        exclusions=("*.tmp",),
        sample_size=3,
        catalog_table="t",
        catalog_keys=("x",),
        classifiers=({"CsvClassifier": {"Name": "n"}},),
        existing_tables=(KnownTable("t", "s3://b/t/"),),
        crawl_id="1",
    )
    assert CrawlSpec.from_json(spec.to_json()) == spec
    result = crawled(tree)
    assert CrawlResult.from_json(result.to_json()) == result


def test_a_large_listing_is_small() -> None:
    """10,000 objects of one crawl are written in less than 100 bytes each, and read back as they were."""
    objects = tuple(
        ObjectEntry(f"data/day={n // 50}/part-{n:05}.parquet", n, 1.5, f"/data/s3/b/{n}") for n in range(10_000)
    )
    spec = CrawlSpec("c", "db", (S3Target("s3://b/data/", objects=objects),))
    text = spec.to_json()
    assert CrawlSpec.from_json(text) == spec
    assert len(text) < 1_000_000


def test_a_crawl_runs_as_a_process(spec_of: Callable[..., CrawlSpec], tmp_path: Path) -> None:
    """``python -m glueprint.crawler SPEC RESULT`` writes the result whole and prints the log
    (docs/architecture.md).
    """
    spec, result = tmp_path / "spec.json", tmp_path / "result.json"
    spec.write_text(spec_of({"data/a.csv": CSV, "data/b.csv": b"\0"}).to_json())
    done = subprocess.run(
        [sys.executable, "-m", "glueprint.crawler", str(spec), str(result)],
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert (done.returncode, done.stderr) == (0, "")
    (table,) = CrawlResult.from_json(result.read_text()).tables
    assert table.columns == (("id", "bigint"), ("name", "string"))
    assert "WARN : s3://b/data/b.csv is left out" in done.stdout
    assert not list(tmp_path.glob("*.part"))


def test_a_process_without_arguments_says_how() -> None:
    """Wrong arguments end with a usage line and status 2."""
    done = subprocess.run([sys.executable, "-m", "glueprint.crawler"], capture_output=True, text=True, timeout=200)
    assert done.returncode == 2
    assert "usage:" in done.stderr


@pytest.fixture(scope="module")
def glue() -> ServiceModel:
    """The Glue service model of the installed botocore."""
    return ServiceModel(botocore.loaders.Loader().load_service_model("glue", "service-2"))


def test_inputs_are_valid_in_the_service_model(crawled: Callable[..., CrawlResult], glue: ServiceModel) -> None:
    """Table and partition inputs pass botocore's own validation (service model, TableInput and PartitionInput)."""
    (table,) = crawled({"data/x=1/a.parquet": parquet(a=[1])}).tables
    validator = ParamValidator()
    for shape, value in (
        ("TableInput", found_table_to_table_input(table)),
        ("PartitionInput", found_partition_to_partition_input(table, table.partitions[0])),
    ):
        report = validator.validate(value, glue.shape_for(shape))
        assert not report.has_errors(), report.generate_report()


def test_a_csv_table_is_written_as_glue_writes_it(crawled: Callable[..., CrawlResult]) -> None:
    """The table input has the members and strings of crawled tables
    (docs/facts/crawlers.md#what-a-crawl-writes, dumps of crawled tables)."""
    (table,) = crawled({"data/a.csv": CSV}, crawl_id="661311a4", exclusions=("*.tmp",)).tables
    parameters = {
        "CRAWL_RUN_ID": "661311a4",
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": "c",
        "areColumnsQuoted": "false",
        "averageRecordSize": "8",
        "classification": "csv",
        "columnsOrdered": "true",
        "compressionType": "none",
        "delimiter": ",",
        "exclusions": '["s3://b/data/*.tmp"]',
        "objectCount": "1",
        "recordCount": "2",
        "sizeKey": "16",
        "skip.header.line.count": "1",
        "typeOfData": "file",
    }
    assert found_table_to_table_input(table) == {
        "Name": "data",
        "Owner": "owner",
        "Retention": 0,
        "StorageDescriptor": {
            "Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "name", "Type": "string"}],
            "Location": "s3://b/data/",
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "Compressed": False,
            "NumberOfBuckets": -1,
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": {"field.delim": ","},
            },
            "BucketColumns": [],
            "SortColumns": [],
            "Parameters": parameters,
            "StoredAsSubDirectories": False,
        },
        "PartitionKeys": [],
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
    }


def test_partitioned_tables_say_that_partitions_are_indexed(crawled: Callable[..., CrawlResult]) -> None:
    """``partition_filtering.enabled`` stands on partitioned tables unless CreatePartitionIndex is off
    (docs/facts/crawlers.md#partition-keys).
    """
    tree = {"data/x=1/a.parquet": parquet(a=[1])}
    (indexed,) = crawled(tree).tables
    (plain,) = crawled(tree, configuration='{"Version": 1.0, "CreatePartitionIndex": false}').tables
    assert dict(indexed.parameters)["partition_filtering.enabled"] == "true"
    assert "partition_filtering.enabled" not in dict(plain.parameters)
    assert replace(plain, parameters=()) == replace(indexed, parameters=())
