"""``resolveChoice``: fields whose values have several types, converted to one type or several fields.

Sources: developer guide, "DynamicFrame class", ``resolveChoice``, and "ResolveChoice class"; aws-glue-samples,
resolve_choice (names and positions of the columns). Where these do not decide: docs/fidelity/frames.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from glueprint.runtime.frames import paths, presence, type_names, typed_columns, types
from glueprint.runtime.frames.casting import cast
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import TypedColumn


class BadAction(ValueError):
    """``resolveChoice`` does not have this action."""


class Action(ABC):
    """The resolution of a field. It is called for choices, and for any field that a specification contains."""

    @abstractmethod
    def resolve(self, field: TypedColumn) -> list[TypedColumn]:
        """Return the fields that replace ``field``: the first takes its place, the others go to the end."""


@dataclass(frozen=True)
class Cast(Action):
    """Convert all values to one type; values that cannot be converted become null."""

    target: types.Type

    def resolve(self, field: TypedColumn) -> list[TypedColumn]:
        """Return one column of the target type."""
        return [cast(field, self.target)]


@dataclass(frozen=True)
class Project(Action):
    """Keep only the values of one type; the others become null."""

    target: types.Type

    def resolve(self, field: TypedColumn) -> list[TypedColumn]:
        """Return one column of the alternative's own type."""
        if not isinstance(field.type, types.Choice):
            return [field]
        kept = [one for one in typed_columns.of_choice(field.type, field.column) if one.name == self.target.name]
        if kept:
            return [kept[0].renamed(field.name)]
        return [cast(field.replaced(types.NULL, field.column), self.target)]


@dataclass(frozen=True)
class MakeStruct(Action):
    """Make a struct with a field for each type, which is the physical form of a choice."""

    def resolve(self, field: TypedColumn) -> list[TypedColumn]:
        """Return one column."""
        if not isinstance(field.type, types.Choice):
            return [field]
        fields = tuple(types.Field(one.name, one) for one in field.type.alternatives)
        return [field.replaced(types.Struct(fields), field.column)]


@dataclass(frozen=True)
class MakeCols(Action):
    """Make a column for each type, called ``name_type``."""

    def resolve(self, field: TypedColumn) -> list[TypedColumn]:
        """Return one column for each alternative."""
        if not isinstance(field.type, types.Choice):
            return [field]
        alternatives = typed_columns.of_choice(field.type, field.column)
        return [one.renamed(f"{field.name}_{one.name}") for one in alternatives]


_ACTIONS: dict[str, Callable[[], Action]] = {
    "make_cols": MakeCols,
    "make_struct": MakeStruct,
    "keepasstruct": MakeStruct,
}
_TYPED_ACTIONS: dict[str, Callable[[types.Type], Action]] = {"cast": Cast, "project": Project}


def action(text: str) -> Action:
    """Return the action for a text: ``make_cols``, ``make_struct``, ``cast:TYPE``, ``project:TYPE``.

    Raises:
        BadAction: the action is unknown.
        type_names.UnknownTypeName: its type is unknown.
    """
    name, _, type_name = text.strip().partition(":")
    plain, typed = _ACTIONS.get(name.lower()), _TYPED_ACTIONS.get(name.lower())
    if plain is not None and not type_name:
        return plain()
    if typed is not None and type_name:
        return typed(type_names.parse(type_name))
    raise BadAction(
        f"resolveChoice does not support the action {text!r}: use make_cols, make_struct, cast:TYPE, "
        "project:TYPE, or match_catalog as the choice of the whole frame"
    )


@dataclass(frozen=True)
class Spec:
    """The action for the field at ``path``."""

    path: paths.Path
    action: Action

    def change(self, field: TypedColumn) -> list[TypedColumn]:
        """Return the fields that replace the field; an element of an array stays one field."""
        made = self.action.resolve(field)
        return [_single(made, field)] if isinstance(self.path[-1], paths.Element) else made


def resolve(frame: Frame, specs: Iterable[Spec]) -> Frame:
    """Return ``frame`` with the fields of ``specs`` resolved, one after the other; paths that do not exist are
    skipped.
    """
    columns, wanted = typed_columns.of_frame(frame), list(specs)
    for spec in wanted:
        columns = paths.change_at(columns, spec.path, spec.change)
    made = typed_columns.to_frame(frame, columns)
    return presence.carried(frame, made, lambda marked: resolve(marked, wanted))


def resolve_all(frame: Frame, chosen: Action) -> Frame:
    """Return ``frame`` with every choice resolved by ``chosen``, at any depth."""
    made = typed_columns.to_frame(frame, _resolve_every(typed_columns.of_frame(frame), chosen))
    return presence.carried(frame, made, lambda marked: resolve_all(marked, chosen))


def match_catalog(frame: Frame, declared: types.Struct) -> Frame:
    """Return ``frame`` with every column that contains a choice cast to its type in a table of the catalog."""
    wanted = {one.name.lower(): one.type for one in declared}
    made = typed_columns.to_frame(
        frame,
        [
            cast(one, wanted[one.name.lower()])
            if types.has_choice(one.type) and one.name.lower() in wanted
            else one
            for one in typed_columns.of_frame(frame)
        ],
    )
    return presence.carried(frame, made, lambda marked: match_catalog(marked, declared))


def _resolve_every(columns: Sequence[TypedColumn], chosen: Action) -> list[TypedColumn]:
    return paths.first_in_place([_within(made, chosen) for made in _resolved(one, chosen)] for one in columns)


def _resolved(field: TypedColumn, chosen: Action) -> list[TypedColumn]:
    return chosen.resolve(field) if isinstance(field.type, types.Choice) else [field]


def _within(field: TypedColumn, chosen: Action) -> TypedColumn:
    """Return ``field``, which is not a choice itself, with the choices in it resolved."""
    if not types.has_choice(field.type):
        return field
    if isinstance(field.type, types.Struct):
        fields = _resolve_every(typed_columns.of_struct(field.type, field.column), chosen)
        return field.replaced(*typed_columns.nullable_struct(field.column, fields))
    if isinstance(field.type, types.Array):
        return typed_columns.each_element(field, field.type.element, lambda one: _inner(one, chosen))
    if isinstance(field.type, types.Map):
        return typed_columns.each_value(field, field.type, lambda one: _inner(one, chosen))
    return field


def _inner(field: TypedColumn, chosen: Action) -> TypedColumn:
    """Resolve an element of an array or a value of a map, which stays one field."""
    return _within(_single(_resolved(field, chosen), field), chosen)


def _single(resolved: list[TypedColumn], field: TypedColumn) -> TypedColumn:
    """Make a struct of a field that cannot become several columns."""
    return resolved[0] if len(resolved) == 1 else MakeStruct().resolve(field)[0]
