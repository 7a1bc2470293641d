"""from_catalog and count of 500,000 JSON records in a job, compared with plain Spark in the same job.

Both read the same objects in turn in one process, after one untimed round of each: `bench jobs` measures the costs
of first use.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from pathlib import Path

from bench.jobs import run_to_end
from bench.server import ROLE, BenchServer

RECORDS, FILES = 500_000, 10
ROUNDS = 5
GOAL = 1.5

_SCRIPT = """
import json, time
from awsglue.context import GlueContext
from pyspark.context import SparkContext

context = GlueContext(SparkContext())
spark = context.spark_session
reader = context.create_dynamic_frame

def catalog():
    return reader.from_catalog(database="bench", table_name="records").count()

def spark_json():
    return spark.read.json("s3://records/in/").count()

def timed(count):
    began = time.monotonic()
    assert count() == RECORDS
    return time.monotonic() - began

timed(catalog), timed(spark_json)
print(json.dumps([[timed(catalog), timed(spark_json)] for _ in range(ROUNDS)]))
"""


def main() -> None:
    """Run the benchmark and print the result."""
    with tempfile.TemporaryDirectory() as folder, BenchServer(Path(folder), "--warm-workers", "0") as server:
        size = _put_records(server)
        script = server.put_script(_SCRIPT.replace("RECORDS", str(RECORDS)).replace("ROUNDS", str(ROUNDS)))
        command = {"Name": "glueetl", "ScriptLocation": script}
        server.glue.create_job(Name="count", Role=ROLE, Command=command, GlueVersion="5.1")
        _, out = run_to_end(server, "count")
    catalog, spark_json = map(statistics.median, zip(*json.loads(out), strict=True))
    ratio = catalog / spark_json
    print(
        f"records: count of {RECORDS:,} JSON records ({size >> 20} MB in {FILES} objects), medians of {ROUNDS}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
        f"  from_catalog {catalog:5.2f} s   spark.read.json {spark_json:5.2f} s   "
        f"{ratio:.2f} times plain Spark (goal: at most {GOAL}: {'met' if ratio <= GOAL else 'missed'})"
    )


def _put_records(server: BenchServer) -> int:
    """Store the records, and a table for them; return their bytes."""
    s3, size = server.client("s3"), 0
    s3.create_bucket(Bucket="records")
    each = RECORDS // FILES
    for file in range(FILES):
        body = "".join(map(_line, range(file * each, (file + 1) * each))).encode()
        s3.put_object(Bucket="records", Key=f"in/{file}.json", Body=body)
        size += len(body)
    columns = [("id", "bigint"), ("name", "string"), ("price", "double"), ("tags", "array<string>")]
    where = "struct<city:string,zip:int>"
    server.glue.create_database(DatabaseInput={"Name": "bench"})
    server.glue.create_table(
        DatabaseName="bench",
        TableInput={
            "Name": "records",
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"classification": "json"},
            "StorageDescriptor": {
                "Columns": [{"Name": name, "Type": kind} for name, kind in [*columns, ("place", where)]],
                "Location": "s3://records/in/",
                "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
            },
        },
    )
    return size


def _line(number: int) -> str:
    record = {
        "id": number,
        "name": f"customer {number % 1000}",
        "price": number / 100,
        "tags": ["new", f"group {number % 7}"],
        "place": {"city": f"city {number % 50}", "zip": 10_000 + number % 90_000},
    }
    return json.dumps(record) + "\n"


if __name__ == "__main__":
    main()
