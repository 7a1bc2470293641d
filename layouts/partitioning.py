"""The workflow of ``partitioning``: look for the files of a table, and write them into new partitions."""

import re
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Tuple

from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Workflow

from layouts.common.common_parameters import COMMON_CHECKS, CommonSettings, common_settings
from layouts.common.locations import normal_folder
from layouts.common.parameters import check_parameters, given, is_folder, is_number, matches
from layouts.common.staging import prepare
from layouts.common.steps import catalogue_workflow, shell_job, spark_job

BLUEPRINT = "partitioning"
SCRIPTS = ("look.py", "partition.py")
LOOK_MINUTES = 60
PARTITION_MINUTES = 480
MAX_TARGET_MEGABYTES = 5120
MAX_PARTITIONS = 1_000_000
NAME = r"[A-Za-z0-9_-]{1,255}"
NAME_RULE = "consist of letters, digits, underscores and hyphens"


@dataclass(frozen=True)
class Settings:
    """The parameters, checked and in their normal form."""

    common: CommonSettings
    database: str
    table: str
    partition_filter: str
    partition_columns: Tuple[str, ...]
    timestamp_column: str
    granularity: str
    destination: str
    destination_database: str
    destination_table: str
    target_megabytes: int
    compression: str
    maximum_partitions: int
    projection: bool
    partition_index: bool
    on_missing: str


def partition_columns(params: Mapping[str, Any]) -> Tuple[str, ...]:
    """``PartitionColumns`` in lower case, without empty ones."""
    return tuple(name.lower() for name in given(params["PartitionColumns"]))


def _key_problems(params: Mapping[str, Any]) -> Iterator[str]:
    names, timestamp = partition_columns(params), params["TimestampColumn"].strip()
    if any("," in name for name in names):
        yield "PartitionColumns must be a list of column names, one each."
    if len(set(names)) < len(names):
        yield "PartitionColumns must not name a column twice; case does not matter."
    if bool(names) == bool(timestamp):
        yield "PartitionColumns or TimestampColumn must be set, and not both."
    if timestamp.startswith("-"):
        yield "TimestampColumn must not start with a dash."


def _destination_problems(params: Mapping[str, Any]) -> Iterator[str]:
    database = params["DestinationDatabase"].strip().lower()
    if database and not re.fullmatch(NAME, database):
        yield "DestinationDatabase must {}.".format(NAME_RULE)
    source = (params["Database"].strip().lower(), params["Table"].strip().lower())
    if (database or source[0], params["DestinationTable"].strip().lower()) == source:
        yield "DestinationTable must be another table than Table."


def _index_problems(params: Mapping[str, Any]) -> Iterator[str]:
    if params["PartitionIndex"] and params["PartitionProjection"]:
        yield "PartitionIndex must be false with PartitionProjection: there are no partitions to find."


CHECKS = (
    *COMMON_CHECKS,
    matches("Database", NAME, NAME_RULE),
    matches("Table", NAME, NAME_RULE),
    matches("PartitionFilter", r"(?s)(?!-).*", "not start with a dash"),
    is_folder("DestinationLocation"),
    matches("DestinationTable", NAME, NAME_RULE),
    is_number("TargetMegabytes", 1, MAX_TARGET_MEGABYTES),
    is_number("MaximumPartitions", 1, MAX_PARTITIONS),
    _key_problems,
    _destination_problems,
    _index_problems,
)


def read_settings(params: Mapping[str, Any]) -> Settings:
    """Check the parameters together, beyond their types.

    Raises:
        ValueError: every problem, one per line, each naming its parameter.
    """
    check_parameters(params, CHECKS)
    database = params["Database"].strip().lower()
    return Settings(
        common=common_settings(params),
        database=database,
        table=params["Table"].strip().lower(),
        partition_filter=params["PartitionFilter"].strip(),
        partition_columns=partition_columns(params),
        timestamp_column=params["TimestampColumn"].strip().lower(),
        granularity=params["Granularity"],
        destination=normal_folder(params["DestinationLocation"]) or "",
        destination_database=params["DestinationDatabase"].strip().lower() or database,
        destination_table=params["DestinationTable"].strip().lower(),
        target_megabytes=int(params["TargetMegabytes"]),
        compression=params["Compression"],
        maximum_partitions=int(params["MaximumPartitions"]),
        projection=bool(params["PartitionProjection"]),
        partition_index=bool(params["PartitionIndex"]),
        on_missing=params["OnMissing"],
    )


def generate_layout(user_params: Mapping[str, Any], system_params: Mapping[str, str]) -> Workflow:
    """Stage the scripts, create the destination's database, and describe the workflow.

    Args:
        user_params: the blueprint's parameters.
        system_params: ``region`` and ``accountId``.

    Raises:
        ValueError: parameters that do not fit together, or a script bucket that cannot be used.
    """
    settings = read_settings(user_params)
    common = settings.common
    region = system_params["region"]
    scripts = prepare(common, system_params, BLUEPRINT, SCRIPTS, settings.destination_database)
    look = _look(settings, region, scripts["look.py"])
    partition = _partition(settings, region, scripts["partition.py"], look)
    description = "Partitions {}.{} again, as {}.{}.".format(
        settings.database, settings.table, settings.destination_database, settings.destination_table
    )
    return catalogue_workflow(common, description, [look, partition])


def _key_arguments(settings: Settings) -> "dict[str, str]":
    return {
        "partition_columns": ",".join(settings.partition_columns),
        "timestamp_column": settings.timestamp_column,
        "granularity": settings.granularity,
    }


def _look(settings: Settings, region: str, script: str) -> Job:
    common = settings.common
    arguments = {
        "aws_region": region,
        "database": settings.database,
        "table": settings.table,
        "partition_filter": settings.partition_filter,
        "destination": settings.destination,
        "on_missing": settings.on_missing,
        "manifest_folder": "s3://{}/glueprint/manifests/{}/".format(common.script_bucket, common.workflow),
        **_key_arguments(settings),
    }
    # A second look would only delay the failure that OnMissing requests. Glue's library drops 0, Glue's default.
    retries = 0 if settings.on_missing == "fail" else None
    return shell_job(common, "look", script, arguments, LOOK_MINUTES, retries)


def _partition(settings: Settings, region: str, script: str, look: Job) -> Job:
    arguments = {
        "job-bookmark-option": "job-bookmark-disable",  # the manifest lists what is to be partitioned
        "aws_region": region,
        "destination": settings.destination,
        "destination_database": settings.destination_database,
        "destination_table": settings.destination_table,
        "target_megabytes": settings.target_megabytes,
        "compression": settings.compression,
        "maximum_partitions": settings.maximum_partitions,
        "projection": "true" if settings.projection else "false",
        "partition_index": "true" if settings.partition_index else "false",
        **_key_arguments(settings),
    }
    return spark_job(settings.common, "partition", script, arguments, PARTITION_MINUTES, {look: "SUCCEEDED"})
