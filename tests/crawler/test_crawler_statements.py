"""Statements of a crawl: which file decided what, what is left out, and what keeps tables apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from crawler_trees import PEOPLE, SALES, Tree, parquet

from glueprint.crawler.crawl import crawl
from glueprint.crawler.result import CrawlResult
from glueprint.crawler.specification import CrawlSpec, ObjectEntry, S3Target


def test_an_empty_prefix_makes_no_table_and_is_logged(crawled: Callable[..., CrawlResult]) -> None:
    """A crawl of nothing succeeds without tables, with a line in the log
    (docs/facts/crawlers.md#policies)."""
    result = crawled({"elsewhere/a.csv": SALES})
    assert (result.tables, result.error) == ((), None)
    assert "s3://b/data/: no data, so no table" in result.messages


def test_a_broken_file_costs_that_file(crawled: Callable[..., CrawlResult]) -> None:
    """A file that cannot be read becomes a warning and the rest is crawled."""
    result = crawled(
        {"data/a.parquet": parquet(x=[1]), "data/b.parquet": parquet(x=[1])[:40], "data/c.parquet": b"\0\1"}
    )
    (table,) = result.tables
    assert dict(table.parameters)["objectCount"] == "1"
    assert [warning.split(" is left out")[0] for warning in result.warnings] == [
        "s3://b/data/b.parquet",
        "s3://b/data/c.parquet",
    ]


def test_an_object_that_went_away_costs_that_object(crawled: Callable[..., CrawlResult], tmp_path: Path) -> None:
    """An object deleted between the listing and the crawl is a warning (it costs that file)."""
    gone = ObjectEntry("data/a.csv", 10, 1.0, str(tmp_path / "nothing"))
    result = crawl(CrawlSpec("c", "db", (S3Target("s3://b/data/", objects=(gone,)),)))
    assert result.tables == ()
    assert "it cannot be opened: it is gone" in result.warnings[0]


def test_the_log_names_the_file_that_decided(crawled: Callable[..., CrawlResult]) -> None:
    """The log names the classifier, the columns and the files that gave them (logs that explain)."""
    result = crawled({"data/a.csv": SALES})
    assert "classifier csv read id:bigint, name:string, price:double from s3://b/data/a.csv" in result.messages


def test_a_broken_file_in_the_sample_costs_that_file_alone(crawled: Callable[..., CrawlResult]) -> None:
    """Files beyond the sample are taken to be like a sampled one that could be read; where there is none, the log
    says how many are left out (a broken file costs that file).
    """
    good = parquet(a=[1])
    tree = {f"data/x={folder}/{number}.parquet": good for folder in (1, 2) for number in range(5)}
    result = crawled({**tree, "data/x=1/0.parquet": good[:30]}, sample_size=2)
    assert dict(result.tables[0].parameters)["objectCount"] == "9"
    result = crawled({**tree, "data/x=1/0.parquet": good[:30]}, sample_size=1)
    assert dict(result.tables[0].parameters)["objectCount"] == "5"
    assert any("s3://b/data/x=1/: 4 files beyond the sample" in warning for warning in result.warnings)


@pytest.mark.parametrize(
    ("tree", "reasons"),
    [
        (
            {"data/sales/a.csv": SALES, "data/people/a.csv": PEOPLE},
            {
                "sales": "only 50% of what lies in the folder above agree",
                "people": "CombineCompatibleSchemas would",
            },
        ),
        (
            {f"data/t{number}/a.csv": f"a{number},b{number}\n1,2\n3,4\n" for number in range(6)},
            {f"t{number}": "more than 5 different schemas" for number in range(6)},
        ),
        (
            {f"data/x={number}/a.csv": SALES for number in range(4)} | {"data/x=4/a.json": '{"a": 1}\n'},
            {"data": None, "x_4": "this is json, and most of the folder above is csv"},
        ),
        (
            {f"data/x={number}/a.csv": SALES for number in range(4)} | {"data/x=4/y=1/a.csv": SALES},
            {"data": None, "x_4": "this lies 2 folders deep in the folder above, and most of it 1"},
        ),
    ],
)
def test_the_log_says_why_tables_are_not_one(
    crawled: Callable[..., CrawlResult], tree: Tree, reasons: Mapping[str, str | None]
) -> None:
    """Users complain about too many tables: the log has the reason for each."""
    messages = crawled(tree).messages
    reported = {
        name: next((line for line in messages if line.startswith(f"table {name}: a table of its own")), None)
        for name in reasons
    }
    for name, words in reasons.items():
        assert (reported[name] is None) if words is None else (words in str(reported[name]))


def test_tables_of_lake_formats_are_warnings(crawled: Callable[..., CrawlResult]) -> None:
    """Files of a Delta, Iceberg or Hudi table hold rows that the table has deleted: a crawl of S3 cannot know
    (Delta and Iceberg refused by name).
    """
    data = parquet(a=[1])
    tree: Tree = {
        "data/delta/_delta_log/00000000000000000000.json": "{}",
        "data/delta/part-0.parquet": data,
        "data/ice/metadata/00000-1.metadata.json": '{"format-version": 2}',
        "data/ice/data/a.parquet": data,
        "data/hudi/.hoodie/hoodie.properties": "x=1",
        "data/hudi/a.parquet": data,
        "database/other/_delta_log/00000000000000000000.json": "{}",
    }
    warnings = crawled(tree).warnings
    named = [warning.split(": its files")[0] for warning in warnings if "its files are crawled" in warning]
    assert sorted(named) == [
        "s3://b/data/delta/ is a table of Delta Lake",
        "s3://b/data/hudi/ is a table of Hudi",
        "s3://b/data/ice/ is a table of Iceberg",
    ]


def test_a_fault_of_many_files_is_one_warning(crawled: Callable[..., CrawlResult]) -> None:
    """Ten files of one fault are one warning, with some of their names and their number (a warning in the
    log; no one reads a log of ten thousand lines).
    """
    quoted = {f"data/{number}.csv": 'id,name\n1,"a"\n2,"b"\n' for number in range(9)}
    unknown = {f"data/{number}.bin": b"\0\1" for number in range(10)}
    result = crawled({**quoted, **unknown})
    assert len(result.warnings) == 2
    assert "s3://b/data/2.bin and 7 more files are left out" in result.warnings[0]
    assert "s3://b/data/2.csv and 6 more files: values are in quotes" in result.warnings[1]


def test_partition_keys_that_the_catalog_names_are_explained(crawled: Callable[..., CrawlResult]) -> None:
    """A Catalog target's table keeps its names for levels of folders, and the log says whose they are
    (DG:define-crawler, catalog tables as the source); other numbers of levels have names of the crawl's.
    """
    tree = {f"data/{day}/a.csv": SALES for day in ("d1", "d2")}
    result = crawled(tree, catalog_table="mine", catalog_keys=("day",))
    assert result.tables[0].partition_keys == (("day", "string"),)
    expected = (
        'table mine, partition key "day": so the table in the catalog calls the 2 folders at this level (d1, d2)'
    )
    assert expected in result.messages
    other = crawled(tree, catalog_table="mine", catalog_keys=("day", "hour"))
    assert other.tables[0].partition_keys == (("partition_0", "string"),)


def test_statements_are_data_for_programs(crawled: Callable[..., CrawlResult]) -> None:
    """Table, column and partition key are members of a statement, and its line starts with them."""
    result = crawled({"data/x=1/a.csv": 'id,"a ""b"\n1,2.5\n2,3.5\n'})
    about = {(one.table, one.column, one.partition_key) for one in result.statements}
    assert {("data", None, None), ("data", "id", None), ("data", None, "x"), (None, None, None)} <= about
    (column,) = [one for one in result.statements if one.column == "id"]
    assert column.line == f'table data, column "id": {column.text}'
    assert column.text == "bigint, because data/x=1/a.csv has bigint"
    (key,) = [one for one in result.statements if one.partition_key == "x"]
    assert key.line == f'table data, partition key "x": {key.text}'
