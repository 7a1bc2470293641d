"""The targets of crawlers: S3 paths, databases, or tables of the catalog (docs/facts/crawlers.md#targets).

Other targets are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.crawler.jdbc.include import BadJdbcPathError, JdbcPath
from glueprint.facts.defaults import DEFAULT_CRAWLER_DATABASE
from glueprint.local.glue.refusals import unsupported
from glueprint.local.store.resources import Document

_SAMPLE_SIZES = range(1, 250)
"""Service model, ``S3Target.SampleSize``: "A valid value is an integer between 1 and 249."."""


def database_of(crawler: Document) -> str:
    """Return the database that a crawler writes to: with catalog tables as targets, that of the tables."""
    catalog = crawler["Targets"].get("CatalogTargets")
    name: str = catalog[0]["DatabaseName"] if catalog else crawler.get("DatabaseName") or DEFAULT_CRAWLER_DATABASE
    return name


def catalog_tables(crawler: Document) -> list[str]:
    """Return the names of the tables that are a crawler's targets; none for a crawler of S3 paths."""
    targets = crawler["Targets"].get("CatalogTargets") or ()
    return [table for target in targets for table in target["Tables"]]


def target_problems(members: Mapping[str, Any]) -> list[str]:
    """Return every rule of Glue that a crawler's targets and related members break.

    Raises:
        ApiError: a kind of target, or an option of one, is not supported.
    """
    targets: Mapping[str, Any] = members["Targets"]
    kinds = target_kinds(members)
    _refuse(targets, kinds)
    found = []
    if not kinds:
        found.append("At least one crawl target must be given in Targets")
    found += [
        f"S3 target path {target.get('Path')!r} must look like s3://bucket/prefix"
        for target in targets.get("S3Targets") or ()
        if bucket_of(target) is None
    ]
    found += [
        f"SampleSize of S3 target {target.get('Path')} must be between 1 and 249, not {target['SampleSize']}"
        for target in targets.get("S3Targets") or ()
        if target.get("SampleSize", 1) not in _SAMPLE_SIZES
    ]
    for target in targets.get("JdbcTargets") or ():
        found += _jdbc_problems(target)
    if "CatalogTargets" in kinds:
        if kinds != ["CatalogTargets"]:
            found.append("Catalog targets cannot be mixed with targets of other types")
        if members.get("SchemaChangePolicy", {}).get("DeleteBehavior", "LOG") != "LOG":
            found.append("The SchemaChangePolicy for Catalog targets can have only LOG DeleteBehavior value.")
    return found


def target_kinds(members: Mapping[str, Any]) -> list[str]:
    """Return the members of ``Targets`` that are not empty, such as ``S3Targets``."""
    return [kind for kind, entries in members["Targets"].items() if entries]


def s3_location(path: str) -> str:
    """Return an S3 target's path with its scheme, which the console and old samples omit."""
    return path if "://" in path else f"s3://{path}"


def bucket_of(target: Mapping[str, Any]) -> str | None:
    """Return the bucket of an S3 target; None if its path is not valid."""
    scheme, _, rest = s3_location(target.get("Path", "")).partition("://")
    bucket = rest.split("/")[0]
    return bucket if scheme in ("s3", "s3a", "s3n") and bucket else None


def connection_names(members: Mapping[str, Any]) -> list[str]:
    """Return the connections of a crawler's JDBC targets."""
    return [target["ConnectionName"] for target in members["Targets"].get("JdbcTargets") or () if _named(target)]


def _named(target: Mapping[str, Any]) -> bool:
    return bool(target.get("ConnectionName"))


def _jdbc_problems(target: Mapping[str, Any]) -> list[str]:
    """DG:define-crawler: a connection and an include path are required."""
    path = target.get("Path") or ""
    found = [] if _named(target) else [f"JDBC target {path!r} needs a ConnectionName"]
    try:
        JdbcPath.parse(path)
    except BadJdbcPathError as error:
        found.append(str(error))
    return found


def _refuse(targets: Mapping[str, Any], kinds: list[str]) -> None:
    others = sorted(set(kinds) - {"S3Targets", "CatalogTargets", "JdbcTargets"})
    if others:
        raise unsupported(f"A crawler with {', '.join(others)}")
    databases = {target["DatabaseName"] for target in targets.get("CatalogTargets") or ()}
    if len(databases) > 1:
        raise unsupported(f"A crawler with catalog targets in several databases ({', '.join(sorted(databases))})")
