"""The workflow of ``crawl_locations``: look for files, crawl every location, publish tables with stable names."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

from awsglue.blueprint.crawler import Crawler
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Workflow

from layouts.common.common_parameters import COMMON_CHECKS, CommonSettings, common_settings
from layouts.common.globs import BadGlobError, excluded
from layouts.common.locations import last_folder, normal_folder, overlap, table_level
from layouts.common.parameters import check_parameters, given, is_number, is_text, matches
from layouts.common.staging import prepare
from layouts.common.steps import catalogue_workflow, shell_job, tag_members

BLUEPRINT = "crawl_locations"
SCRIPTS = ("look.py", "publish.py")
LOOK_MINUTES = 60
PUBLISH_MINUTES = 120
MAX_LOCATIONS = 50
MAX_NAME_IN_PREFIX = 36
"""With it a crawler's table prefix has at most 64 characters (DG:define-crawler)."""

_LOCATION = re.compile(r"(?:([A-Za-z0-9_]+)=)?((?:s3|S3)://.+)")


@dataclass(frozen=True)
class Settings:
    """The parameters, checked and in their normal form.

    Attributes:
        common: the common parameters.
        tables: the tables' names with their locations.
        exclusions: patterns of files that do not count.
        crawlers: ``each`` or ``one``.
        required_locations: ``all`` or ``any``.
        minimum_files: of each location.
        on_missing: see blueprint.cfg.
        database: the tables' database.
        schema_changes: ``update``, ``add`` or ``fail``.
        removed_partitions: ``delete`` or ``keep``.
    """

    common: CommonSettings
    tables: Tuple[Tuple[str, str], ...]
    exclusions: Tuple[str, ...]
    crawlers: str
    required_locations: str
    minimum_files: int
    on_missing: str
    database: str
    schema_changes: str
    removed_partitions: str

    @property
    def crawled_prefix(self) -> str:
        """The prefix of the crawlers' own tables; no other workflow has the same."""
        name = re.sub(r"[^a-z0-9_]", "_", self.common.workflow.lower())
        return "source_{}_{}_".format(name[:MAX_NAME_IN_PREFIX], short_hash(self.common.workflow))

    @property
    def lock_folder(self) -> str:
        """Where the lock against a second run is."""
        return "s3://{}/glueprint/locks/{}/".format(self.common.script_bucket, self.common.workflow)


def short_hash(text: str) -> str:
    """Eight hexadecimal digits that differ for different texts."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def read_tables(params: Mapping[str, Any]) -> List[Tuple[str, str]]:
    """The tables' names with their locations; entries that are not locations are left out."""
    tables = []
    for text in given(params["Locations"]):
        found = _LOCATION.fullmatch(text)
        folder = normal_folder(found.group(2)) if found else None
        if found and folder:
            name = found.group(1) or re.sub(r"[^a-z0-9_]", "_", last_folder(folder).lower())
            tables.append(((params["TablePrefix"].strip() + name).lower(), folder))
    return tables


def _location_problems(params: Mapping[str, Any]) -> Iterator[str]:
    tables = read_tables(params)
    texts = given(params["Locations"])
    if not texts or len(texts) > MAX_LOCATIONS:
        yield "Locations must be 1 to {} folders.".format(MAX_LOCATIONS)
    if len(tables) < len(texts):
        yield "Locations must be S3 folders such as s3://bucket/folder/ or orders=s3://bucket/folder/."
    names = [name for name, _ in tables]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield "Locations must have different table names; {0} is the name of several: write name=s3://...".format(
            name
        )
    if any(not re.fullmatch(r"[a-z0-9_]{1,128}", name) for name in names):
        yield "Locations must have table names of at most 128 letters, digits and underscores."
    folders = [folder for _, folder in tables]
    if any(overlap(one, other) for number, one in enumerate(folders) for other in folders[:number]):
        yield "Locations must not lie in one another: their files would be in two tables."
    if params["Crawlers"] == "one" and len(set(map(table_level, folders))) > 1:
        # A crawler has one TableLevelConfiguration for all of its targets.
        yield "Locations must have equally many folders in their names if Crawlers is one."


def _exclusion_problems(params: Mapping[str, Any]) -> Iterator[str]:
    try:
        excluded(given(params["Exclusions"]))
    except BadGlobError as error:
        yield "Exclusions: {}.".format(error)


