"""The Athena API of the local Glue; members and errors: service model ``athena`` and Athena's user guide."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from harness.athena_api import OUTPUT, after
from harness.local_server import Server, until
from query_running import Statements


@pytest.fixture
def athena(shop: Statements) -> Any:
    """A client."""
    return shop.client("athena")


def ended(athena: Any, sql: str, **members: Any) -> dict[str, Any]:
    """A query that has ended."""
    request = {"QueryString": sql, "QueryExecutionContext": {"Database": "shop"}, **OUTPUT, **members}
    return after(athena, athena.start_query_execution(**request)["QueryExecutionId"])


def refused(call: Any, **request: Any) -> str:
    """The code and message of a refusal."""
    with pytest.raises(ClientError) as error:
        call(**request)
    return f"{error.value.response['Error']['Code']}: {error.value.response['Error']['Message']}"


def test_a_query_runs_and_its_result_has_pages(athena: Any, shop: Statements) -> None:
    """StartQueryExecution to GetQueryResults: states, statistics, types, header, pages, the files in S3."""
    found = ended(athena, "SELECT id, name, price, day FROM sales ORDER BY id")
    assert (found["Status"]["State"], found["StatementType"], found["SubstatementType"]) == (
        "SUCCEEDED",
        "DML",
        "SELECT",
    )
    id_ = found["QueryExecutionId"]
    assert found["ResultConfiguration"]["OutputLocation"] == f"s3://results/api/{id_}.csv"
    assert found["Statistics"]["DataScannedInBytes"] > 0
    first = athena.get_query_results(QueryExecutionId=id_, MaxResults=2)
    columns = first["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [(one["Name"], one["Type"], one["Precision"], one["Scale"]) for one in columns] == [
        ("id", "integer", 10, 0),
        ("name", "varchar", 2147483647, 0),
        ("price", "decimal", 4, 2),
        ("day", "date", 0, 0),
    ]
    pages = [first, athena.get_query_results(QueryExecutionId=id_, NextToken=first["NextToken"])]
    rows = [
        [cell.get("VarCharValue") for cell in row["Data"]]
        for page in pages
        for row in page["ResultSet"]["Rows"]
    ]
    assert rows[0] == ["id", "name", "price", "day"]
    assert rows[3] == ["3", None, "0.75", "2024-01-02"]
    assert "NextToken" not in pages[1]
    keys = {one["Key"] for one in shop.s3.list_objects_v2(Bucket="results", Prefix=f"api/{id_}")["Contents"]}
    assert keys == {f"api/{id_}.csv", f"api/{id_}.csv.metadata"}
    timeline = athena.get_query_runtime_statistics(QueryExecutionId=id_)["QueryRuntimeStatistics"]
    assert timeline["Rows"]["OutputRows"] == 3
    assert id_ in athena.list_query_executions()["QueryExecutionIds"]
    batch = athena.batch_get_query_execution(QueryExecutionIds=[id_, "nothing"])
    assert [one["QueryExecutionId"] for one in batch["QueryExecutions"]] == [id_]
    assert [one["QueryExecutionId"] for one in batch["UnprocessedQueryExecutionIds"]] == ["nothing"]


def test_a_failure_has_athenas_reason(athena: Any) -> None:
    """FAILED with StateChangeReason and AthenaError (category 2: the user); no results."""
    found = ended(athena, "SELECT nope FROM sales")
    reason = "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"
    assert (found["Status"]["State"], found["Status"]["StateChangeReason"]) == ("FAILED", reason)
    error = found["Status"]["AthenaError"]
    assert (error["ErrorCategory"], error["ErrorMessage"], error["Retryable"]) == (2, reason, False)
    assert (
        refused(athena.get_query_results, QueryExecutionId=found["QueryExecutionId"])
        == "InvalidRequestException: Query did not finish successfully. Final query state: FAILED"
    )


def test_a_running_query_is_stopped(athena: Any) -> None:
    """StopQueryExecution: CANCELLED at once; the process is gone, and the next query runs."""
    sql = (
        "SELECT count(*) FROM unnest(sequence(1, 100000)) AS a(x), unnest(sequence(1, 100000)) AS b(y) WHERE"
        " x + y = 7"
    )
    request = {"QueryString": sql, **OUTPUT}
    id_ = athena.start_query_execution(**request)["QueryExecutionId"]
    until(
        lambda: (
            athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]["Status"]["State"] == "RUNNING"
        )
    )
    athena.stop_query_execution(QueryExecutionId=id_)
    found = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
    assert found["Status"]["State"] == "CANCELLED"
    assert ended(athena, "SELECT 1")["Status"]["State"] == "SUCCEEDED"


def test_a_repeated_token_starts_nothing(athena: Any) -> None:
    """ClientRequestToken: "a unique case-sensitive string used to ensure the request is idempotent"."""
    request = {"QueryString": "SELECT 1", "ClientRequestToken": "t" * 32, **OUTPUT}
    first, second = (athena.start_query_execution(**request)["QueryExecutionId"] for _ in range(2))
    assert first == second
    assert "do not match" in refused(athena.start_query_execution, **{**request, "QueryString": "SELECT 2"})


def test_a_workgroup_decides_where_results_go(athena: Any) -> None:
    """CreateWorkGroup to DeleteWorkGroup; EnforceWorkGroupConfiguration overrides the query's own location."""
    assert "No output location provided" in refused(athena.start_query_execution, QueryString="SELECT 1")
    nowhere = {"OutputLocation": "s3://no-such-bucket/x/"}
    message = refused(athena.start_query_execution, QueryString="SELECT 1", ResultConfiguration=nowhere)
    assert "Unable to verify/create output bucket no-such-bucket" in message  # pyathena-dev/PyAthena#67
    place = {
        "ResultConfiguration": {"OutputLocation": "s3://results/group/"},
        "EnforceWorkGroupConfiguration": True,
    }
    athena.create_work_group(Name="analysts", Configuration=place, Tags=[{"Key": "team", "Value": "data"}])
    found = ended(athena, "SELECT 1", WorkGroup="analysts")
    assert found["ResultConfiguration"]["OutputLocation"].startswith("s3://results/group/")
    arn = "arn:aws:athena:us-east-1:123456789012:workgroup/analysts"
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": "data"}]
    assert "is not empty" in refused(athena.delete_work_group, WorkGroup="analysts")
    athena.update_work_group(WorkGroup="analysts", State="DISABLED")
    assert "is disabled" in refused(
        athena.start_query_execution, QueryString="SELECT 1", WorkGroup="analysts"
    )
    athena.delete_work_group(WorkGroup="analysts", RecursiveDeleteOption=True)
    assert "WorkGroup analysts is not found" in refused(athena.get_work_group, WorkGroup="analysts")
    assert [one["Name"] for one in athena.list_work_groups()["WorkGroups"]] == ["primary"]


