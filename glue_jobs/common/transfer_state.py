"""How far the increments of a destination go: a bound that becomes valid with the run that published it.

It is an object for each run, ``<destination>/_increments/<run>.json``, written before the run is published. The
one that counts is that of the published run, so data and bound never differ.
"""

import json
from typing import Any

from glue_jobs.common.locations import delete_keys, list_objects, split_folder
from glue_jobs.common.publishing import Publication, read_publication


class OtherColumn(Exception):
    """What is published was copied by another incremental column, or without one."""


def write_bound(s3: Any, location: str, run: str, column: str, high: str) -> None:
    """Write the bound that is valid once the run is published."""
    bucket, prefix = split_folder(location)
    body = json.dumps({"column": column, "high": high}, sort_keys=True).encode()
    s3.put_object(Bucket=bucket, Key="{}_increments/{}.json".format(prefix, run), Body=body)


def read_bound(s3: Any, location: str, column: str) -> str:
    """The greatest value that is published; empty before the first run.

    Raises:
        OtherColumn: rows of the published table are of no known range of this column.
    """
    published = read_publication(s3, location)
    if published is None:
        return ""
    bucket, prefix = split_folder(location)
    try:
        answer = s3.get_object(Bucket=bucket, Key="{}_increments/{}.json".format(prefix, published.run))
    except s3.exceptions.NoSuchKey:
        state = {"column": "", "high": ""}
    else:
        state = json.loads(answer["Body"].read())
    if state["column"] != column:
        raise OtherColumn(
            "{} was copied {}, not by {}: which rows are new cannot be known. Choose another "
            "DestinationLocation.".format(
                location, "by the column " + state["column"] if state["column"] else "completely", column
            )
        )
    high: str = state["high"]
    return high


def delete_bounds(s3: Any, location: str, publication: Publication) -> None:
    """Delete the bounds of all other runs."""
    bucket, prefix = split_folder(location)
    folder = prefix + "_increments/"
    kept = "{}{}.json".format(folder, publication.run)
    keys = [entry["Key"] for entry in list_objects(s3, bucket, folder)]
    delete_keys(s3, bucket, [key for key in keys if key != kept])
