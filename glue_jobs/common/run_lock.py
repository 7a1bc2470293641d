"""A lock on a destination, so that two runs of one workflow never write to it at once.

The lock is an object, ``_lock.json``, in the destination or in another folder. The first job of a run acquires it
before it touches anything, jobs that publish check it, the last job releases it. It belongs to a *run*: a retry
of the same run continues with it, and a run that has ended without releasing it no longer holds it.

S3 decides between two runs: the object is created by a PutObject with ``If-None-Match: *``, and the lock of a run
that has ended is taken over with ``If-Match`` (Amazon S3 user guide, "Conditional writes"). The boto3 of Python
shell jobs is older than these parameters, so the headers are added to the request before it is signed.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any, Optional, Tuple
from urllib.parse import unquote

from botocore.exceptions import ClientError

from glue_jobs.common.locations import split_folder

LOCK_NAME = "_lock.json"
ACTIVE_RUN = ("RUNNING", "STOPPING")
MAX_LOCK_ATTEMPTS = 10
LOST_RACE = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "404", "409", "412")


class DestinationLocked(Exception):
    """Another run of the workflow is still going on and holds the lock, or has taken it."""


class LockNotOwned(Exception):
    """The lock is another workflow's: two workflows have the same destination."""


@dataclass(frozen=True)
class RunLock:
    """The content of a lock.

    Attributes:
        workflow: the workflow that holds it.
        run: its run.
        acquired_at: when, ISO 8601 in UTC.
    """

    workflow: str
    run: str
    acquired_at: str


def acquire_lock(s3: Any, glue: Any, folder: str, workflow: str, run: str) -> None:
    """Acquire the lock for a run, continue with it (a retry), or take it over from a run that has ended.

    Nothing but the lock is changed, so a run that is refused has touched nothing.

    Args:
        s3: a boto3 S3 client.
        glue: a boto3 Glue client, which knows whether the holder has ended.
        folder: where the lock is, ``s3://bucket/folder/``; in general the destination.
        workflow: this run's workflow.
        run: this run.

    Raises:
        DestinationLocked: another run of the workflow holds it and is RUNNING or STOPPING.
        LockNotOwned: a run of another workflow holds it.
    """
    wanted = RunLock(workflow, run, datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    for _ in range(MAX_LOCK_ATTEMPTS):
        held, etag = _read_lock(s3, folder)
        if held is None:
            if _put_lock(s3, folder, wanted, "If-None-Match", "*"):
                return
            continue  # another run was faster: look at what it wrote
        _check_workflow(folder, held, workflow)
        if held.run == run:
            return
        status = _run_status(glue, workflow, held.run)
        if status in ACTIVE_RUN:
            raise DestinationLocked(
                "{} is locked by the run {} of the workflow {}, which is {} (since {}); this run has changed "
                "nothing. Start it again when that one has ended.".format(
                    folder, held.run, workflow, status, held.acquired_at
                )
            )
        print(
            "Taking over the lock of run {}, which {}.".format(held.run, "is " + status if status else "is gone")
        )
        if _put_lock(s3, folder, wanted, "If-Match", etag):
            return
    raise DestinationLocked("{}{} changes all the time: other runs compete for it.".format(folder, LOCK_NAME))


def check_lock(s3: Any, folder: str, workflow: str, run: str) -> None:
    """Make sure that the run still holds the lock; call it before something is published or deleted.

    Raises:
        DestinationLocked: nothing holds it, or another run does.
        LockNotOwned: a run of another workflow holds it.
    """
    held, _ = _read_lock(s3, folder)
    if held is not None:
        _check_workflow(folder, held, workflow)
    if held is None or held.run != run:
        raise DestinationLocked(
            "The run {} no longer holds the lock of {}: {}.".format(
                run, folder, "the run {} does".format(held.run) if held else "it was released"
            )
        )


def release_lock(s3: Any, folder: str, workflow: str, run: str) -> bool:
    """Release the lock if the run holds it, and return whether it did; may be repeated."""
    held, _ = _read_lock(s3, folder)
    if held is None or (held.workflow, held.run) != (workflow, run):
        return False
    bucket, prefix = split_folder(folder)
    s3.delete_object(Bucket=bucket, Key=prefix + LOCK_NAME)
    return True


def _check_workflow(folder: str, held: RunLock, workflow: str) -> None:
    if held.workflow != workflow:
        raise LockNotOwned(
            "{} is locked by the workflow {} (run {}); choose another destination. If that workflow is gone, "
            "delete {}{}.".format(folder, held.workflow, held.run, folder, LOCK_NAME)
        )


def _read_lock(s3: Any, folder: str) -> Tuple[Optional[RunLock], str]:
    bucket, prefix = split_folder(folder)
    try:
        answer = s3.get_object(Bucket=bucket, Key=prefix + LOCK_NAME)
    except s3.exceptions.NoSuchKey:
        return None, ""
    return RunLock(**json.loads(answer["Body"].read())), answer["ETag"]


def _put_lock(s3: Any, folder: str, lock: RunLock, header: str, value: str) -> bool:
    """Write the lock under a condition; False if another run was faster."""
    bucket, prefix = split_folder(folder)
    key = prefix + LOCK_NAME

    def add_condition(params: Any, **_: Any) -> None:
        # Other threads may use the same client.
        if unquote(params["url_path"]).endswith("/" + key):
            params["headers"][header] = value

    events = s3.meta.events
    events.register("before-call.s3.PutObject", add_condition)
    try:
        body = json.dumps(asdict(lock), sort_keys=True).encode()
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in LOST_RACE:
            return False
        raise
    finally:
        events.unregister("before-call.s3.PutObject", add_condition)
    return True


def _run_status(glue: Any, workflow: str, run: str) -> str:
    """The run's status; empty if the run does not exist any more."""
    try:
        status: str = glue.get_workflow_run(Name=workflow, RunId=run)["Run"]["Status"]
    except glue.exceptions.EntityNotFoundException:
        return ""
    return status
