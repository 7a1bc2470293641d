"""The workflow of ``file_presence``: look for files, catalogue them, load them, report."""

import json
import re
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple

import boto3
from awsglue.blueprint.crawler import Crawler
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow
from botocore.config import Config

from layouts.common.database import ensure_database
from layouts.common.jobs import job_arguments
from layouts.common.locations import last_folder, normal_folder, overlap, table_level
from layouts.common.staging import stage_script

BLUEPRINT = "file_presence"
CRAWLED_PREFIX = "source_"
SPARK_GLUE_VERSION = "5.0"
# Glue ignores the version for Python shell jobs; this is what its console writes for Python 3.9.
SHELL_GLUE_VERSION = "3.0"
LOOK_MINUTES = 60
LOAD_MINUTES = 480
REPORT_MINUTES = 15

_TABLE_NAME = re.compile(r"[a-z0-9_]{1,255}")
_DATABASE_NAME = re.compile(r"[a-z0-9_-]{0,255}")
_SCHEDULE = re.compile(r"cron\(\S+( \S+){5}\)")


@dataclass(frozen=True)
class Settings:
    """The parameters, checked and in one spelling."""

    workflow: str
    role: str
    script_bucket: str
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
    schedule: Optional[str]
    worker_type: str
    number_of_workers: int
    max_retries: int


def read_settings(params: Mapping[str, Any]) -> Settings:
    """Check the parameters together, beyond what their types say.

    Raises:
        ValueError: every problem, one a line, each naming its parameter.
    """
    problems: List[str] = []

    def expect(holds: bool, problem: str) -> None:
        if not holds:
            problems.append(problem)

    location = normal_folder(params["Location"])
    destination = normal_folder(params["DestinationLocation"])
    expect(location is not None, "Location must be an S3 folder such as s3://bucket/folder/.")
    expect(destination is not None, "DestinationLocation must be an S3 folder such as s3://bucket/folder/.")
    if location and destination:
        expect(
            not overlap(location, destination),
            "DestinationLocation and Location must not lie in one another: the result would be found as input.",
        )
    for name in ("WorkflowName", "FilePattern", "DestinationDatabase"):
        expect(bool(str(params[name]).strip()), "{} must not be empty.".format(name))
        expect(not str(params[name]).startswith("-"), "{} must not begin with a dash.".format(name))
    expect(int(params["MinimumFiles"]) >= 1, "MinimumFiles must be 1 or more.")
    for name in ("MinimumBytes", "MaximumAgeHours"):
        expect(int(params[name]) >= 0, "{} must be 0 or more.".format(name))
    expect(0 <= int(params["MaxRetries"]) <= 10, "MaxRetries must be from 0 to 10.")
    expect(
        int(params["NumberOfWorkers"]) >= 2, "NumberOfWorkers must be 2 or more: one of them is Spark's driver."
    )
    schedule = params["Schedule"].strip()
    expect(
        not schedule or bool(_SCHEDULE.fullmatch(schedule)),
        "Schedule must be empty or six fields such as cron(0 6 * * ? *).",
    )
    table = params["DestinationTable"].strip().lower()
    if not table and destination:
        table = re.sub(r"[^a-z0-9_]", "_", last_folder(destination).lower())
    expect(
        bool(_TABLE_NAME.fullmatch(table)) or destination is None,
        "DestinationTable must consist of letters, digits and underscores.",
    )
    expect(
        not table.startswith(CRAWLED_PREFIX),
        "DestinationTable must not begin with {}: that is how the crawler's tables are named.".format(
            CRAWLED_PREFIX
        ),
    )
    keys = tuple(key.strip().lower() for key in params["PartitionKeys"] if key.strip())
    expect(not any("," in key for key in keys), "PartitionKeys must be a list of column names, one each.")
    expect(len(set(keys)) == len(keys), "PartitionKeys must not name a column twice; case does not matter.")
    expect(
        bool(_DATABASE_NAME.fullmatch(params["DestinationDatabase"].strip().lower())),
        "DestinationDatabase must consist of letters, digits, underscores and hyphens.",
    )
    if problems or location is None or destination is None:
        raise ValueError("The parameters do not fit together:\n" + "\n".join(problems))
    return Settings(
        workflow=params["WorkflowName"].strip(),
        role=params["IAMRole"],
        script_bucket=params["ScriptBucket"],
        location=location,
        file_pattern=params["FilePattern"],
        minimum_files=int(params["MinimumFiles"]),
        minimum_bytes=int(params["MinimumBytes"]),
        maximum_age_hours=int(params["MaximumAgeHours"]),
        on_missing=params["OnMissing"],
        destination=destination,
        database=params["DestinationDatabase"].strip().lower(),
        table=table,
        partition_keys=keys,
        schedule=schedule or None,
        worker_type=params["WorkerType"],
        number_of_workers=int(params["NumberOfWorkers"]),
        max_retries=int(params["MaxRetries"]),
    )


