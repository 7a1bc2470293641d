"""What findings change in the catalog
(DG:crawler-configuration, DG:incremental-crawls, docs/facts/crawlers.md#policies)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from crawler_trees import Tree

from glueprint.crawler.changes import (
    CatalogChange,
    CreatePartitions,
    CreateTable,
    DeletePartitions,
    DeleteTable,
    DeprecateTable,
    ReplacePartitionIndexes,
    UpdatePartition,
    UpdateTable,
)
from glueprint.crawler.configuration import Configuration
from glueprint.crawler.policy import CrawlPolicy, policy_conflicts
from glueprint.crawler.result import CrawlResult
from glueprint.crawler.statements import Statement
from glueprint.crawler.table_changes import CatalogTable, catalog_changes

POLICY = CrawlPolicy("c")
PATHS = ["s3://b/data/"]
TWO = "id,n\n1,2\n3,4\n"
THREE = "id,n,more\n1,2,3\n3,4,5\n"
MERGE = Configuration(merge_new_columns=True)


class Catalog:
    """A database: carries changes out as the server does, and keeps the log."""

    def __init__(self, crawled: Callable[..., CrawlResult]) -> None:
        self._crawled = crawled
        self.tables: dict[str, dict[str, Any]] = {}
        self.partitions: dict[str, dict[tuple[str, ...], dict[str, Any]]] = {}
        self.indexes: dict[str, list[dict[str, Any]]] = {}
        self.log: list[str] = []

    def crawl(self, tree: Tree, policy: CrawlPolicy = POLICY, crawl_id: str = "") -> list[CatalogChange]:
        """Crawl, apply the policy, carry out the changes; answers with them, log lines left out."""
        known = tuple((name, table["StorageDescriptor"]["Location"]) for name, table in self.tables.items())
        result = self._crawled(tree, existing_tables=known, crawl_id=crawl_id)
        existing = [
            CatalogTable({**table, "DatabaseName": "db", "VersionId": "1"}, tuple(self.partitions[name].values()))
            for name, table in self.tables.items()
        ]
        changes = catalog_changes(existing, result, PATHS, policy, now=1790211687.66)
        for change in changes:
            self._carry_out(change)
        return [change for change in changes if not isinstance(change, Statement)]

    def _carry_out(self, change: CatalogChange) -> None:
        match change:
            case CreateTable(table, indexes):
                assert table["Name"] not in self.tables
                self.indexes[table["Name"]] = [dict(index) for index in indexes]
                self.tables[table["Name"]] = dict(table)
                self.partitions[table["Name"]] = {}
            case UpdateTable(table) | DeprecateTable(table):
                assert table["Name"] in self.tables
                self.tables[table["Name"]] = dict(table)
            case ReplacePartitionIndexes(name, indexes):
                self.indexes[name] = [dict(index) for index in indexes]
            case DeleteTable(name):
                del self.tables[name], self.partitions[name]
            case CreatePartitions(name, inputs):
                assert 0 < len(inputs) <= 100
                for part in inputs:
                    assert tuple(part["Values"]) not in self.partitions[name]
                    self.partitions[name][tuple(part["Values"])] = dict(part)
            case UpdatePartition(name, values, part):
                assert values in self.partitions[name]
                self.partitions[name][values] = dict(part)
            case DeletePartitions(name, several):
                assert 0 < len(several) <= 25
                for values in several:
                    del self.partitions[name][values]
            case Statement():
                self.log.append(change.line)

    def columns(self, table: str = "data") -> dict[str, str]:
        """A table's columns with their types."""
        return {column["Name"]: column["Type"] for column in self.tables[table]["StorageDescriptor"]["Columns"]}


@pytest.fixture
def catalog(crawled: Callable[..., CrawlResult]) -> Catalog:
    """An empty database."""
    return Catalog(crawled)


def parts(*numbers: int, content: str = TWO) -> dict[str, str]:
    """A table of hive partitions."""
    return {f"data/x={number}/a.csv": content for number in numbers}


def test_a_second_crawl_of_unchanged_data_changes_nothing(catalog: Catalog) -> None:
    """Only the crawl's number is new, and that alone is no change (DG:crawler-configuration: changed
    definitions).
    """
    catalog.crawl(parts(1, 2), crawl_id="1")
    assert catalog.crawl(parts(1, 2), crawl_id="2") == []
    assert catalog.log[-1] == "table data: the catalog has it so already"


