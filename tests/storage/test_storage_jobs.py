"""A whole Spark job on a real server: from a catalog table through Amazon's package to a table that it makes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from harness.local_server import GLUE_VERSION, ROLE, Server

pytestmark = [pytest.mark.spark, pytest.mark.jobs]

SCRIPT = """
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.transforms import ApplyMapping
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME"])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args["JOB_NAME"], args)
orders = glue.create_dynamic_frame.from_catalog(
    database="shop", table_name="orders", transformation_ctx="orders", push_down_predicate="year = '2024'"
)
mapped = ApplyMapping.apply(
    frame=orders,
    mappings=[("id", "int", "order_id", "long"), ("year", "string", "year", "string")],
    transformation_ctx="mapped",
)
sink = glue.getSink(
    "s3", path="s3://shop-out/orders/", enableUpdateCatalog=True, partitionKeys=["year"], transformation_ctx="sink"
)
sink.setFormat("glueparquet")
sink.setCatalogInfo(catalogDatabase="shop", catalogTableName="clean_orders")
sink.writeFrame(mapped)
print("records", mapped.count())
job.commit()
"""


def put_orders(server: Server, key: str, *ids: int) -> None:
    """Store orders, a line each."""
    body = "".join(json.dumps({"id": one}) + "\n" for one in ids)
    server.client("s3").put_object(Bucket="shop-in", Key=key, Body=body.encode())


def run(server: Server) -> dict[str, Any]:
    """A run of the job to its end."""
    run_id = server.client("glue").start_job_run(JobName="orders")["JobRunId"]
    ended: dict[str, Any] = server.finished_job_run("orders", run_id)
    return ended


def output(server: Server, run_id: str) -> str:
    """What a run printed."""
    page = server.client("logs").get_log_events(logGroupName="/aws-glue/jobs/output", logStreamName=run_id)
    return "".join(one["message"] for one in page["events"])


def test_a_job_from_table_to_table(server: Server) -> None:
    """from_catalog, ApplyMapping, getSink with catalog update; a second run reads only what is new and adds to
    what is there.
    """
    glue, s3 = server.client("glue"), server.client("s3")
    for bucket in ("shop-in", "shop-out"):
        s3.create_bucket(Bucket=bucket)
    glue.create_database(DatabaseInput={"Name": "shop"})
    glue.create_table(
        DatabaseName="shop",
        TableInput={
            "Name": "orders",
            "Parameters": {"classification": "json"},
            "PartitionKeys": [{"Name": "year", "Type": "string"}],
            "StorageDescriptor": {
                "Columns": [{"Name": "id", "Type": "int"}],
                "Location": "s3://shop-in/orders/",
                "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
            },
        },
    )
    for year in ("2023", "2024"):
        put_orders(server, f"orders/{year}/a.json", int(year), int(year) + 1000)
        partition = {"Values": [year], "StorageDescriptor": {"Location": f"s3://shop-in/orders/{year}/"}}
        glue.create_partition(DatabaseName="shop", TableName="orders", PartitionInput=partition)
    script = server.put_script("orders.py", SCRIPT)
    glue.create_job(
        Name="orders",
        Role=ROLE,
        GlueVersion=GLUE_VERSION,
        Command={"Name": "glueetl", "ScriptLocation": script, "PythonVersion": "3"},
        DefaultArguments={"--job-bookmark-option": "job-bookmark-enable"},
    )
    first = run(server)
    assert (first["JobRunState"], first.get("ErrorMessage")) == ("SUCCEEDED", None)
    assert "records 2" in output(server, first["Id"])
    table = glue.get_table(DatabaseName="shop", Name="clean_orders")["Table"]
    assert table["StorageDescriptor"]["Columns"] == [{"Name": "order_id", "Type": "bigint"}]
    assert table["Parameters"]["CreatedByJobRun"] == first["Id"]
    partitions = glue.get_partitions(DatabaseName="shop", TableName="clean_orders")["Partitions"]
    assert [one["Values"] for one in partitions] == [["2024"]]
    put_orders(server, "orders/2024/b.json", 1, 2, 3)
    second = run(server)
    assert (second["JobRunState"], second.get("ErrorMessage")) == ("SUCCEEDED", None)
    assert "records 3" in output(server, second["Id"])
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="shop-out")["Contents"]]
    assert all(key.startswith("orders/year=2024/part-") for key in keys)
    third = run(server)
    assert (third["JobRunState"], third.get("ErrorMessage")) == ("SUCCEEDED", None)
    assert "records 0" in output(server, third["Id"])
