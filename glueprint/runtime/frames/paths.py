"""Paths to fields: how they are written, and the fields that they lead to.

A path is written ``a.b``, `` `a.b`.c `` (backticks around a name that contains dots) or ``list[].price`` (into the
elements of an array). It leads through structs, through the alternatives of a choice, and into the elements of an
array, with or without brackets (``list[].price``, ``list.price``).

Source: developer guide, "DynamicFrame class": backticks (``rename_field``), square brackets (``resolveChoice``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Union

from glueprint.runtime.frames import typed_columns, types
from glueprint.runtime.frames.typed_columns import TypedColumn

_STEP = re.compile(r"(?:`((?:[^`]|``)+)`|([^.`\[\]]+(?:\[[^\]]+\][^.`\[\]]*)*))((?:\[\])*)(?:\.(?=.)|$)")


class BadPath(ValueError):
    """The text is not a path."""


@dataclass(frozen=True)
class Element:
    """The step from an array to its elements."""


ELEMENT = Element()
Path = tuple[Union[str, Element], ...]


def parse(text: str) -> Path:
    """Return the steps of a path.

    Raises:
        BadPath: a backtick is not closed, or a name is empty.
    """
    steps: list[str | Element] = []
    at = 0
    while at < len(text) or not steps:
        step = _STEP.match(text, at)
        if step is None:
            raise BadPath(
                f"{text!r} is not a path to a field: names are divided by dots, a name that contains dots is in "
                "backticks, as in `a.b`.c"
            )
        quoted, plain, brackets = step.groups()
        steps.append(quoted.replace("``", "`") if quoted is not None else plain)
        steps.extend([ELEMENT] * (len(brackets) // 2))
        at = step.end()
    return tuple(steps)


def quote(name: str) -> str:
    """Return ``name`` as one step of a path."""
    return f"`{name.replace('`', '``')}`" if re.search(r"[.`\[\]]", name) else name


def text(path: Path) -> str:
    """Return the names of ``path`` down to an array, divided by periods."""
    names: list[str] = []
    for step in path:
        if isinstance(step, Element):
            break
        names.append(step)
    return ".".join(names)


def written(schema: types.Struct, prefix: str = "") -> dict[str, str]:
    """Return the paths of all fields as :func:`text`, by the same in lower case."""
    found: dict[str, str] = {}
    for one in schema:
        path = prefix + one.name
        found.setdefault(path.lower(), path)
        inner = one.type.get("struct") if isinstance(one.type, types.Choice) else one.type
        if isinstance(inner, types.Struct):
            found.update(written(inner, f"{path}."))
    return found


Change = Callable[[TypedColumn], list[TypedColumn]]
"""A function that returns the fields that replace a field: none, one or several."""


def find(columns: Sequence[TypedColumn], path: Path, *, case_sensitive: bool = True) -> TypedColumn | None:
    """Return the field at ``path``, also one that only some alternatives of a choice have. A field within an
    array is not found: a record has one for each element.
    """
    name = path[0]
    found = next((one for one in columns if one.name == name), None)
    if found is None and not case_sensitive and isinstance(name, str):
        found = next((one for one in columns if one.name.lower() == name.lower()), None)
    return None if found is None else find_below(found, path[1:], case_sensitive=case_sensitive)


def find_below(field: TypedColumn, path: Path, *, case_sensitive: bool = True) -> TypedColumn | None:
    """Return the field at ``path`` within ``field``; an empty path is ``field`` itself."""
    if not path:
        return field
    if isinstance(field.type, types.Struct):
        return find(typed_columns.of_struct(field.type, field.column), path, case_sensitive=case_sensitive)
    if isinstance(field.type, types.Choice):
        alternatives = typed_columns.of_choice(field.type, field.column)
        found = (find_below(one, path, case_sensitive=case_sensitive) for one in alternatives)
        return next((one for one in found if one is not None), None)
    return None


def change_at(columns: Sequence[TypedColumn], path: Path, change: Change) -> list[TypedColumn]:
    """Return ``columns`` with the field at ``path`` changed, or unchanged if the field does not exist.

    A struct, array or choice that loses its last part is dropped. ``change`` must return one field or none for the
    elements of an array (a path that ends with brackets).
    """
    name, rest = path[0], path[1:]
    return first_in_place(_change(one, rest, change) if one.name == name else [one] for one in columns)


def first_in_place(made: Iterable[list[TypedColumn]]) -> list[TypedColumn]:
    """Keep the first result of each column in its place and move the others to the end (aws-glue-samples,
    resolve_choice).
    """
    columns, ends = [], []
    for one in made:
        columns.extend(one[:1])
        ends.extend(one[1:])
    return [*columns, *ends]


def _change(field: TypedColumn, path: Path, change: Change) -> list[TypedColumn]:
    if not path:
        return change(field)
    if isinstance(field.type, types.Struct):
        fields = change_at(typed_columns.of_struct(field.type, field.column), path, change)
        return [field.replaced(*typed_columns.nullable_struct(field.column, fields))] if fields else []
    if isinstance(field.type, types.Array):
        element = field.type.element
        inner = path[1:] if isinstance(path[0], Element) else path
        if not _change(TypedColumn(field.name, element, field.column), inner, change):
            return []
        return [typed_columns.each_element(field, element, lambda one: _change(one, inner, change)[0])]
    if isinstance(field.type, types.Choice):
        alternatives = typed_columns.of_choice(field.type, field.column)
        kept = [made for one in alternatives for made in _change(one, path, change)]
        return [field.replaced(*typed_columns.choice_of(kept))] if kept else []
    return [field]
