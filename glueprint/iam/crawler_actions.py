"""What a crawler's role must be allowed: to read the targets, and to write the tables that the crawl finds.

Source: DG:crawler-prereqs and DG:create-service-policy. A crawler's other targets (JDBC, DynamoDB, ...) are
reached in other ways, and are not checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from glueprint.iam.arns import Location
from glueprint.iam.evaluation import Request


def crawl_requests(crawler: Mapping[str, Any], location: Location) -> Iterator[Request]:
    """Yield what a crawl of the crawler requires, for every target and table that it may find.

    Args:
        crawler: as GetCrawler returns it.
    """
    targets = crawler.get("Targets") or {}
    for target in targets.get("S3Targets") or ():
        bucket, _, prefix = str(target.get("Path", "")).partition("://")[2].partition("/")
        yield Request("s3:ListBucket", location.bucket(bucket), {"s3:prefix": (prefix,)})
        yield Request("s3:GetObject", location.bucket(bucket, f"{prefix}*"))
    for target in targets.get("JdbcTargets") or ():
        if name := target.get("ConnectionName"):
            for resource in ("catalog", f"connection/{name}"):
                yield Request("glue:GetConnection", location.glue(resource))
    database = crawler.get("DatabaseName")
    if database:
        prefix = crawler.get("TablePrefix") or ""
        for action in ("glue:GetTable", "glue:CreateTable", "glue:UpdateTable"):
            for resource in ("catalog", f"database/{database}", f"table/{database}/{prefix}*"):
                yield Request(action, location.glue(resource))
