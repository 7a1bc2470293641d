"""The blueprint ``s3_to_jdbc`` without Spark and database: its layout, its look, its report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from fake_catalogue import FakeCatalogue
from fake_s3 import FakeS3
from layouts_in_memory import jobs, layout, moto_address

from glue_jobs.common.database_address import UnusableConnection
from glue_jobs.common.presence import Marker, put_marker
from glue_jobs.s3_to_jdbc import load, look, report
from glueprint.blueprint.layout_host import LayoutError

aws = pytest.fixture(scope="module")(moto_address)
PARAMETERS = {
    "SourceDatabase": "Analytics",
    "SourceTable": "Scores",
    "ConnectionName": "pg",
    "TargetTable": "sales.Scores",
    "KeyColumns": ["Customer", "day"],
}


def test_the_workflow_is_look_load_report(aws: str) -> None:
    """Only the job that writes runs in the connection's network; its catalog is the Data Catalog."""
    made = jobs(
        layout(aws, "s3_to_jdbc", PARAMETERS, OrderColumn="at", Mode="replace", ParallelWrites=2, OnMissing="fail")
    )
    assert list(made) == ["look", "load", "report"]
    assert [step for step in made if "Connections" in made[step]] == ["load"]
    wanted = {
        "--source_database": "analytics",
        "--source_table": "scores",
        "--target_table": "sales.Scores",
        "--key_columns": "Customer,day",
        "--order_column": "at",
        "--write_mode": "replace",
        "--parallel_writes": "2",
        "--lock_folder": "s3://scripts/glueprint/manifests/nightly/",
        "--enable-glue-datacatalog": "true",
    }
    given = made["load"]["DefaultArguments"]
    assert {name: given.get(name) for name in wanted} == wanted


def test_wrong_parameters_are_reported_all_at_once(aws: str) -> None:
    """Every problem names its parameter, in one message."""
    with pytest.raises(LayoutError) as caught:
        layout(
            aws,
            "s3_to_jdbc",
            PARAMETERS,
            KeyColumns=["a,b", "c", "C"],
            OrderColumn="-x",
            ParallelWrites=0,
            TargetTable=" ",
            SourceTable="",
        )
    message = str(caught.value)
    wrong = (
        "KeyColumns must be a list",
        "KeyColumns must not name a column twice",
        "OrderColumn must",
        "ParallelWrites must",
        "TargetTable must",
        "SourceTable must",
    )
    assert [text for text in wrong if text not in message] == []
    with pytest.raises(LayoutError, match="KeyColumns must name a column"):
        layout(aws, "s3_to_jdbc", PARAMETERS, KeyColumns=[""])


class World(FakeCatalogue):
    """A Glue with a connection."""

    url = "jdbc:postgresql://h/db"

    def get_connection(self, Name: str) -> dict[str, Any]:  # noqa: N803 - as boto3 names it
        """GetConnection."""
        return {
            "Connection": {"ConnectionType": "JDBC", "ConnectionProperties": {"JDBC_CONNECTION_URL": self.url}}
        }


ARGUMENTS = {
    "WORKFLOW_RUN_ID": "r1",
    "connection_name": "pg",
    "source_database": "analytics",
    "source_table": "scores",
    "manifest_folder": "s3://scripts/m",
}


def looked(s3: FakeS3, glue: World) -> Marker:
    """The marker of a look."""
    marker, _ = look.look(s3, glue, ARGUMENTS, datetime(2026, 11, 30, tzinfo=UTC), lambda: None)
    return marker


def test_the_look_counts_the_files_of_the_table_and_of_its_partitions() -> None:
    """README: the source must exist and have files; hidden and empty ones do not count."""
    s3, glue = FakeS3(), World()
    assert looked(s3, glue).reason == "there is no table analytics.scores"
    glue.tables["scores"] = {"Name": "scores", "StorageDescriptor": {"Location": "s3://lake/scores"}}
    for key, body in (("_SUCCESS", b"x"), ("empty", b""), (".x/a", b"y")):
        s3.put_object(Bucket="lake", Key="scores/" + key, Body=body)
    assert looked(s3, glue).reason == "the table analytics.scores has no files"
    s3.put_object(Bucket="lake", Key="scores/a=1/x", Body=b"abc")
    marker = looked(s3, glue)
    assert (marker.present, marker.count, marker.total_bytes) == (True, 1, 3)
    assert (marker.location, marker.manifest) == ("analytics.scores", "s3://scripts/m/r1.json")
    glue.tables["scores"]["PartitionKeys"] = [{"Name": "a"}]
    glue.partitions["scores"] = {("2",): {"StorageDescriptor": {"Location": "s3://lake/elsewhere/"}}}
    assert not looked(s3, glue).present


def test_other_databases_than_postgresql_are_refused() -> None:
    """README: for PostgreSQL only; the error names the connection."""
    glue = World()
    glue.url = "jdbc:mysql://h/db"
    with pytest.raises(UnusableConnection, match="pg is of mysql; rows can be merged into PostgreSQL only"):
        looked(FakeS3(), glue)


def test_the_report_and_a_run_without_input() -> None:
    """The report has what was merged; with a false marker neither Spark nor the database is opened."""
    glue = World()
    put_marker(glue, "daily", "r1", Marker(False, 0, 0, "", "now", "a.b", "the table a.b has no files", ""))
    arguments = {"WORKFLOW_NAME": "daily", "WORKFLOW_RUN_ID": "r1"}
    load.load(FakeS3(), glue, arguments, lambda _: pytest.fail("opened"))
    assert report.summary(glue.properties["r1"], "t")[-1] == "result   nothing merged: the table a.b has no files"
    put_marker(glue, "daily", "r2", Marker(True, 1, 1, "", "now", "a.b", "", "s3://x/y"))
    glue.properties["r2"] |= {f"s3_to_jdbc.{name}": "7" for name in ("inserted", "updated", "deleted")}
    assert report.summary(glue.properties["r2"], "t")[-1] == (
        "result   t: 7 rows inserted, 7 updated, 7 deleted before"
    )