def test_queries_are_kept_by_name(athena: Any) -> None:
    """Named queries and prepared statements: created, read, listed, changed, deleted."""
    id_ = athena.create_named_query(Name="n", Database="shop", QueryString="SELECT 1")["NamedQueryId"]
    athena.update_named_query(NamedQueryId=id_, Name="m", QueryString="SELECT 2")
    assert athena.get_named_query(NamedQueryId=id_)["NamedQuery"]["QueryString"] == "SELECT 2"
    assert athena.list_named_queries()["NamedQueryIds"] == [id_]
    athena.delete_named_query(NamedQueryId=id_)
    place = {"StatementName": "by_id", "WorkGroup": "primary"}
    athena.create_prepared_statement(**place, QueryStatement="SELECT name FROM sales WHERE id = ?")
    listed = athena.list_prepared_statements(WorkGroup="primary")["PreparedStatements"]
    assert [one["StatementName"] for one in listed] == ["by_id"]
    found = ended(athena, "EXECUTE by_id", ExecutionParameters=["2"])
    rows = athena.get_query_results(QueryExecutionId=found["QueryExecutionId"])["ResultSet"]["Rows"]
    assert rows[1]["Data"] == [{"VarCharValue": "bob"}]
    athena.delete_prepared_statement(**place)
    assert refused(athena.get_prepared_statement, **place).startswith(
        "ResourceNotFoundException: PreparedStatement"
    )


