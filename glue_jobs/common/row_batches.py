"""What a reader of files returns: rows of one schema, the records that do not fit it, or a schema that would."""

from dataclasses import dataclass
from typing import FrozenSet, List, Optional, Tuple

import pyarrow as pa

from glue_jobs.common.bad_records import BadRecord
from glue_jobs.common.type_merging import Resolve, merge_fields


@dataclass(frozen=True)
class Rows:
    """Some records of a file.

    Attributes:
        table: the good ones; its schema is the target's.
        bad: the others.
        quotes: at the end of a range of a CSV file: whether it starts and ends inside of quotes.
    """

    table: pa.Table
    bad: Tuple[BadRecord, ...] = ()
    quotes: Optional[Tuple[bool, bool]] = None


@dataclass(frozen=True)
class Target:
    """The schema that every row gets.

    Attributes:
        schema: names in lower case, and types.
        is_inferred: whether it comes from a sample of the files: a value that contradicts it is then not bad.
        resolve: how a choice of types is resolved.
        fixed: columns whose type was given: a value that contradicts it is bad in any case.
    """

    schema: pa.Schema
    is_inferred: bool
    resolve: Resolve
    fixed: FrozenSet[str] = frozenset()


class SchemaContradicted(Exception):
    """An inferred schema does not fit all records.

    Attributes:
        schema: one that fits what was found.
    """

    def __init__(self, schema: pa.Schema) -> None:
        super().__init__(schema)
        self.schema = schema


def merge_schemas(one: pa.Schema, other: pa.Schema, target: Target) -> pa.Schema:
    """Both schemas in one; a fixed column keeps the type that it has in the first.

    Raises:
        TypesDiffer: types that the target's ``resolve`` refuses.
    """
    found = [
        (field.name, field.type)
        for field in other
        if field.name not in target.fixed or one.get_field_index(field.name) < 0
    ]
    return pa.schema(merge_fields([(field.name, field.type) for field in one], found, target.resolve))


def complete_rows(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table's columns in the order of the schema; a column that it lacks is null."""
    columns: List[pa.ChunkedArray] = []
    for field in schema:
        index = table.schema.get_field_index(field.name)
        if index < 0:
            columns.append(pa.nulls(table.num_rows, field.type))
        else:
            columns.append(table.column(index))
    return pa.table(columns, schema=schema)
