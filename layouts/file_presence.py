"""The workflow of ``file_presence``: look for files, catalogue them, load them, report."""

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Iterator, Mapping, Tuple

from awsglue.blueprint.crawler import Crawler
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Workflow

from layouts.common.clients import aws_client
from layouts.common.common_parameters import COMMON_CHECKS, CommonSettings, common_settings
from layouts.common.date_patterns import any_date, date_problems, fill_in_date
from layouts.common.input_formats import check_files, glob_problem, matches_loadable_files
from layouts.common.locations import last_folder, normal_folder, overlap, table_level
from layouts.common.parameters import are_apart, check_parameters, given, is_folder, is_number, is_text, matches
from layouts.common.staging import prepare
from layouts.common.steps import catalogue_workflow, shell_job, spark_job, tag_members

BLUEPRINT = "file_presence"
SCRIPTS = ("look.py", "load.py", "report.py")
CRAWLED_PREFIX = "source_"
EXAMPLE_DATE = date(2024, 12, 31)
SIDECAR_SUFFIXES = (".md5", ".sha256", ".rows")
LOOK_MINUTES = 60
MAX_WAIT_MINUTES = 2 * 24 * 60
LOAD_MINUTES = 480
REPORT_MINUTES = 15


@dataclass(frozen=True)
class Settings:
    """The parameters, checked and in their normal form."""

    common: CommonSettings
    location: str
    more_locations: Tuple[str, ...]
    required_locations: str
    file_pattern: str
    expected_files: Tuple[str, ...]
    success_file: str
    file_list: str
    minimum_files: int
    minimum_bytes: int
    maximum_age_hours: int
    quiet_seconds: int
    sidecar_files: str
    wait_minutes: int
    poll_seconds: int
    on_missing: str
    load_mode: str
    minimum_rows: int
    maximum_rejects: int
    quarantine: str
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


def _locations_problems(params: Mapping[str, Any]) -> Iterator[str]:
    first = normal_folder(params["Location"])
    folders = [normal_folder(text) for text in given(params["MoreLocations"])]
    if None in folders:
        yield "MoreLocations must be S3 folders such as s3://bucket/folder/."
    all_folders = [folder for folder in (first, *folders) if folder]
    if any(table_level(folder) != table_level(all_folders[0]) for folder in all_folders):
        # A crawler has one TableLevelConfiguration for all of its targets.
        yield "MoreLocations must have as many folders in their names as Location."
    if len(set(all_folders)) < len(all_folders):
        yield "MoreLocations must not name a folder twice."
    destination = normal_folder(params["DestinationLocation"])
    if destination and any(overlap(folder, destination) for folder in all_folders[1:]):
        yield "MoreLocations and DestinationLocation must not lie in one another: the result would be input."


def _date_problems(params: Mapping[str, Any]) -> Iterator[str]:
    for name in ("FilePattern", "ExpectedFiles", "SuccessFile", "FileList"):
        texts = given(params[name]) if isinstance(params[name], list) else [params[name]]
        for text in texts:
            yield from ("{} {}.".format(name, problem) for problem in date_problems(text))
            if text.startswith(("-", "/")):
                yield "{} must not start with a dash or a slash.".format(name)


def _expected_problems(params: Mapping[str, Any]) -> Iterator[str]:
    for pattern in given(params["ExpectedFiles"]):
        problem = glob_problem(fill_in_date(pattern, EXAMPLE_DATE))
        if problem:
            yield "ExpectedFiles: {} {}.".format(pattern, problem)


def _quarantine_problems(params: Mapping[str, Any]) -> Iterator[str]:
    folder = normal_folder(params["QuarantineLocation"])
    if params["QuarantineLocation"].strip() and folder is None:
        yield "QuarantineLocation must be an S3 folder such as s3://bucket/folder/."
    if int(params["MaximumRejects"]) > 0 and not params["QuarantineLocation"].strip():
        yield "QuarantineLocation must be given if MaximumRejects is not 0: rejected files are copied there."
    others = [params["Location"], params["DestinationLocation"], *given(params["MoreLocations"])]
    if folder and any(overlap(folder, other) for other in map(normal_folder, others) if other):
        yield "QuarantineLocation must not lie in a location or in DestinationLocation, nor these in it."


def _wait_problems(params: Mapping[str, Any]) -> Iterator[str]:
    wait, timeout = int(params["WaitMinutes"]), int(params.get("TimeoutMinutes", 0))
    if timeout and wait >= timeout:
        yield "WaitMinutes must be less than TimeoutMinutes, which stops the job that waits."


