"""Publishing what a run wrote: a folder whose content is always one complete run, whatever is killed when.

:func:`publish` is the protocol:

1. the destination must be free, or the workflow's own;
2. the run claims a folder, ``<destination>/run=<run id>/``, and writes there and nowhere else;
3. counts and files are verified, and what an earlier attempt left there is deleted;
4. one PutObject of ``_published.json`` makes that folder the destination's content: the only atomic step;
5. views (a catalog table) are changed to show it, by steps that can be repeated.

What the run publishes replaces everything (mode ``REPLACE``), or keeps files of earlier runs: with ``APPEND`` all
of them, with ``REPLACE_PARTITIONS`` those of partitions that the run has not written. A partition's files are
always in one folder, since a catalog knows one location for it: S3 copies the old files of a partition that gets
new ones to the run's folder, and all others stay where they are.

A run that is killed and started again either starts over in its own folder, or finds itself published and only
repeats step 5. After it, :func:`retire_old_runs` deletes what nothing shows any more. The protocol knows neither
the format of the files nor what shows them.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Callable, List, Optional, Protocol, Sequence, Tuple

from glue_jobs.common.locations import delete_keys, list_objects, split_folder

REPLACE = "replace"
APPEND = "append"
REPLACE_PARTITIONS = "replace_partitions"
MAX_COPY_OBJECT_BYTES = 5 << 30
COPIED_PREFIX = "kept-"


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
        parts: the files; those that were kept are in folders of earlier runs.
        replaced: key prefixes of the folders that the publication before it referred to and this one does not;
            queries may still be reading them.
    """

    workflow: str
    run: str
    previous: str
    manifest: str
    rows: int
    parts: Tuple[Part, ...]
    replaced: Tuple[str, ...] = ()


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
    mode: str = REPLACE,
    before_commit: Callable[[], None] = lambda: None,
) -> Publication:
    """Write a run's output and publish it, or finish publishing what an earlier attempt wrote.

    Args:
        s3: a boto3 S3 client.
        destination: where the output goes.
        run: the workflow run.
        manifest: the location of the list of files that are read.
        write: writes the output below ``destination.folder(run)``; called only if the run is not published yet.
        view: shows what is published.
        mode: ``REPLACE``, ``APPEND`` or ``REPLACE_PARTITIONS``.
        before_commit: called before the atomic step; what it raises (see ``run_lock.check_lock``) prevents it.

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
        parts = (*keep_parts(s3, destination, run, published, output.parts, mode), *output.parts)
        verify_parts(s3, destination, run, parts)
        folders = {_folder_of(part) for part in parts}
        old_folders = {_folder_of(part) for part in published.parts} if published else set()
        published = Publication(
            workflow=destination.workflow,
            run=run,
            previous=published.run if published else "",
            manifest=manifest,
            rows=sum(part.rows for part in parts),
            parts=parts,
            replaced=tuple(sorted(old_folders - folders)),
        )
        before_commit()
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
    return Publication(parts=parts, replaced=tuple(data.pop("replaced", ())), **data)


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


def keep_parts(
    s3: Any,
    destination: Destination,
    run: str,
    published: Optional[Publication],
    new_parts: Sequence[Part],
    mode: str,
) -> List[Part]:
    """The parts of the last publication that the mode keeps, each partition in one folder.

    Old files of a partition that has new parts are copied to the run's folder. A copy's name contains the run that
    wrote the file, so that it never meets a name of another run; copying again overwrites a copy by itself.

    Raises:
        ValueError: there is no such mode.
    """
    if mode not in (REPLACE, APPEND, REPLACE_PARTITIONS):
        raise ValueError("There is no mode {!r} of publishing.".format(mode))
    if published is None or mode == REPLACE:
        return []
    bucket, prefix = split_folder(destination.location)
    new_folders = {part.values: _folder_of(part) for part in new_parts}
    kept = []
    for part in published.parts:
        folder = new_folders.get(part.values)
        if folder is None:
            kept.append(part)
        elif mode == APPEND:
            name = part.key.rpartition("/")[2]
            if not name.startswith(COPIED_PREFIX):
                name = "{}{}-{}".format(COPIED_PREFIX, _run_of(part.key, prefix), name)
            copy = Part(part.values, folder + name, part.rows, part.size)
            _copy_object(s3, bucket, part, copy.key)
            kept.append(copy)
    return kept


def _copy_object(s3: Any, bucket: str, part: Part, key: str) -> None:
    source = {"Bucket": bucket, "Key": part.key}
    if part.size > MAX_COPY_OBJECT_BYTES:
        s3.copy(CopySource=source, Bucket=bucket, Key=key)  # by parts
    else:
        s3.copy_object(CopySource=source, Bucket=bucket, Key=key)


def _folder_of(part: Part) -> str:
    return part.key.rpartition("/")[0] + "/"


def _run_of(key: str, prefix: str) -> str:
    """The run whose folder below the destination's prefix contains the key; empty if it is not in one."""
    folder = key[len(prefix) :].partition("/")[0]
    return folder[len("run=") :] if folder.startswith("run=") and key.startswith(prefix) else ""


def verify_parts(s3: Any, destination: Destination, run: str, parts: Sequence[Part]) -> None:
    """Make sure that the run's folder contains exactly its own parts; what an earlier attempt left is deleted.

    Parts in the folders of earlier runs were verified when these published them.

    Raises:
        RuntimeError: a file is missing or has another size.
    """
    bucket, prefix = split_folder(destination.folder(run))
    there = {entry["Key"]: entry["Size"] for entry in list_objects(s3, bucket, prefix)}
    own = [part for part in parts if part.key.startswith(prefix)]
    wrong = [part.key for part in own if there.pop(part.key, None) != part.size]
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
    """Delete the output that nothing shows any more; returns the runs whose output is gone completely.

    The folders that the publication before this one referred to stay, for queries that are still reading them.
    """
    bucket, prefix = split_folder(destination.location)
    claims = prefix + "_loads/"
    claimed = {entry["Key"][len(claims) :] for entry in list_objects(s3, bucket, claims)} - {""}
    shown = {_folder_of(part) for part in publication.parts} | set(publication.replaced)
    still_there = {publication.run}
    unused = []
    for entry in list_objects(s3, bucket, prefix + "run="):
        run = _run_of(entry["Key"], prefix)
        if entry["Key"].rpartition("/")[0] + "/" in shown:
            still_there.add(run)
        elif run in claimed:
            unused.append(entry["Key"])
    delete_keys(s3, bucket, unused)
    retired = sorted(claimed - still_there)
    delete_keys(s3, bucket, [claims + run for run in retired])
    return retired