def test_partitions_are_created_in_batches(catalog: Catalog) -> None:
    """A table's partitions are created a hundred at a time (service model, BatchCreatePartition)."""
    changes = catalog.crawl(parts(*range(230)))
    assert [type(change) for change in changes] == [CreateTable] + [CreatePartitions] * 3
    assert len(catalog.partitions["data"]) == 230


def test_update_in_database_replaces_the_definition(catalog: Catalog) -> None:
    """New columns are added and foreign metadata goes (DG:crawler-configuration, UPDATE_IN_DATABASE)."""
    catalog.crawl({"data/a.csv": THREE})
    catalog.tables["data"]["Parameters"] = {**catalog.tables["data"]["Parameters"], "mine": "x"}
    assert [type(change) for change in catalog.crawl({"data/a.csv": TWO})] == [UpdateTable]
    assert catalog.columns() == {"id": "bigint", "n": "bigint"}
    assert "mine" not in catalog.tables["data"]["Parameters"]


def test_update_behavior_log_leaves_the_table_and_adds_partitions(catalog: Catalog) -> None:
    """With LOG a changed schema is a line in the log; new partitions are created all the same."""
    policy = replace(POLICY, update_behavior="LOG")
    catalog.crawl(parts(1), policy)
    changes = catalog.crawl(parts(1, 2, content=THREE), policy)
    assert [type(change) for change in changes] == [CreatePartitions]
    assert catalog.columns() == {"id": "bigint", "n": "bigint"}
    assert any("column more added" in line for line in catalog.log)


@pytest.mark.parametrize(
    ("behavior", "expected"),
    [("LOG", []), ("DEPRECATE_IN_DATABASE", [DeprecateTable]), ("DELETE_FROM_DATABASE", [DeleteTable])],
)
def test_delete_behavior_of_a_table_without_data(
    catalog: Catalog, behavior: str, expected: list[type[CatalogChange]]
) -> None:
    """A table whose data is gone is left, marked or deleted (DG:crawler-configuration, DeleteBehavior)."""
    policy = replace(POLICY, delete_behavior=behavior)
    catalog.crawl({"data/a.csv": TWO}, policy)
    assert [type(change) for change in catalog.crawl({}, policy)] == expected
    if expected == [DeprecateTable]:
        assert catalog.tables["data"]["Parameters"]["DEPRECATED_BY_CRAWLER"] == "1790211687660"
        assert catalog.crawl({}, policy) == []
        assert [type(change) for change in catalog.crawl({"data/a.csv": TWO}, policy)] == [UpdateTable]
        assert "DEPRECATED_BY_CRAWLER" not in catalog.tables["data"]["Parameters"]


@pytest.mark.parametrize(
    ("behavior", "expected"),
    [("LOG", []), ("DEPRECATE_IN_DATABASE", [UpdatePartition]), ("DELETE_FROM_DATABASE", [DeletePartitions])],
)
def test_delete_behavior_of_a_partition_without_data(
    catalog: Catalog, behavior: str, expected: list[type[CatalogChange]]
) -> None:
    """A partition whose folder is gone follows DeleteBehavior too (DG:crawler-configuration: tables and
    partitions).
    """
    policy = replace(POLICY, delete_behavior=behavior)
    catalog.crawl(parts(1, 2), policy)
    changes = [change for change in catalog.crawl(parts(1), policy) if not isinstance(change, UpdateTable)]
    assert [type(change) for change in changes] == expected
    assert any("1 partition " in line and "the data is gone" in line for line in catalog.log)


def test_a_crawler_touches_only_its_own_tables(catalog: Catalog) -> None:
    """Tables of other crawlers, of people, or outside the targets are not missing
    (docs/facts/crawlers.md#policies)."""
    catalog.crawl({"data/a.csv": TWO})
    own = catalog.tables.pop("data")
    catalog.tables = {
        "other": {**own, "Name": "other", "Parameters": {"UPDATED_BY_CRAWLER": "another"}},
        "hand": {**own, "Name": "hand", "Parameters": {}},
        "away": {
            **own,
            "Name": "away",
            "StorageDescriptor": {**own["StorageDescriptor"], "Location": "s3://b/data2/"},
        },
    }
    catalog.partitions = {name: {} for name in catalog.tables}
    assert catalog.crawl({}, replace(POLICY, delete_behavior="DELETE_FROM_DATABASE")) == []


