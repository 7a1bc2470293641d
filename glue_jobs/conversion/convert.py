"""Convert exactly the files of the run's manifest to another format, and publish the result.

Spark schedules the work; inside its tasks Arrow reads files, or ranges of large ones, and writes files, without a
shuffle. ``publishing`` describes how a run that is killed and started again ends with the same rows.
"""

import sys
from dataclasses import replace
from functools import partial
from typing import Any, Callable, FrozenSet, List, Sequence, Tuple

import pyarrow as pa

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.bad_records import TooManyBadRecords
from glue_jobs.common.catalog_view import CatalogView, TableDefinition
from glue_jobs.common.choice_columns import split_schema
from glue_jobs.common.clients import aws_client
from glue_jobs.common.conversion_plan import ConversionFailed, Plan, common_keys, given_target, source_format
from glue_jobs.common.conversion_tasks import GroupResult, SampleResult, convert_group, sample_group
from glue_jobs.common.hive_types import hive_type
from glue_jobs.common.locations import delete_below, folder_location, split_folder, split_location
from glue_jobs.common.manifest import FrozenFile, Manifest, read_manifest
from glue_jobs.common.pieces import MIN_GROUP_BYTES, Group, group_pieces
from glue_jobs.common.presence import FILE_PRESENCE, get_marker, put_count, put_counts
from glue_jobs.common.publishing import Destination, Output, Part, Publication, publish, retire_old_runs
from glue_jobs.common.row_batches import Target, merge_schemas
from glue_jobs.common.row_sources import SourceFormat, may_be_cut
from glue_jobs.common.row_writers import OutputFormat
from glue_jobs.common.run_lock import check_lock
from glue_jobs.common.schema_texts import read_schema, schema_text
from glue_jobs.common.storage_formats import catalog_columns, storage_format
from glue_jobs.common.type_merging import TypesDiffer, without_nulls

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
MAX_ROUNDS = 6
MAX_SHOWN = 20

Tasks = Callable[[Callable[[Group], Any], Sequence[Group]], List[Any]]
"""Runs a function for each group, and returns the results in their order."""


def on_spark(task: Callable[[Group], Any], groups: Sequence[Group]) -> List[Any]:
    """Run a task for each group on Spark's executors."""
    # Imported late: a run without files ends before it would start Spark.
    from pyspark.context import SparkContext

    context = SparkContext.getOrCreate()
    results: List[Any] = context.parallelize(groups, len(groups)).map(task).collect()
    return results


def fail_with(problems: Sequence[str], what: str) -> None:
    """Raise if there are problems.

    Raises:
        ConversionFailed: their number, and the first of them.
    """
    if problems:
        shown = list(problems[:MAX_SHOWN])
        if len(problems) > MAX_SHOWN:
            shown.append("and {} more".format(len(problems) - MAX_SHOWN))
        raise ConversionFailed("{} {}:\n{}".format(len(problems), what, "\n".join(shown)))


def sampled_plan(plan: Plan, files: Sequence[FrozenFile], run_tasks: Tasks) -> Tuple[Plan, FrozenSet[str]]:
    """The plan with the schema of samples of the files, if it is inferred; and the files that must not be cut.

    Raises:
        ConversionFailed: files that cannot be read, or a choice of types that is refused.
    """
    if not plan.target.is_inferred:
        files = [file for file in files if file.size > MIN_GROUP_BYTES and may_be_cut(plan.source, file)]
    groups = group_pieces(files, lambda file: False)
    results: List[SampleResult] = run_tasks(partial(sample_group, plan), groups) if groups else []
    fail_with([problem for _, problems, _ in results for problem in problems], "files could not be read")
    uncut = frozenset(key for _, _, keys in results for key in keys)
    if not plan.target.is_inferred:
        return plan, uncut
    given = plan.target.schema
    schema = pa.schema([])
    try:
        for found, _, _ in results:
            schema = schema if found is None else merge_schemas(schema, found, plan.target)
    except TypesDiffer as error:
        raise ConversionFailed("The files differ: {}".format(error)) from error
    unknown = sorted(set(given.names) - set(schema.names))
    if unknown:
        raise ConversionFailed(
            "ColumnTypes: {} not a column; there are {}.".format(", ".join(unknown), ", ".join(schema.names))
        )
    types = {field.name: field.type for field in given}
    schema = pa.schema([(field.name, types.get(field.name, without_nulls(field.type))) for field in schema])
    return replace(plan, target=replace(plan.target, schema=schema)), uncut


def check_plan(plan: Plan) -> None:
    """Make sure that the schema can be written.

    Raises:
        ConversionFailed: it cannot.
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


def is_cut(source: SourceFormat, uncut: FrozenSet[str], file: FrozenFile) -> bool:
    """Whether a file may be cut into ranges of bytes."""
    return file.key not in uncut and may_be_cut(source, file)


def write_conversion(plan: Plan, manifest: Manifest, run_tasks: Tasks) -> Tuple[Output, Plan, int]:
    """Write the manifest's rows below the run's folder; returns what was written, how, and the bad records.

    An inferred schema that is contradicted is replaced by one that fits, and everything is written again.

    Raises:
        ConversionFailed: a file cannot be read, or too many records are bad.
    """
    plan, uncut = sampled_plan(plan, manifest.files, run_tasks)
    for _ in range(MAX_ROUNDS):
        check_plan(plan)
        print("Schema: {}".format(schema_text(split_schema(plan.target.schema))))
        delete_below(aws_client("s3", plan.region), plan.bad_bucket, plan.bad_prefix)
        groups = group_pieces(manifest.files, partial(is_cut, plan.source, uncut))
        results: List[GroupResult] = run_tasks(partial(convert_group, plan), groups)
        fail_with([problem for result in results for problem in result[2]], "files could not be converted")
        better = [result[5] for result in results if result[5] is not None]
        again = frozenset(key for result in results for key in result[6])
        if better or again:
            uncut |= again
            plan = replace(plan, target=replace(plan.target, schema=merged(plan.target, better)))
            print("Once more: some rows do not fit what a sample of the files has shown.")
            continue
        bad = sum(result[3] for result in results)
        if bad > plan.maximum_bad:
            first = next(result[4] for result in results if result[4])
            raise TooManyBadRecords(
                "At least {:,} records are bad, and MaximumBadRecords is {:,}; nothing was published. They are in "
                "s3://{}/{}. The first one: {}".format(
                    bad, plan.maximum_bad, plan.bad_bucket, plan.bad_prefix, first
                )
            )
        parts = tuple(
            Part(tuple(values), key, rows, size) for result in results for values, key, rows, size in result[1]
        )
        return Output(sum(result[0] for result in results), parts), plan, bad
    raise ConversionFailed("No schema fits all rows after {} rounds; give one.".format(MAX_ROUNDS))


def merged(target: Target, better: Sequence[pa.Schema]) -> pa.Schema:
    """The target's schema, merged with better ones.

    Raises:
        ConversionFailed: their types cannot be merged.
    """
    schema = target.schema
    try:
        for other in better:
            schema = merge_schemas(schema, other, target)
    except TypesDiffer as error:
        raise ConversionFailed("The files differ: {}".format(error)) from error
    return pa.schema([(field.name, without_nulls(field.type)) for field in schema])


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
        output, used, bad = write_conversion(plan, manifest, run_tasks)
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
