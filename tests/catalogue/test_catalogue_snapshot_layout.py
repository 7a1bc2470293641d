"""The layout of ``snapshot``, run from its built zip against an AWS in memory (moto)."""

from __future__ import annotations

import pytest
from layouts_in_memory import jobs, layout, moto_address

from glueprint.blueprint.layout_host import LayoutError

aws = pytest.fixture(scope="module")(moto_address)
PARAMETERS = {
    "ConnectionName": "pg",
    "Tables": ["sales.*", "orders"],
    "DestinationLocation": "s3://lake/snap",
    "DestinationDatabase": "Snaps",
}


def test_look_snapshot_report_with_the_connection(aws: str) -> None:
    """The jobs that read the database run in the connection's network; lists are joined, empty values left out."""
    made = jobs(
        layout(
            aws,
            "snapshot",
            PARAMETERS,
            ExcludeTables=["sales.tmp_*"],
            TablePrefix="S_",
            KeyColumn="Id",
            IncrementalColumn="Changed",
            ParallelReads=3,
            UnboundedNumbers="string",
            KeepSnapshots=14,
            TimeoutMinutes=5,
            Tags=["team=data"],
        )
    )
    assert list(made) == ["look", "snapshot", "report"]
    for step in ("look", "snapshot"):
        assert made[step]["Connections"] == {"Connections": ["pg"]}
        assert made[step]["DefaultArguments"]["--connection_name"] == "pg"
    assert "Connections" not in made["report"]
    assert {job["Timeout"] for job in made.values()} == {5}
    assert all(job["Tags"] == {"team": "data"} for job in made.values())
    look, copy = made["look"]["DefaultArguments"], made["snapshot"]["DefaultArguments"]
    assert (look["--tables"], look["--exclude_tables"], look["--default_schema"]) == (
        "sales.*,orders",
        "sales.tmp_*",
        "public",
    )
    wanted = {
        "--table_prefix": "s_",
        "--key_column": "Id",
        "--incremental_column": "Changed",
        "--parallel_reads": "3",
        "--unbounded_numbers": "string",
        "--keep_snapshots": "14",
        "--database": "snaps",
        "--destination": "s3://lake/snap/",
    }
    assert {name: copy.get(name) for name in wanted} == wanted
    assert "--source_database" not in copy
    assert "--enable-glue-datacatalog" not in copy


def test_a_source_in_the_catalogue_needs_no_connection(aws: str) -> None:
    """SourceDatabase: Spark's catalog is the Data Catalog (DG:aws-glue-programming-etl-glue-data-catalog-hive)."""
    made = jobs(layout(aws, "snapshot", PARAMETERS, ConnectionName="", SourceDatabase="Shop", OnMissing="fail"))
    assert not any("Connections" in job for job in made.values())
    assert made["snapshot"]["DefaultArguments"]["--enable-glue-datacatalog"] == "true"
    assert made["look"]["DefaultArguments"]["--source_database"] == "shop"
    assert "MaxRetries" not in made["look"]


def test_wrong_parameters_are_reported_all_at_once(aws: str) -> None:
    """Every problem names its parameter, in one message."""
    with pytest.raises(LayoutError) as caught:
        layout(
            aws,
            "snapshot",
            PARAMETERS,
            SourceDatabase="snaps",
            Tables=["a,b", "-c"],
            ExcludeTables=["x,y"],
            TablePrefix="no-dash",
            KeepSnapshots=0,
            ParallelReads=0,
            IncrementalColumn="-x",
            KeyColumn="-y",
        )
    message = str(caught.value)
    wrong = (
        "ConnectionName or SourceDatabase must be given, and not both",
        "DestinationDatabase must not be SourceDatabase",
        "Tables must be a list",
        "Tables must not start",
        "ExcludeTables must",
        "TablePrefix must",
        "KeepSnapshots must",
        "ParallelReads must",
        "IncrementalColumn must",
        "KeyColumn must",
    )
    assert [text for text in wrong if text not in message] == []
    with pytest.raises(LayoutError, match="Tables must name a table"):
        layout(aws, "snapshot", PARAMETERS, Tables=[""])
    with pytest.raises(LayoutError, match="KeyColumn must be empty without ConnectionName"):
        layout(aws, "snapshot", PARAMETERS, ConnectionName="", SourceDatabase="shop", KeyColumn="id")
