"""Records as Python dictionaries, as rows of one schema: for what Arrow does not convert itself."""

from typing import Any, Callable, Dict, Iterable, List, Tuple

import pyarrow as pa

from glue_jobs.common.bad_records import BadRecord
from glue_jobs.common.row_batches import Rows, SchemaContradicted, Target, merge_schemas
from glue_jobs.common.type_merging import merge_fields
from glue_jobs.common.value_conversion import NotOfType, converter, value_text, value_type

Record = Dict[str, Any]
Numbered = Tuple[str, Record]
"""A record with its place in the file."""
RECORDS_AT_ONCE = 20_000


def lower_names(record: Record) -> Record:
    """The record with its columns' names in lower case, as the catalog has them.

    Raises:
        NotOfType: two names differ in case only.
    """
    lowered = {name.strip().lower(): value for name, value in record.items()}
    if len(lowered) < len(record):
        raise NotOfType("two columns differ in case only")
    return lowered


def unchanged(record: Record) -> Record:
    """The record itself."""
    return record


def records_to_rows(
    records: Iterable[Numbered],
    target: Target,
    bad: List[BadRecord],
    typed: Callable[[Record], Record] = unchanged,
) -> Rows:
    """The records as rows; those that do not fit are bad, unless the target is inferred and another one fits.

    Args:
        records: the records, with names in lower case.
        target: the schema.
        bad: bad records that are known already.
        typed: the record with values of the types that its schema is to be inferred from.

    Raises:
        SchemaContradicted: another schema fits.
        TypesDiffer: a value does not fit, and the choice of types is refused.
    """
    converters = {field.name: converter(field.type) for field in target.schema}
    columns: Dict[str, List[Any]] = {name: [] for name in converters}
    wrong = []
    kept = []
    for where, record in records:
        kept.append(record)
        try:
            unknown = sorted(set(record) - set(converters))
            if unknown:
                raise NotOfType("the schema has no column {}".format(", ".join(unknown)))
            row = [(name, _convert(name, convert, record)) for name, convert in converters.items()]
        except NotOfType as error:
            wrong.append(BadRecord(where, str(error), value_text(record)))
            continue
        for name, value in row:
            columns[name].append(value)
    if wrong and target.is_inferred:
        merged = merge_schemas(target.schema, records_schema((typed(record) for record in kept), target), target)
        if merged != target.schema:
            raise SchemaContradicted(merged)
    arrays = [pa.array(columns[field.name], field.type) for field in target.schema]
    return Rows(pa.table(arrays, schema=target.schema), (*bad, *wrong))


def records_schema(records: Iterable[Record], target: Target) -> pa.Schema:
    """The schema of records.

    Raises:
        TypesDiffer: a choice of types that the target refuses.
    """
    fields: List[Tuple[str, pa.DataType]] = []
    seen = set()
    for record in records:
        found = tuple(
            (
                name,
                target.schema.field(name).type
                if name in target.fixed
                else value_type(value, name, target.resolve),
            )
            for name, value in record.items()
        )
        if found not in seen:
            seen.add(found)
            fields = merge_fields(fields, found, target.resolve)
    return pa.schema(fields)


def _convert(name: str, convert: Any, record: Record) -> Any:
    try:
        return convert(record.get(name))
    except NotOfType as error:
        raise NotOfType("{}: {}".format(name, error)) from error
