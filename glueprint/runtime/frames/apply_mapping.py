"""``apply_mapping``: which fields the records have afterwards, where, and as what type.

Sources: developer guide, "DynamicFrame class" (``apply_mapping``) and "AWS Glue Scala MappingSpec APIs";
aws-glue-samples, data_cleaning_and_lambda (targets with dots make structs). What is silent there is in
docs/fidelity/frames.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from glueprint.runtime.frames import paths, type_names, typed_columns, types
from glueprint.runtime.frames.casting import cast
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.paths import Element, Path
from glueprint.runtime.frames.typed_columns import Cell

_UNSPECIFIC = frozenset({"struct", "array", "map", "choice", "null", "unknown"})
"""Type names without parts, as the console writes them for nested fields: the field stays what it is."""


class BadMapping(ValueError):
    """The mappings contradict each other."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """The field at ``source`` goes to ``target``, as ``type`` if that is given."""

    source: Path
    target: Path
    type: types.Type | None = None

    @staticmethod
    def of(source: str, target: str, type_name: str | None = None) -> Mapping:
        """A mapping by its texts.

        Raises:
            paths.BadPath: one of the paths is none.
            type_names.UnknownTypeName: the type is none.
        """
        unspecific = type_name is None or type_name.strip().lower() in _UNSPECIFIC
        wanted = None if unspecific else type_names.parse(type_name or "")
        return Mapping(paths.parse(source), paths.parse(target), wanted)

    def below(self) -> Mapping:
        """The same within the element that both paths lead into."""
        source, target = self.source.index(paths.ELEMENT), self.target.index(paths.ELEMENT)
        return Mapping(self.source[source + 1 :], self.target[target + 1 :], self.type)


def apply(frame: Frame, mappings: Sequence[Mapping], *, case_sensitive: bool = False) -> Frame:
    """The fields that ``mappings`` name, in the order of their targets; all others go.

    A source that is not there is passed over. Elements of arrays go from one array to one other:
    ``("list[].a", "out[].b")``.

    Raises:
        BadMapping: two fields go to the same place, or an array is made of several.
    """
    return typed_columns.frame_of(frame, _applied(typed_columns.of_frame(frame), mappings, case_sensitive))


def _applied(columns: Sequence[Cell], mappings: Sequence[Mapping], case_sensitive: bool) -> list[Cell]:
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
    columns: Sequence[Cell], name: str, group: list[Mapping], case_sensitive: bool
) -> Cell | None:
    """The column ``name`` that the mappings of ``group`` make together."""
    whole = [one for one in group if len(one.target) == 1]
    if whole:
        if len(group) > 1:
            raise BadMapping(f"apply_mapping: more than one field is mapped to {name!r}")
        found = _typed(paths.find(columns, whole[0].source, case_sensitive=case_sensitive), whole[0])
        return None if found is None else found.named(name)
    if any(isinstance(one.target[1], Element) for one in group):
        return _array(columns, name, group, case_sensitive)
    inner = [Mapping(one.source, one.target[1:], one.type) for one in group]
    fields = _applied(columns, inner, case_sensitive)
    return Cell(name, typed_columns.schema_of(fields), typed_columns.struct_of(fields)) if fields else None


def _array(columns: Sequence[Cell], name: str, group: list[Mapping], case_sensitive: bool) -> Cell | None:
    """An array made of the elements of one other."""
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
    inner = [one.below() for one in group]
    if _element(Cell(name, element, array.column), inner, case_sensitive) is None:
        return None
    changed = typed_columns.each_element(array, element, lambda one: _element(one, inner, case_sensitive) or one)
    return changed.named(name)


def _element(cell: Cell, inner: list[Mapping], case_sensitive: bool) -> Cell | None:
    """An element as the mappings within it say."""
    if len(inner) == 1 and not inner[0].target:
        return _typed(paths.find_below(cell, inner[0].source, case_sensitive=case_sensitive), inner[0])
    if not isinstance(cell.type, types.Struct):
        return None
    fields = _applied(typed_columns.of_struct(cell.type, cell.column), inner, case_sensitive)
    return cell.then(*typed_columns.within(cell.column, fields)) if fields else None


def _typed(cell: Cell | None, one: Mapping) -> Cell | None:
    return cell if cell is None or one.type is None else cast(cell, one.type)
