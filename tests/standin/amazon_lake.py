"""A local Glue for Amazon's scripts: buckets, tables, job runs, results."""

from __future__ import annotations

import io
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.dataset
from harness.local_server import ROLE, Server
from public_copies import Copies

Row = dict[str, Any]


LIVE = ("STARTING", "RUNNING", "STOPPING", "WAITING")
SECONDS = 300.0
"""How long a crawl or a run may take; the machine may be busy with other things."""


class Differs(AssertionError):
    """The result of a script differs from Amazon's documents."""


@dataclass(frozen=True)
class Lake:
    """The local Glue of one sample."""

    server: Server
    copies: Copies
    glue_version: str

    @property
    def glue(self) -> Any:
        """boto3's client for Glue."""
        return self.server.client("glue")

    def bucket(self, *names: str) -> None:
        """Create buckets."""
        for name in names:
            self.server.client("s3").create_bucket(Bucket=name)

    def put(self, uri: str, body: str | bytes) -> None:
        """Store an object."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        self.server.client("s3").put_object(Bucket=bucket, Key=key, Body=body)

    def put_records(self, uri: str, records: Iterable[Mapping[str, Any]]) -> None:
        """Store records, one JSON line each."""
        self.put(uri, "".join(json.dumps(one) + "\n" for one in records))

    def folder(self, uri: str) -> Path:
        """Return the directory of the objects below ``uri``."""
        buckets: Path = self.server.data_dir / "s3"
        return buckets / uri.removeprefix("s3://").rstrip("/")

    def crawl(self, database: str, uri: str) -> dict[str, Row]:
        """Crawl ``uri`` into a new database; return the tables' columns by name."""
        glue = self.glue
        glue.create_database(DatabaseInput={"Name": database})
        name = f"crawl-{database}"
        glue.create_crawler(Name=name, Role=ROLE, DatabaseName=database, Targets={"S3Targets": [{"Path": uri}]})
        glue.start_crawler(Name=name)
        _wait(lambda: glue.get_crawler(Name=name)["Crawler"]["State"] == "READY", f"the crawl of {uri}")
        return self.columns(database)

    def columns(self, database: str) -> dict[str, Row]:
        """Return the columns of all tables of a database: types by name, partition keys last."""
        return {
            table["Name"]: {
                one["Name"]: one["Type"]
                for one in (*table["StorageDescriptor"]["Columns"], *table["PartitionKeys"])
            }
            for table in self.glue.get_tables(DatabaseName=database)["TableList"]
        }

    def run(self, script: str, **arguments: str) -> str:
        """Run a script as a Spark job of the sample's GlueVersion; what it printed.

        Raises:
            Differs: the run did not succeed; with the script's own traceback.
        """
        name = f"amazon-{time.monotonic_ns()}"
        location = self.server.put_script(f"{name}.py", script)
        command = {"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"}
        self.glue.create_job(Name=name, Role=ROLE, Command=command, GlueVersion=self.glue_version)
        given = {f"--{key}": value for key, value in arguments.items()}
        run_id = self.glue.start_job_run(JobName=name, Arguments=given)["JobRunId"]
        _wait(lambda: self._job_run(name, run_id)["JobRunState"] not in LIVE, "the job run")
        run = self._job_run(name, run_id)
        if run["JobRunState"] != "SUCCEEDED":
            error = self._log(run, "error")
            raise Differs(f"{run['JobRunState']}: {run.get('ErrorMessage', '')}\n{error[-3000:]}")
        return self._log(run, "output")

    def _job_run(self, name: str, run_id: str) -> Row:
        found: Row = self.glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
        return found

    def _log(self, run: Mapping[str, Any], kind: str) -> str:
        logs = self.server.client("logs")
        group = f"{run['LogGroupName']}/{kind}"
        events = logs.get_log_events(logGroupName=group, logStreamName=run["Id"], startFromHead=True)["events"]
        return "".join(one["message"] for one in events)

    # --- what was written ---

    def parquet(self, uri: str, *, partitioned: bool = False) -> list[Row]:
        """Return the rows of the Parquet files below ``uri``."""
        found: list[Row] = self._dataset(uri, partitioned).to_table().to_pylist()
        return found

    def parquet_schema(self, uri: str) -> dict[str, str]:
        """Return the columns of the Parquet files below ``uri``."""
        schema = self._dataset(uri, partitioned=False).schema
        return {one.name: str(one.type) for one in schema}

    def records(self, uri: str) -> list[Row]:
        """Return the records of the files of JSON lines below ``uri``."""
        found: list[Row] = []
        for file in self.files(uri):
            found += [json.loads(line) for line in io.StringIO(file.read_text()) if line.strip()]
        return found

    def files(self, uri: str) -> list[Path]:
        """Return the files with data below ``uri``."""
        inside = sorted(one for one in self.folder(uri).rglob("*") if one.is_file())
        return [one for one in inside if not one.name.startswith(("_", "."))]

    def _dataset(self, uri: str, partitioned: bool) -> Any:
        # Folder names that are not partitions may contain an equals sign; the files contain their columns.
        files = [str(one) for one in self.files(uri)]
        return pyarrow.dataset.dataset(
            files,
            format="parquet",
            partitioning="hive" if partitioned else None,
            partition_base_dir=str(self.folder(uri)) if partitioned else None,
        )


def _wait(is_over: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_over():
        if time.monotonic() > deadline:
            raise Differs(f"{what} does not end within {SECONDS:.0f} s")
        time.sleep(0.1)


def check(what: str, found: object, expected: object) -> None:
    """Compare a value.

    Raises:
        Differs: contains the name and both values.
    """
    if found != expected:
        raise Differs(f"{what}:\n  found    {found!r}\n  expected {expected!r}")


def check_rows(what: str, found: Sequence[Row], expected: Sequence[Row]) -> None:
    """Compare rows in any order; fields that are None count as absent.

    Raises:
        Differs: contains the additional and the missing rows.
    """
    have, want = (Counter(_written(row) for row in rows) for rows in (found, expected))
    if have != want:
        extra, missing = list((have - want).elements()), list((want - have).elements())
        raise Differs(
            f"{what}: {len(extra)} rows too many, {len(missing)} missing of {len(expected)}\n"
            + "".join(f"  + {row}\n" for row in extra[:3])
            + "".join(f"  - {row}\n" for row in missing[:3])
        )


def _written(row: Any) -> str:
    return json.dumps(_dense(row), sort_keys=True, default=str)


def _dense(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _dense(one) for name, one in value.items() if one is not None}
    return [_dense(one) for one in value] if isinstance(value, list) else value
