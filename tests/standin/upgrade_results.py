"""The public scripts of docs/upgrade-to-6.md, and how each ends in Glue 5.1 and 6.0.

The page has this as its first table (a test compares them); ``make upgrade`` runs the scripts and compares how
they end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SAMPLE, SCRIPT = "as documented", "succeed"
"""How a sample of Amazon ends, whose results Amazon documents, and how any other script does."""


@dataclass(frozen=True)
class Result:
    """How some scripts of one origin end.

    Attributes:
        title: what the page calls them.
        names: of ``amazon_scripts.SAMPLES``, or of ``public_scripts.SCRIPTS``.
        success: how they end in 5.1.
        error: what the message of 6.0 contains if they fail there.
        in_6_0: how they end in 6.0, if not as in 5.1.
        difference: the reason for the difference.
    """

    title: str
    names: Sequence[str]
    success: str
    error: str = ""
    in_6_0: str = ""
    difference: str = "none"

    def expected_error(self, glue_version: str) -> str:
        """Return what the error contains with which they fail in a version; empty if they do not."""
        return self.error if glue_version == "6.0" else ""


RESULTS: Sequence[Result] = (
    Result(
        "aws-glue-samples: join_and_relationalize, resolve_choice, data_cleaning_and_lambda, "
        "GlueUnitTestingLocalSample",
        ("join_and_relationalize", "resolve_choice", "data_cleaning_and_lambda", "unit_testing"),
        SAMPLE,
    ),
    Result(
        "aws-glue-blueprint-libs: conversion, partitioning, compaction",
        ("conversion", "partitioning", "compaction"),
        SAMPLE,
    ),
    Result(
        "aws-glue-blueprint-libs: encoding, from Shift JIS",
        ("encoding",),
        SAMPLE,
        error="INVALID_PARAMETER_VALUE.CHARSET",
        in_6_0="fails: `INVALID_PARAMETER_VALUE.CHARSET`",
        difference="Spark 4.0 reads and writes seven charsets; `spark.sql.legacy.javaCharsets=true` allows the "
        "others",
    ),
    Result(
        "aws-glue-blueprint-libs, as blueprints: crawl_s3_locations, s3_to_dynamodb",
        ("crawl_s3_locations", "s3_to_dynamodb"),
        SAMPLE,
    ),
    Result(
        "aws-glue-blueprint-libs, as blueprints, with PostgreSQL: jdbc_to_s3, s3_to_jdbc",
        ("jdbc_to_s3", "s3_to_jdbc"),
        SAMPLE,
        in_6_0="fails: `--redshift_iam_role_arn` is required; with that argument, as documented",
        difference="the layouts pass it as `--redshift_iam_role`: `getResolvedOptions` of 6.0 takes no "
        "abbreviations. In every version the scripts need the parameter RedshiftIAMRoleARN, whatever the database "
        "is",
    ),
    Result(
        "Packt, Serverless ETL: ingestion of CSV (2), grouping, S3 listing, bounded files, bounded size",
        ("csv-frame", "csv-spark", "grouping", "listing", "bounded-files", "bounded-size"),
        SCRIPT,
    ),
    Result(
        "Packt: ApplyMapping, Relationalize, Unbox, ErrorsAsDynamicFrame, compression, partitioning",
        ("mapping", "relationalize", "unbox", "errors", "compression", "partitions"),
        SCRIPT,
    ),
    Result(
        "lcalcagni/aws-glue-sensor-data-lakehouse: customers, readings, curated customers, steps, "
        "machine learning",
        ("sensors-customers", "sensors-readings", "sensors-curated", "sensors-steps", "sensors-learning"),
        SCRIPT,
    ),
    Result(
        "Kwame842/Music-Streaming-ETL-Pipeline: validate, transform", ("music-validate", "music-transform"), SCRIPT
    ),
    Result(
        "weronikajedrzejewska/aws-glue-ecommerce-events: curate, abandoned carts",
        ("shop-curate", "shop-carts"),
        SCRIPT,
    ),
)
"""The two JDBC samples fail and succeed within one trial (``amazon_workflows``): they have no ``error``."""


def page_table() -> str:
    """Return the table as the page has it."""
    rows = [f"| {one.title} | {one.success} | {one.in_6_0 or one.success} | {one.difference} |" for one in RESULTS]
    return "\n".join(["| Scripts | 5.1 | 6.0 | Difference |", "|---|---|---|---|", *rows, ""])


def result_of(name: str) -> Result:
    """Return how a script ends."""
    return next(one for one in RESULTS if name in one.names)
