"""The ledger of a destination: which files its loads have read, so that none is loaded twice.

A ledger is an object, ``_ledger/<run>.json.gz``, with all files that are in what the run published. The run writes
it before it publishes; it counts only if the run is the published one, so ledger and data change in one step.
"""

import gzip
import json
from typing import Any, Dict, Mapping, Sequence

from glue_jobs.common.locations import delete_keys, list_objects, split_folder
from glue_jobs.common.manifest import FrozenFile

LEDGER_FOLDER = "_ledger/"


def ledger_name(bucket: str, key: str) -> str:
    """How a ledger names a file."""
    return "{}/{}".format(bucket, key)


def rejected_entry(file: FrozenFile) -> str:
    """The entry of a file that was left out, in place of its ETag: it is tried again once it has changed."""
    return "rejected:" + file.etag


def is_in_ledger(ledger: Mapping[str, str], bucket: str, file: FrozenFile) -> bool:
    """Whether the file must not be loaded: it was loaded, changed or not, or it was rejected as it is now."""
    entry = ledger.get(ledger_name(bucket, file.key))
    if entry is None or not entry.startswith("rejected:"):
        return entry is not None
    return entry == rejected_entry(file)


def read_ledger(s3: Any, destination: str, run: str) -> Dict[str, str]:
    """The ETag of each loaded file, with :func:`ledger_name` as its key; empty before the first load.

    Args:
        s3: a boto3 S3 client.
        destination: the folder, ``s3://bucket/folder/``.
        run: the run that is published; empty if none is.
    """
    if not run:
        return {}
    bucket, prefix = split_folder(destination)
    try:
        body = s3.get_object(Bucket=bucket, Key=_ledger_key(prefix, run))["Body"].read()
    except s3.exceptions.NoSuchKey:
        return {}
    files: Dict[str, str] = json.loads(gzip.decompress(body))
    return files


def write_ledger(s3: Any, destination: str, run: str, files: Mapping[str, str]) -> None:
    """Write the ledger of a run, with one PutObject; the same files give the same bytes."""
    bucket, prefix = split_folder(destination)
    body = gzip.compress(json.dumps(files, sort_keys=True).encode(), mtime=0)
    s3.put_object(Bucket=bucket, Key=_ledger_key(prefix, run), Body=body, ContentType="application/gzip")


def retire_ledgers(s3: Any, destination: str, kept_runs: Sequence[str]) -> None:
    """Delete the ledgers of all runs but these."""
    bucket, prefix = split_folder(destination)
    kept = {_ledger_key(prefix, run) for run in kept_runs}
    keys = [entry["Key"] for entry in list_objects(s3, bucket, prefix + LEDGER_FOLDER)]
    delete_keys(s3, bucket, [key for key in keys if key not in kept])


def _ledger_key(prefix: str, run: str) -> str:
    return "{}{}{}.json.gz".format(prefix, LEDGER_FOLDER, run)