def generate_layout(user_params: Mapping[str, Any], system_params: Mapping[str, str]) -> Workflow:
    """Stage the scripts, make the database, and describe the workflow.

    Args:
        user_params: the blueprint's parameters.
        system_params: ``region`` and ``accountId``.

    Raises:
        ValueError: parameters that do not fit together, or a script bucket that cannot be used.
    """
    settings = read_settings(user_params)
    region = system_params["region"]
    config = Config(retries={"mode": "standard", "max_attempts": 10})
    s3 = boto3.client("s3", region_name=region, config=config)
    glue = boto3.client("glue", region_name=region, config=config)
    scripts = {
        script: stage_script(s3, settings.script_bucket, system_params["accountId"], BLUEPRINT, script)
        for script in ("look.py", "load.py", "report.py")
    }
    ensure_database(glue, settings.database)
    look = _look(settings, region, scripts["look.py"])
    crawl = _crawl(settings, look)
    load = _load(settings, region, scripts["load.py"], crawl)
    report = _report(settings, region, scripts["report.py"], load)
    return Workflow(
        Name=settings.workflow,
        Description="Loads the files of {} into {}.{} when they are there.".format(
            settings.location, settings.database, settings.table
        ),
        DefaultRunProperties={},
        OnSchedule=settings.schedule,
        Entities=Entities(Jobs=[look, load, report], Crawlers=[crawl]),
    )


def _look(settings: Settings, region: str, script: str) -> Job:
    arguments = {
        "aws_region": region,
        "location": settings.location,
        "file_pattern": settings.file_pattern,
        "minimum_files": settings.minimum_files,
        "minimum_bytes": settings.minimum_bytes,
        "maximum_age_hours": settings.maximum_age_hours,
        "on_missing": settings.on_missing,
        "manifest_folder": "s3://{}/glueprint/manifests/{}/".format(settings.script_bucket, settings.workflow),
    }
    # A second look would only delay the failure that was asked for. Glue's library drops a 0; its default is 0.
    retries = 0 if settings.on_missing == "fail" else settings.max_retries
    return _shell_job(settings, "look", script, arguments, LOOK_MINUTES, retries, None)


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
        Name="{}_crawl".format(settings.workflow),
        Description="Catalogues the files of {}".format(settings.location),
        Role=settings.role,
        Targets={"S3Targets": [{"Path": settings.location}]},
        DatabaseName=settings.database,
        TablePrefix=CRAWLED_PREFIX,
        Configuration=json.dumps(configuration),
        # LOG: when files are gone, the default would mark yesterday's table as deprecated
        # (docs/facts/crawlers.md#policies).
        SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
        DependsOn={look: "SUCCEEDED"},
    )


def _load(settings: Settings, region: str, script: str, crawl: Crawler) -> Job:
    arguments = {
        "job-language": "python",
        "job-bookmark-option": "job-bookmark-disable",  # the manifest says what is to be loaded
        "aws_region": region,
        "crawled_prefix": CRAWLED_PREFIX,
        "database": settings.database,
        "table": settings.table,
        "destination": settings.destination,
        "partition_keys": ",".join(settings.partition_keys),
    }
    return Job(
        Name="{}_load".format(settings.workflow),
        Role=settings.role,
        Command={"Name": "glueetl", "ScriptLocation": script, "PythonVersion": "3"},
        DefaultArguments=job_arguments(arguments),
        ExecutionProperty={"MaxConcurrentRuns": 1},  # two loads at once would publish over one another
        GlueVersion=SPARK_GLUE_VERSION,
        WorkerType=settings.worker_type,
        NumberOfWorkers=settings.number_of_workers,
        MaxRetries=settings.max_retries,
        Timeout=LOAD_MINUTES,
        DependsOn={crawl: "SUCCEEDED"},
    )


def _report(settings: Settings, region: str, script: str, load: Job) -> Job:
    arguments = {"aws_region": region, "database": settings.database, "table": settings.table}
    return _shell_job(
        settings, "report", script, arguments, REPORT_MINUTES, settings.max_retries, {load: "SUCCEEDED"}
    )


def _shell_job(
    settings: Settings,
    name: str,
    script: str,
    arguments: Mapping[str, Any],
    minutes: int,
    retries: int,
    depends_on: Optional[Dict[Job, str]],
) -> Job:
    # Without this set of libraries a Python 3.9 shell has no boto3 (DG:add-job-python); the name has no dashes.
    libraries = {"library-set": "analytics"}
    return Job(
        Name="{}_{}".format(settings.workflow, name),
        Role=settings.role,
        Command={"Name": "pythonshell", "ScriptLocation": script, "PythonVersion": "3.9"},
        DefaultArguments={**job_arguments(arguments), **libraries},
        ExecutionProperty={"MaxConcurrentRuns": 1},
        GlueVersion=SHELL_GLUE_VERSION,
        MaxCapacity=0.0625,
        MaxRetries=retries,
        Timeout=minutes,
        DependsOn=depends_on,
    )