def test_merge_new_columns_adds_and_keeps(catalog: Catalog) -> None:
    """Columns are added; none is removed or retyped; foreign metadata stays (DG:crawler-configuration)."""
    policy = replace(POLICY, configuration=MERGE, update_behavior="LOG")
    catalog.crawl({"data/a.csv": TWO}, policy)
    descriptor = catalog.tables["data"]["StorageDescriptor"]
    descriptor["Columns"] = [{"Name": "id", "Type": "string"}, {"Name": "old", "Type": "int"}]
    catalog.tables["data"]["Parameters"]["mine"] = "x"
    catalog.crawl({"data/a.csv": THREE}, policy)
    assert catalog.columns() == {"id": "string", "old": "int", "n": "bigint", "more": "bigint"}
    assert catalog.tables["data"]["Parameters"]["mine"] == "x"
    assert catalog.crawl({"data/a.csv": THREE}, policy) == []


def test_merge_new_columns_deprecates_what_it_cannot_follow(catalog: Catalog) -> None:
    """A changed delimiter deprecates the table and warns (DG:crawler-configuration: fundamental attributes), in
    the words of AWS's crawlers; so does an attribute that a table made by hand never had
    (cloud-intelligence-dashboards-data-collection, issue 463).
    """
    policy = replace(POLICY, configuration=MERGE)
    catalog.crawl({"data/a.csv": TWO}, policy)
    changes = catalog.crawl({"data/a.csv": TWO.replace(",", "|")}, policy)
    assert [type(change) for change in changes] == [DeprecateTable]
    assert any("the parameter 'delimiter' has changed. The existing value is ','" in line for line in catalog.log)
    catalog.crawl({"data/a.csv": TWO}, POLICY)
    del catalog.tables["data"]["Parameters"]["compressionType"]
    assert [type(change) for change in catalog.crawl({"data/a.csv": TWO}, policy)] == [DeprecateTable]
    assert any("The existing value is 'null', and the crawled value is 'none'" in line for line in catalog.log)


def test_partitions_inherit_from_the_table(catalog: Catalog) -> None:
    """Existing partitions get their table's columns at the next crawl (DG:crawler-configuration,
    InheritFromTable).
    """
    tree = parts(1, content=THREE) | parts(2, content="id,n,more,most\n1,2,3,4\n")
    catalog.crawl(tree)
    inherit = replace(POLICY, configuration=Configuration(inherit_from_table=True), update_behavior="LOG")
    catalog.crawl(tree, inherit)
    widths = {len(part["StorageDescriptor"]["Columns"]) for part in catalog.partitions["data"].values()}
    assert widths == {4}


def test_new_partition_keys_replace_the_partitions(catalog: Catalog) -> None:
    """Folders that change their keys replace the table's partitions
    (values are bound to keys, docs/facts/catalog.md#partitions)."""
    catalog.crawl(parts(1, 2))
    changes = catalog.crawl({"data/y=1/a.csv": TWO})
    kinds = [type(change) for change in changes]
    assert kinds == [DeletePartitions, UpdateTable, ReplacePartitionIndexes, CreatePartitions]
    assert set(catalog.partitions["data"]) == {("1",)}


def test_a_new_table_gets_an_index_over_all_its_keys(catalog: Catalog) -> None:
    """ "It also creates a partition index by default, with the largest permutation of all numeric and string type
    partition columns as keys" (AWS Big Data Blog, crawlers and partition indexes); keys that change replace it.
    """
    catalog.crawl({"data/y=1/m=2/a.csv": TWO, "data/y=1/m=3/a.csv": TWO})
    assert catalog.indexes == {"data": [{"IndexName": "crawler_partition_index", "Keys": ["y", "m"]}]}
    assert catalog.tables["data"]["Parameters"]["partition_filtering.enabled"] == "true"
    catalog.crawl({"data/day=1/a.csv": TWO})
    assert catalog.indexes == {"data": [{"IndexName": "crawler_partition_index", "Keys": ["day"]}]}


@pytest.mark.parametrize(
    ("tree", "configuration"),
    [
        ({"data/a.csv": TWO}, Configuration()),
        ({"data/y=1/a.csv": TWO}, Configuration.from_json('{"CreatePartitionIndex": false}')),
    ],
    ids=["no partitions", "switched off"],
)
def test_no_index_where_there_is_nothing_to_index(
    catalog: Catalog, tree: Tree, configuration: Configuration
) -> None:
    """Without partition keys, or with ``CreatePartitionIndex`` off (DG:crawler-configuration), there is none."""
    catalog.crawl(tree, replace(POLICY, configuration=configuration))
    assert list(catalog.indexes.values()) == [[]]


