"""Convert exactly the files of the run's manifest to another format, and publish the result.

Spark schedules the work; inside its tasks Arrow reads files, or ranges of large ones, and writes files, without a
shuffle. ``publishing`` describes how a run that is killed and started again ends with the same rows.
"""

import sys
from dataclasses import replace
from typing import Any, Tuple

import pyarrow as pa

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.bad_records import TooManyBadRecords
from glue_jobs.common.catalog_view import CatalogView, TableDefinition
from glue_jobs.common.choice_columns import split_schema
from glue_jobs.common.clients import aws_client
from glue_jobs.common.conversion_plan import Plan, common_keys
from glue_jobs.common.conversion_tasks import convert_group
from glue_jobs.common.hive_types import hive_type
from glue_jobs.common.locations import folder_location, split_folder, split_location
from glue_jobs.common.manifest import Manifest, read_manifest
from glue_jobs.common.presence import FILE_PRESENCE, get_marker, put_count, put_counts
from glue_jobs.common.publishing import Destination, Output, Part, Publication, publish, retire_old_runs
from glue_jobs.common.row_writers import OutputFormat
from glue_jobs.common.run_lock import check_lock
from glue_jobs.common.schema_texts import read_schema, schema_text
from glue_jobs.common.source_plan import given_target, source_format
from glue_jobs.common.source_rounds import Tasks, fail_with, on_spark, read_in_rounds
from glue_jobs.common.storage_formats import catalog_columns, storage_format

BLUEPRINT = "conversion"
REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "destination",
    "input_format",
    "output_format",
    "compression",
    "choice_types",
    "maximum_bad_records",
    "bad_records",
    "header",
    "multi_line",
    "encoding",
)
OPTIONAL = (
    "database",
    "table",
    "schema",
    "schema_table",
    "column_types",
    "delimiter",
    "quote",
    "escape",
    "null_text",
    "row_tag",
)


def check_plan(plan: Plan) -> None:
    """Make sure that the schema can be written.

    Raises:
        ReadingFailed: it cannot.
    """
    schema = split_schema(plan.target.schema)
    problems = [
        "column {} is also a key of the folders; rename one".format(name)
        for name in plan.partition_keys
        if name in schema.names
    ]
    problems += [
        "there are two columns {}: one of a choice of types, and one of the files".format(name)
        for name in sorted(set(schema.names))
        if schema.names.count(name) > 1
    ]
    if not schema.names:
        problems.append("there is no column")
    problems += [
        "column {} is {}, which {} has not".format(field.name, hive_type(field.type), name)
        for name, used in (("CSV", "csv" in (plan.source.name, plan.output.name)),)
        for field in schema
        if used and pa.types.is_nested(field.type)
    ]
    fail_with(problems, "columns cannot be converted")


def write_conversion(plan: Plan, manifest: Manifest, run_tasks: Tasks) -> Tuple[Output, Plan, int]:
    """Write the manifest's rows below the run's folder; returns what was written, how, and the bad records.

    Raises:
        ReadingFailed: a file cannot be read.
        TooManyBadRecords: more records are bad than are allowed.
    """
    reading = read_in_rounds(plan, manifest.files, run_tasks, convert_group, check_plan)
    parts = tuple(
        Part(tuple(values), key, rows, size) for _, found in reading.results for values, key, rows, size in found
    )
    return Output(sum(rows for rows, _ in reading.results), parts), reading.plan, reading.bad


class NoTable:
    """The view of a conversion whose result has no table."""

    def check(self) -> None:
        """Nothing can be taken."""

    def show(self, publication: Publication) -> None:
        """Nothing shows it."""


