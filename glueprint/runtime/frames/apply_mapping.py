"""``apply_mapping``: the fields of the result, their places and their types.

Sources: developer guide, "DynamicFrame class" (``apply_mapping``) and "AWS Glue Scala MappingSpec APIs";
aws-glue-samples, data_cleaning_and_lambda (targets with dots make structs). Where these do not decide:
docs/fidelity/frames.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from glueprint.runtime.frames import paths, presence, type_names, typed_columns, types
from glueprint.runtime.frames.casting import cast
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.paths import Element, Path
from glueprint.runtime.frames.typed_columns import TypedColumn

_TYPES_WITHOUT_PARTS = frozenset({"struct", "array", "map", "choice", "null", "unknown"})
"""Type names without parts, as the console writes them for nested fields: the field keeps its type."""


class BadMapping(ValueError):
    """The mappings contradict each other."""


@dataclass(frozen=True)
class Mapping:
    """The field at ``source`` moves to ``target``, converted to ``type`` if one is given."""

    source: Path
    target: Path
    type: types.Type | None = None

    @staticmethod
    def of(source: str, target: str, type_name: str | None = None) -> Mapping:
        """Parse a mapping.

        Raises:
            paths.BadPath: one of the paths is invalid.
            type_names.UnknownTypeName: the type is unknown.
        """
        unspecific = type_name is None or type_name.strip().lower() in _TYPES_WITHOUT_PARTS
        wanted = None if unspecific else type_names.parse(type_name or "")
        return Mapping(paths.parse(source), paths.parse(target), wanted)

    def within_element(self) -> Mapping:
        """The mapping relative to the array elements that both paths lead into."""
        source, target = self.source.index(paths.ELEMENT), self.target.index(paths.ELEMENT)
        return Mapping(self.source[source + 1 :], self.target[target + 1 :], self.type)


def apply(frame: Frame, mappings: Sequence[Mapping], *, case_sensitive: bool = False) -> Frame:
    """Return the fields of ``mappings``, in the order of their targets; all other fields are dropped.

    A source that does not exist is skipped. Elements of an array can be mapped to the elements of one other array:
    ``("list[].a", "out[].b")``.

    Raises:
        BadMapping: two fields have the same target, or an array has several source arrays.
    """
    made = typed_columns.to_frame(frame, _applied(typed_columns.of_frame(frame), mappings, case_sensitive))
    return presence.carried(frame, made, lambda marked: _marked(marked, mappings, case_sensitive))


def _marked(marked: Frame, mappings: Sequence[Mapping], case_sensitive: bool) -> Frame:
    absent = (presence.ABSENT,)
    columns = _applied(typed_columns.of_frame(marked), [*mappings, Mapping(absent, absent)], case_sensitive)
    sources = paths.written(marked.schema)
    moves = []
    for one in mappings:
        source = paths.text(one.source)
        exact = source if case_sensitive else sources.get(source.lower(), source)
        moves.append((exact, paths.text(one.target)))
    return presence.moved(typed_columns.to_frame(marked, columns), moves, keeps_others=False)


def _applied(
    columns: Sequence[TypedColumn], mappings: Sequence[Mapping], case_sensitive: bool
) -> list[TypedColumn]:
    made = []
    for name, group in _by_target(dict.fromkeys(mappings)).items():
        one = _target(columns, name, group, case_sensitive)
        if one is not None:
            made.append(one)
    return made


def _by_target(mappings: Iterable[Mapping]) -> dict[str, list[Mapping]]:
    grouped: dict[str, list[Mapping]] = {}
    for one in mappings:
        grouped.setdefault(str(one.target[0]), []).append(one)
    return grouped


def _target(
    columns: Sequence[TypedColumn], name: str, group: list[Mapping], case_sensitive: bool
) -> TypedColumn | None:
    """The column ``name``, made by the mappings of ``group``."""
    direct = [one for one in group if len(one.target) == 1]
    if direct:
        if len(group) > 1:
            raise BadMapping(f"apply_mapping: more than one field is mapped to {name!r}")
        found = _cast_if_typed(paths.find(columns, direct[0].source, case_sensitive=case_sensitive), direct[0])
        return None if found is None else found.renamed(name)
    if any(isinstance(one.target[1], Element) for one in group):
        return _array(columns, name, group, case_sensitive)
    inner = [Mapping(one.source, one.target[1:], one.type) for one in group]
    fields = _applied(columns, inner, case_sensitive)
    return TypedColumn(name, typed_columns.schema_of(fields), typed_columns.struct_of(fields)) if fields else None


def _array(
    columns: Sequence[TypedColumn], name: str, group: list[Mapping], case_sensitive: bool
) -> TypedColumn | None:
    """An array made of the elements of another array."""
    sources = {
        one.source[: one.source.index(paths.ELEMENT)] if paths.ELEMENT in one.source else None for one in group
    }
    origin = sources.pop()
    if sources or origin is None:
        raise BadMapping(f"apply_mapping: the elements of {name}[] must all come from the elements of one array")
    array = paths.find(columns, origin, case_sensitive=case_sensitive)
    if array is None or not isinstance(array.type, types.Array):
        return None
    element = array.type.element
    inner = [one.within_element() for one in group]
    if _element(TypedColumn(name, element, array.column), inner, case_sensitive) is None:
        return None
    changed = typed_columns.each_element(array, element, lambda one: _element(one, inner, case_sensitive) or one)
    return changed.renamed(name)


def _element(field: TypedColumn, inner: list[Mapping], case_sensitive: bool) -> TypedColumn | None:
    """An element changed by the mappings within it."""
    if len(inner) == 1 and not inner[0].target:
        return _cast_if_typed(paths.find_below(field, inner[0].source, case_sensitive=case_sensitive), inner[0])
    if not isinstance(field.type, types.Struct):
        return None
    fields = _applied(typed_columns.of_struct(field.type, field.column), inner, case_sensitive)
    return field.replaced(*typed_columns.nullable_struct(field.column, fields)) if fields else None


def _cast_if_typed(field: TypedColumn | None, one: Mapping) -> TypedColumn | None:
    return field if field is None or one.type is None else cast(field, one.type)
