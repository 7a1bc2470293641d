"""The table of cases: a tree of objects, and the tables that Glue documents for it. Each case names its source."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from crawler_trees import PEOPLE, SALES, Tree, parquet

from glueprint.crawler.result import CrawlResult

COMBINE = '{"Version": 1.0, "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}'


@dataclass(frozen=True)
class Case:
    """One tree; expected: table name -> (location, partition keys, partition values)."""

    source: str
    tree: Tree
    expected: Mapping[str, tuple[str, tuple[str, ...], list[tuple[str, ...]]]]
    path: str = "s3://b/data/"
    settings: Mapping[str, Any] = field(default_factory=dict)


CASES = {
    "hive folders are partitions": Case(
        "DG:crawler-s3-folder-table-partition, first example",
        {
            f"sales/year=2019/month={month}/day={day}/f{number}.csv": SALES
            for month in ("Jan", "Feb")
            for day in (1, 2)
            for number in (1, 2)
        },
        {
            "sales": (
                "s3://b/sales/",
                ("year", "month", "day"),
                [("2019", "Feb", "1"), ("2019", "Feb", "2"), ("2019", "Jan", "1"), ("2019", "Jan", "2")],
            )
        },
        path="s3://b/sales",
    ),
    "folders without keys are partition_N": Case(
        "DG:crawler-s3-folder-table-partition, second example: one table, two partition keys",
        {
            f"folder1/{table}/{part}/file.csv": SALES
            for table, parts in {
                "table1": ("partition1", "partition2", "partition3"),
                "table2": ("partition4", "partition5"),
            }.items()
            for part in parts
        },
        {
            "folder1": (
                "s3://bucket01/folder1/",
                ("partition_0", "partition_1"),
                [
                    ("table1", "partition1"),
                    ("table1", "partition2"),
                    ("table1", "partition3"),
                    ("table2", "partition4"),
                    ("table2", "partition5"),
                ],
            )
        },
        path="s3://bucket01/folder1/",
    ),
    "year_2017 is not a hive key": Case(
        "docs/facts/crawlers.md#partition-keys: year_2017 and year_2018 become one partition key",
        {"data/year_2017/a.csv": SALES, "data/year_2018/a.csv": SALES},
        {"data": ("s3://b/data/", ("partition_0",), [("year_2017",), ("year_2018",)])},
    ),
    "two schemas in two folders are two tables": Case(
        "DG:crawler-s3-folder-table-partition: folders become tables when their schemas differ",
        {"data/sales/a.csv": SALES, "data/people/a.csv": PEOPLE},
        {"people": ("s3://b/data/people/", (), []), "sales": ("s3://b/data/sales/", (), [])},
    ),
    "nested folders of two schemas": Case(
        "DG:crawler-s3-folder-table-partition",
        {
            f"data/{table}/year={year}/a.csv": content
            for table, content in (("sales", SALES), ("people", PEOPLE))
            for year in (2023, 2024)
        },
        {
            "people": ("s3://b/data/people/", ("year",), [("2023",), ("2024",)]),
            "sales": ("s3://b/data/sales/", ("year",), [("2023",), ("2024",)]),
        },
    ),
    "one dissenting file in twenty joins the table": Case(
        "KC:glue-crawler-detect-schema: more than 70 % agree, not more than five different schemas",
        {f"data/f{number:02}.csv": SALES for number in range(19)} | {"data/f19.csv": PEOPLE},
        {"data": ("s3://b/data/", (), [])},
    ),
    "seven of ten is not more than 70 %": Case(
        "KC:glue-crawler-detect-schema: the threshold must be higher than 0.7, otherwise a table for each file",
        {f"data/a{number}.csv": SALES for number in range(7)}
        | {f"data/b{number}.csv": PEOPLE for number in range(3)},
        {f"a{number}_csv": (f"s3://b/data/a{number}.csv", (), []) for number in range(7)}
        | {f"b{number}_csv": (f"s3://b/data/b{number}.csv", (), []) for number in range(3)},
    ),
    "different files in one folder are tables named after the files": Case(
        "DG:aws-glue-programming-python-samples-legislators: persons_json, memberships_json ... from one folder",
        {"data/persons.csv": PEOPLE, "data/Sales-2024.csv": SALES},
        {
            "persons_csv": ("s3://b/data/persons.csv", (), []),
            "sales_2024_csv": ("s3://b/data/Sales-2024.csv", (), []),
        },
    ),
    "files and folders at one level are different tables": Case(
        "DG:crawler-maximum-number-of-tables: multiple tables due to files and folders at the same level",
        {"data/a.csv": SALES, "data/old/b.csv": SALES},
        {"a_csv": ("s3://b/data/a.csv", (), []), "old": ("s3://b/data/old/", (), [])},
    ),
    "a single file as include path": Case(
        "DG:define-crawler: an include path is bucket-name/folder-name/file-name.ext",
        {"data/a.csv": SALES},
        {"a_csv": ("s3://b/data/a.csv", (), [])},
        path="s3://b/data/a.csv",
    ),
    "a whole bucket": Case(
        "DG:define-crawler: to crawl all objects of a bucket, specify just the bucket name",
        {"a.csv": SALES, "b.csv": SALES},
        {"my_bucket": ("s3://my-bucket/", (), [])},
        path="s3://my-bucket",
    ),
    "another scheme of S3": Case(
        "Hadoop's s3a and s3n name the same objects; tables of Spark have such locations",
        {"data/a.csv": SALES},
        {"data": ("s3://b/data/", (), [])},
        path="s3a://b/data",
    ),
    "a sibling that only begins alike is not included": Case(
        "DG:define-crawler: the include path is a folder",
        {"data/a.csv": SALES, "data2/a.csv": PEOPLE},
        {"data": ("s3://b/data/", (), [])},
        path="s3://b/data",
    ),
    "hidden and empty objects are no data": Case(
        "Hadoop's rule for hidden files",
        {
            "data/x=1/a.csv": SALES,
            "data/_SUCCESS": "",
            "data/x=1/_temporary/0/part": PEOPLE,
            "data/x=1/.a.csv.crc": "crc",
            "data/x=1/a.csv.crc": "crc",
            "data/x=1_$folder$": "",
            "data/x=2/": "",
            "data/x=2/empty.csv": "",
        },
        {"data": ("s3://b/data/", ("x",), [("1",)])},
    ),
    "CSV that gains a column, and a cell N/A that makes a number text": Case(
        "KC:glue-crawler-detect-schema: more than 70 % similar (3 of 4 columns; the types of texts are guesses)",
        {
            "data/day=1/d.csv": "id,qty,note\n1,2,a\n2,3,b\n",
            "data/day=2/d.csv": "id,qty,note,by\n3,N/A,c,x\n4,5,d,y\n",
        },
        {"data": ("s3://b/data/", ("day",), [("1",), ("2",)])},
    ),
    "folders whose names mean one value are partitions of their own": Case(
        "CreatePartition refuses a second partition with the same values: no row must be lost to it",
        {f"data/{folder}/d.csv": SALES for folder in ("k=a b", "k=a%20b", "K=a b")},
        {"data": ("s3://b/data/", ("k",), [("a b",), ("k=a b",), ("a%20b",)])},
    ),
    "year folders of different schemas": Case(
        "DG:crawler-grouping-policy: two tables, year_2017 and year_2018",
        {"table1/year=2017/d.csv": "a,b\n1,2\n", "table1/year=2018/d.csv": "c,d\n3,4\n"},
        {
            "year_2017": ("s3://b/table1/year=2017/", (), []),
            "year_2018": ("s3://b/table1/year=2018/", (), []),
        },
        path="s3://b/table1/",
    ),
    "CombineCompatibleSchemas makes them one": Case(
        "DG:crawler-grouping-policy: one table, columns of both, partition key year",
        {"table1/year=2017/d.csv": "a,b\n1,2\n", "table1/year=2018/d.csv": "c,d\n3,4\n"},
        {"table1": ("s3://b/table1/", ("year",), [("2017",), ("2018",)])},
        path="s3://b/table1/",
        settings={"configuration": COMBINE},
    ),
    "CombineCompatibleSchemas does not combine formats": Case(
        "DG:crawler-grouping-policy: data compatibility is still considered",
        {"data/text/a.csv": SALES, "data/binary/a.parquet": parquet(id=[1], name=["a"], price=[2.5])},
        {"binary": ("s3://b/data/binary/", (), []), "text": ("s3://b/data/text/", (), [])},
        settings={"configuration": COMBINE},
    ),
    "TableLevelConfiguration sets the level of tables": Case(
        "DG:crawler-table-level: the level counts from the bucket, which is 1",
        {
            "data/one/x=1/a.csv": SALES,
            "data/one/x=2/a.csv": PEOPLE,
            "data/two/x=1/a.csv": SALES,
        },
        {
            "one": ("s3://b/data/one/", ("x",), [("1",), ("2",)]),
            "two": ("s3://b/data/two/", ("x",), [("1",)]),
        },
        settings={"configuration": '{"Version": 1.0, "Grouping": {"TableLevelConfiguration": 3}}'},
    ),
    "TableLevelConfiguration, files above the level": Case(
        "choice: docs/fidelity/crawler.md",
        {"data/readme.csv": SALES, "data/one/x=1/a.csv": SALES},
        {"data": ("s3://b/data/", (), []), "one": ("s3://b/data/one/", ("x",), [("1",)])},
        settings={"configuration": '{"Version": 1.0, "Grouping": {"TableLevelConfiguration": 3}}'},
    ),
    "a hive key that is also a column": Case(
        "choice: docs/fidelity/crawler.md; a table with one name twice can be read by nothing",
        {f"data/id={number}/a.csv": SALES for number in (1, 2)},
        {"data": ("s3://b/data/", ("partition_0",), [("1",), ("2",)])},
    ),
    "exclusions leave objects out": Case(
        "DG:define-crawler, the example departments/**",
        {"data/departments/x/a.csv": PEOPLE, "data/employees/a.csv": SALES},
        {"data": ("s3://b/data/", ("partition_0",), [("employees",)])},
        settings={"exclusions": ("departments/**",)},
    ),
    "a prefix and lower case": Case(
        "docs/facts/crawlers.md#table-names: prefix in front, lower case, underscores",
        {"My Data.v2/a.csv": SALES},
        {"raw_my_data_v2": ("s3://b/My Data.v2/", (), [])},
        path="s3://b/My Data.v2/",
        settings={"table_prefix": "RAW_"},
    ),
    "an escaped hive value": Case(
        "choice: docs/fidelity/crawler.md; Hive escapes such values when it writes",
        {"data/At=10%3A30/a.csv": SALES},
        {"data": ("s3://b/data/", ("at",), [("10:30",)])},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_tables_of_a_tree(case: Case, crawled: Callable[..., CrawlResult]) -> None:
    """A tree of objects gives the tables and partitions that the case's source documents."""
    result = crawled(case.tree, case.path, **case.settings)
    assert result.error is None
    found = {
        table.name: (
            table.location,
            tuple(key for key, _ in table.partition_keys),
            [partition.values for partition in table.partitions],
        )
        for table in result.tables
    }
    assert found == case.expected, case.source
    assert {kind for table in result.tables for _, kind in table.partition_keys} <= {"string"}


