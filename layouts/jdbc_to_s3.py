"""The workflow of ``jdbc_to_s3``: look for the tables, copy them to S3, report."""

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

BLUEPRINT = "jdbc_to_s3"
SCRIPTS = ("look.py", "transfer.py", "report.py")
DEFAULT_SCHEMA = "public"
LOOK_MINUTES = 15
TRANSFER_MINUTES = 480
REPORT_MINUTES = 15
MAX_READS = 200


@dataclass(frozen=True)
class Settings:
    """The parameters, checked and in their normal form."""

    common: CommonSettings
    connection: str
    tables: Tuple[str, ...]
    excluded: Tuple[str, ...]
    query: str
    query_table: str
    on_missing: str
    destination: str
    database: str
    prefix: str
    partition_keys: Tuple[str, ...]
    incremental_column: str
    key_column: str
    parallel_reads: int
    unbounded_numbers: str


def _partition_keys(params: Mapping[str, Any]) -> Tuple[str, ...]:
    return tuple(key.strip().lower() for key in params["PartitionKeys"] if key.strip())


def _input_problems(params: Mapping[str, Any]) -> Iterator[str]:
    tables, query = read_table_list(params["Tables"]), params["Query"].strip()
    if bool(tables) == bool(query):
        yield "Tables or Query must be given, and not both."
    if bool(query) != bool(params["QueryTable"].strip()):
        yield "QueryTable must be given with Query, and only then."
    if query.startswith("-"):
        yield "Query must not start with a dash."


def _column_problems(params: Mapping[str, Any]) -> Iterator[str]:
    for name in ("IncrementalColumn", "KeyColumn"):
        if params[name].startswith("-"):
            yield "{} must not start with a dash.".format(name)
    keys = _partition_keys(params)
    if any("," in key for key in keys):
        yield "PartitionKeys must be a list of column names, one each."
    if len(set(keys)) < len(keys):
        yield "PartitionKeys must not name a column twice; case does not matter."


CHECKS = (
    *COMMON_CHECKS,
    is_connection("ConnectionName"),
    is_table_list("Tables", optional=True),
    is_table_list("ExcludeTables", optional=True),
    _input_problems,
    matches("QueryTable", r"[A-Za-z0-9_]{0,200}", "consist of letters, digits and underscores"),
    is_folder("DestinationLocation"),
    is_text("DestinationDatabase"),
    matches("DestinationDatabase", r"[A-Za-z0-9_-]{0,255}", "consist of letters, digits, underscores and hyphens"),
    matches("TablePrefix", r"[A-Za-z0-9_]{0,100}", "consist of letters, digits and underscores"),
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
        tables=read_table_list(params["Tables"]),
        excluded=read_table_list(params["ExcludeTables"]),
        query=params["Query"].strip(),
        query_table=params["QueryTable"].strip().lower(),
        on_missing=params["OnMissing"],
        destination=normal_folder(params["DestinationLocation"]) or "",
        database=params["DestinationDatabase"].strip().lower(),
        prefix=params["TablePrefix"].strip().lower(),
        partition_keys=_partition_keys(params),
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
    transfer = _transfer(settings, region, scripts["transfer.py"], look)
    report = _report(settings, region, scripts["report.py"], transfer)
    description = "Copies rows of {} to {}.".format(settings.connection, settings.destination)
    return catalogue_workflow(common, description, [look, transfer, report])


def _look(settings: Settings, region: str, script: str) -> Job:
    common = settings.common
    arguments = {
        "aws_region": region,
        "connection_name": settings.connection,
        "tables": ",".join(settings.tables),
        "exclude_tables": ",".join(settings.excluded),
        "query_name": settings.query_table,
        "default_schema": DEFAULT_SCHEMA,
        "destination": settings.destination,
        "on_missing": settings.on_missing,
        "manifest_folder": "s3://{}/glueprint/manifests/{}/".format(common.script_bucket, common.workflow),
    }
    # A second look would only delay the failure that OnMissing requests. Glue's library drops 0, Glue's default.
    retries = 0 if settings.on_missing == "fail" else None
    return shell_job(common, "look", script, arguments, LOOK_MINUTES, retries, connection=settings.connection)


def _transfer(settings: Settings, region: str, script: str, look: Job) -> Job:
    arguments = {
        "job-bookmark-option": "job-bookmark-disable",  # the bound of an increment is published with its rows
        "aws_region": region,
        "connection_name": settings.connection,
        "query": settings.query,
        "query_name": settings.query_table,
        "default_schema": DEFAULT_SCHEMA,
        "destination": settings.destination,
        "database": settings.database,
        "table_prefix": settings.prefix,
        "partition_keys": ",".join(settings.partition_keys),
        "incremental_column": settings.incremental_column,
        "key_column": settings.key_column,
        "parallel_reads": settings.parallel_reads,
        "unbounded_numbers": settings.unbounded_numbers,
    }
    return spark_job(
        settings.common,
        "transfer",
        script,
        arguments,
        TRANSFER_MINUTES,
        {look: "SUCCEEDED"},
        connection=settings.connection,
    )


def _report(settings: Settings, region: str, script: str, transfer: Job) -> Job:
    arguments = {"aws_region": region, "destination": settings.destination, "database": settings.database}
    return shell_job(
        settings.common, "report", script, arguments, REPORT_MINUTES, depends_on={transfer: "SUCCEEDED"}
    )
