"""What a crawler wrote is what engines read: Spark, Glue's own reader, awswrangler."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet as pq
import pytest
from harness.local_server import ROLE, Server, until

DATABASE = "tabled"
CLIENTS = Path(__file__).parents[2] / ".venv-clients" / "bin" / "python"

ROWS = [{"id": number, "price": number + 0.5, "name": f"row {number}"} for number in range(1, 4)]

SPARK = """
import json, sys
from awsglue.context import GlueContext
from pyspark.context import SparkContext

glue = GlueContext(SparkContext.getOrCreate())
spark = glue.spark_session
for table in sys.argv[sys.argv.index("--tables") + 1].split(","):
    # Spark SQL does not know skip.header.line.count (SPARK-11374): the header is a row whose numbers are null.
    by_sql = spark.sql(f"SELECT id, price, name FROM tabled.{table} WHERE id IS NOT NULL ORDER BY id").collect()
    frame = glue.create_dynamic_frame.from_catalog(database="tabled", table_name=table).toDF()
    by_glue = frame.select("id", "price", "name").orderBy("id").collect()
    print("FOUND " + json.dumps([table, [list(row) for row in by_sql], [list(row) for row in by_glue]]))
"""

WRANGLER = """
import sys, awswrangler as wr
frame = wr.s3.read_parquet_table(database="tabled", table="parquet_data").sort_values("id")
print(frame[["id", "price", "name"]].to_json(orient="values"))
print(sorted(frame.day.unique()))
print(wr.catalog.get_table_types("tabled", "parquet_data"))
"""


def _files() -> Iterator[tuple[str, bytes]]:
    """The same rows in every format that a crawler classifies and Spark reads."""
    text = "id,price,name\n" + "".join(f"{row['id']},{row['price']},{row['name']}\n" for row in ROWS)
    yield "csv_data/a.csv", text.encode()
    yield "gzip_data/a.csv.gz", gzip.compress(text.encode())
    yield "tab_data/a.tsv", text.replace(",", "\t").encode()
    yield "json_data/a.json", "".join(f"{json.dumps(row)}\n" for row in ROWS).encode()
    for row in ROWS:
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_pylist([row]), buffer)
        yield f"parquet_data/day={row['id']}/a.parquet", buffer.getvalue()
    buffer = io.BytesIO()
    pyarrow.orc.write_table(pa.Table.from_pylist(ROWS), buffer)
    yield "orc_data/a.orc", buffer.getvalue()
    buffer = io.BytesIO()
    types = {"id": "long", "price": "double", "name": "string"}
    fields = [{"name": name, "type": kind} for name, kind in types.items()]
    fastavro.writer(buffer, {"type": "record", "name": "r", "fields": fields}, ROWS)
    yield "avro_data/a.avro", buffer.getvalue()


@pytest.fixture(scope="module")
def crawled(shared_server: Server) -> list[str]:
    """The tables of one crawl."""
    s3, glue = shared_server.client("s3"), shared_server.client("glue")
    s3.create_bucket(Bucket="engines")
    for key, body in _files():
        s3.put_object(Bucket="engines", Key=f"in/{key}", Body=body)
    glue.create_database(DatabaseInput={"Name": DATABASE})
    targets = {"S3Targets": [{"Path": "s3://engines/in"}]}
    glue.create_crawler(Name=DATABASE, Role=ROLE, DatabaseName=DATABASE, Targets=targets)
    glue.start_crawler(Name=DATABASE)
    until(lambda: glue.get_crawler(Name=DATABASE)["Crawler"]["State"] == "READY" or None)
    return sorted(table["Name"] for table in glue.get_tables(DatabaseName=DATABASE)["TableList"])


def test_every_folder_is_a_table(crawled: list[str]) -> None:
    """Folders of different formats are tables of their own (DG:crawler-s3-folder-table-partition)."""
    assert crawled == ["avro_data", "csv_data", "gzip_data", "json_data", "orc_data", "parquet_data", "tab_data"]


def _finished(glue: Any, run_id: str) -> dict[str, Any]:
    """The run once it is over; a Spark job on a busy machine takes longer than other things here."""
    deadline = time.monotonic() + 1000
    while time.monotonic() < deadline:
        run: dict[str, Any] = glue.get_job_run(JobName="engines", RunId=run_id)["JobRun"]
        if run["JobRunState"] not in ("STARTING", "RUNNING"):
            return run
        time.sleep(0.1)
    raise AssertionError("the job did not end within 1000 s")


@pytest.mark.jobs
@pytest.mark.spark
def test_spark_reads_every_table(shared_server: Server, crawled: list[str]) -> None:
    """Spark SQL over the Data Catalog, and ``create_dynamic_frame.from_catalog``, give the rows of each format."""
    glue = shared_server.client("glue")
    arguments = {"--enable-glue-datacatalog": "true", "--tables": ",".join(crawled)}
    script = shared_server.put_script("engines.py", SPARK)
    command = {"Name": "glueetl", "ScriptLocation": script, "PythonVersion": "3"}
    glue.create_job(Name="engines", Role=ROLE, Command=command, GlueVersion="5.0", DefaultArguments=arguments)
    run_id = glue.start_job_run(JobName="engines")["JobRunId"]
    run = _finished(glue, run_id)
    assert (run["JobRunState"], run.get("ErrorMessage")) == ("SUCCEEDED", None)
    events = shared_server.client("logs").get_log_events(
        logGroupName="/aws-glue/jobs/output", logStreamName=run_id, startFromHead=True
    )["events"]
    found = [json.loads(event["message"][6:]) for event in events if event["message"].startswith("FOUND ")]
    rows: list[list[Any]] = [list(row.values()) for row in ROWS]
    assert {name: by_sql for name, by_sql, _ in found} == dict.fromkeys(crawled, rows)
    assert {name: by_glue for name, _, by_glue in found} == dict.fromkeys(crawled, rows)


@pytest.mark.clients
@pytest.mark.skipif(not CLIENTS.exists(), reason="no .venv-clients: `make clients` makes it")
def test_awswrangler_reads_a_table(shared_server: Server, crawled: list[str]) -> None:
    """``read_parquet_table`` finds location, partitions and types in the catalog."""
    endpoint = json.loads((shared_server.data_dir / "endpoint.json").read_text())
    environment = {
        "AWS_ENDPOINT_URL": endpoint["url"],
        "AWS_ACCESS_KEY_ID": endpoint["access_key"],
        "AWS_SECRET_ACCESS_KEY": endpoint["secret_key"],
        "AWS_DEFAULT_REGION": endpoint["region"],
    }
    ran = subprocess.run(
        [str(CLIENTS), "-W", "ignore", "-c", WRANGLER],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert ran.returncode == 0, ran.stderr
    rows, days, types = ran.stdout.splitlines()
    assert json.loads(rows) == [list(row.values()) for row in ROWS]
    assert days == "['1', '2', '3']"
    assert types == "{'id': 'bigint', 'price': 'double', 'name': 'string', 'day': 'string'}"