CHECKS = (
    *COMMON_CHECKS,
    _locations_problems,
    _date_problems,
    _expected_problems,
    _quarantine_problems,
    _wait_problems,
    is_number("WaitMinutes", 0, MAX_WAIT_MINUTES),
    is_number("PollSeconds", 5, 3600),
    is_number("QuietSeconds", 0, 24 * 60 * 60),
    is_number("MinimumRows", 0),
    is_number("MaximumRejects", 0),
    is_folder("Location"),
    is_folder("DestinationLocation"),
    are_apart("DestinationLocation", "Location", "the result would be found as input"),
    is_text("FilePattern"),
    matches_loadable_files("FilePattern", EXAMPLE_DATE),
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
        more_locations=tuple(normal_folder(text) or "" for text in given(params["MoreLocations"])),
        required_locations=params["RequiredLocations"],
        file_pattern=params["FilePattern"],
        expected_files=tuple(given(params["ExpectedFiles"])),
        success_file=params["SuccessFile"].strip(),
        file_list=params["FileList"].strip(),
        minimum_files=int(params["MinimumFiles"]),
        minimum_bytes=int(params["MinimumBytes"]),
        maximum_age_hours=int(params["MaximumAgeHours"]),
        quiet_seconds=int(params["QuietSeconds"]),
        sidecar_files=params["SidecarFiles"],
        wait_minutes=int(params["WaitMinutes"]),
        poll_seconds=int(params["PollSeconds"]),
        on_missing=params["OnMissing"],
        load_mode=params["LoadMode"],
        minimum_rows=int(params["MinimumRows"]),
        maximum_rejects=int(params["MaximumRejects"]),
        quarantine=normal_folder(params["QuarantineLocation"]) or "",
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
    s3 = aws_client("s3", system_params)
    for name, location in (
        ("Location", settings.location),
        *(("MoreLocations", one) for one in settings.more_locations),
    ):
        check_files(s3, name, location, any_date(settings.file_pattern), not_loaded(settings))
    scripts = prepare(common, system_params, BLUEPRINT, SCRIPTS, settings.database)
    look = _look(settings, region, scripts["look.py"])
    crawl = _crawl(settings, look)
    load = _load(settings, region, scripts["load.py"], crawl)
    report = _report(settings, region, scripts["report.py"], load)
    description = "Loads the files of {} into {}.{} when they are there.".format(
        settings.location, settings.database, settings.table
    )
    return catalogue_workflow(common, description, [look, load, report], [crawl])


def not_loaded(settings: Settings) -> Tuple[str, ...]:
    """Patterns of the files next to the input that describe it."""
    names = [name for name in (settings.success_file, settings.file_list) if name]
    patterns = tuple(any_date(re.sub(r"([*?\[\]\\])", r"\\\1", name)) for name in names)
    if settings.sidecar_files == "ignore":
        return patterns
    return (*patterns, *("**" + suffix for suffix in SIDECAR_SUFFIXES))


def _look(settings: Settings, region: str, script: str) -> Job:
    common = settings.common
    arguments = {
        "aws_region": region,
        "locations": json.dumps([settings.location, *settings.more_locations]),
        "required_locations": settings.required_locations,
        "file_pattern": settings.file_pattern,
        "expected_files": json.dumps(settings.expected_files) if settings.expected_files else "",
        "success_file": settings.success_file,
        "file_list": settings.file_list,
        "minimum_files": settings.minimum_files,
        "minimum_bytes": settings.minimum_bytes,
        "maximum_age_hours": settings.maximum_age_hours,
        "quiet_seconds": settings.quiet_seconds,
        "sidecar_files": settings.sidecar_files,
        "wait_minutes": settings.wait_minutes,
        "poll_seconds": settings.poll_seconds,
        "on_missing": settings.on_missing,
        "load_mode": settings.load_mode,
        "destination": settings.destination,
        "database": settings.database,
        "table": settings.table,
        "manifest_folder": "s3://{}/glueprint/manifests/{}/".format(common.script_bucket, common.workflow),
    }
    # A second look would only delay the failure that OnMissing requests. Glue's library drops 0, Glue's default.
    retries = 0 if settings.on_missing == "fail" else None
    return shell_job(common, "look", script, arguments, LOOK_MINUTES + settings.wait_minutes, retries)


def _crawl(settings: Settings, look: Job) -> Crawler:
    excluded = not_loaded(settings)
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
        Targets={
            "S3Targets": [
                {"Path": path, **({"Exclusions": list(excluded)} if excluded else {})}
                for path in (settings.location, *settings.more_locations)
            ]
        },
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
        "load_mode": settings.load_mode,
        "minimum_rows": settings.minimum_rows,
        "maximum_rejects": settings.maximum_rejects,
        "quarantine": settings.quarantine,
    }
    return spark_job(settings.common, "load", script, arguments, LOAD_MINUTES, {crawl: "SUCCEEDED"})


def _report(settings: Settings, region: str, script: str, load: Job) -> Job:
    arguments = {
        "aws_region": region,
        "database": settings.database,
        "table": settings.table,
        "destination": settings.destination,
    }
    return shell_job(settings.common, "report", script, arguments, REPORT_MINUTES, depends_on={load: "SUCCEEDED"})
