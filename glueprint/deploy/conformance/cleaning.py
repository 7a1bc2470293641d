"""Finds and deletes everything that conformance runs have created: by the prefix of their names.

It may be interrupted and repeated: what is gone is not found again. What cannot be deleted is reported.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from glueprint.client.errors import error_code
from glueprint.client.session import Session
from glueprint.deploy.conformance.lab import PREFIX, patient

_UNSUPPORTED = ("500", "InternalFailure", "UnknownOperationException", "UnsupportedOperationException")
"""Codes of endpoints without an operation; moto answers a page without a code, which botocore calls 500."""
_CRAWL_SECONDS = 120.0
_GONE = ("EntityNotFoundException", "NoSuchBucket", "404")


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that a conformance run has created.

    Attributes:
        kind: such as ``job``.
        name: its name.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a clean-up did: what is deleted, and what could not be deleted with the reason."""

    deleted: tuple[Leftover, ...]
    failed: tuple[tuple[Leftover, str], ...]


def find_leftovers(session: Session, prefix: str = PREFIX) -> list[Leftover]:
    """Return everything with the prefix, in the order in which it can be deleted."""
    glue, s3 = session.glue, session.client("s3")
    found: list[Leftover] = []
    for kind, names in (
        ("workflow", _pages(glue, "list_workflows", "Workflows")),
        ("trigger", _pages(glue, "list_triggers", "TriggerNames")),
        ("crawler", _pages(glue, "list_crawlers", "CrawlerNames")),
        ("job", _pages(glue, "list_jobs", "JobNames")),
        ("blueprint", _pages(glue, "list_blueprints", "Blueprints")),
        (
            "classifier",
            (next(iter(one.values()))["Name"] for one in _pages(glue, "get_classifiers", "Classifiers")),
        ),
        ("connection", (one["Name"] for one in _pages(glue, "get_connections", "ConnectionList"))),
        ("database", (one["Name"] for one in _pages(glue, "get_databases", "DatabaseList"))),
        ("bucket", (one["Name"] for one in s3.list_buckets().get("Buckets", ()))),
    ):
        starts = (prefix, prefix.replace("-", "_"))
        found += [Leftover(kind, name) for name in sorted(names) if name.startswith(starts)]
    return found


def _pages(glue: Any, operation: str, member: str) -> Iterator[Any]:
    token: dict[str, str] = {}
    while True:
        try:
            answer = getattr(glue, operation)(**token)
        except glue.exceptions.ClientError as error:
            if error_code(error) in _UNSUPPORTED:
                return  # an endpoint without this operation has nothing of it
            raise
        yield from answer.get(member, ())
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def clean_up(session: Session, leftovers: list[Leftover], notify: Callable[[str], None]) -> Cleaned:
    """Delete leftovers; one that fails does not keep the others.

    Args:
        session: the Glue.
        leftovers: of :func:`find_leftovers`.
        notify: receives a line for each.
    """
    deleted, failed = [], []
    for one in leftovers:
        notify(f"deleting {one}")
        try:
            patient(lambda: _delete(session, one), session.poll_seconds)  # noqa: B023 - called at once
        except Exception as error:  # noqa: BLE001 - every other leftover must still be deleted
            if error_code(error) not in _GONE:
                failed.append((one, str(error)))
                continue
        deleted.append(one)
    return Cleaned(tuple(deleted), tuple(failed))


def _delete(session: Session, one: Leftover) -> None:
    glue = session.glue
    if one.kind == "workflow":
        _stop_runs(glue, one.name)
        glue.delete_workflow(Name=one.name)
    elif one.kind == "job":
        _stop_job_runs(glue, one.name)
        glue.delete_job(JobName=one.name)
    elif one.kind == "crawler":
        _stop_crawl(glue, one.name, session.poll_seconds)
        glue.delete_crawler(Name=one.name)
    elif one.kind == "connection":
        glue.delete_connection(ConnectionName=one.name)
    elif one.kind == "bucket":
        _empty(session.client("s3"), one.name)
        session.client("s3").delete_bucket(Bucket=one.name)
    else:
        getattr(glue, f"delete_{one.kind}")(Name=one.name)


def _stop_runs(glue: Any, workflow: str) -> None:
    for run in glue.get_workflow_runs(Name=workflow).get("Runs", ()):
        if run["Status"] == "RUNNING":
            glue.stop_workflow_run(Name=workflow, RunId=run["WorkflowRunId"])


def _stop_job_runs(glue: Any, job: str) -> None:
    runs = glue.get_job_runs(JobName=job).get("JobRuns", ())
    active = [run["Id"] for run in runs if run["JobRunState"] in ("STARTING", "RUNNING", "WAITING")]
    if active:
        glue.batch_stop_job_run(JobName=job, JobRunIds=active[:25])


def _stop_crawl(glue: Any, crawler: str, pause_seconds: float) -> None:
    """Stop a crawl and wait for its end: a crawler that runs cannot be deleted."""
    deadline = time.monotonic() + _CRAWL_SECONDS
    while glue.get_crawler(Name=crawler)["Crawler"]["State"] != "READY" and time.monotonic() < deadline:
        with contextlib.suppress(
            glue.exceptions.CrawlerStoppingException, glue.exceptions.CrawlerNotRunningException
        ):
            glue.stop_crawler(Name=crawler)
        time.sleep(pause_seconds)


def _empty(s3: Any, bucket: str) -> None:
    while contents := s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": one["Key"]} for one in contents]})
