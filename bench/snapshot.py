"""Copying 2 million rows of PostgreSQL: the blueprint ``snapshot`` compared with COPY BINARY through psycopg.

Both run on the same server and write to the same disk: the blueprint compressed Parquet, with counts that are
verified, COPY the raw bytes as the server sends them. The start of Java and Spark is shown apart. There are
2,000,000 rows, or as many as the variable ``SNAPSHOT_ROWS`` states. ``scripts/databases.sh`` installs PostgreSQL.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from bench.jobs import run_to_end
from bench.server import ROLE, BenchServer
from glueprint.blueprint.bundler import bundle

ROOT = Path(__file__).parents[1]
ROWS = int(os.environ.get("SNAPSHOT_ROWS", "2000000"))
READS = 4
TABLE = f"""
create table events as select g as id, md5(g::text) as name, ((g % 1000) / 3.0)::numeric(12, 4) as price,
    g::float8 / 7 as ratio, timestamptz '2024-01-01 00:00:00Z' + g * interval '1 second' as at, g % 2 = 0 as flag,
    case when g % 5 <> 0 then 'note ' || g % 977 end as note, g % 100 as small
    from generate_series(1, {ROWS}) g;
create table tiny as select * from events limit 10;
analyze;
"""
_BENCH = """
import json, os, resource, time
out, sys.stdout = sys.stdout, sys.stderr  # only the result is printed
began = time.monotonic()
arguments = {"connection_name": "pg", "parallel_reads": "READS", "key_column": "", "unbounded_numbers": "decimal"}
source = spark_source(arguments)
tables = [ListedTable("public", name) for name in ("tiny", "events")]
source.begin(tables)
times = {"start": time.monotonic() - began}
writing = Writing("us-east-1", Destination("bench", "s3://lake/snap/"), "r1")
for name, table in (("tiny", tables[0]), ("first", tables[1]), ("second", tables[1])):
    began = time.monotonic()
    rows = writing.table(name, source.slice(table, "", "")).rows
    times[name] = time.monotonic() - began
source.close()
print(json.dumps({"rows": rows, **times}), file=out)
"""


def main() -> None:
    """Run the benchmark and print the result."""
    sys.path.append(str(ROOT / "tests"))
    import psycopg2
    from harness.postgresql import DRIVER, running_postgres

    with tempfile.TemporaryDirectory() as name, running_postgres("shared_buffers=512MB") as server:
        server.sql("create database bench")
        for statement in TABLE.strip().split(";")[:-1]:
            server.sql(statement, "bench")
        connection = psycopg2.connect(host="127.0.0.1", port=server.port, user="glue", dbname="bench")
        copies = []
        with connection, connection.cursor() as cursor, (Path(name) / "copy").open("wb") as file:
            for _ in range(2):  # the first one also fills the server's cache
                file.seek(0)
                began = time.monotonic()
                cursor.copy_expert("copy events to stdout (format binary)", file)
                copies.append(time.monotonic() - began)
        connection.close()
        with BenchServer(Path(name) / "data", "--warm-workers", "0") as glue:
            s3 = glue.client("s3")
            s3.create_bucket(Bucket="lake")
            s3.put_object(Bucket="lake", Key="pg.jar", Body=DRIVER.read_bytes())
            properties = {"JDBC_CONNECTION_URL": server.url("bench"), "USERNAME": "glue", "PASSWORD": "x"}
            properties |= {
                "JDBC_DRIVER_JAR_URI": "s3://lake/pg.jar",
                "JDBC_DRIVER_CLASS_NAME": "org.postgresql.Driver",
            }
            glue.glue.create_connection(
                ConnectionInput={"Name": "pg", "ConnectionType": "JDBC", "ConnectionProperties": properties}
            )
            script = bundle(ROOT, "snapshot")["snapshot/scripts/snapshot.py"].decode()
            script, _, _ = script.partition('if __name__ == "__main__":')
            command = {
                "Name": "glueetl",
                "ScriptLocation": glue.put_script(script + _BENCH.replace("READS", str(READS))),
            }
            connections = {"Connections": ["pg"]}
            glue.glue.create_job(
                Name="copy", Role=ROLE, Command=command, GlueVersion="5.1", Connections=connections
            )
            _, out = run_to_end(glue, "copy")
    times = json.loads(out.strip().splitlines()[-1])
    assert times["rows"] == ROWS
    copied = min(copies)
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"snapshot: {ROWS:,} rows of PostgreSQL, {READS} connections, {machine}")
    print(f"  COPY BINARY to a file, psycopg        {copied:6.2f} s")
    for what, key in (("snapshot to Parquet, first table", "first"), ("snapshot to Parquet, again", "second")):
        print(f"  {what:<37} {times[key]:6.2f} s   {times[key] / copied:.2f} times")
    print(f"  start of Spark and the session {times['start']:.2f} s, a table of 10 rows {times['tiny']:.2f} s")


if __name__ == "__main__":
    main()
