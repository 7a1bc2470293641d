"""Rewrite the small files of the manifest's partitions as few large ones, and show them in the catalog.

Spark schedules the work; inside its tasks Arrow (Parquet, ORC) or plain copying of rows (CSV, JSON, Avro) does it.
``location_switch`` describes how a table is changed in place, ``publishing`` how a copy of it is published.
"""

import sys
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any, Callable, Dict, List, Sequence, Tuple

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.avro_rewriter import AvroRewriter
from glue_jobs.common.catalog_view import CatalogView, TableDefinition
from glue_jobs.common.clients import aws_client
from glue_jobs.common.copied_storage import copied_storage
from glue_jobs.common.input_files import iso
from glue_jobs.common.location_switch import (
    COMPACTED,
    Claim,
    RewrittenPartition,
    mark_table,
    new_location,
    original_location,
    read_outputs,
    run_folder,
    switch_partition,
    update_table_statistics,
    write_claim,
    write_outputs,
)
from glue_jobs.common.locations import folder_location, list_objects, split_folder
from glue_jobs.common.orc_rewriter import OrcRewriter
from glue_jobs.common.parquet_rewriter import ParquetRewriter
from glue_jobs.common.presence import FILE_PRESENCE, get_marker, put_counts
from glue_jobs.common.publishing import Destination, Output, Part, publish, retire_old_runs
from glue_jobs.common.rewrite_manifest import FrozenPartition, RewriteManifest, read_rewrite_manifest
from glue_jobs.common.rewriting import (
    Bin,
    BinResult,
    RewriteOptions,
    Rewriter,
    check_results,
    group_bins,
    on_spark,
    plan_bins,
    rewrite_bins,
)
from glue_jobs.common.run_lock import acquire_lock, check_lock, release_lock
from glue_jobs.common.source_table import SourceTable, UnsupportedTable, read_source_table
from glue_jobs.common.text_rewriter import TextRewriter

REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "target_megabytes",
    "compression",
    "grace_hours",
    "state_folder",
)
OPTIONAL = ("destination", "destination_database", "destination_table", "sort_columns")
BLUEPRINT = "compaction"
RunTasks = Callable[[Callable[[Any], Any], Sequence[Any]], List[Any]]


def make_rewriter(one: Bin, options: RewriteOptions, directory: str) -> Rewriter:
    """The rewriter for a bin's file format."""
    if one.file_format == "parquet":
        return ParquetRewriter(one, options, directory)
    if one.file_format == "orc":
        return OrcRewriter(one, options, directory)
    if one.file_format == "avro":
        return AvroRewriter(one, options, directory)
    return TextRewriter(one, options, directory)


def rewrite(
    manifest: RewriteManifest,
    options: RewriteOptions,
    place: Callable[[FrozenPartition], Tuple[str, str]],
    run_tasks: RunTasks,
) -> Dict[Tuple[str, ...], List[BinResult]]:
    """Rewrite all partitions of the manifest; the results by partition."""
    tasks = group_bins(plan_bins(manifest.partitions, options.target_bytes, place))
    results: List[List[BinResult]] = run_tasks(partial(rewrite_bins, make_rewriter, options), tasks)
    return check_results([one for task in results for one in task])


