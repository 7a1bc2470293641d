"""Publishing what a run wrote: a folder whose content is always one complete run, whatever is killed when.

:func:`publish` is the protocol:

1. the destination must be free, or the workflow's own;
2. the run claims a folder, ``<destination>/run=<run id>/``, and writes there and nowhere else;
3. counts and files are verified, and what an earlier attempt left there is deleted;
4. one PutObject of ``_published.json`` makes that folder the destination's content: the only atomic step;
5. views (a catalog table) are changed to show it, by steps that can be repeated.

A run that is killed and started again either starts over in its own folder, or finds itself published and only
repeats step 5. After it, :func:`retire_old_runs` deletes what nothing shows any more. The protocol knows neither
the format of the files nor what shows them.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Callable, List, Optional, Protocol, Sequence, Tuple

from glue_jobs.common.locations import delete_below, list_objects, split_folder


class NotOwned(Exception):
    """The destination belongs to something other than this workflow."""


class CountMismatch(Exception):
    """Rows read and written differ; nothing was published."""


@dataclass(frozen=True)
class Destination:
    """A folder that a workflow publishes in.

    Attributes:
        workflow: the workflow that owns it.
        location: the folder, ``s3://bucket/folder/``.
    """

    workflow: str
    location: str

    def folder(self, run: str) -> str:
        """The folder of a run's data, ``s3://bucket/folder/run=<run>/``."""
        return "{}run={}/".format(self.location, run)


@dataclass(frozen=True)
class Part:
    """One file of a run's output.

    Attributes:
        values: its partition's values, one per key; empty without partitions.
        key: its S3 key.
        rows: rows.
        size: bytes.
    """

    values: Tuple[str, ...]
    key: str
    rows: int
    size: int


@dataclass(frozen=True)
class Output:
    """What a run wrote.

    Attributes:
        rows_read: rows that must be in the parts.
        parts: the files.
    """

    rows_read: int
    parts: Tuple[Part, ...]


@dataclass(frozen=True)
class Publication:
    """What the destination contains.

    Attributes:
        workflow: the workflow that owns it.
        run: the workflow run that wrote it.
        previous: the run whose output it replaced; empty for the first one.
        manifest: the list of files that were read.
        rows: rows, all parts together.
        parts: the files.
    """

    workflow: str
    run: str
    previous: str
    manifest: str
    rows: int
    parts: Tuple[Part, ...]


class View(Protocol):
    """Something that shows what is published, such as a catalog table."""

    def check(self) -> None:
        """Make sure, before anything is written, that the view is free or the workflow's own.

        Raises:
            NotOwned: it is neither.
        """

    def show(self, publication: Publication) -> None:
        """Show the publication; may be repeated at any time."""


def publish(
    s3: Any,
    destination: Destination,
    run: str,
    manifest: str,
    write: Callable[[], Output],
    view: View,
) -> Publication:
    """Write a run's output and publish it, or finish publishing what an earlier attempt wrote.

    Args:
        s3: a boto3 S3 client.
        destination: where the output goes.
        run: the workflow run.
        manifest: the location of the list of files that are read.
        write: writes the output below ``destination.folder(run)``; called only if the run is not published yet.
        view: shows what is published.

    Raises:
        NotOwned: the destination or the view is another's.
        CountMismatch: rows read and written differ.
        RuntimeError: a file is not there as it was written.
    """
    published = read_publication(s3, destination.location)
    check_owner(destination, published)
    view.check()
    if published is None or published.run != run:
        claim(s3, destination, run)
        output = write()
        rows = sum(part.rows for part in output.parts)
        if rows != output.rows_read:
            raise CountMismatch(
                "{} rows were read but {} written; nothing was published.".format(output.rows_read, rows)
            )
        verify_parts(s3, destination, run, output.parts)
        published = Publication(
            workflow=destination.workflow,
            run=run,
            previous=published.run if published else "",
            manifest=manifest,
            rows=rows,
            parts=output.parts,
        )
        commit(s3, destination, published)
    view.show(published)
    return published


def read_publication(s3: Any, location: str) -> Optional[Publication]:
    """What the destination contains now; None before the first run."""
    bucket, prefix = split_folder(location)
    try:
        body = s3.get_object(Bucket=bucket, Key=prefix + "_published.json")["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
    data = json.loads(body)
    parts = tuple(Part(tuple(part.pop("values")), **part) for part in data.pop("parts"))
    return Publication(parts=parts, **data)


def check_owner(destination: Destination, published: Optional[Publication]) -> None:
    """Make sure that what is published in the folder is the workflow's own.

    Raises:
        NotOwned: it is another workflow's.
    """
    if published is not None and published.workflow != destination.workflow:
        raise NotOwned(
            "{} holds the data of the workflow {}; choose another DestinationLocation.".format(
                destination.location, published.workflow
            )
        )


def claim(s3: Any, destination: Destination, run: str) -> None:
    """Note that a run's folder is the workflow's, before anything is written there: only those are deleted."""
    bucket, prefix = split_folder(destination.location)
    s3.put_object(Bucket=bucket, Key="{}_loads/{}".format(prefix, run), Body=destination.workflow.encode())


def verify_parts(s3: Any, destination: Destination, run: str, parts: Sequence[Part]) -> None:
    """Make sure that the run's folder contains exactly these files; what an earlier attempt left over is deleted.

    Raises:
        RuntimeError: a file is missing or has another size.
    """
    bucket, prefix = split_folder(destination.folder(run))
    there = {entry["Key"]: entry["Size"] for entry in list_objects(s3, bucket, prefix)}
    wrong = [part.key for part in parts if there.pop(part.key, None) != part.size]
    if wrong:
        raise RuntimeError("Written but not there as written: {}".format(", ".join(wrong)))
    for key in there:
        print("Deleting s3://{}/{}, left over by an earlier attempt.".format(bucket, key))
        s3.delete_object(Bucket=bucket, Key=key)


def commit(s3: Any, destination: Destination, publication: Publication) -> None:
    """The one atomic step: from here on the destination contains this run's output."""
    bucket, prefix = split_folder(destination.location)
    body = json.dumps(asdict(publication), sort_keys=True).encode()
    s3.put_object(Bucket=bucket, Key=prefix + "_published.json", Body=body, ContentType="application/json")


def retire_old_runs(s3: Any, destination: Destination, publication: Publication) -> List[str]:
    """Delete the output of runs that nothing shows any more; returns these runs.

    The output before the published one stays, for queries that are still reading it.
    """
    bucket, prefix = split_folder(destination.location)
    claims = prefix + "_loads/"
    retired = []
    for entry in list(list_objects(s3, bucket, claims)):
        run = entry["Key"][len(claims) :]
        if run and run not in (publication.run, publication.previous):
            delete_below(s3, *split_folder(destination.folder(run)))
            s3.delete_object(Bucket=bucket, Key=entry["Key"])
            retired.append(run)
    return retired
