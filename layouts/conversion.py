"""The workflow of ``conversion``: look for files, convert them, report."""

import re
from dataclasses import dataclass
from typing import Any, Iterator, Mapping

from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Workflow

from layouts.common.common_parameters import COMMON_CHECKS, CommonSettings, common_settings
from layouts.common.locations import last_folder, normal_folder
from layouts.common.parameters import are_apart, check_parameters, is_folder
from layouts.common.source_parameters import SOURCE_CHECKS, bad_records_problems, source_arguments
from layouts.common.staging import prepare
from layouts.common.steps import catalogue_workflow, shell_job, spark_job

BLUEPRINT = "conversion"
SCRIPTS = ("look.py", "convert.py", "report.py")
LOOK_MINUTES = 60
CONVERT_MINUTES = 480
REPORT_MINUTES = 15
COMPRESSIONS = {
    "parquet": ("snappy", "zstd", "gzip", "none"),
    "orc": ("zlib", "snappy", "zstd", "none"),
    "json": ("gzip", "none"),
    "csv": ("gzip", "none"),
}
"""By output format; the first one is the default."""


@dataclass(frozen=True)
class Settings:
    """The parameters, checked and in their normal form."""

    common: CommonSettings
    location: str
    destination: str
    bad_records: str
    database: str
    table: str
    compression: str
    values: Mapping[str, Any]


def destination_table(params: Mapping[str, Any]) -> str:
    """The table's name: ``DestinationTable``, or the last folder of ``DestinationLocation``."""
    name: str = params["DestinationTable"].strip().lower()
    folder = normal_folder(params["DestinationLocation"])
    return name or re.sub(r"[^a-z0-9_]", "_", last_folder(folder or "").lower())


def _format_problems(params: Mapping[str, Any]) -> Iterator[str]:
    allowed = COMPRESSIONS[params["OutputFormat"]]
    if params["Compression"] not in ("default", *allowed):
        yield "Compression must be default or one of {} for {}.".format(", ".join(allowed), params["OutputFormat"])


def _destination_problems(params: Mapping[str, Any]) -> Iterator[str]:
    database, table = params["DestinationDatabase"].strip(), destination_table(params)
    if database and not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", database):
        yield "DestinationDatabase must consist of letters, digits, underscores and hyphens."
    if table and not re.fullmatch(r"[a-z0-9_]{1,255}", table):
        yield "DestinationTable must consist of letters, digits and underscores."


CHECKS = (
    *COMMON_CHECKS,
    is_folder("Location"),
    is_folder("DestinationLocation"),
    are_apart("DestinationLocation", "Location", "the result would be found as input"),
    bad_records_problems,
    _destination_problems,
    _format_problems,
    *SOURCE_CHECKS,
)


def read_settings(params: Mapping[str, Any]) -> Settings:
    """Check the parameters together, beyond their types.

    Raises:
        ValueError: every problem, one per line, each naming its parameter.
    """
    check_parameters(params, CHECKS)
    destination = normal_folder(params["DestinationLocation"]) or ""
    default = COMPRESSIONS[params["OutputFormat"]][0]
    return Settings(
        common=common_settings(params),
        location=normal_folder(params["Location"]) or "",
        destination=destination,
        bad_records=normal_folder(params["BadRecordsLocation"]) or destination + "_bad_records/",
        database=params["DestinationDatabase"].strip().lower(),
        table=destination_table(params),
        compression=default if params["Compression"] == "default" else params["Compression"],
        values=params,
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
    convert = _convert(settings, region, scripts["convert.py"], look)
    arguments = {"aws_region": region, "destination": settings.destination}
    report = shell_job(
        common, "report", scripts["report.py"], arguments, REPORT_MINUTES, depends_on={convert: "SUCCEEDED"}
    )
    description = "Converts the {} files of {} to {} in {}.".format(
        settings.values["InputFormat"],
        settings.location,
        settings.values["OutputFormat"],
        settings.destination,
    )
    return catalogue_workflow(common, description, [look, convert, report])


def _look(settings: Settings, region: str, script: str) -> Job:
    common = settings.common
    on_missing = settings.values["OnMissing"]
    arguments = {
        "aws_region": region,
        "location": settings.location,
        "file_pattern": settings.values["FilePattern"],
        "on_missing": on_missing,
        "destination": settings.destination,
        "manifest_folder": "s3://{}/glueprint/manifests/{}/".format(common.script_bucket, common.workflow),
    }
    # A second look would only delay the failure that OnMissing requests.
    return shell_job(common, "look", script, arguments, LOOK_MINUTES, 0 if on_missing == "fail" else None)


def _convert(settings: Settings, region: str, script: str, look: Job) -> Job:
    values = settings.values
    arguments = {
        "job-bookmark-option": "job-bookmark-disable",  # the manifest lists what is to be converted
        "aws_region": region,
        "destination": settings.destination,
        "bad_records": settings.bad_records,
        "output_format": values["OutputFormat"],
        "compression": settings.compression,
        **source_arguments(values),
    }
    if settings.database:
        arguments["database"] = settings.database
        arguments["table"] = settings.table
    return spark_job(settings.common, "convert", script, arguments, CONVERT_MINUTES, {look: "SUCCEEDED"})