def test_combined_schema_has_the_columns_of_all(crawled: Callable[..., CrawlResult]) -> None:
    """Combined tables have every column of their files, partitions their own (DG:crawler-grouping-policy)."""
    result = crawled(
        {"data/year=2017/d.csv": "A,B\n1,2\n", "data/year=2018/d.csv": "C,D\n3,4\n"}, configuration=COMBINE
    )
    (table,) = result.tables
    assert dict(table.columns) == {"a": "bigint", "b": "bigint", "c": "bigint", "d": "bigint"}
    assert [dict(partition.columns).keys() for partition in table.partitions] == [{"a", "b"}, {"c", "d"}]


def test_same_names_get_the_hash_of_their_location(crawled: Callable[..., CrawlResult]) -> None:
    """Tables of one name are distinguished by a hash suffix
    (docs/facts/crawlers.md#table-names: collision, hash suffix)."""
    tree = {
        "data/x/same/a.csv": SALES,
        "data/y/same/a.csv": PEOPLE,
        "data/x/other/b.csv": PEOPLE,
        "data/y/b/b.csv": SALES,
    }
    names = [table.name for table in crawled(tree).tables]
    assert names[:2] == ["other", "same"]
    assert [name for name in names if name.startswith("same_")]
    assert len(set(names)) == 4


