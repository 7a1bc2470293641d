"""Spark SQL over the Data Catalog in jobs of a real server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from harness import local_server
from harness.local_server import GLUE_VERSION, ROLE, Server

pytestmark = [pytest.mark.spark, pytest.mark.jobs]

SCRIPT = """
import json, sys
import boto3
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME"])
context = GlueContext(SparkContext.getOrCreate())
spark = context.spark_session
job = Job(context)
job.init(args["JOB_NAME"], args)
boto3.client("s3").create_bucket(Bucket="made-by-the-job")
spark.sql("create table shop.totals stored as parquet location 's3://made-by-the-job/totals' as "
          "select city, sum(amount) as total from shop.orders where year = '2024' group by city")
seen = {"totals": sorted(tuple(row) for row in spark.table("shop.totals").collect()),
        "tables": sorted(table.name for table in spark.catalog.listTables("shop"))}
job.commit()
print(json.dumps(seen))
spark.sql("use shop")
spark.sql("select * from order").show()
"""


def _job(server: Server, name: str, arguments: dict[str, str]) -> str:
    glue = server.client("glue")
    location = server.put_script(f"{name}.py", SCRIPT)
    command = {"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"}
    glue.create_job(Name=name, Role=ROLE, Command=command, GlueVersion=GLUE_VERSION, DefaultArguments=arguments)
    run_id: str = glue.start_job_run(JobName=name)["JobRunId"]
    return run_id


def _not_found(*parts: str) -> str:
    """Return Spark's words, which 3.4 changed."""
    if GLUE_VERSION == "4.0":
        return f"Table or view not found: {'.'.join(parts)};"
    return f"{'.'.join(f'`{part}`' for part in parts)} cannot be found"


def _text(server: Server, group: str, run_id: str) -> str:
    logs = server.client("logs")
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=run_id)["logStreams"]
    found: list[dict[str, Any]] = []
    for stream in streams:
        name = stream["logStreamName"]
        found += logs.get_log_events(logGroupName=group, logStreamName=name, startFromHead=True)["events"]
    return "".join(event["message"] for event in found)


def test_jobs_with_and_without_the_data_catalog(
    sql_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --enable-glue-datacatalog a job's Spark SQL reads and writes the Data Catalog, also in a bucket that
    the job creates; without it Spark finds no such table, as on AWS. The error log has a hint for a table that
    is not found.
    """
    monkeypatch.setattr(local_server, "DEADLINE", 500.0)  # two cold Sparks on a machine that others use as well
    glue, s3 = sql_server.client("glue"), sql_server.client("s3")
    s3.create_bucket(Bucket="shop")
    s3.put_object(Bucket="shop", Key="orders/year=2024/f.csv", Body=b"Rome,5\nOslo,1\nRome,2\n")
    glue.create_database(DatabaseInput={"Name": "shop", "LocationUri": "s3://shop/"})
    storage = {
        "Columns": [{"Name": "city", "Type": "string"}, {"Name": "amount", "Type": "bigint"}],
        "Location": "s3://shop/orders/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ","},
        },
    }
    table = {"Name": "orders", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage}
    keys = [{"Name": "year", "Type": "string"}]
    glue.create_table(DatabaseName="shop", TableInput={**table, "PartitionKeys": keys})
    place = {**storage, "Location": "s3://shop/orders/year=2024/"}
    glue.create_partition(
        DatabaseName="shop",
        TableName="orders",
        PartitionInput={"Values": ["2024"], "StorageDescriptor": place},
    )
    with_it = _job(sql_server, "with-catalog", {"--enable-glue-datacatalog": "true"})
    run = sql_server.finished_job_run("with-catalog", with_it)
    error_log = _text(sql_server, "/aws-glue/jobs/error", with_it)
    assert _not_found("order") in run["ErrorMessage"], (run, error_log)
    assert "Database shop of the Data Catalog has no table order; it has orders, totals." in error_log
    output = _text(sql_server, "/aws-glue/jobs/output", with_it)
    assert json.loads(output.splitlines()[0]) == {
        "totals": [["Oslo", 1], ["Rome", 7]],
        "tables": ["orders", "totals"],
    }
    made = glue.get_table(DatabaseName="shop", Name="totals")["Table"]
    assert made["StorageDescriptor"]["Location"] == "s3://made-by-the-job/totals"

    without = _job(sql_server, "without-catalog", {})
    run = sql_server.finished_job_run("without-catalog", without)
    assert _not_found("shop", "orders") in run["ErrorMessage"]
    assert "add the job argument --enable-glue-datacatalog" in _text(
        sql_server, "/aws-glue/jobs/error", without
    )


DROPPING = """
from awsglue.context import GlueContext
from pyspark.context import SparkContext

spark = GlueContext(SparkContext.getOrCreate()).spark_session
spark.sql("alter table drops.orders drop partition (year='2024')")
print([tuple(row) for row in spark.sql("show partitions drops.orders").collect()])
"""


def test_a_job_that_drops_a_partition_first_has_an_empty_error_log(sql_server: Server) -> None:
    """A job that succeeds prints no stack trace of the metastore."""
    glue = sql_server.client("glue")
    glue.create_database(DatabaseInput={"Name": "drops", "LocationUri": "s3://drops/"})
    storage = {
        "Columns": [{"Name": "city", "Type": "string"}],
        "Location": "s3://drops/orders/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
    }
    glue.create_table(
        DatabaseName="drops",
        TableInput={
            "Name": "orders",
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": [{"Name": "year", "Type": "string"}],
            "StorageDescriptor": storage,
        },
    )
    for year in ("2024", "2025"):
        place = {**storage, "Location": f"s3://drops/orders/year={year}/"}
        glue.create_partition(
            DatabaseName="drops",
            TableName="orders",
            PartitionInput={"Values": [year], "StorageDescriptor": place},
        )
    location = sql_server.put_script("drops.py", DROPPING)
    command = {"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"}
    arguments = {"--enable-glue-datacatalog": "true"}
    glue.create_job(Name="drops", Role=ROLE, Command=command, GlueVersion=GLUE_VERSION, DefaultArguments=arguments)
    run_id = glue.start_job_run(JobName="drops")["JobRunId"]
    run = local_server.until(lambda: _ended(glue, "drops", run_id))
    assert run["JobRunState"] == "SUCCEEDED"
    assert "year=2025" in _text(sql_server, "/aws-glue/jobs/output", run_id)
    assert _text(sql_server, "/aws-glue/jobs/error", run_id) == ""


def _ended(glue: Any, job: str, run_id: str) -> dict[str, Any] | None:
    run: dict[str, Any] = glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
    return run if run["JobRunState"] in ("SUCCEEDED", "FAILED", "ERROR") else None