class ConvertedTable:
    """The table of the result. Its columns are known once the files are written, and stored for a retry.

    Args:
        s3: a boto3 S3 client.
        glue: a boto3 Glue client.
        destination: what is shown.
        arguments: ``database`` and ``table``.
        plan: formats and partition keys.
        note: where the columns are stored.
    """

    def __init__(
        self, s3: Any, glue: Any, destination: Destination, arguments: "dict[str, str]", plan: Plan, note: str
    ) -> None:
        self._s3 = s3
        self._glue = glue
        self._destination = destination
        self._table = TableDefinition(
            arguments["database"],
            arguments["table"],
            (),
            tuple((key, "string") for key in plan.partition_keys),
            storage_format(plan.output.name, plan.output.compression),
        )
        self._format = plan.output.name
        self._bucket, self._key = split_location(note)

    def note_schema(self, schema: pa.Schema) -> None:
        """Store the columns."""
        self._s3.put_object(Bucket=self._bucket, Key=self._key, Body=schema_text(schema).encode())

    def check(self) -> None:
        """See :class:`View`."""
        CatalogView(self._glue, self._destination, self._table).check()

    def show(self, publication: Publication) -> None:
        """See :class:`View`."""
        body = self._s3.get_object(Bucket=self._bucket, Key=self._key)["Body"].read()
        columns = [(field.name, hive_type(field.type)) for field in read_schema(body.decode())]
        table = replace(self._table, columns=catalog_columns(self._format, columns))
        CatalogView(self._glue, self._destination, table).show(publication)


def convert(s3: Any, glue: Any, arguments: "dict[str, str]", run_tasks: Tasks = on_spark) -> None:
    """Convert and publish the files of the presence marker's manifest; nothing if the marker is "false"."""
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    marker = get_marker(glue, workflow, run)
    if not marker.present:
        print("{}=false ({}): nothing to convert.".format(FILE_PRESENCE, marker.reason))
        return
    destination = Destination(workflow, folder_location(arguments["destination"]))
    check_lock(s3, destination.location, workflow, run)
    manifest = read_manifest(s3, marker.manifest)
    _, prefix = split_folder(manifest.location)
    bad_bucket, bad_prefix = split_folder("{}run={}/".format(folder_location(arguments["bad_records"]), run))
    target_bucket, target_prefix = split_folder(destination.folder(run))
    plan = Plan(
        region=arguments["aws_region"],
        bucket=manifest.bucket,
        prefix=prefix,
        source=source_format(arguments),
        target=given_target(glue, arguments),
        output=OutputFormat(arguments["output_format"], arguments["compression"]),
        partition_keys=common_keys(manifest, prefix),
        target_bucket=target_bucket,
        target_prefix=target_prefix,
        bad_bucket=bad_bucket,
        bad_prefix=bad_prefix,
        maximum_bad=int(arguments["maximum_bad_records"]),
    )
    table = None
    if arguments["database"]:
        note = marker.manifest[: -len(".json")] + ".schema"
        table = ConvertedTable(s3, glue, destination, arguments, plan, note)

    def write() -> Output:
        try:
            output, used, bad = write_conversion(plan, manifest, run_tasks)
        except TooManyBadRecords as error:
            put_count(glue, workflow, run, "bad_records", error.count, BLUEPRINT)
            raise
        put_count(glue, workflow, run, "bad_records", bad, BLUEPRINT)
        if table is not None:
            table.note_schema(split_schema(used.target.schema))
        check_lock(s3, destination.location, workflow, run)
        return output

    published = publish(s3, destination, run, marker.manifest, write=write, view=table or NoTable())
    counts = {
        "rows": published.rows,
        "files_in": len(manifest.files),
        "files_out": len(published.parts),
    }
    put_counts(glue, workflow, run, counts, BLUEPRINT)
    print(
        "{:,} rows of {:,} files in {:,} {} files: {}".format(
            published.rows, len(manifest.files), len(published.parts), plan.output.name, destination.folder(run)
        )
    )
    for retired in retire_old_runs(s3, destination, published):
        print("Deleted the data of run {}, which nothing shows any more.".format(retired))


def main() -> None:
    """Convert what the run's manifest lists."""
    arguments = read_arguments(sys.argv, REQUIRED, OPTIONAL)
    region = arguments["aws_region"]
    convert(aws_client("s3", region), aws_client("glue", region), arguments)


if __name__ == "__main__":
    main()