def test_a_second_crawl_finds_its_own_tables(crawled: Callable[..., CrawlResult]) -> None:
    """A table keeps its name when it is crawled again, and a table elsewhere keeps its own."""
    tree = {"data/a.csv": SALES}
    for location in ("s3://b/data", "s3a://b/data/"):
        again = crawled(tree, existing_tables=(("data", location),))
        assert [table.name for table in again.tables] == ["data"]
    (clash,) = crawled(tree, existing_tables=(("data", "s3://other/data/"),)).tables
    assert clash.name.startswith("data_")
    (later,) = crawled(tree, existing_tables=(("data", "s3://other/data/"), (clash.name, clash.location))).tables
    assert later.name == clash.name


def test_the_table_threshold_fails_the_crawl(crawled: Callable[..., CrawlResult]) -> None:
    """More tables than TableThreshold fail the crawl in the documented words
    (DG:crawler-maximum-number-of-tables).
    """
    result = crawled(
        {"data/sales/a.csv": SALES, "data/people/a.csv": PEOPLE},
        configuration='{"Version": 1.0, "CrawlerOutput": {"Tables": {"TableThreshold": 1}}}',
    )
    assert result.tables == ()
    assert result.error == "Table Threshold value = 1, Tables detected - 2"


def test_a_sample_reads_no_more_files_than_its_size(crawled: Callable[..., CrawlResult]) -> None:
    """SampleSize files of each leaf folder are read, all of them counted (service model, S3Target.SampleSize)."""
    tree = {f"data/x={folder}/{number}.csv": SALES for folder in (1, 2) for number in range(5)}
    result = crawled(tree, sample_size=2)
    (table,) = result.tables
    assert result.files_read == 4
    assert dict(table.parameters)["objectCount"] == "10"
    assert dict(table.parameters)["recordCount"] == "20"


