"""The workflow of ``incremental_chain``: look, ingest, transform, publish; and notify when one of them fails."""

import re
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Tuple

from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Workflow

from layouts.common.common_parameters import COMMON_CHECKS, CommonSettings, common_settings
from layouts.common.globs import BadGlobError, glob_expression
from layouts.common.locations import last_folder, normal_folder
from layouts.common.parameters import are_apart, check_parameters, is_folder, is_text, matches
from layouts.common.staging import prepare
from layouts.common.steps import catalogue_workflow, in_any_state, shell_job, spark_job

BLUEPRINT = "incremental_chain"
SCRIPTS = ("look.py", "ingest.py", "transform.py", "publish.py", "notify.py")
LOOK_MINUTES = 60
INGEST_MINUTES = 480
TRANSFORM_MINUTES = 480
PUBLISH_MINUTES = 60
NOTIFY_MINUTES = 15


@dataclass(frozen=True)
class Settings:
    """The parameters, checked and in their normal form."""

    common: CommonSettings
    location: str
    file_pattern: str
    input_format: str
    delimiter: str
    statement: str
    changed_files: str
    duplicate_files: str
    on_missing: str
    destination: str
    database: str
    table: str
    topic: str


def destination_table(params: Mapping[str, Any]) -> str:
    """The table's name: ``DestinationTable``, or the last folder of ``DestinationLocation``."""
    name: str = params["DestinationTable"].strip().lower()
    folder = normal_folder(params["DestinationLocation"])
    return name or re.sub(r"[^a-z0-9_]", "_", last_folder(folder or "").lower())


def _table_problems(params: Mapping[str, Any]) -> Iterator[str]:
    table = destination_table(params)
    if table and not re.fullmatch(r"[a-z0-9_]{1,255}", table):
        yield "DestinationTable must consist of letters, digits and underscores."


def _pattern_problems(params: Mapping[str, Any]) -> Iterator[str]:
    try:
        glob_expression(params["FilePattern"])
    except BadGlobError as error:
        yield "FilePattern {}.".format(error.problem)


def _delimiter_problems(params: Mapping[str, Any]) -> Iterator[str]:
    if len(params["Delimiter"]) != 1 or params["Delimiter"] in '-"\n\r':
        yield "Delimiter must be one character, and not a dash, a quote or the end of a line."


def _statement_problems(params: Mapping[str, Any]) -> Iterator[str]:
    if not re.match(r"(?i)\s*(select|with)\b", params["Statement"]):
        yield "Statement must be a query: it starts with SELECT or WITH."


CHECKS = (
    *COMMON_CHECKS,
    is_folder("Location"),
    is_folder("DestinationLocation"),
    are_apart("DestinationLocation", "Location", "the result would be found as input"),
    is_text("FilePattern"),
    _pattern_problems,
    _delimiter_problems,
    _statement_problems,
    is_text("DestinationDatabase"),
    matches("DestinationDatabase", r"[A-Za-z0-9_-]{0,255}", "consist of letters, digits, underscores and hyphens"),
    _table_problems,
    matches(
        "NotificationTopic",
        r"(arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+)?",
        "be empty or the ARN of a standard topic such as arn:aws:sns:us-east-1:123456789012:alerts",
    ),
)


def read_settings(params: Mapping[str, Any]) -> Settings:
    """Check the parameters together, beyond their types.

    Raises:
        ValueError: every problem, one per line, each naming its parameter.
    """
    check_parameters(params, CHECKS)
    return Settings(
        common=common_settings(params),
        location=normal_folder(params["Location"]) or "",
        file_pattern=params["FilePattern"],
        input_format=params["InputFormat"],
        delimiter=params["Delimiter"],
        statement=params["Statement"].strip(),
        changed_files=params["ChangedFiles"],
        duplicate_files=params["DuplicateFiles"],
        on_missing=params["OnMissing"],
        destination=normal_folder(params["DestinationLocation"]) or "",
        database=params["DestinationDatabase"].strip().lower(),
        table=destination_table(params),
        topic=params["NotificationTopic"].strip(),
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
    chain = _chain(settings, region, scripts)
    notify = _notify(settings, region, scripts["notify.py"], chain)
    description = "Adds the new files of {} to {}.{}.".format(
        settings.location, settings.database, settings.table
    )
    return catalogue_workflow(common, description, [*chain, notify])


def _chain(settings: Settings, region: str, scripts: Mapping[str, str]) -> Tuple[Job, ...]:
    """The four jobs, each of which starts when the one before has SUCCEEDED."""
    look = _look(settings, region, scripts["look.py"])
    ingest = _ingest(settings, region, scripts["ingest.py"], look)
    transform = _transform(settings, region, scripts["transform.py"], ingest)
    publish = _publish(settings, region, scripts["publish.py"], transform)
    return look, ingest, transform, publish


def _look(settings: Settings, region: str, script: str) -> Job:
    common = settings.common
    arguments = {
        "aws_region": region,
        "location": settings.location,
        "file_pattern": settings.file_pattern,
        "changed_files": settings.changed_files,
        "duplicate_files": settings.duplicate_files,
        "on_missing": settings.on_missing,
        "manifest_folder": "s3://{}/glueprint/manifests/{}/".format(common.script_bucket, common.workflow),
        "destination": settings.destination,
        "database": settings.database,
        "table": settings.table,
    }
    # A second look would only delay the failure that OnMissing requests. Glue's library drops 0, Glue's default.
    retries = 0 if settings.on_missing == "fail" else None
    return shell_job(common, "look", script, arguments, LOOK_MINUTES, retries)


def _ingest(settings: Settings, region: str, script: str, look: Job) -> Job:
    arguments = {
        "job-bookmark-option": "job-bookmark-enable",  # incremental: only this job reads the source
        "aws_region": region,
        "location": settings.location,
        "file_pattern": settings.file_pattern,
        "input_format": settings.input_format,
        "delimiter": settings.delimiter,
        "destination": settings.destination,
    }
    return spark_job(settings.common, "ingest", script, arguments, INGEST_MINUTES, {look: "SUCCEEDED"})


def _transform(settings: Settings, region: str, script: str, ingest: Job) -> Job:
    arguments = {
        "job-bookmark-option": "job-bookmark-disable",  # it reads what ingest has staged for this run
        "enable-glue-datacatalog": "true",  # the statement may join tables of the Data Catalog
        "aws_region": region,
        "destination": settings.destination,
        "statement": settings.statement,
    }
    return spark_job(settings.common, "transform", script, arguments, TRANSFORM_MINUTES, {ingest: "SUCCEEDED"})


def _publish(settings: Settings, region: str, script: str, transform: Job) -> Job:
    arguments = {
        "aws_region": region,
        "destination": settings.destination,
        "database": settings.database,
        "table": settings.table,
    }
    depends_on = {transform: "SUCCEEDED"}
    return shell_job(settings.common, "publish", script, arguments, PUBLISH_MINUTES, depends_on=depends_on)


def _notify(settings: Settings, region: str, script: str, chain: Tuple[Job, ...]) -> Job:
    """The failure branch: one job for all failures, in its own trigger, which waits for ANY of them."""
    arguments = {"aws_region": region, "topic": settings.topic}
    depends_on = in_any_state(chain, ("FAILED", "TIMEOUT"))
    return shell_job(
        settings.common, "notify", script, arguments, NOTIFY_MINUTES, depends_on=depends_on, wait_for="ANY"
    )