def test_new_folders_only_adds_partitions_that_fit(catalog: Catalog) -> None:
    """After the first crawl only fitting partitions are added; no tables, no updates (DG:incremental-crawls)."""
    first = CrawlPolicy("c", "LOG", "LOG", "CRAWL_NEW_FOLDERS_ONLY")
    later = replace(first, crawled_before=True)
    catalog.crawl(parts(1, 2, 3, 4), first)
    stranger = "a,b,c,d\n1,2,3,4\n"
    changes = catalog.crawl(parts(2, 3, 4, 5) | parts(6, content=stranger), later)
    assert [type(change) for change in changes] == [CreatePartitions]
    assert set(catalog.partitions["data"]) == {(number,) for number in "12345"}
    assert any("x=6/ is not added" in line for line in catalog.log)
    assert catalog.crawl({"data/p/a.csv": TWO, "data/q/a.csv": stranger}, later) == []


def test_catalog_targets_make_no_tables(catalog: Catalog) -> None:
    """With catalog tables as the source no table is made (DG:define-crawler, catalog tables as the source)."""
    assert catalog.crawl({"data/a.csv": TWO}, replace(POLICY, catalog_targets=True)) == []


def test_catalog_targets_keep_the_names_that_people_gave(
    crawled: Callable[..., CrawlResult], catalog: Catalog
) -> None:
    """A table made by hand keeps its name and partition keys, and gets new partitions (DG:define-crawler)."""
    result = crawled({f"data/{day}/a.csv": TWO for day in ("d1", "d2")}, catalog_table="mine")
    assert [table.name for table in result.tables] == ["mine"]
    made = {
        "Name": "mine",
        "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "bigint"}], "Location": "s3://b/data/"},
        "PartitionKeys": [{"Name": "day", "Type": "string"}],
    }
    policy = replace(POLICY, catalog_targets=True)
    changes = catalog_changes([CatalogTable(made)], result, PATHS, policy, now=0)
    (update,) = [change for change in changes if isinstance(change, UpdateTable)]
    assert update.table_input["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    (created,) = [change for change in changes if isinstance(change, CreatePartitions)]
    assert [part["Values"] for part in created.partition_inputs] == [["d1"], ["d2"]]


def test_a_failed_crawl_changes_nothing() -> None:
    """A crawl with an error writes nothing (DG:crawler-maximum-number-of-tables)."""
    assert catalog_changes([], CrawlResult(error="no"), PATHS, POLICY, 0) == []


def test_conflicting_policies_are_refused_in_glues_words() -> None:
    """New folders only wants LOG for both behaviours and S3 targets (texts of docs/facts/crawlers.md#policies)."""
    assert policy_conflicts("CRAWL_EVERYTHING", "LOG", "LOG", ["JdbcTargets"]) == []
    assert policy_conflicts("CRAWL_NEW_FOLDERS_ONLY", "LOG", "LOG", ["S3Targets"]) == []
    refusals = policy_conflicts(
        "CRAWL_NEW_FOLDERS_ONLY", "UPDATE_IN_DATABASE", "LOG", ["S3Targets", "JdbcTargets"]
    )
    assert refusals == [
        'RecrawlBehavior "Crawl new folders only" can only apply to Amazon S3 target.',
        'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG DeleteBehavior '
        "value and LOG UpdateBehavior value.",
    ]


def test_a_name_that_another_crawler_took_meanwhile_gets_a_hash(
    catalog: Catalog, crawled: Callable[..., CrawlResult]
) -> None:
    """Two crawls at once choose the same free name: the one that ends later creates its own table, and does not
    take the other's (DG:crawler-s3-folder-table-partition: a hash is added to names that are taken).
    """
    result = crawled({"data/a.csv": TWO}, existing_tables=(), crawl_id="1")
    other = {"Name": "data", "StorageDescriptor": {"Location": "s3://other/data/", "Columns": []}}
    changes = catalog_changes([CatalogTable(other)], result, PATHS, POLICY, now=1790211687.66)
    (created,) = [change for change in changes if isinstance(change, CreateTable)]
    assert created.table_input["Name"].startswith("data_")
    assert created.table_input["StorageDescriptor"]["Location"] == "s3://b/data/"
    assert not [change for change in changes if isinstance(change, (UpdateTable, DeleteTable, DeprecateTable))]