@pytest.mark.parametrize("version", ["1.0", '"1.0"', "1", '"1"'])
def test_numbers_of_the_configuration_may_be_text(crawled: Callable[..., CrawlResult], version: str) -> None:
    """Templates write ``"1.0"`` and ``"3"``; the guide's examples have numbers (DG:crawler-configuration)."""
    grouping = '"Grouping": {"TableLevelConfiguration": "3"}, "CreatePartitionIndex": "false"'
    text = f'{{"Version": {version}, {grouping}}}'
    result = crawled({"data/a/x.csv": SALES, "data/b/x.csv": SALES}, configuration=text)
    assert result.error is None
    assert len(result.tables) == 2


@pytest.mark.parametrize("level", ["1_0", " 3", "+3", "nan", "3.0", "٣"])
def test_a_text_that_json_would_not_read_as_a_number_is_refused(
    crawled: Callable[..., CrawlResult], level: str
) -> None:
    """What only Python reads as a number is a fault: JSON has no underscores or spaces in them (RFC 8259)."""
    text = json.dumps({"Grouping": {"TableLevelConfiguration": level}})
    error = crawled({"data/a.csv": SALES}, configuration=text).error
    assert error is not None
    assert "TableLevelConfiguration must be a whole number above 0" in error


def test_bad_settings_fail_the_crawl_in_words(crawled: Callable[..., CrawlResult]) -> None:
    """Settings without sense are the crawl's error, all of them named."""
    text = '{"Version": "two", "Grouping": {"TableGroupingPolicy": "All", "TableLevelConfiguration": "0.5"}}'
    error = crawled({"data/a.csv": SALES}, configuration=text).error
    assert error is not None
    assert all(part in error for part in ("Version", "TableGroupingPolicy", "TableLevelConfiguration"))
    assert "opening bracket" in (crawled({"data/a.csv": SALES}, exclusions=("[a",)).error or "")
