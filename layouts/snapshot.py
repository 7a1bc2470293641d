"""The workflow of ``snapshot``: look for the tables, copy them, report."""

from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Tuple

from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Workflow

from layouts.common.common_parameters import COMMON_CHECKS, CommonSettings, common_settings
from layouts.common.connections import is_connection
from layouts.common.locations import normal_folder
from layouts.common.parameters import check_parameters, is_folder, is_number, is_text, matches
from layouts.common.staging import prepare
from layouts.common.steps import catalogue_workflow, shell_job, spark_job
from layouts.common.table_lists import is_table_list, read_table_list

BLUEPRINT = "snapshot"
SCRIPTS = ("look.py", "snapshot.py", "report.py")
DEFAULT_SCHEMA = "public"
LOOK_MINUTES = 15
SNAPSHOT_MINUTES = 480
REPORT_MINUTES = 15
MAX_SNAPSHOTS = 1000
MAX_READS = 200


@dataclass(frozen=True)
class Settings:
    """The parameters, checked and in their normal form."""

    common: CommonSettings
    connection: str
    source_database: str
    tables: Tuple[str, ...]
    excluded: Tuple[str, ...]
    on_missing: str
    destination: str
    database: str
    prefix: str
    keep_snapshots: int
    incremental_column: str
    key_column: str
    parallel_reads: int
    unbounded_numbers: str

    @property
    def source(self) -> str:
        """The connection, or the database of the Data Catalog."""
        return self.connection or self.source_database


def _source_problems(params: Mapping[str, Any]) -> Iterator[str]:
    connection, database = params["ConnectionName"].strip(), params["SourceDatabase"].strip()
    if bool(connection) == bool(database):
        yield "ConnectionName or SourceDatabase must be given, and not both."
    if params["KeyColumn"].strip() and not connection:
        yield "KeyColumn must be empty without ConnectionName: files are not read by a key."
    if database and database.lower() == params["DestinationDatabase"].strip().lower():
        yield "DestinationDatabase must not be SourceDatabase: snapshots would be copied again."


def _column_problems(params: Mapping[str, Any]) -> Iterator[str]:
    for name in ("IncrementalColumn", "KeyColumn"):
        if params[name].startswith("-"):
            yield "{} must not start with a dash.".format(name)


CHECKS = (
    *COMMON_CHECKS,
    is_connection("ConnectionName", optional=True),
    _source_problems,
    is_table_list("Tables"),
    is_table_list("ExcludeTables", optional=True),
    is_folder("DestinationLocation"),
    is_text("DestinationDatabase"),
    matches("DestinationDatabase", r"[A-Za-z0-9_-]{0,255}", "consist of letters, digits, underscores and hyphens"),
    matches("TablePrefix", r"[A-Za-z0-9_]{0,100}", "consist of letters, digits and underscores"),
    is_number("KeepSnapshots", 1, MAX_SNAPSHOTS),
    is_number("ParallelReads", 1, MAX_READS, "each is a connection to the database"),
    _column_problems,
)


def read_settings(params: Mapping[str, Any]) -> Settings:
    """Check the parameters together, beyond their types.

    Raises:
        ValueError: every problem, one per line, each naming its parameter.
    """
    check_parameters(params, CHECKS)
    return Settings(
        common=common_settings(params),
        connection=params["ConnectionName"].strip(),
        source_database=params["SourceDatabase"].strip().lower(),
        tables=read_table_list(params["Tables"]),
        excluded=read_table_list(params["ExcludeTables"]),
        on_missing=params["OnMissing"],
        destination=normal_folder(params["DestinationLocation"]) or "",
        database=params["DestinationDatabase"].strip().lower(),
        prefix=params["TablePrefix"].strip().lower(),
        keep_snapshots=int(params["KeepSnapshots"]),
        incremental_column=params["IncrementalColumn"].strip(),
        key_column=params["KeyColumn"].strip(),
        parallel_reads=int(params["ParallelReads"]),
        unbounded_numbers=params["UnboundedNumbers"],
    )


def generate_layout(user_params: Mapping[str, Any], system_params: Mapping[str, str]) -> Workflow:
    """Stage the scripts, create the database, and describe the workflow.

    Args:
        user_params: the blueprint's parameters.
        system_params: ``region`` and ``accountId``.

    Raises:
        ValueError: parameters that do not fit together, or a script bucket that cannot be used.
    """
    settings = read_settings(user_params)
    common = settings.common
    region = system_params["region"]
    scripts = prepare(common, system_params, BLUEPRINT, SCRIPTS, settings.database)
    look = _look(settings, region, scripts["look.py"])
    snapshot = _snapshot(settings, region, scripts["snapshot.py"], look)
    report = _report(settings, region, scripts["report.py"], snapshot)
    description = "Keeps snapshots of {} in the database {}.".format(settings.source, settings.database)
    return catalogue_workflow(common, description, [look, snapshot, report])


def _look(settings: Settings, region: str, script: str) -> Job:
    common = settings.common
    arguments = {
        "aws_region": region,
        "connection_name": settings.connection,
        "source_database": settings.source_database,
        "tables": ",".join(settings.tables),
        "exclude_tables": ",".join(settings.excluded),
        "default_schema": DEFAULT_SCHEMA,
        "destination": settings.destination,
        "on_missing": settings.on_missing,
        "manifest_folder": "s3://{}/glueprint/manifests/{}/".format(common.script_bucket, common.workflow),
    }
    # A second look would only delay the failure that OnMissing requests. Glue's library drops 0, Glue's default.
    retries = 0 if settings.on_missing == "fail" else None
    return shell_job(common, "look", script, arguments, LOOK_MINUTES, retries, connection=settings.connection)


def _snapshot(settings: Settings, region: str, script: str, look: Job) -> Job:
    arguments = {
        "job-bookmark-option": "job-bookmark-disable",  # the snapshots themselves state what was copied
        "aws_region": region,
        "connection_name": settings.connection,
        "source_database": settings.source_database,
        "default_schema": DEFAULT_SCHEMA,
        "destination": settings.destination,
        "database": settings.database,
        "table_prefix": settings.prefix,
        "keep_snapshots": settings.keep_snapshots,
        "incremental_column": settings.incremental_column,
        "key_column": settings.key_column,
        "parallel_reads": settings.parallel_reads,
        "unbounded_numbers": settings.unbounded_numbers,
    }
    if settings.source_database:
        arguments["enable-glue-datacatalog"] = "true"
    return spark_job(
        settings.common,
        "snapshot",
        script,
        arguments,
        SNAPSHOT_MINUTES,
        {look: "SUCCEEDED"},
        connection=settings.connection,
    )


def _report(settings: Settings, region: str, script: str, snapshot: Job) -> Job:
    arguments = {"aws_region": region, "destination": settings.destination, "database": settings.database}
    return shell_job(
        settings.common, "report", script, arguments, REPORT_MINUTES, depends_on={snapshot: "SUCCEEDED"}
    )
