"""SQL for names and texts, and small tables of text that need no Spark job and no Python worker."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession


def quoted(name: str) -> str:
    """Return ``name`` as a column's name in Spark SQL."""
    return "`" + name.replace("`", "``") + "`"


def literal(value: str | None) -> str:
    """Return ``value`` as a text in Spark SQL."""
    if value is None:
        return "cast(null as string)"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def values_table(
    session: SparkSession, names: Sequence[str], rows: Sequence[Sequence[str | None]]
) -> DataFrame:
    """Return a table of text columns. Spark's optimizer evaluates filters and projections of it without a job."""
    columns = ", ".join(quoted(name) for name in names)
    if not rows:
        nothing = ", ".join(f"cast(null as string) as {quoted(name)}" for name in names)
        return session.sql(f"SELECT {nothing} WHERE false")
    lines = ", ".join("(" + ", ".join(literal(value) for value in row) + ")" for row in rows)
    return session.sql(f"SELECT * FROM VALUES {lines} AS rows({columns})")
