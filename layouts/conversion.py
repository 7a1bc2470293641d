"""The workflow of ``conversion``: look for files, convert them, report."""

import codecs
import re
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Tuple

import boto3
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow
from botocore.config import Config

from layouts.common.common_parameters import COMMON_CHECKS, CommonSettings, common_settings
from layouts.common.database import ensure_database
from layouts.common.file_patterns import is_file_pattern
from layouts.common.locations import last_folder, normal_folder
from layouts.common.parameters import are_apart, check_parameters, is_folder, is_number, is_text, matches
from layouts.common.staging import stage_script
from layouts.common.steps import shell_job, spark_job, tag_members

BLUEPRINT = "conversion"
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
_TYPE = (
    r"boolean|tinyint|smallint|int|integer|bigint|long|float|double|string|date|timestamp|binary"
    r"|decimal(\(\d+,\s*\d+\))?|(var)?char\(\d+\)|(array|map|struct)<.+>"
)


@dataclass(frozen=True)
class Settings:
    """The parameters, checked and in their normal form."""

    common: CommonSettings
    location: str
    destination: str
    bad_records: str
    database: str
    table: str
    column_types: Tuple[Tuple[str, str], ...]
    compression: str
    values: Mapping[str, Any]


def destination_table(params: Mapping[str, Any]) -> str:
    """The table's name: ``DestinationTable``, or the last folder of ``DestinationLocation``."""
    name: str = params["DestinationTable"].strip().lower()
    folder = normal_folder(params["DestinationLocation"])
    return name or re.sub(r"[^a-z0-9_]", "_", last_folder(folder or "").lower())


def column_types(params: Mapping[str, Any]) -> Tuple[Tuple[str, str], ...]:
    """``ColumnTypes`` as pairs, without empty ones."""
    pairs = [text.partition("=") for text in params["ColumnTypes"] if text.strip()]
    return tuple((name.strip().lower(), hive.strip()) for name, _, hive in pairs)


def schema_columns(text: str) -> Tuple[Tuple[str, str], ...]:
    """The names and types of ``Schema``: what is between the commas outside of brackets."""
    columns = [""]
    depth = 0
    for character in text:
        depth += (character in "<(") - (character in ">)")
        if character == "," and depth == 0:
            columns.append("")
        else:
            columns[-1] += character
    pairs = [column.strip().partition(" ") for column in columns if text]
    return tuple((name, hive.strip()) for name, _, hive in pairs)


def _schema_problems(params: Mapping[str, Any]) -> Iterator[str]:
    schema, table = params["Schema"].strip(), params["SchemaTable"].strip()
    types = column_types(params)
    if schema and table:
        yield "Schema and SchemaTable must not both be given."
    if types and (schema or table):
        yield "ColumnTypes must be empty with Schema or SchemaTable, which state every type."
    if table and not re.fullmatch(r"[^.\s]+\.[^.\s]+", table):
        yield "SchemaTable must be a table such as database.table."
    columns = schema_columns(schema)
    if not all(name and hive for name, hive in columns):
        yield "Schema must be columns with types such as id bigint, price decimal(10,2)."
    for parameter, pairs in (("Schema", columns), ("ColumnTypes", types)):
        for _, hive in pairs:
            if hive and not re.fullmatch(_TYPE, hive, re.IGNORECASE):
                yield "{}: {!r} is not a type such as bigint, decimal(10,2) or string.".format(parameter, hive)
    if not all(name and hive for name, hive in types):
        yield "ColumnTypes must be a list of name=type."
    if len({name for name, _ in types}) < len(types):
        yield "ColumnTypes must not name a column twice; case does not matter."


def _format_problems(params: Mapping[str, Any]) -> Iterator[str]:
    allowed = COMPRESSIONS[params["OutputFormat"]]
    if params["Compression"] not in ("default", *allowed):
        yield "Compression must be default or one of {} for {}.".format(", ".join(allowed), params["OutputFormat"])
    if params["InputFormat"] == "xml" and not params["RowTag"].strip():
        yield "RowTag must be the element that is a row: InputFormat is xml."


