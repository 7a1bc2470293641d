"""By what a table is partitioned: columns of it, or the year, month, day and hour of one of its timestamps."""

from dataclasses import dataclass
from typing import List, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from glue_jobs.common.columns import Columns
from glue_jobs.common.hive_types import arrow_type, type_problem

KEY_TYPES = ("string", "boolean", "tinyint", "smallint", "int", "bigint", "date")
TIME_KEYS = ("year", "month", "day", "hour")
TIME_FORMATS = {"year": "%Y", "month": "%m", "day": "%d", "hour": "%H"}


class BadScheme(Exception):
    """The table cannot be partitioned in this way."""


@dataclass(frozen=True)
class PartitionScheme:
    """A way to partition.

    Attributes:
        keys: names and Hive types of the partition keys.
        columns: names and Hive types of what remains in the files.
        timestamp: the column from which the keys are made; empty if the keys are columns.
    """

    keys: Columns
    columns: Columns
    timestamp: str = ""

    @property
    def key_names(self) -> List[str]:
        """The keys' names."""
        return [name for name, _ in self.keys]

    def with_keys(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with the columns of the keys.

        Raises:
            ArrowInvalid: a text in the timestamp column is not a moment.
        """
        if not self.timestamp:
            return batch
        moments = batch.column(batch.schema.get_field_index(self.timestamp)).cast(pa.timestamp("us"))
        arrays, names = list(batch.columns), list(batch.schema.names)
        for name in self.key_names:
            arrays.append(pc.strftime(moments, format=TIME_FORMATS[name]))
            names.append(name)
        return pa.RecordBatch.from_arrays(arrays, names=names)


def partition_scheme(
    columns: Columns, partition_keys: Columns, chosen: Sequence[str], timestamp: str, granularity: str
) -> PartitionScheme:
    """How a table is partitioned again.

    Args:
        columns: of the table's files.
        partition_keys: the table's own partition keys, which become columns.
        chosen: columns to partition by; empty with a timestamp.
        timestamp: the timestamp column; empty with chosen columns.
        granularity: ``year``, ``month``, ``day`` or ``hour``.

    Raises:
        BadScheme: every problem.
    """
    everything = (*columns, *partition_keys)
    types = dict(everything)
    problems = [
        "column {}: {}".format(name, type_problem(hive)) for name, hive in everything if type_problem(hive)
    ]
    if timestamp:
        keys = tuple((name, "string") for name in TIME_KEYS[: TIME_KEYS.index(granularity) + 1])
        hive = types.get(timestamp, "")
        if not hive:
            problems.append(
                "TimestampColumn: there is no column {}; there are {}".format(timestamp, ", ".join(types))
            )
        elif hive not in ("timestamp", "date", "string"):
            problems.append(
                "TimestampColumn: {} is of type {}, not timestamp, date or string".format(timestamp, hive)
            )
        elif hive == "date" and granularity == "hour":
            problems.append("Granularity: {} is a date, which has no hour".format(timestamp))
        problems += [
            "Granularity: there is a column {} already; partition by PartitionColumns instead".format(name)
            for name, _ in keys
            if name in types
        ]
        kept = everything
    else:
        problems += [
            "PartitionColumns: there is no column {}; there are {}".format(name, ", ".join(types))
            for name in chosen
            if name not in types
        ]
        problems += [
            "PartitionColumns: {} is of type {}, not one of {}".format(name, types[name], ", ".join(KEY_TYPES))
            for name in chosen
            if name in types and types[name] not in KEY_TYPES
        ]
        keys = tuple((name, types.get(name, "")) for name in chosen)
        kept = tuple((name, hive) for name, hive in everything if name not in chosen)
        if not kept:
            problems.append("PartitionColumns: no column would be left in the files")
    if problems:
        raise BadScheme("; ".join(problems) + ".")
    return PartitionScheme(keys, kept, timestamp)


def arrow_schema(columns: Columns) -> pa.Schema:
    """The Arrow schema of these columns."""
    return pa.schema([(name, arrow_type(hive)) for name, hive in columns])


def column_of_value(value: str, default: str, kind: pa.DataType, rows: int) -> pa.Array:
    """A column that has a partition's value in all rows; null for Hive's default partition."""
    text = None if value == default else value
    return pa.repeat(pa.scalar(text, pa.string()).cast(kind), rows)
