"""Copying 2 million rows of PostgreSQL: the blueprint ``snapshot``, COPY BINARY through psycopg, DuckDB's reader.

All run on the same server and write to the same disk: the blueprint compressed Parquet, with counts that are
verified; DuckDB compressed Parquet, through COPY BINARY of several connections; psycopg the raw bytes as the
server sends them. The others run before and after the blueprint's jobs: one in the local Glue's usual JVM, which
compiles quickly, and one in a JVM that optimises, as in Glue. The start of Java and Spark is shown apart, as is
a first table of 10 rows. There are 2,000,000 rows, or as many as the variable ``SNAPSHOT_ROWS`` states.
``scripts/databases.sh`` installs PostgreSQL, and ``make bench`` DuckDB's extension, which PyPI has.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
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
READER = ROOT / ".venv-clients" / "postgres-scanner"
"""DuckDB with its extension for PostgreSQL, which exists for some of its versions only."""
TABLE = f"""
create table events as select g as id, md5(g::text) as name, ((g % 1000) / 3.0)::numeric(12, 4) as price,
    g::float8 / 7 as ratio, timestamptz '2024-01-01 00:00:00Z' + g * interval '1 second' as at, g % 2 = 0 as flag,
    case when g % 5 <> 0 then 'note ' || g % 977 end as note, g % 100 as small
    from generate_series(1, {ROWS}) g;
create table tiny as select * from events limit 10;
analyze;
"""
LEVEL = "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=4"
COMPILERS: dict[str, dict[str, str]] = {"quick": {}, "optimising": {"--conf": LEVEL}}
"""Arguments of the jobs."""
_DUCKDB = """
import sys, time
from pathlib import Path
import duckdb, duckdb_extension_postgres_scanner
port, target = sys.argv[1:]
(extension,) = Path(duckdb_extension_postgres_scanner.__file__).parent.glob("extensions/*/*.duckdb_extension")
duckdb.execute("SET enable_progress_bar = false")
duckdb.execute(f"LOAD '{extension}'")
duckdb.execute(f"ATTACH 'host=127.0.0.1 port={port} user=glue dbname=bench' AS pg (TYPE postgres, READ_ONLY)")
for _ in range(2):
    began = time.monotonic()
    duckdb.execute(f"COPY (SELECT * FROM pg.public.events) TO '{target}' (FORMAT parquet, COMPRESSION snappy)")
    print(time.monotonic() - began)
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


def copy_binary(port: int, target: Path) -> list[float]:
    """Seconds of two COPY BINARY to a file; the first one of all also fills the server's cache."""
    import psycopg2

    connection = psycopg2.connect(host="127.0.0.1", port=port, user="glue", dbname="bench")
    seconds = []
    with connection, connection.cursor() as cursor, target.open("wb") as file:
        for _ in range(2):
            file.seek(0)
            began = time.monotonic()
            cursor.copy_expert("copy events to stdout (format binary)", file)
            seconds.append(time.monotonic() - began)
    connection.close()
    return seconds


def duckdb_reader(port: int, target: Path) -> list[float]:
    """Seconds of two copies by DuckDB, started before; none where it is not installed."""
    if not READER.exists():
        return []
    command = [sys.executable, "-c", _DUCKDB, str(port), str(target)]
    environment = {**os.environ, "PYTHONPATH": str(READER)}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return [float(line) for line in done.stdout.split()]


def main() -> None:
    """Run the benchmark and print the result."""
    sys.path.append(str(ROOT / "tests"))
    from harness.postgresql import DRIVER, running_postgres

    with tempfile.TemporaryDirectory() as name, running_postgres("shared_buffers=512MB") as server:
        server.sql("create database bench")
        for statement in TABLE.strip().split(";")[:-1]:
            server.sql(statement, "bench")
        target = Path(name) / "copy"
        copies, readers = copy_binary(server.port, target), duckdb_reader(server.port, target)
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
            found = {}
            for compiler, conf in COMPILERS.items():
                glue.glue.create_job(
                    Name=compiler,
                    Role=ROLE,
                    Command=command,
                    GlueVersion="5.1",
                    Connections=connections,
                    DefaultArguments=conf,
                )
                _, out = run_to_end(glue, compiler)
                found[compiler] = json.loads(out.strip().splitlines()[-1])
        copies += copy_binary(server.port, target)
        readers += duckdb_reader(server.port, target)
    assert {times["rows"] for times in found.values()} == {ROWS}
    copied, read = statistics.median(copies), statistics.median(readers) if readers else 0.0
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"snapshot: {ROWS:,} rows of PostgreSQL, {READS} connections, {machine}")
    print(f"  COPY BINARY to a file, psycopg        {copied:6.2f} s")
    if read:
        print(f"  DuckDB's reader, COPY to Parquet      {read:6.2f} s")
    for compiler, times in found.items():
        print(f"  snapshot to Parquet, in a JVM with the {compiler} compiler")
        for what, key in (("first table", "first"), ("again", "second")):
            beside = f", {times[key] / read:.2f} times DuckDB" if read else ""
            print(f"    {what:<35} {times[key]:6.2f} s   {times[key] / copied:.2f} times COPY{beside}")
        print(f"    start of Spark and the session {times['start']:.2f} s, then 10 rows {times['tiny']:.2f} s")


if __name__ == "__main__":
    main()
