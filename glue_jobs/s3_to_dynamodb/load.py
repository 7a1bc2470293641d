"""Load exactly the files of the run's manifest into a table of DynamoDB.

All files are read and checked before the first item is written: what is wrong with them leaves the table as it
was. Then each row is put under its key, so that a load that is killed and started again ends with the same items.
"""

import sys
from dataclasses import replace
from functools import partial
from typing import Any, Callable, Sequence, Tuple

import pyarrow as pa

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.choice_columns import split_schema
from glue_jobs.common.clients import aws_client
from glue_jobs.common.duplicate_keys import replaced_positions
from glue_jobs.common.dynamodb_items import table_keys
from glue_jobs.common.dynamodb_tasks import ItemGroup, ItemPlan, check_group, write_group
from glue_jobs.common.locations import folder_location, split_folder
from glue_jobs.common.manifest import Manifest, read_manifest
from glue_jobs.common.presence import FILE_PRESENCE, get_marker, put_counts
from glue_jobs.common.row_batches import Target
from glue_jobs.common.run_lock import check_lock
from glue_jobs.common.source_plan import given_target, source_format
from glue_jobs.common.source_rounds import ReadingFailed, Tasks, fail_with, on_spark, read_in_rounds

BLUEPRINT = "s3_to_dynamodb"
REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "table",
    "write_percent",
    "write_units",
    "duplicate_keys",
    "lock_folder",
    "bad_records",
    "input_format",
    "choice_types",
    "maximum_bad_records",
    "header",
    "multi_line",
    "encoding",
)
OPTIONAL = (
    "schema",
    "schema_table",
    "column_types",
    "delimiter",
    "quote",
    "escape",
    "null_text",
    "row_tag",
)


class TableUnusable(Exception):
    """The table of DynamoDB is not there, or the files do not have its key; nothing was written."""


class CountsDiffer(Exception):
    """DynamoDB has taken another number of items than there are."""


def read_table(dynamodb: Any, table: str) -> "dict[str, Any]":
    """The table, as DescribeTable describes it.

    Raises:
        TableUnusable: there is none, or it is not active.
    """
    try:
        description: "dict[str, Any]" = dynamodb.describe_table(TableName=table)["Table"]
    except dynamodb.exceptions.ResourceNotFoundException as error:
        raise TableUnusable("DynamoDB has no table {}; create it first.".format(table)) from error
    if description["TableStatus"] not in ("ACTIVE", "UPDATING"):
        raise TableUnusable("The table {} is {}.".format(table, description["TableStatus"]))
    return description


def write_rate(description: "dict[str, Any]", percent: int, units: int) -> float:
    """Write units a second that the load may use; 0 for any number.

    Args:
        description: the table.
        percent: the share of the provisioned capacity.
        units: the number for a table that is billed by request; 0 for any.
    """
    provisioned = int(description.get("ProvisionedThroughput", {}).get("WriteCapacityUnits", 0))
    return max(provisioned * percent / 100, 1.0) if provisioned else float(units)


def with_key_types(target: Target, keys: Sequence[Tuple[str, str]]) -> Target:
    """The target with text for those parts of the key that are text in the table, unless their type is given."""
    if not target.is_inferred:
        return target
    fields = [(field.name, field.type) for field in target.schema]
    fields += [
        (name.lower(), pa.string()) for name, kind in keys if kind == "S" and name.lower() not in target.fixed
    ]
    schema = pa.schema(fields)
    return replace(target, schema=schema, fixed=frozenset(schema.names))


def check_key(keys: Sequence[Tuple[str, str]], plan: ItemPlan) -> None:
    """Make sure that the columns have the table's key, with its types.

    Raises:
        ReadingFailed: they do not.
    """
    schema = split_schema(plan.target.schema)
    fits = {
        "S": lambda found: pa.types.is_string(found) or pa.types.is_temporal(found),
        "N": lambda found: pa.types.is_integer(found) or pa.types.is_floating(found) or pa.types.is_decimal(found),
        "B": pa.types.is_binary,
    }
    problems = []
    for name, kind in keys:
        column = name.lower()
        if column not in schema.names:
            problems.append("the key {} is not a column; there are {}".format(name, ", ".join(schema.names)))
        elif not fits[kind](schema.field(column).type):
            problems.append(
                "the key {} is of type {} in the table, but {} in the files; give ColumnTypes".format(
                    name, kind, schema.field(column).type
                )
            )
    fail_with(problems, "parts of the key are not in the files")


