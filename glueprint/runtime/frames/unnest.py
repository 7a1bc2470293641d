"""``unnest``: structs flattened into columns whose names are their paths; ``relationalize`` uses the same
functions.

Each record is flattened separately: if a field is a choice, the records that have a struct get its fields as
columns, and the others keep the field under its own name.

Source: developer guide, "AWS Glue Scala DynamicFrame class", ``unnest``: "Returns a new DynamicFrame with all
nested structures flattened. Names are constructed using the '.' (period) character."
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from glueprint.runtime.frames import presence, typed_columns, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import TypedColumn


class DuplicateColumns(ValueError):
    """A transform would make two columns with the same name."""


def flatten(field: TypedColumn) -> Iterator[TypedColumn]:
    """Return the columns that replace ``field``; their names start with its name.

    Arrays and maps are not flattened. A struct without fields disappears.
    """
    if isinstance(field.type, types.Struct):
        for part in typed_columns.of_struct(field.type, field.column):
            yield from flatten(part.renamed(f"{field.name}.{part.name}"))
    elif isinstance(field.type, types.Choice):
        alternatives = typed_columns.of_choice(field.type, field.column)
        others = [one for one in alternatives if not isinstance(one.type, types.Struct)]
        if others:
            yield field.replaced(*typed_columns.choice_of(others))
        for one in alternatives:
            if isinstance(one.type, types.Struct):
                yield from flatten(one.renamed(field.name))
    else:
        yield field


def with_unique_names(made: Iterable[TypedColumn], transform: str) -> list[TypedColumn]:
    """Return the columns ``made`` after a check that their names differ.

    Raises:
        DuplicateColumns: two columns have the same name; the message contains ``transform`` and the name.
    """
    columns = list(made)
    duplicates = [name for name, times in Counter(one.name for one in columns).items() if times > 1]
    if duplicates:
        raise DuplicateColumns(
            f"{transform} would make more than one column called {', '.join(sorted(duplicates))}: "
            "rename or drop one of the fields before"
        )
    return columns


def flatten_within_arrays(field: TypedColumn) -> TypedColumn:
    """Return ``field`` with the structs in its arrays flattened; their names start with the array's and ``.val``.

    Source: as above: "for historical reasons, the names of such fields are prepended with the name of
    the enclosing array and '.val'".
    """
    if not isinstance(field.type, types.Array):
        return field
    name = f"{field.name}.val"
    changed = typed_columns.each_element(field, field.type.element, lambda item: _element(item.renamed(name)))
    return field if changed.type == field.type else changed


def _element(item: TypedColumn) -> TypedColumn:
    if isinstance(item.type, types.Struct):
        fields = map(flatten_within_arrays, flatten(item))
        return item.replaced(*typed_columns.nullable_struct(item.column, fields))
    if isinstance(item.type, types.Choice):
        alternatives = typed_columns.of_choice(item.type, item.column)
        changed = (_element(one.renamed(item.name)) for one in alternatives)
        return item.replaced(*typed_columns.choice_of(changed))
    return flatten_within_arrays(item)


def unnest(frame: Frame) -> Frame:
    """Return ``frame`` with the fields of its structs as columns, named by their paths; arrays stay arrays.

    Raises:
        DuplicateColumns: two fields have the same path, such as ``"a.b"`` and ``b`` within ``a``.
    """
    flat = (one for field in typed_columns.of_frame(frame) for one in flatten(field))
    columns = with_unique_names(map(flatten_within_arrays, flat), "unnest")
    return presence.carried(frame, typed_columns.to_frame(frame, columns), unnest)
