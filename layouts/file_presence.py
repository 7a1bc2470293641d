"""The workflow of ``file_presence``: look for files, catalogue them, load them, report."""

import json
import re
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Tuple

import boto3
from awsglue.blueprint.crawler import Crawler
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow
from botocore.config import Config

from layouts.common.common_parameters import COMMON_CHECKS, CommonSettings, common_settings
from layouts.common.database import ensure_database
from layouts.common.input_formats import check_files, matches_loadable_files
from layouts.common.locations import last_folder, normal_folder, table_level
from layouts.common.parameters import are_apart, check_parameters, is_folder, is_number, is_text, matches
from layouts.common.staging import stage_script
from layouts.common.steps import shell_job, spark_job, tag_members

BLUEPRINT = "file_presence"
CRAWLED_PREFIX = "source_"
LOOK_MINUTES = 60
LOAD_MINUTES = 480
REPORT_MINUTES = 15


@dataclass(frozen=True)
class Settings:
    """The parameters, checked and in their normal form."""

    common: CommonSettings
    location: str
    file_pattern: str
    minimum_files: int
    minimum_bytes: int
    maximum_age_hours: int
    on_missing: str
    destination: str
    database: str
    table: str
    partition_keys: Tuple[str, ...]


def destination_table(params: Mapping[str, Any]) -> str:
    """The table's name: ``DestinationTable``, or the last folder of ``DestinationLocation``."""
    name: str = params["DestinationTable"].strip().lower()
    folder = normal_folder(params["DestinationLocation"])
    return name or re.sub(r"[^a-z0-9_]", "_", last_folder(folder or "").lower())


def partition_keys(params: Mapping[str, Any]) -> Tuple[str, ...]:
    """``PartitionKeys`` in lower case, without empty ones."""
    return tuple(key.strip().lower() for key in params["PartitionKeys"] if key.strip())


def _table_problems(params: Mapping[str, Any]) -> Iterator[str]:
    table = destination_table(params)
    if table and not re.fullmatch(r"[a-z0-9_]{1,255}", table):
        yield "DestinationTable must consist of letters, digits and underscores."
    if table.startswith(CRAWLED_PREFIX):
        yield "DestinationTable must not start with {}: that is the prefix of the crawler's tables.".format(
            CRAWLED_PREFIX
        )


def _partition_key_problems(params: Mapping[str, Any]) -> Iterator[str]:
    keys = partition_keys(params)
    if any("," in key for key in keys):
        yield "PartitionKeys must be a list of column names, one each."
    if len(set(keys)) < len(keys):
        yield "PartitionKeys must not name a column twice; case does not matter."


CHECKS = (
    *COMMON_CHECKS,
    is_folder("Location"),
    is_folder("DestinationLocation"),
    are_apart("DestinationLocation", "Location", "the result would be found as input"),
    is_text("FilePattern"),
    matches_loadable_files("FilePattern"),
    is_number("MinimumFiles", 1),
    is_number("MinimumBytes", 0),
    is_number("MaximumAgeHours", 0),
    is_text("DestinationDatabase"),
    matches("DestinationDatabase", r"[A-Za-z0-9_-]{0,255}", "consist of letters, digits, underscores and hyphens"),
    _table_problems,
    _partition_key_problems,
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
        minimum_files=int(params["MinimumFiles"]),
        minimum_bytes=int(params["MinimumBytes"]),
        maximum_age_hours=int(params["MaximumAgeHours"]),
        on_missing=params["OnMissing"],
        destination=normal_folder(params["DestinationLocation"]) or "",
        database=params["DestinationDatabase"].strip().lower(),
        table=destination_table(params),
        partition_keys=partition_keys(params),
    )


def generate_layout(user_params: Mapping[str, Any], system_params: Mapping[str, str]) -> Workflow:
    """Stage the scripts, create the database, and describe the workflow.

    Args:
        user_params: the blueprint's parameters.
        system_params: ``region`` and ``accountId``.

    Raises:
        ValueError: parameters that do not fit together, files that cannot be loaded, or a script bucket that
            cannot be used.
    """
    settings = read_settings(user_params)
    common = settings.common
    region = system_params["region"]
    config = Config(retries={"mode": "standard", "max_attempts": 10})
    s3 = boto3.client("s3", region_name=region, config=config)
    glue = boto3.client("glue", region_name=region, config=config)
    check_files(s3, "Location", settings.location, settings.file_pattern)
    scripts = {
        script: stage_script(s3, common.script_bucket, system_params["accountId"], BLUEPRINT, script)
        for script in ("look.py", "load.py", "report.py")
    }
    ensure_database(glue, settings.database)
    look = _look(settings, region, scripts["look.py"])
    crawl = _crawl(settings, look)
    load = _load(settings, region, scripts["load.py"], crawl)
    report = _report(settings, region, scripts["report.py"], load)
    return Workflow(
        Name=common.workflow,
        Description="Loads the files of {} into {}.{} when they are there.".format(
            settings.location, settings.database, settings.table
        ),
        DefaultRunProperties={},
        OnSchedule=common.schedule,
        Entities=Entities(Jobs=[look, load, report], Crawlers=[crawl]),
        **tag_members(common),
    )


def _look(settings: Settings, region: str, script: str) -> Job:
    common = settings.common
    arguments = {
        "aws_region": region,
        "location": settings.location,
        "file_pattern": settings.file_pattern,
        "minimum_files": settings.minimum_files,
        "minimum_bytes": settings.minimum_bytes,
        "maximum_age_hours": settings.maximum_age_hours,
        "on_missing": settings.on_missing,
        "manifest_folder": "s3://{}/glueprint/manifests/{}/".format(common.script_bucket, common.workflow),
    }
    # A second look would only delay the failure that OnMissing requests. Glue's library drops 0, Glue's default.
    retries = 0 if settings.on_missing == "fail" else None
    return shell_job(common, "look", script, arguments, LOOK_MINUTES, retries)


def _crawl(settings: Settings, look: Job) -> Crawler:
    configuration = {
        "Version": 1.0,
        # The destination is one table, so the source is one too.
        "Grouping": {
            "TableGroupingPolicy": "CombineCompatibleSchemas",
            "TableLevelConfiguration": table_level(settings.location),
        },
        "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}},
    }
    return Crawler(
        Name="{}_crawl".format(settings.common.workflow),
        Description="Catalogues the files of {}".format(settings.location),
        Role=settings.common.role,
        Targets={"S3Targets": [{"Path": settings.location}]},
        DatabaseName=settings.database,
        TablePrefix=CRAWLED_PREFIX,
        Configuration=json.dumps(configuration),
        # LOG: when files are gone, the default would mark yesterday's table as deprecated
        # (docs/facts/crawlers.md#policies).
        SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
        DependsOn={look: "SUCCEEDED"},
        **tag_members(settings.common),
    )


def _load(settings: Settings, region: str, script: str, crawl: Crawler) -> Job:
    arguments = {
        "job-bookmark-option": "job-bookmark-disable",  # the manifest lists what is to be loaded
        "aws_region": region,
        "crawled_prefix": CRAWLED_PREFIX,
        "database": settings.database,
        "table": settings.table,
        "destination": settings.destination,
        "partition_keys": ",".join(settings.partition_keys),
    }
    return spark_job(settings.common, "load", script, arguments, LOAD_MINUTES, {crawl: "SUCCEEDED"})


def _report(settings: Settings, region: str, script: str, load: Job) -> Job:
    arguments = {"aws_region": region, "database": settings.database, "table": settings.table}
    return shell_job(settings.common, "report", script, arguments, REPORT_MINUTES, depends_on={load: "SUCCEEDED"})
