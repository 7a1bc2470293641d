"""Choices as columns: what becomes of a column whose values have several types, with ChoiceTypes=split."""

from typing import List

import pyarrow as pa

from glue_jobs.common.type_merging import CHOICE_MARK, is_choice, struct_fields


def split_schema(schema: pa.Schema) -> pa.Schema:
    """The schema with a column for each member of a choice."""
    fields = []
    for field in schema:
        if is_choice(field.type):
            fields += [
                ("{}_{}".format(field.name, member.name[len(CHOICE_MARK) :]), member.type)
                for member in struct_fields(field.type)
            ]
        else:
            fields.append((field.name, field.type))
    return pa.schema(fields)


def split_table(table: pa.Table) -> pa.Table:
    """The table with a column for each member of a choice."""
    if not any(is_choice(field.type) for field in table.schema):
        return table
    columns: List[pa.ChunkedArray] = []
    for field, column in zip(table.schema, table.columns):
        columns += column.flatten() if is_choice(field.type) else [column]
    return pa.table(columns, schema=split_schema(table.schema))