@dataclass(frozen=True)
class Compaction:
    """A run of the workflow on one table.

    Attributes:
        s3: a boto3 S3 client.
        glue: a boto3 Glue client.
        workflow: the workflow.
        run: its run.
        table: the table.
        manifest: what is compacted.
        manifest_location: where the manifest is.
        options: how.
        run_tasks: runs the tasks.
    """

    s3: Any
    glue: Any
    workflow: str
    run: str
    table: SourceTable
    manifest: RewriteManifest
    manifest_location: str
    options: RewriteOptions
    run_tasks: RunTasks

    def in_place(self, state: str, grace_hours: float) -> Dict[str, int]:
        """Write new folders and switch the partitions to them; the counts for the run properties."""
        folder = run_folder(self.table, self.run)
        claim = Claim(self.run, self.manifest_location, folder)
        outputs = read_outputs(self.s3, state, self.run)
        if outputs is None:
            write_claim(self.s3, state, claim)
            outputs = self._write(folder)
            write_outputs(self.s3, state, self.run, outputs)
        check_lock(self.s3, original_location(self.table) + COMPACTED, self.workflow, self.run)
        mark_table(self.glue, self.table, self.workflow)
        frozen = {one.values: one for one in self.manifest.partitions}
        done = []
        for new in outputs:
            reason = switch_partition(self.s3, self.glue, self.table, frozen[new.values], new, self.run)
            if reason:
                print("The partition {} is left as it is: {}.".format("/".join(new.values), reason))
            else:
                done.append(new)
        update_table_statistics(self.glue, self.table)
        due = datetime.now(timezone.utc) + timedelta(hours=grace_hours)
        write_claim(self.s3, state, replace(claim, retire_after=iso(due)))
        return {
            "partitions": len(done),
            "skipped": len(outputs) - len(done),
            "rows": sum(one.rows for one in done),
            "files_in": sum(one.files_in for one in done),
            "files_out": sum(len(one.parts) for one in done),
            "bytes_in": sum(one.bytes_in for one in done),
            "bytes_out": sum(one.bytes_out for one in done),
        }

    def _write(self, folder: str) -> List[RewrittenPartition]:
        bucket, prefix = split_folder(folder)
        keys = [name for name, _ in self.table.partition_keys]

        def place(one: FrozenPartition) -> Tuple[str, str]:
            return split_folder(new_location(folder, keys, one.values))

        results = rewrite(self.manifest, self.options, place, self.run_tasks)
        written = []
        for one in self.manifest.partitions:
            found = results[one.values]
            written.append(
                RewrittenPartition(
                    values=one.values,
                    location=new_location(folder, keys, one.values),
                    rows=sum(result.rows for result in found),
                    files_in=sum(result.files for result in found),
                    bytes_in=one.total_bytes,
                    parts=tuple(part for result in found for part in result.parts),
                )
            )
        expected = {key: size for one in written for key, _, size in one.parts}
        there = {entry["Key"]: entry["Size"] for entry in list_objects(self.s3, bucket, prefix)}
        wrong = [key for key, size in expected.items() if there.pop(key, None) != size]
        if wrong:
            raise RuntimeError("Written but not there as written: {}".format(", ".join(wrong)))
        for key in there:
            print("Deleting s3://{}/{}, left over by an earlier attempt.".format(bucket, key))
            self.s3.delete_object(Bucket=bucket, Key=key)
        return written

    def copy(self, location: str, database: str, name: str) -> Dict[str, int]:
        """Publish a compacted copy of the table; the counts for the run properties."""
        destination = Destination(self.workflow, folder_location(location))
        table = self.table
        formats = {one.file_format for one in self.manifest.partitions}
        if len(formats) > 1:
            raise UnsupportedTable(
                "{} has partitions of several formats ({}); a copy has one.".format(
                    table.full_name, ", ".join(sorted(formats))
                )
            )
        keys = [key for key, _ in table.partition_keys]

        def place(one: FrozenPartition) -> Tuple[str, str]:
            return split_folder(new_location(destination.folder(self.run), keys, one.values))

        def write() -> Output:
            results = rewrite(self.manifest, self.options, place, self.run_tasks)
            parts = tuple(
                Part(values, key, rows, size)
                for values, found in results.items()
                for result in found
                for key, rows, size in result.parts
            )
            return Output(sum(one.rows for found in results.values() for one in found), parts)

        view = CatalogView(
            self.glue,
            destination,
            TableDefinition(database, name, table.columns, table.partition_keys, copied_storage(table)),
        )
        published = publish(
            self.s3,
            destination,
            self.run,
            self.manifest_location,
            write,
            view,
            before_commit=partial(check_lock, self.s3, destination.location, self.workflow, self.run),
        )
        for retired in retire_old_runs(self.s3, destination, published):
            print("Deleted the data of run {}, which nothing shows any more.".format(retired))
        return {
            "partitions": len(self.manifest.partitions),
            "skipped": 0,
            "rows": published.rows,
            "files_in": self.manifest.count,
            "files_out": len(published.parts),
            "bytes_in": self.manifest.total_bytes,
            "bytes_out": sum(part.size for part in published.parts),
        }


def compact(s3: Any, glue: Any, arguments: "dict[str, str]", run_tasks: RunTasks = on_spark) -> None:
    """Compact what the presence marker's manifest lists; nothing if the marker is "false"."""
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    marker = get_marker(glue, workflow, run)
    if not marker.present:
        print("{}=false ({}): nothing to compact.".format(FILE_PRESENCE, marker.reason))
        return
    manifest = read_rewrite_manifest(s3, marker.manifest)
    table = read_source_table(glue, manifest.database, manifest.table)
    destination = arguments["destination"]
    lock = folder_location(destination or original_location(table) + COMPACTED)
    acquire_lock(s3, glue, lock, workflow, run)  # held already, unless an operator has deleted it
    options = RewriteOptions(
        region=arguments["aws_region"],
        target_bytes=int(arguments["target_megabytes"]) << 20,
        compression=arguments["compression"],
        sort_columns=tuple(name for name in arguments["sort_columns"].split(",") if name),
    )
    work = Compaction(s3, glue, workflow, run, table, manifest, marker.manifest, options, run_tasks)
    if destination:
        counts = work.copy(destination, arguments["destination_database"], arguments["destination_table"])
    else:
        grace = arguments["grace_hours"]
        counts = work.in_place(arguments["state_folder"], 0.0 if grace == "never" else float(grace))
    put_counts(glue, workflow, run, counts, prefix=BLUEPRINT)
    print(
        "{}: {files_in:,} files became {files_out:,} in {partitions:,} partitions, {rows:,} rows; "
        "{skipped:,} partitions were left as they are".format(table.full_name, **counts)
    )
    release_lock(s3, lock, workflow, run)


def main() -> None:
    """Compact what the run's manifest lists."""
    arguments = read_arguments(sys.argv, REQUIRED, OPTIONAL)
    region = arguments["aws_region"]
    compact(aws_client("s3", region), aws_client("glue", region), arguments)


if __name__ == "__main__":
    main()
