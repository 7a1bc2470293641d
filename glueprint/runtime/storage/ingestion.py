"""``addIngestionTimeColumns`` (developer guide, "GlueContext class", ``add_ingestion_time_columns``)."""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it

from glueprint.compat import UTC
from glueprint.runtime.storage.errors import BadOption

_DAY = {"ingest_year": "%Y", "ingest_month": "%m", "ingest_day": "%d"}
_HOUR = {**_DAY, "ingest_hour": "%H"}
_COLUMNS = {"day": _DAY, "hour": _HOUR, "minute": {**_HOUR, "ingest_minute": "%M"}}


def with_ingestion_time(data: DataFrame, granularity: str, now: float) -> DataFrame:
    """Return ``data`` with text columns for the time at which it was read, in UTC.

    Args:
        granularity: ``day``, ``hour`` or ``minute``: the smallest column.
        now: epoch seconds.
    """
    columns = _COLUMNS.get(granularity.lower())
    if columns is None:
        raise BadOption("time_granularity", granularity, "day, hour or minute")
    at = datetime.fromtimestamp(now, UTC)
    return data.withColumns({name: F.lit(at.strftime(form)) for name, form in columns.items()})