def _csv_problems(params: Mapping[str, Any]) -> Iterator[str]:
    if params["Delimiter"] != "\\t" and len(params["Delimiter"].encode()) != 1:
        yield "Delimiter must be one ASCII character, or \\t."
    if params["Quote"] != "none" and len(params["Quote"].encode()) != 1:
        yield "Quote must be one ASCII character, or none."
    if len(params["Escape"].encode()) > 1:
        yield "Escape must be empty or one ASCII character."
    if len({params["Delimiter"], params["Quote"], params["Escape"]}) < 3:
        yield "Delimiter, Quote and Escape must differ."
    try:
        codecs.lookup(params["Encoding"].strip())
    except LookupError:
        yield "Encoding must be one that Python knows, such as utf-8 or latin-1."
    for name in ("Delimiter", "Quote", "Escape", "NullText", "RowTag", "Encoding"):
        if params[name].startswith("-") and params[name] != "-":
            yield "{} must not start with a dash.".format(name)
    for name in ("Delimiter", "Quote", "Escape", "NullText"):
        if params[name] == "-":
            yield "{} must not be a dash.".format(name)


def _destination_problems(params: Mapping[str, Any]) -> Iterator[str]:
    database, table = params["DestinationDatabase"].strip(), destination_table(params)
    if database and not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", database):
        yield "DestinationDatabase must consist of letters, digits, underscores and hyphens."
    if table and not re.fullmatch(r"[a-z0-9_]{1,255}", table):
        yield "DestinationTable must consist of letters, digits and underscores."
    bad = params["BadRecordsLocation"].strip()
    folder, location = normal_folder(bad), normal_folder(params["Location"])
    if bad and folder is None:
        yield "BadRecordsLocation must be an S3 folder such as s3://bucket/folder/."
    if folder and location and folder.startswith(location):
        yield "BadRecordsLocation must not lie in Location: bad records would be found as input."


CHECKS = (
    *COMMON_CHECKS,
    is_folder("Location"),
    is_folder("DestinationLocation"),
    are_apart("DestinationLocation", "Location", "the result would be found as input"),
    is_text("FilePattern"),
    is_file_pattern("FilePattern"),
    is_number("MaximumBadRecords", 0),
    matches("RowTag", r"[^\s<>&/]*", "be the name of an element, without brackets"),
    _destination_problems,
    _format_problems,
    _schema_problems,
    _csv_problems,
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
        column_types=column_types(params),
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
    config = Config(retries={"mode": "standard", "max_attempts": 10})
    s3 = boto3.client("s3", region_name=region, config=config)
    scripts = {
        script: stage_script(s3, common.script_bucket, system_params["accountId"], BLUEPRINT, script)
        for script in ("look.py", "convert.py", "report.py")
    }
    if settings.database:
        ensure_database(boto3.client("glue", region_name=region, config=config), settings.database)
    look = _look(settings, region, scripts["look.py"])
    convert = _convert(settings, region, scripts["convert.py"], look)
    arguments = {"aws_region": region, "destination": settings.destination}
    report = shell_job(
        common, "report", scripts["report.py"], arguments, REPORT_MINUTES, depends_on={convert: "SUCCEEDED"}
    )
    return Workflow(
        Name=common.workflow,
        Description="Converts the {} files of {} to {} in {}.".format(
            settings.values["InputFormat"],
            settings.location,
            settings.values["OutputFormat"],
            settings.destination,
        ),
        DefaultRunProperties={},
        OnSchedule=common.schedule,
        Entities=Entities(Jobs=[look, convert, report]),
        **tag_members(common),
    )


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
        "maximum_bad_records": int(values["MaximumBadRecords"]),
        "input_format": values["InputFormat"],
        "output_format": values["OutputFormat"],
        "compression": settings.compression,
        "schema": values["Schema"].strip(),
        "schema_table": values["SchemaTable"].strip().lower(),
        "column_types": ", ".join("{} {}".format(name, hive) for name, hive in settings.column_types),
        "choice_types": values["ChoiceTypes"],
        "delimiter": values["Delimiter"],
        "quote": values["Quote"],
        "escape": values["Escape"],
        "header": values["Header"],
        "multi_line": values["MultiLine"],
        "encoding": values["Encoding"].strip(),
        "null_text": values["NullText"],
        "row_tag": values["RowTag"].strip(),
    }
    if settings.database:
        arguments["database"] = settings.database
        arguments["table"] = settings.table
    return spark_job(settings.common, "convert", script, arguments, CONVERT_MINUTES, {look: "SUCCEEDED"})