def test_the_data_catalog_is_described(athena: Any) -> None:
    """ListDataCatalogs, GetDatabase, ListTableMetadata, GetTableMetadata."""
    assert [one["CatalogName"] for one in athena.list_data_catalogs()["DataCatalogsSummary"]] == [
        "AwsDataCatalog"
    ]
    of_shop = {"CatalogName": "AwsDataCatalog", "DatabaseName": "shop"}
    assert athena.get_database(**of_shop)["Database"]["Name"] == "shop"
    assert "sales" in [one["Name"] for one in athena.list_table_metadata(**of_shop)["TableMetadataList"]]
    table = athena.get_table_metadata(**of_shop, TableName="sales")["TableMetadata"]
    assert [(one["Name"], one["Type"]) for one in table["Columns"]][:2] == [("id", "int"), ("name", "string")]
    assert refused(athena.get_table_metadata, **of_shop, TableName="nope").startswith("MetadataException: ")


def test_statements_have_text_results(athena: Any) -> None:
    """DDL and SHOW: a ``.txt`` file, and rows without a header."""
    found = ended(athena, "SHOW TABLES 'sales'")
    assert found["StatementType"] == "UTILITY"
    assert found["ResultConfiguration"]["OutputLocation"].endswith(".txt")
    rows = athena.get_query_results(QueryExecutionId=found["QueryExecutionId"])["ResultSet"]["Rows"]
    assert rows == [{"Data": [{"VarCharValue": "sales"}]}]


def test_operations_that_are_not_served_are_named(athena: Any) -> None:
    """Notebooks, Spark, capacity: refused by name."""
    assert "StartSession is not implemented" in refused(
        athena.start_session, WorkGroup="primary", EngineConfiguration={"MaxConcurrentDpus": 4}
    )
    assert "is not supported" in refused(
        athena.create_work_group,
        Name="m",
        Configuration={"ManagedQueryResultsConfiguration": {"Enabled": True}},
    )


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may be killed."""
    with Server(tmp_path_factory.mktemp("killed") / "data") as server:
        yield server


@pytest.mark.query
def test_queries_outlive_a_kill_of_the_server(own_server: Server) -> None:
    """What has ended stays; what ran when the server was killed has failed, what waited is run by the next one."""
    own_server.client("s3").create_bucket(Bucket="results")
    athena = own_server.client("athena")
    done = ended(athena, "SELECT 1", QueryExecutionContext={"Database": "default"})
    slow = (
        "SELECT count(*) FROM unnest(sequence(1, 100000)) AS a(x), unnest(sequence(1, 100000)) AS b(y) WHERE"
        " x + y = 7"
    )
    ids = [athena.start_query_execution(QueryString=slow, **OUTPUT)["QueryExecutionId"] for _ in range(4)]
    last = athena.start_query_execution(QueryString="SELECT 2", **OUTPUT)["QueryExecutionId"]
    for id_ in ids[2:]:
        athena.stop_query_execution(QueryExecutionId=id_)
    until(lambda: states(athena, ids[:2]) == ["RUNNING", "RUNNING"])
    own_server.kill()
    time.sleep(0.2)
    own_server.start()
    athena = own_server.client("athena")
    assert states(athena, [done["QueryExecutionId"]]) == ["SUCCEEDED"]
    for id_ in ids[:2]:
        found = after(athena, id_)
        assert found["Status"]["State"] == "FAILED"
        assert found["Status"]["AthenaError"]["Retryable"] is True
    assert after(athena, last)["Status"]["State"] in ("SUCCEEDED", "FAILED")
    assert states(athena, ids[2:]) == ["CANCELLED", "CANCELLED"]


def states(athena: Any, ids: list[str]) -> list[str]:
    """The states of queries."""
    found = athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"]
    by_id = {one["QueryExecutionId"]: one["Status"]["State"] for one in found}
    return [by_id[id_] for id_ in ids]
