"""Runs of the conversion's jobs in this process: a landing bucket, a catalogue, and tasks one after another."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq
from fake_catalogue import Countdown, FakeCatalogue, Mortal

from glue_jobs.common import conversion_tasks, source_rounds, source_tasks
from glue_jobs.common.file_look import look_for_files
from glue_jobs.conversion import convert, report

NOW = datetime(2024, 1, 2, tzinfo=UTC)
DEFAULTS = {
    "WORKFLOW_NAME": "daily",
    "aws_region": "us-east-1",
    "location": "s3://landing/in/",
    "file_pattern": "*",
    "on_missing": "continue",
    "destination": "s3://lake/out/",
    "manifest_folder": "s3://scripts/manifests/daily/",
    "bad_records": "s3://lake/out/_bad_records/",
    "maximum_bad_records": "0",
    "input_format": "csv",
    "output_format": "parquet",
    "compression": "snappy",
    "choice_types": "widen",
    "header": "true",
    "multi_line": "true",
    "encoding": "utf-8",
    "database": "sales",
    "table": "orders",
}


class ConversionWorld:
    """The jobs of one workflow.

    Args:
        s3: an S3 client or a fake of one; the tasks' own clients are this one, too.
        patch: makes it so.
        arguments: of the jobs, in addition to the defaults.
    """

    def __init__(self, s3: Any, patch: Any, **arguments: str) -> None:
        self.s3 = s3
        self.glue = FakeCatalogue()
        self.arguments = {**dict.fromkeys(convert.OPTIONAL, ""), **DEFAULTS, **arguments}
        for module in (conversion_tasks, source_tasks, source_rounds):
            patch.setattr(module, "aws_client", lambda service, region: s3)

    def put(self, key: str, body: str | bytes) -> None:
        """A file of the source."""
        self.s3.put_object(Bucket="landing", Key="in/" + key, Body=body)

    def look(self, run: str, **changes: str) -> Any:
        """The first job; its marker."""
        arguments = {**self.arguments, **changes, "WORKFLOW_RUN_ID": run}
        return look_for_files(self.s3, self.glue, arguments, NOW, "conversion", arguments["destination"])

    def convert(self, run: str, countdown: Countdown | None = None, **changes: str) -> None:
        """One attempt of the converting job; tasks run one after another."""
        countdown = countdown or Countdown()

        def one_by_one(task: Callable[[Any], Any], groups: Sequence[Any]) -> list[Any]:
            results = []
            for group in groups:
                countdown.step()
                results.append(task(group))
            return results

        arguments = {**self.arguments, **changes, "WORKFLOW_RUN_ID": run}
        convert.convert(Mortal(self.s3, countdown), Mortal(self.glue, countdown), arguments, one_by_one)

    def run(self, run: str = "wr_1", **changes: str) -> list[dict[str, Any]]:
        """Both jobs; the rows of the result."""
        self.look(run, **changes)
        self.convert(run, **changes)
        return self.rows()

    def report(self, run: str) -> list[str]:
        """The report's lines."""
        return report.summary(self.glue.properties[run], "s3://lake/out/")

    def count(self, run: str, name: str) -> int:
        """A count among the run's properties."""
        return int(self.glue.properties[run]["conversion." + name])

    def tables(self) -> list[tuple[dict[str, str], pa.Table]]:
        """The files of what is published, with the values of their folders."""
        published = json.loads(self.s3.get_object(Bucket="lake", Key="out/_published.json")["Body"].read())
        found = []
        for part in published["parts"]:
            body = self.s3.get_object(Bucket="lake", Key=part["key"])["Body"].read()
            assert len(body) == part["size"]
            read = orc.ORCFile if part["key"].endswith(".orc") else pq.ParquetFile
            table = read(io.BytesIO(body)).read()
            assert table.num_rows == part["rows"]
            folders = [folder.partition("=") for folder in part["key"].split("/")[2:-1]]
            found.append(({name: value for name, _, value in folders}, table))
        return found

    def rows(self) -> list[dict[str, Any]]:
        """The rows of what is published, Parquet or ORC."""
        return [{**row, **values} for values, table in self.tables() for row in table.to_pylist()]

    def bad(self, run: str = "wr_1") -> list[dict[str, str]]:
        """The bad records of a run."""
        prefix = f"out/_bad_records/run={run}/"
        found = []
        for entry in self.s3.list_objects_v2(Bucket="lake", Prefix=prefix).get("Contents", []):
            body = self.s3.get_object(Bucket="lake", Key=entry["Key"])["Body"].read()
            found += [json.loads(line) for line in body.decode().splitlines()]
        return found