CHECKS = (
    *COMMON_CHECKS,
    _location_problems,
    _exclusion_problems,
    is_number("MinimumFiles", 1),
    is_text("DestinationDatabase"),
    matches("DestinationDatabase", r"[A-Za-z0-9_-]{0,255}", "consist of letters, digits, underscores and hyphens"),
    matches("TablePrefix", r"[A-Za-z0-9_]{0,64}", "consist of at most 64 letters, digits and underscores"),
)


def read_settings(params: Mapping[str, Any]) -> Settings:
    """Check the parameters together, beyond their types.

    Raises:
        ValueError: every problem, one per line, each naming its parameter.
    """
    check_parameters(params, CHECKS)
    return Settings(
        common=common_settings(params),
        tables=tuple(read_tables(params)),
        exclusions=tuple(given(params["Exclusions"])),
        crawlers=params["Crawlers"],
        required_locations=params["RequiredLocations"],
        minimum_files=int(params["MinimumFiles"]),
        on_missing=params["OnMissing"],
        database=params["DestinationDatabase"].strip().lower(),
        schema_changes=params["SchemaChanges"],
        removed_partitions=params["RemovedPartitions"],
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
    crawlers = _crawlers(settings, look)
    publish = _publish(settings, region, scripts["publish.py"], crawlers)
    description = "Crawls {} locations into tables of {}.".format(len(settings.tables), settings.database)
    return catalogue_workflow(common, description, [look, publish], crawlers)


def _look(settings: Settings, region: str, script: str) -> Job:
    common = settings.common
    arguments = {
        "aws_region": region,
        "tables": json.dumps(settings.tables),
        "exclusions": json.dumps(settings.exclusions) if settings.exclusions else "",
        "required_locations": settings.required_locations,
        "minimum_files": settings.minimum_files,
        "on_missing": settings.on_missing,
        "manifest_folder": "s3://{}/glueprint/manifests/{}/".format(common.script_bucket, common.workflow),
        "lock_folder": settings.lock_folder,
    }
    # A second look would only delay the failure that OnMissing requests. Glue's library drops 0, Glue's default.
    retries = 0 if settings.on_missing == "fail" else None
    return shell_job(common, "look", script, arguments, LOOK_MINUTES, retries)


def _crawlers(settings: Settings, look: Job) -> List[Crawler]:
    if settings.crawlers == "one":
        folders = [folder for _, folder in settings.tables]
        return [_crawler(settings, look, "crawl", settings.crawled_prefix, folders)]
    # Crawlers that run at the same time must not choose the same name: each has its own prefix.
    return [
        _crawler(
            settings, look, "crawl_" + name, "{}{}_".format(settings.crawled_prefix, short_hash(name)), [folder]
        )
        for name, folder in settings.tables
    ]


def _crawler(settings: Settings, look: Job, name: str, prefix: str, folders: Sequence[str]) -> Crawler:
    configuration = {
        "Version": 1.0,
        # One table for each location.
        "Grouping": {
            "TableGroupingPolicy": "CombineCompatibleSchemas",
            "TableLevelConfiguration": table_level(folders[0]),
        },
        "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}},
    }
    exclusions: Dict[str, Any] = {"Exclusions": list(settings.exclusions)} if settings.exclusions else {}
    return Crawler(
        Name="{}_{}".format(settings.common.workflow, name),
        Description="Catalogues {}".format(", ".join(folders))[:2048],
        Role=settings.common.role,
        Targets={"S3Targets": [{"Path": folder, **exclusions} for folder in folders]},
        DatabaseName=settings.database,
        TablePrefix=prefix,
        Configuration=json.dumps(configuration),
        # LOG: what is gone is decided after the crawl, by looking at the files (docs/facts/crawlers.md#policies).
        SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
        DependsOn={look: "SUCCEEDED"},
        **tag_members(settings.common),
    )


def _publish(settings: Settings, region: str, script: str, crawlers: Sequence[Crawler]) -> Job:
    arguments = {
        "aws_region": region,
        "tables": json.dumps(settings.tables),
        "database": settings.database,
        "crawled_prefix": settings.crawled_prefix,
        "schema_changes": settings.schema_changes,
        "removed_partitions": settings.removed_partitions,
        "lock_folder": settings.lock_folder,
    }
    depends_on = dict.fromkeys(crawlers, "SUCCEEDED")
    return shell_job(
        settings.common, "publish", script, arguments, PUBLISH_MINUTES, depends_on=depends_on, wait_for="AND"
    )
