"""Make the tables with stable names show what the crawlers found. Python shell.

All tables are checked before the first one is changed. ``table_copies`` describes how a table changes.
"""

import json
import sys
from typing import Any, Dict, List, Set, Tuple

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.locations import folder_location, split_folder
from glue_jobs.common.manifest import Manifest, read_manifest
from glue_jobs.common.presence import FILE_PRESENCE, marker_from_properties, put_counts
from glue_jobs.common.resumed_run import inherit_properties
from glue_jobs.common.run_lock import acquire_lock, check_lock, release_lock
from glue_jobs.common.table_copies import (
    COPY_OWNER,
    TableCopy,
    apply_copy,
    copied_partition,
    copied_table,
    crawled_entry,
    read_partitions,
    schema_problems,
)

REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "tables",
    "database",
    "crawled_prefix",
    "schema_changes",
    "removed_partitions",
    "lock_folder",
)


class CrawlUnusable(Exception):
    """The crawlers' tables cannot be published; no table was changed."""


class Folders:
    """Which folders contain files.

    Args:
        s3: a boto3 S3 client, for folders that are not in the manifest.
        manifest: the files that were found.
    """

    def __init__(self, s3: Any, manifest: Manifest) -> None:
        self._s3 = s3
        self._known: Set[str] = set()
        for file in manifest.files:
            folder = "s3://{}/{}".format(manifest.bucket_of(file), file.key)
            while "/" in folder[len("s3://") :]:
                folder = folder.rpartition("/")[0]
                if folder + "/" in self._known:
                    break
                self._known.add(folder + "/")

    def contain_files(self, location: str) -> bool:
        """Whether there are files in a folder, now or when they were looked for."""
        folder = folder_location(location)
        if folder in self._known:
            return True
        bucket, prefix = split_folder(folder)
        answer = self._s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=100)
        return any(entry["Size"] > 0 for entry in answer.get("Contents", []))


def plan_copies(glue: Any, arguments: "dict[str, str]", folders: Folders) -> List[TableCopy]:
    """What each table is to be; tables of locations without files stay as they are.

    Raises:
        CrawlUnusable: every table that cannot be published, with the reason.
    """
    database = arguments["database"]
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=database)
    tables: List[Dict[str, Any]] = [table for page in pages for table in page["TableList"]]
    by_name = {table["Name"]: table for table in tables}
    copies, problems = [], []
    wanted: List[Tuple[str, str]] = json.loads(arguments["tables"])
    for name, location in wanted:
        if not folders.contain_files(location):
            print("{}: no files; the table {} stays as it is.".format(location, name))
            continue
        current = by_name.get(name)
        owner = (current or {}).get("Parameters", {}).get(COPY_OWNER)
        if current is not None and owner != arguments["WORKFLOW_NAME"]:
            problems.append(
                "The table {}.{} exists and {}; choose another name, or delete it first.".format(
                    database,
                    name,
                    "belongs to the workflow {}".format(owner) if owner else "was not made by this blueprint",
                )
            )
            continue
        crawled, problem = crawled_entry(tables, location, arguments["crawled_prefix"])
        if crawled is None:
            problems.append(problem + ".")
            continue
        changes = schema_problems(current, crawled, arguments["schema_changes"])
        problems += ["{}.{}: {}.".format(database, name, change) for change in changes]
        copies.append(_plan_copy(glue, arguments, folders, name, crawled, current))
    if problems:
        raise CrawlUnusable("No table was changed:\n" + "\n".join(problems))
    return copies


def _plan_copy(
    glue: Any, arguments: "dict[str, str]", folders: Folders, name: str, crawled: Dict[str, Any], current: Any
) -> TableCopy:
    database = arguments["database"]
    table = copied_table(crawled, name, arguments["WORKFLOW_NAME"])
    partitions = {}
    if table["PartitionKeys"]:
        keeps_all = arguments["removed_partitions"] == "keep"
        found = read_partitions(glue, database, name) if current is not None and keeps_all else {}
        found.update(read_partitions(glue, database, crawled["Name"]))
        partitions = {
            values: copied_partition(entry, table)
            for values, entry in sorted(found.items())
            if keeps_all or folders.contain_files(entry["StorageDescriptor"]["Location"])
        }
    return TableCopy(database, table, partitions, current)


def publish_tables(s3: Any, glue: Any, arguments: "dict[str, str]") -> None:
    """Publish all tables; nothing if the presence marker is "false"."""
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    marker = marker_from_properties(inherit_properties(glue, workflow, run, FILE_PRESENCE))
    if not marker.present:
        print("{}=false ({}): nothing to publish.".format(FILE_PRESENCE, marker.reason))
        return
    # The first job has acquired it, but in a resumed run that job may not have run.
    acquire_lock(s3, glue, arguments["lock_folder"], workflow, run)
    manifest = read_manifest(s3, marker.manifest)
    copies = plan_copies(glue, arguments, Folders(s3, manifest))
    check_lock(s3, arguments["lock_folder"], workflow, run)
    totals = {"partitions": 0, "partitions_added": 0, "partitions_updated": 0, "partitions_removed": 0}
    for copy in copies:
        counts = apply_copy(glue, copy)
        totals["partitions"] += counts.partitions
        totals["partitions_added"] += counts.added
        totals["partitions_updated"] += counts.updated
        totals["partitions_removed"] += counts.removed
        print(
            "{}.{}: {} columns, {} partitions ({} added, {} updated, {} removed)".format(
                copy.database,
                copy.table["Name"],
                len(copy.table["StorageDescriptor"]["Columns"]),
                counts.partitions,
                counts.added,
                counts.updated,
                counts.removed,
            )
        )
    totals.update(tables=len(copies), files_in=len(manifest.files))
    put_counts(glue, workflow, run, totals, "crawl_locations")
    release_lock(s3, arguments["lock_folder"], workflow, run)


def main() -> None:
    """Publish what the crawlers found."""
    arguments = read_arguments(sys.argv, REQUIRED)
    region = arguments["aws_region"]
    publish_tables(aws_client("s3", region), aws_client("glue", region), arguments)


if __name__ == "__main__":
    main()
