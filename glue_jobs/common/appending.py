"""A destination to which every run appends a folder, and what has been published in it.

``<destination>/_published.json`` lists the runs whose folders count, and names the ledger of their input files. It
is written by one PutObject, so that a run with its rows and its input files is published completely or not at all.
Folders of other runs, which were killed or failed, do not count and are deleted by a later run.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Iterator, List, Optional, Tuple

from glue_jobs.common.loaded_files import Ledger, write_ledger
from glue_jobs.common.locations import delete_below, list_objects, split_folder
from glue_jobs.common.publishing import Destination, NotOwned


@dataclass(frozen=True)
class AppendedRun:
    """A published run.

    Attributes:
        run: the workflow run that read the input; its folder is ``run=<run>/``.
        rows: rows in its folder.
        files_in: input files.
        files_out: files in its folder.
    """

    run: str
    rows: int
    files_in: int
    files_out: int


@dataclass(frozen=True)
class Appended:
    """What the destination contains.

    Attributes:
        workflow: the workflow that owns it.
        ledger: location of the ledger of all input files; empty before the first run.
        runs: the published runs, the oldest first.
    """

    workflow: str
    ledger: str
    runs: Tuple[AppendedRun, ...]

    def find(self, run: str) -> Optional[AppendedRun]:
        """The published run; None if it is not published."""
        return next((one for one in self.runs if one.run == run), None)


def read_appended(s3: Any, destination: Destination) -> Appended:
    """What is published; without runs before the first one.

    Raises:
        NotOwned: the destination is another workflow's, or another blueprint has published in it.
    """
    bucket, prefix = split_folder(destination.location)
    try:
        data = json.loads(s3.get_object(Bucket=bucket, Key=prefix + "_published.json")["Body"].read())
    except s3.exceptions.NoSuchKey:
        return Appended(destination.workflow, "", ())
    if data.get("workflow") != destination.workflow or "ledger" not in data:
        raise NotOwned(
            "{} holds the data of {} {}; choose another DestinationLocation.".format(
                destination.location,
                "the workflow" if "ledger" in data else "another blueprint, workflow",
                data.get("workflow"),
            )
        )
    return Appended(data["workflow"], data["ledger"], tuple(AppendedRun(**one) for one in data["runs"]))


def append_run(
    s3: Any, destination: Destination, appended: Appended, run: AppendedRun, ledger: Ledger
) -> Appended:
    """Publish a run: first the new ledger, which nothing refers to yet, then the one atomic step.

    Args:
        s3: a boto3 S3 client.
        destination: where the run's folder is.
        appended: what is published so far.
        run: the run.
        ledger: the ledger with the run's input files.
    """
    location = "{}_ledger/{}.jsonl.gz".format(destination.location, run.run)
    write_ledger(s3, location, ledger)
    after = Appended(destination.workflow, location, (*appended.runs, run))
    bucket, prefix = split_folder(destination.location)
    body = json.dumps(asdict(after), sort_keys=True).encode()
    s3.put_object(Bucket=bucket, Key=prefix + "_published.json", Body=body, ContentType="application/json")
    return after


def retire_unpublished(s3: Any, destination: Destination, appended: Appended) -> List[str]:
    """Delete what no published run needs: folders of runs that were never published, staging, old ledgers.

    Call it only while the run holds the destination's lock: no other run writes there then. Only folders that a
    run of the workflow has claimed are deleted.

    Returns:
        The runs that were never published.
    """
    bucket, prefix = split_folder(destination.location)
    claimed = set(_names_below(s3, bucket, prefix + "_loads/"))
    retired = sorted(run for run in claimed if appended.find(run) is None)
    staged = {name.partition("/")[0] for name in _names_below(s3, bucket, prefix + "_staging/")}
    for run in sorted(claimed & staged):
        delete_below(s3, bucket, "{}_staging/{}/".format(prefix, run))
    for run in retired:
        delete_below(s3, *split_folder(destination.folder(run)))
        s3.delete_object(Bucket=bucket, Key="{}_loads/{}".format(prefix, run))
    for name in _names_below(s3, bucket, prefix + "_ledger/"):
        if not appended.ledger.endswith("/_ledger/" + name):
            s3.delete_object(Bucket=bucket, Key="{}_ledger/{}".format(prefix, name))
    return retired


def _names_below(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
    for entry in list(list_objects(s3, bucket, prefix)):
        name = entry["Key"][len(prefix) :]
        if name:
            yield name
