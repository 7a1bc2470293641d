"""A source, a destination, and runs of the four jobs of ``incremental_chain``, with Spark's work replaced."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fake_catalogue import Countdown, FakeCatalogue, Mortal, query
from fake_s3 import FakeS3

from glue_jobs.common.batches import StagedBatch
from glue_jobs.common.columns import Columns
from glue_jobs.common.manifest import FrozenFile, Manifest
from glue_jobs.incremental_chain import ingest, look, publish, transform

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
STEPS = ("look", "ingest", "transform", "publish")
COLUMNS: Columns = (("line", "string"), ("input_file", "string"))


class ResumableGlue(FakeCatalogue):
    """Glue with runs that resume others; the new run does not have the earlier one's properties."""

    def __init__(self) -> None:
        super().__init__()
        self.previous: dict[str, str] = {}

    def get_workflow_run(self, Name: str, RunId: str) -> dict[str, Any]:  # noqa: N803 - as boto3 names them
        """GetWorkflowRun, with PreviousRunId."""
        answer = super().get_workflow_run(Name, RunId)
        if RunId in self.previous:
            answer["Run"]["PreviousRunId"] = self.previous[RunId]
        return answer

    def stop_workflow_run(self, Name: str, RunId: str) -> None:  # noqa: N803
        """StopWorkflowRun."""
        self.runs[RunId] = "STOPPED"


class World:
    """A source, a destination, and runs of the four jobs."""

    def __init__(self, s3: Any = None) -> None:
        self.s3 = s3 or FakeS3()
        self.glue = ResumableGlue()
        self.columns = COLUMNS

    def put(self, name: str, *lines: str) -> None:
        """A file of the source."""
        self.s3.put_object(Bucket="landing", Key="in/" + name, Body="\n".join(lines))

    def start(self, run: str, resumes: str = "") -> None:
        """A run has started; no other is running."""
        self.glue.runs = dict.fromkeys(self.glue.runs, "COMPLETED")
        self.glue.runs[run] = "RUNNING"
        if resumes:
            self.glue.previous[run] = resumes

    def step(self, name: str, run: str, countdown: Countdown | None = None, **changes: str) -> None:
        """One attempt of a job."""
        countdown = countdown or Countdown()
        s3, glue = Mortal(self.s3, countdown), Mortal(self.glue, countdown)
        arguments = {
            "WORKFLOW_NAME": "trips",
            "WORKFLOW_RUN_ID": run,
            "location": "s3://landing/in",
            "file_pattern": "*.txt",
            "changed_files": "fail",
            "duplicate_files": "skip",
            "on_missing": "continue",
            "manifest_folder": "s3://scripts/manifests/",
            "destination": "s3://lake/trips",
            "database": "travel",
            "table": "trips",
            **changes,
        }
        if name == "look":
            marker = look.look(s3, glue, arguments, NOW)
            if not marker.present:
                look.act_on_missing(s3, glue, arguments, marker)
        elif name == "ingest":
            ingest.ingest(s3, glue, arguments, lambda *given: self._read(s3, *given))
        elif name == "transform":
            transform.transform(s3, glue, arguments, lambda *given: self._compute(s3, *given))
        else:
            publish.publish_batch(s3, glue, arguments)

    def run(self, run: str, **changes: str) -> None:
        """A run of all jobs."""
        self.start(run)
        for name in STEPS:
            self.step(name, run, **changes)

    def _read(self, s3: Any, manifest: Manifest, folder: str, others: Sequence[str]) -> tuple[dict[str, int], int]:
        """Instead of Glue's reader: a line is a row."""
        rows: dict[str, int] = {}
        for file in manifest.files:
            lines = self.s3.get_object(Bucket="landing", Key=file.key)["Body"].read().decode().split("\n")
            key = folder.removeprefix("s3://lake/") + "new/" + file.key.rpartition("/")[2]
            s3.put_object(Bucket="lake", Key=key, Body=parquet([(line, file.key) for line in lines]))
            rows[file.key] = len(lines)
        return rows, 0

    def _compute(
        self, s3: Any, batch: StagedBatch, places: Sequence[str], size: int, folder: str
    ) -> tuple[Columns, int]:
        """Instead of Spark SQL: every row is in the result."""
        rows: list[tuple[str, str]] = []
        for place in places:
            prefix = place.removeprefix("s3://lake/")
            for entry in self.s3.list_objects_v2(Bucket="lake", Prefix=prefix).get("Contents", []):
                body = self.s3.get_object(Bucket="lake", Key=entry["Key"])["Body"].read()
                rows += [tuple(row.values()) for row in pq.read_table(io.BytesIO(body)).to_pylist()]
        for number, row in enumerate(rows):
            key = f"{folder.removeprefix('s3://lake/')}part-{number}.parquet"
            s3.put_object(Bucket="lake", Key=key, Body=parquet([row]))
        return self.columns, len(rows)

    def rows(self) -> list[tuple[str, str]]:
        """The table's rows as a query sees them."""
        if "trips" not in self.glue.tables:
            return []
        return sorted((row["line"], row["input_file"]) for row in query(self.s3, self.glue, "trips"))


def parquet(rows: Sequence[tuple[str, str]]) -> bytes:
    """Rows as a Parquet file."""
    body = io.BytesIO()
    names = [name for name, _ in COLUMNS]
    pq.write_table(pa.table({name: [row[at] for row in rows] for at, name in enumerate(names)}), body)
    return body.getvalue()


def frozen(key: str, etag: str = "e", size: int = 1) -> FrozenFile:
    """A file of a listing."""
    return FrozenFile(key, size, etag, "then")
