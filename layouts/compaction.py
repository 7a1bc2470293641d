"""The workflow of ``compaction``: look for partitions with small files, and rewrite them."""

import re
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Tuple

from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Workflow

from layouts.common.common_parameters import COMMON_CHECKS, CommonSettings, common_settings
from layouts.common.locations import normal_folder
from layouts.common.parameters import check_parameters, is_number, matches
from layouts.common.staging import prepare
from layouts.common.steps import catalogue_workflow, shell_job, spark_job

BLUEPRINT = "compaction"
SCRIPTS = ("look.py", "compact.py")
LOOK_MINUTES = 60
COMPACT_MINUTES = 480
MAX_TARGET_MEGABYTES = 5120
NAME = r"[A-Za-z0-9_-]{1,255}"
NAME_RULE = "consist of letters, digits, underscores and hyphens"


@dataclass(frozen=True)
class Settings:
    """The parameters, checked and in their normal form."""

    common: CommonSettings
    database: str
    table: str
    partition_filter: str
    target_megabytes: int
    small_percent: int
    minimum_files: int
    quiet_minutes: int
    compression: str
    sort_columns: Tuple[str, ...]
    may_change: bool
    grace_hours: int
    destination: str
    destination_database: str
    destination_table: str
    on_missing: str

    @property
    def records(self) -> str:
        """The folder of the workflow's records of replaced files."""
        return "s3://{}/glueprint/compaction/{}/".format(self.common.script_bucket, self.common.workflow)


def sort_columns(params: Mapping[str, Any]) -> Tuple[str, ...]:
    """``SortColumns`` in lower case, without empty ones."""
    return tuple(name.strip().lower() for name in params["SortColumns"] if name.strip())


def _destination_problems(params: Mapping[str, Any]) -> Iterator[str]:
    location = params["DestinationLocation"].strip()
    table = params["DestinationTable"].strip()
    database = params["DestinationDatabase"].strip()
    if not location:
        for name in ("DestinationTable", "DestinationDatabase"):
            if params[name].strip():
                yield "{} must be empty, or DestinationLocation must be set, too.".format(name)
        return
    if normal_folder(location) is None:
        yield "DestinationLocation must be empty or an S3 folder such as s3://bucket/folder/."
    if not table:
        yield "DestinationTable must not be empty if DestinationLocation is set."
    elif not re.fullmatch(NAME, table):
        yield "DestinationTable must {}.".format(NAME_RULE)
    if database and not re.fullmatch(NAME, database):
        yield "DestinationDatabase must {}.".format(NAME_RULE)
    source = (params["Database"].strip().lower(), params["Table"].strip().lower())
    if ((database or source[0]).lower(), table.lower()) == source:
        yield "DestinationTable must be another table than Table."


def _sort_problems(params: Mapping[str, Any]) -> Iterator[str]:
    names = sort_columns(params)
    if any("," in name for name in names):
        yield "SortColumns must be a list of column names, one each."
    if len(set(names)) < len(names):
        yield "SortColumns must not name a column twice; case does not matter."


CHECKS = (
    *COMMON_CHECKS,
    matches("Database", NAME, NAME_RULE),
    matches("Table", NAME, NAME_RULE),
    is_number("TargetMegabytes", 1, MAX_TARGET_MEGABYTES),
    is_number("SmallFilePercent", 0, 100),
    is_number("MinimumFiles", 2, reason="a single file cannot be joined with another one"),
    is_number("QuietMinutes", 0),
    is_number("GraceHours", -1, reason="-1 is never"),
    matches("PartitionFilter", r"(?s)(?!-).*", "not start with a dash"),
    _sort_problems,
    _destination_problems,
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
        target_megabytes=int(params["TargetMegabytes"]),
        small_percent=int(params["SmallFilePercent"]),
        minimum_files=int(params["MinimumFiles"]),
        quiet_minutes=int(params["QuietMinutes"]),
        compression=params["Compression"],
        sort_columns=sort_columns(params),
        may_change=bool(params["ChangeForeignTable"]),
        grace_hours=int(params["GraceHours"]),
        destination=normal_folder(params["DestinationLocation"]) or "",
        destination_database=params["DestinationDatabase"].strip().lower() or database,
        destination_table=params["DestinationTable"].strip().lower(),
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
    database = settings.destination_database if settings.destination else ""
    scripts = prepare(common, system_params, BLUEPRINT, SCRIPTS, database)
    look = _look(settings, region, scripts["look.py"])
    compact = _compact(settings, region, scripts["compact.py"], look)
    description = "Compacts the small files of {}.{}.".format(settings.database, settings.table)
    return catalogue_workflow(common, description, [look, compact])


def _look(settings: Settings, region: str, script: str) -> Job:
    common = settings.common
    arguments = {
        "aws_region": region,
        "database": settings.database,
        "table": settings.table,
        "partition_filter": settings.partition_filter,
        "target_megabytes": settings.target_megabytes,
        "small_percent": settings.small_percent,
        "minimum_files": settings.minimum_files,
        "quiet_minutes": settings.quiet_minutes,
        # A value must not start with a dash.
        "grace_hours": settings.grace_hours if settings.grace_hours >= 0 else "never",
        "compression": settings.compression,
        "may_change": "true" if settings.may_change else "false",
        "destination": settings.destination,
        "sort_columns": ",".join(settings.sort_columns),
        "on_missing": settings.on_missing,
        "manifest_folder": "s3://{}/glueprint/manifests/{}/".format(common.script_bucket, common.workflow),
        "state_folder": settings.records,
    }
    # A second look would only delay the failure that OnMissing requests. Glue's library drops 0, Glue's default.
    retries = 0 if settings.on_missing == "fail" else None
    return shell_job(common, "look", script, arguments, LOOK_MINUTES, retries)


def _compact(settings: Settings, region: str, script: str, look: Job) -> Job:
    arguments = {
        "job-bookmark-option": "job-bookmark-disable",  # the manifest lists what is to be compacted
        "aws_region": region,
        "target_megabytes": settings.target_megabytes,
        "compression": settings.compression,
        "grace_hours": settings.grace_hours if settings.grace_hours >= 0 else "never",
        "sort_columns": ",".join(settings.sort_columns),
        "destination": settings.destination,
        "destination_database": settings.destination_database,
        "destination_table": settings.destination_table,
        "state_folder": settings.records,
    }
    return spark_job(settings.common, "compact", script, arguments, COMPACT_MINUTES, {look: "SUCCEEDED"})