def concurrent_tasks() -> int:
    """How many tasks Spark runs at the same time."""
    from pyspark.context import SparkContext

    return int(SparkContext.getOrCreate().defaultParallelism)


def load_items(
    plan: ItemPlan,
    manifest: Manifest,
    keys: Sequence[Tuple[str, str]],
    duplicate_keys: str,
    run_tasks: Tasks,
    before_writing: Callable[[], None],
) -> "dict[str, int]":
    """Check all files, then write their items; returns counts.

    Raises:
        ReadingFailed: files cannot be read, or have a key twice that must not be.
        TooManyBadRecords: more records are bad than are allowed.
        CountsDiffer: DynamoDB has taken another number of items than there are.
    """
    reading = read_in_rounds(plan, manifest.files, run_tasks, check_group, partial(check_key, keys))
    rows = sum(len(digests) for digests in reading.results) // 8
    skipped = replaced_positions(reading.results)
    replaced = sum(len(positions) for positions in skipped)
    if replaced and duplicate_keys == "fail":
        raise ReadingFailed(
            "{:,} rows have the key of a later row, and DuplicateKeys is fail; nothing was written.".format(
                replaced
            )
        )
    before_writing()
    work = [ItemGroup(group, positions) for group, positions in zip(reading.groups, skipped)]
    results = run_tasks(partial(write_group, reading.plan), work)
    fail_with(
        [problem for found, _, _, _ in results for problem in found[0]],
        "files have changed while items were written",
    )
    written = sum(result[1] for result in results)
    if written != rows - replaced:
        raise CountsDiffer("DynamoDB has taken {:,} items of {:,}.".format(written, rows - replaced))
    return {
        "rows": rows,
        "items": written,
        "replaced": replaced,
        "bad_records": reading.bad,
        "files_in": len(manifest.files),
        "write_units": sum(result[2] for result in results),
        "repeated": sum(result[3] for result in results),
    }


def load(
    s3: Any,
    glue: Any,
    dynamodb: Any,
    arguments: "dict[str, str]",
    run_tasks: Tasks = on_spark,
    parallel: Callable[[], int] = concurrent_tasks,
) -> None:
    """Load the files of the presence marker's manifest; nothing if the marker is "false"."""
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    marker = get_marker(glue, workflow, run)
    if not marker.present:
        print("{}=false ({}): nothing to load.".format(FILE_PRESENCE, marker.reason))
        return
    lock = folder_location(arguments["lock_folder"])
    check_lock(s3, lock, workflow, run)
    table = arguments["table"]
    description = read_table(dynamodb, table)
    keys = table_keys(description)
    manifest = read_manifest(s3, marker.manifest)
    _, prefix = split_folder(manifest.location)
    bad_bucket, bad_prefix = split_folder("{}run={}/".format(folder_location(arguments["bad_records"]), run))
    rate = write_rate(description, int(arguments["write_percent"]), int(arguments["write_units"]))
    plan = ItemPlan(
        region=arguments["aws_region"],
        bucket=manifest.bucket,
        prefix=prefix,
        source=source_format(arguments),
        target=with_key_types(given_target(glue, arguments), keys),
        bad_bucket=bad_bucket,
        bad_prefix=bad_prefix,
        maximum_bad=int(arguments["maximum_bad_records"]),
        table=table,
        keys=tuple(name for name, _ in keys),
        attributes=tuple((name.lower(), name) for name, _ in keys),
        units_per_second=rate / max(parallel(), 1),
    )
    counts = load_items(
        plan,
        manifest,
        keys,
        arguments["duplicate_keys"],
        run_tasks,
        lambda: check_lock(s3, lock, workflow, run),
    )
    put_counts(glue, workflow, run, counts, BLUEPRINT)
    print("{items:,} items of {rows:,} rows of {files_in:,} files; {write_units:,} write units".format(**counts))


def main() -> None:
    """Load what the run's manifest lists."""
    arguments = read_arguments(sys.argv, REQUIRED, OPTIONAL)
    region = arguments["aws_region"]
    load(aws_client("s3", region), aws_client("glue", region), aws_client("dynamodb", region), arguments)


if __name__ == "__main__":
    main()
