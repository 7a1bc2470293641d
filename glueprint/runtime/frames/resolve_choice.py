"""``resolveChoice``: what becomes of fields on whose type records disagree.

Sources: developer guide, "DynamicFrame class", ``resolveChoice``, and "ResolveChoice class"; aws-glue-samples,
resolve_choice (names and places of the columns). What is silent there is in docs/fidelity/frames.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from glueprint.runtime.frames import paths, type_names, typed_columns, types
from glueprint.runtime.frames.casting import cast
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.typed_columns import Cell


class BadAction(ValueError):
    """``resolveChoice`` knows no such action."""


class Action(ABC):
    """What is done about a field. Called for choices, and for any field that a specification names."""

    @abstractmethod
    def resolve(self, cell: Cell) -> list[Cell]:
        """The columns that ``cell`` becomes: the first in its place, others at the end."""


@dataclass(frozen=True, slots=True)
class Cast(Action):
    """All values as one type; those that cannot be become null."""

    target: types.Type

    def resolve(self, cell: Cell) -> list[Cell]:
        """One column of the target type."""
        return [cast(cell, self.target)]


@dataclass(frozen=True, slots=True)
class Project(Action):
    """Only the values of one type are kept; the others become null."""

    target: types.Type

    def resolve(self, cell: Cell) -> list[Cell]:
        """One column of the alternative's own type."""
        if not isinstance(cell.type, types.Choice):
            return [cell]
        kept = [one for one in typed_columns.of_choice(cell.type, cell.column) if one.name == self.target.name]
        return [kept[0].named(cell.name) if kept else cast(cell.then(types.NULL, cell.column), self.target)]


@dataclass(frozen=True, slots=True)
class MakeStruct(Action):
    """A struct with a field for each type, which is how a choice lies anyway."""

    def resolve(self, cell: Cell) -> list[Cell]:
        """One column."""
        if not isinstance(cell.type, types.Choice):
            return [cell]
        fields = tuple(types.Field(one.name, one) for one in cell.type.alternatives)
        return [cell.then(types.Struct(fields), cell.column)]


@dataclass(frozen=True, slots=True)
class MakeCols(Action):
    """A column for each type, called ``name_type``."""

    def resolve(self, cell: Cell) -> list[Cell]:
        """One column for each alternative."""
        if not isinstance(cell.type, types.Choice):
            return [cell]
        return [one.named(f"{cell.name}_{one.name}") for one in typed_columns.of_choice(cell.type, cell.column)]


_PLAIN: dict[str, Callable[[], Action]] = {
    "make_cols": MakeCols,
    "make_struct": MakeStruct,
    "keepasstruct": MakeStruct,
}
_TYPED: dict[str, Callable[[types.Type], Action]] = {"cast": Cast, "project": Project}


def action(text: str) -> Action:
    """The action that ``text`` names: ``make_cols``, ``make_struct``, ``cast:TYPE``, ``project:TYPE``.

    Raises:
        BadAction: there is none of that name.
        type_names.UnknownTypeName: its type is none.
    """
    name, _, type_name = text.strip().partition(":")
    plain, typed = _PLAIN.get(name.lower()), _TYPED.get(name.lower())
    if plain is not None and not type_name:
        return plain()
    if typed is not None and type_name:
        return typed(type_names.parse(type_name))
    raise BadAction(
        f"resolveChoice knows no action {text!r}: use make_cols, make_struct, cast:TYPE, project:TYPE, "
        "or match_catalog as the choice of the whole frame"
    )


@dataclass(frozen=True, slots=True)
class Spec:
    """What to do about the field at ``path``."""

    path: paths.Path
    action: Action

    def change(self, cell: Cell) -> list[Cell]:
        """What becomes of the field; an element of an array stays one."""
        made = self.action.resolve(cell)
        return [_one(made, cell)] if isinstance(self.path[-1], paths.Element) else made


def resolve(frame: Frame, specs: Iterable[Spec]) -> Frame:
    """``frame`` with the fields of ``specs`` resolved, one after the other; paths that are not there are passed
    over.
    """
    columns = typed_columns.of_frame(frame)
    for spec in specs:
        columns = paths.changed(columns, spec.path, spec.change)
    return typed_columns.frame_of(frame, columns)


def resolve_all(frame: Frame, chosen: Action) -> Frame:
    """``frame`` with every choice resolved by ``chosen``, at any depth."""
    return typed_columns.frame_of(frame, _every(typed_columns.of_frame(frame), chosen))


def match_catalog(frame: Frame, declared: types.Struct) -> Frame:
    """``frame`` with every column that has a choice in it cast to its type in a table of the catalog."""
    wanted = {one.name.lower(): one.type for one in declared}
    return typed_columns.frame_of(
        frame,
        [
            cast(one, wanted[one.name.lower()])
            if types.has_choice(one.type) and one.name.lower() in wanted
            else one
            for one in typed_columns.of_frame(frame)
        ],
    )


def _every(columns: Sequence[Cell], chosen: Action) -> list[Cell]:
    return paths.in_place([_within(made, chosen) for made in _resolved(one, chosen)] for one in columns)


def _resolved(cell: Cell, chosen: Action) -> list[Cell]:
    return chosen.resolve(cell) if isinstance(cell.type, types.Choice) else [cell]


def _within(cell: Cell, chosen: Action) -> Cell:
    """``cell``, which is no choice itself, with the choices in it resolved."""
    if not types.has_choice(cell.type):
        return cell
    match cell.type:
        case types.Struct():
            fields = _every(typed_columns.of_struct(cell.type, cell.column), chosen)
            return cell.then(*typed_columns.within(cell.column, fields))
        case types.Array(element):
            return typed_columns.each_element(cell, element, lambda one: _inner(one, chosen))
        case types.Map():
            return typed_columns.each_value(cell, cell.type, lambda one: _inner(one, chosen))
        case _:
            return cell


def _inner(cell: Cell, chosen: Action) -> Cell:
    """An element of an array or a value of a map: it stays one."""
    return _within(_one(_resolved(cell, chosen), cell), chosen)


def _one(resolved: list[Cell], cell: Cell) -> Cell:
    """What cannot become several columns becomes a struct."""
    return resolved[0] if len(resolved) == 1 else MakeStruct().resolve(cell)[0]
