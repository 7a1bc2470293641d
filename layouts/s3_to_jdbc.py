"""The workflow of ``s3_to_jdbc``: look for the source's files, merge its rows into the database, report."""

from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Tuple

from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Workflow

from layouts.common.common_parameters import COMMON_CHECKS, CommonSettings, common_settings
from layouts.common.connections import is_connection
from layouts.common.parameters import check_parameters, is_number, is_text
from layouts.common.staging import prepare
from layouts.common.steps import catalogue_workflow, shell_job, spark_job

BLUEPRINT = "s3_to_jdbc"
SCRIPTS = ("look.py", "load.py", "report.py")
LOOK_MINUTES = 15
LOAD_MINUTES = 480
REPORT_MINUTES = 15
MAX_WRITES = 200


@dataclass(frozen=True)
class Settings:
    """The parameters, checked and in their normal form."""

    common: CommonSettings
    source_database: str
    source_table: str
    on_missing: str
    connection: str
    target: str
    keys: Tuple[str, ...]
    order_column: str
    mode: str
    parallel_writes: int

    @property
    def state_folder(self) -> str:
        """The folder of the manifests and of the lock."""
        return "s3://{}/glueprint/manifests/{}/".format(self.common.script_bucket, self.common.workflow)


def _keys(params: Mapping[str, Any]) -> Tuple[str, ...]:
    return tuple(key.strip() for key in params["KeyColumns"] if key.strip())


def _column_problems(params: Mapping[str, Any]) -> Iterator[str]:
    keys = _keys(params)
    if not keys:
        yield "KeyColumns must name a column."
    if any("," in key or key.startswith("-") for key in keys):
        yield "KeyColumns must be a list of column names, one each."
    if len({key.lower() for key in keys}) < len(keys):
        yield "KeyColumns must not name a column twice; case does not matter."
    if params["OrderColumn"].startswith("-"):
        yield "OrderColumn must not start with a dash."


CHECKS = (
    *COMMON_CHECKS,
    is_text("SourceDatabase"),
    is_text("SourceTable"),
    is_connection("ConnectionName"),
    is_text("TargetTable"),
    is_number("ParallelWrites", 1, MAX_WRITES, "each is a connection to the database"),
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
        source_database=params["SourceDatabase"].strip().lower(),
        source_table=params["SourceTable"].strip().lower(),
        on_missing=params["OnMissing"],
        connection=params["ConnectionName"].strip(),
        target=params["TargetTable"].strip(),
        keys=_keys(params),
        order_column=params["OrderColumn"].strip(),
        mode=params["Mode"],
        parallel_writes=int(params["ParallelWrites"]),
    )


def generate_layout(user_params: Mapping[str, Any], system_params: Mapping[str, str]) -> Workflow:
    """Stage the scripts and describe the workflow.

    Args:
        user_params: the blueprint's parameters.
        system_params: ``region`` and ``accountId``.

    Raises:
        ValueError: parameters that do not fit together, or a script bucket that cannot be used.
    """
    settings = read_settings(user_params)
    common = settings.common
    region = system_params["region"]
    scripts = prepare(common, system_params, BLUEPRINT, SCRIPTS)
    look = _look(settings, region, scripts["look.py"])
    load = _load(settings, region, scripts["load.py"], look)
    report = _report(settings, region, scripts["report.py"], load)
    description = "Merges {}.{} into {} of {}.".format(
        settings.source_database, settings.source_table, settings.target, settings.connection
    )
    return catalogue_workflow(common, description, [look, load, report])


def _look(settings: Settings, region: str, script: str) -> Job:
    arguments = {
        "aws_region": region,
        "connection_name": settings.connection,
        "source_database": settings.source_database,
        "source_table": settings.source_table,
        "on_missing": settings.on_missing,
        "lock_folder": settings.state_folder,
        "manifest_folder": settings.state_folder,
    }
    # A second look would only delay the failure that OnMissing requests. Glue's library drops 0, Glue's default.
    retries = 0 if settings.on_missing == "fail" else None
    return shell_job(settings.common, "look", script, arguments, LOOK_MINUTES, retries)


def _load(settings: Settings, region: str, script: str, look: Job) -> Job:
    arguments = {
        "job-bookmark-option": "job-bookmark-disable",  # rows that were merged already are merged to the same
        "enable-glue-datacatalog": "true",
        "aws_region": region,
        "connection_name": settings.connection,
        "source_database": settings.source_database,
        "source_table": settings.source_table,
        "target_table": settings.target,
        "key_columns": ",".join(settings.keys),
        "order_column": settings.order_column,
        "write_mode": settings.mode,
        "parallel_writes": settings.parallel_writes,
        "lock_folder": settings.state_folder,
    }
    return spark_job(
        settings.common,
        "load",
        script,
        arguments,
        LOAD_MINUTES,
        {look: "SUCCEEDED"},
        connection=settings.connection,
    )


def _report(settings: Settings, region: str, script: str, load: Job) -> Job:
    arguments = {"aws_region": region, "target_table": settings.target, "lock_folder": settings.state_folder}
    return shell_job(settings.common, "report", script, arguments, REPORT_MINUTES, depends_on={load: "SUCCEEDED"})
