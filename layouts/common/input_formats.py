"""Checks of the files that a blueprint is to load: a format that its jobs cannot read is refused at creation.

The jobs load CSV and Parquet. Without these checks the first run would fail, after its crawl.
"""

import re
import zlib
from datetime import date
from typing import Any, Iterator, Mapping, Optional, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from layouts.common.date_patterns import fill_in_date
from layouts.common.globs import BadGlobError, glob_expression
from layouts.common.parameters import Check

LOADED = "only CSV (with a line of column names) and Parquet files can be loaded"
OTHER_SUFFIXES = {
    "json": "JSON",
    "jsonl": "JSON",
    "ndjson": "JSON",
    "orc": "ORC",
    "avro": "Avro",
    "xml": "XML",
    "xls": "Excel",
    "xlsx": "Excel",
    "zip": "zip",
}
"""Formats by the end of a file's name, behind which a suffix of a compression may follow."""
HEAD_BYTES = 4096
FILES_READ = 3

_SUFFIX = re.compile(r"\.(\w+|\{[^{}]*\})(?:\.(?:gz|bz2|zst|snappy))?$")
_HEADS = (
    ("ORC", rb"ORC"),
    ("Avro", rb"Obj\x01"),
    ("zip or Excel", rb"PK\x03\x04"),
    ("JSON", rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[\[{"])'),
    ("XML", rb"(?:\xef\xbb\xbf)?\s*<[?!A-Za-z]"),
)


def matches_loadable_files(name: str, example_date: Optional[date] = None) -> Check:
    """The parameter is a valid file pattern that does not require files of another format.

    Args:
        name: the parameter.
        example_date: for patterns that may contain dates.
    """

    def check(params: Mapping[str, Any]) -> Iterator[str]:
        pattern = fill_in_date(params[name], example_date) if example_date else params[name]
        problem = glob_problem(pattern)
        if problem:
            yield "{} {}.".format(name, problem)
        found = _SUFFIX.search(pattern.strip())
        suffixes = found.group(1).strip("{}").lower().split(",") if found else []
        for suffix in suffixes:
            if suffix.strip() in OTHER_SUFFIXES:
                yield "{} must not match {} files: {}.".format(name, OTHER_SUFFIXES[suffix.strip()], LOADED)

    return check


def glob_problem(pattern: str) -> str:
    """What is wrong with a glob, as the end of a sentence that names it; empty if nothing is."""
    try:
        glob_expression(pattern)
    except BadGlobError as error:
        return error.problem
    return ""


def check_files(s3: Any, name: str, location: str, pattern: str, not_loaded: Sequence[str] = ()) -> None:
    """Look at the first files that are already in a folder.

    A folder that is empty, that does not exist or that the role of the blueprint run may not read is accepted.

    Args:
        s3: a boto3 S3 client.
        name: the parameter that names the folder.
        location: the folder, in its normal form.
        pattern: chooses the files to be loaded; without a slash it is about their names.
        not_loaded: patterns of files that are not loaded, for complete paths.

    Raises:
        ValueError: a file that cannot be loaded; the message names it.
    """
    bucket, _, prefix = location[len("s3://") :].partition("/")
    expression = glob_expression(pattern)
    is_chosen = re.compile(expression if "/" in pattern else "(?:.*/)?" + expression, re.DOTALL).fullmatch
    is_other = re.compile("|".join(map(glob_expression, not_loaded)) or "(?!)", re.DOTALL).fullmatch
    read = 0
    try:
        listing = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
        for entry in listing.get("Contents", ()):
            path = entry["Key"][len(prefix) :]
            hidden = any(part[:1] in ("_", ".") for part in path.split("/"))
            if entry["Size"] == 0 or hidden or not is_chosen(path) or is_other(path):
                continue
            span = "bytes=0-{}".format(HEAD_BYTES - 1)
            head = s3.get_object(Bucket=bucket, Key=entry["Key"], Range=span)["Body"].read()
            other = other_format(head)
            if other is not None:
                raise ValueError(
                    "{}: s3://{}/{} is {}; {}.".format(name, bucket, entry["Key"], other, LOADED)
                    + " FilePattern chooses among the files of a folder."
                )
            read += 1
            if read == FILES_READ:
                return
    except (BotoCoreError, ClientError):
        return


def other_format(head: bytes) -> Optional[str]:
    """The format of a file by its first bytes, if it is surely one that cannot be loaded; None otherwise."""
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
        except zlib.error:
            return None
    for name, expression in _HEADS:
        if re.match(expression, head):
            return name
    return None
