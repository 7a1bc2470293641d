"""The one type of a column that several files, or several rows, state differently."""

import re
from typing import Any, Callable, Dict, List, Sequence, Tuple

import pyarrow as pa

from glue_jobs.common.hive_types import hive_type

MAX_PRECISION = 38
_INTEGER_DIGITS = {8: 3, 16: 5, 32: 10, 64: 19}

Resolve = Callable[[str, pa.DataType, pa.DataType], pa.DataType]
"""Chooses the type of a column that has two types which no number type, date or structure contains both."""


class TypesDiffer(Exception):
    """A column has types that cannot be merged."""


def refuse_choice(column: str, one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """Resolve no choice.

    Raises:
        TypesDiffer: always.
    """
    raise TypesDiffer("column {} is {} here and {} there".format(column, one, other))


def widen_to_text(column: str, one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """Resolve every choice as text, which holds any value."""
    return pa.string()


def catalog_form(found: pa.DataType) -> pa.DataType:
    """The type, among those that the Data Catalog can state, that holds each value of ``found``.

    Raises:
        TypesDiffer: there is none.
    """
    types = pa.types
    if types.is_dictionary(found):
        return catalog_form(found.value_type)
    if types.is_unsigned_integer(found):
        return pa.decimal128(20, 0) if found.bit_width == 64 else _signed(found.bit_width * 2)
    if types.is_float16(found):
        return pa.float32()
    if types.is_time(found) or types.is_large_string(found) or str(found) == "string_view":
        return pa.string()
    if types.is_large_binary(found) or types.is_fixed_size_binary(found) or str(found) == "binary_view":
        return pa.binary()
    if types.is_timestamp(found):
        return pa.timestamp("us", "UTC" if found.tz else None)
    if types.is_date(found):
        return pa.date32()
    if types.is_decimal(found):
        if found.precision > MAX_PRECISION or found.scale < 0:
            raise TypesDiffer("{} has more digits than a decimal of the catalog".format(found))
        return pa.decimal128(found.precision, found.scale)
    if types.is_list(found) or types.is_large_list(found) or types.is_fixed_size_list(found):
        return pa.list_(catalog_form(found.value_type))
    if types.is_map(found):
        return pa.map_(catalog_form(found.key_type), catalog_form(found.item_type))
    if types.is_struct(found):
        return pa.struct([(field.name, catalog_form(field.type)) for field in struct_fields(found)])
    if types.is_duration(found) or types.is_interval(found) or types.is_union(found):
        raise TypesDiffer("{} is not a type of the catalog".format(found))
    return found


def struct_fields(struct: pa.DataType) -> List[pa.Field]:
    """The fields of a struct type."""
    return [struct.field(index) for index in range(struct.num_fields)]


def merge_types(column: str, one: pa.DataType, other: pa.DataType, resolve: Resolve) -> pa.DataType:
    """The type that holds the values of both, each in its :func:`catalog_form`.

    Raises:
        TypesDiffer: ``resolve`` refused.
    """
    types = pa.types
    if one.equals(other) or types.is_null(other):
        return one
    if types.is_null(one):
        return other
    if types.is_integer(one) and types.is_integer(other):
        return one if one.bit_width > other.bit_width else other
    if _is_number(one) and _is_number(other):
        return _merge_numbers(column, one, other, resolve)
    if types.is_date(one) and types.is_timestamp(other):
        return other
    if types.is_timestamp(one) and types.is_date(other):
        return one
    if is_choice(one) or is_choice(other):
        return resolve(column, one, other)
    inside = resolve_inside(resolve)
    if types.is_list(one) and types.is_list(other):
        return pa.list_(merge_types(column + "[]", one.value_type, other.value_type, inside))
    if types.is_map(one) and types.is_map(other):
        key = merge_types(column + ".key", one.key_type, other.key_type, inside)
        return pa.map_(key, merge_types(column + ".value", one.item_type, other.item_type, inside))
    if types.is_struct(one) and types.is_struct(other):
        fields = merge_fields(
            [(field.name, field.type) for field in struct_fields(one)],
            [(field.name, field.type) for field in struct_fields(other)],
            inside,
            column + ".",
        )
        return pa.struct(fields)
    return resolve(column, one, other)


def merge_fields(
    one: Sequence[Tuple[str, pa.DataType]],
    other: Sequence[Tuple[str, pa.DataType]],
    resolve: Resolve,
    prefix: str = "",
) -> List[Tuple[str, pa.DataType]]:
    """The fields of both, in the order in which they first occur, each with its merged type.

    Raises:
        TypesDiffer: every field whose types cannot be merged.
    """
    merged: Dict[str, pa.DataType] = dict(one)
    problems = []
    for name, found in other:
        try:
            merged[name] = merge_types(prefix + name, merged[name], found, resolve) if name in merged else found
        except TypesDiffer as error:  # noqa: PERF203 - all are reported
            problems.append(str(error))
    if problems:
        raise TypesDiffer("; ".join(problems))
    return list(merged.items())


class SplitChoice:
    """Resolves a choice as a column for each type; within lists and structures as text.

    Until the rows are written, such a column is one of a structure, a *choice*, with a member for each type, of
    which at most one has a value.
    """

    inside: Resolve = staticmethod(widen_to_text)

    def __call__(self, column: str, one: pa.DataType, other: pa.DataType) -> pa.DataType:
        """The choice."""
        members: List[pa.DataType] = []
        for found in (*choice_members(one), *choice_members(other)):
            index = next((index for index, member in enumerate(members) if _merge_well(member, found)), None)
            if index is None:
                members.append(found)
            else:
                members[index] = merge_types(column, members[index], found, self.inside)
        members.sort(key=_narrowness)
        return pa.struct([(CHOICE_MARK + member_name(member), member) for member in members])


def _merge_well(one: pa.DataType, other: pa.DataType) -> bool:
    types = pa.types
    both = (types.is_list, types.is_map, types.is_struct, types.is_temporal, _is_number)
    return one.equals(other) or any(is_kind(one) and is_kind(other) for is_kind in both)


CHOICE_MARK = "?"
_KINDS: Tuple[Callable[[pa.DataType], bool], ...] = (
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_decimal,
    pa.types.is_floating,
    pa.types.is_date,
    pa.types.is_timestamp,
)


def _narrowness(found: pa.DataType) -> int:
    """The place in which a type is tried; text, which holds everything, is the last."""
    for index, is_kind in enumerate(_KINDS):
        if is_kind(found):
            return index
    return len(_KINDS) + int(pa.types.is_string(found))


def is_choice(found: pa.DataType) -> bool:
    """Whether a type is a choice of :class:`SplitChoice`."""
    return bool(pa.types.is_struct(found) and found.num_fields and found.field(0).name.startswith(CHOICE_MARK))


def choice_members(found: pa.DataType) -> List[pa.DataType]:
    """The types of a choice; of any other type itself."""
    return [field.type for field in struct_fields(found)] if is_choice(found) else [found]


def member_name(found: pa.DataType) -> str:
    """The end of the name of the column that a member of a choice becomes."""
    name = re.sub(r"[^a-z0-9]+", "_", hive_type(found)).strip("_")
    return hive_type(found).partition("<")[0] if pa.types.is_nested(found) else name


def resolve_inside(resolve: Resolve) -> Resolve:
    """What resolves the choices within a list or structure."""
    inner: Resolve = getattr(resolve, "inside", resolve)
    return inner


class ListsWin:
    """Resolves a list and a single value as a list, for XML, where a list of one is a single value.

    Args:
        resolve: resolves every other choice.
    """

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    @property
    def inside(self) -> Resolve:
        """Resolves the choices within a list or structure."""
        return ListsWin(resolve_inside(self._resolve))

    def __call__(self, column: str, one: pa.DataType, other: pa.DataType) -> pa.DataType:
        """The type that holds both."""
        one_is_list, other_is_list = pa.types.is_list(one), pa.types.is_list(other)
        if one_is_list == other_is_list:
            return self._resolve(column, one, other)
        inner = (one.value_type, other) if one_is_list else (one, other.value_type)
        return pa.list_(merge_types(column + "[]", inner[0], inner[1], self))


def without_nulls(found: pa.DataType) -> pa.DataType:
    """The type with text where no value was ever seen."""
    types = pa.types
    if types.is_null(found):
        return pa.string()
    if types.is_list(found):
        return pa.list_(without_nulls(found.value_type))
    if types.is_map(found):
        return pa.map_(without_nulls(found.key_type), without_nulls(found.item_type))
    if types.is_struct(found):
        return pa.struct([(field.name, without_nulls(field.type)) for field in struct_fields(found)])
    return found


def _signed(bits: int) -> pa.DataType:
    return {16: pa.int16(), 32: pa.int32(), 64: pa.int64()}[bits]


def _is_number(found: pa.DataType) -> bool:
    return bool(pa.types.is_integer(found) or pa.types.is_floating(found) or pa.types.is_decimal(found))


def _merge_numbers(column: str, one: pa.DataType, other: pa.DataType, resolve: Resolve) -> pa.DataType:
    if pa.types.is_floating(one) or pa.types.is_floating(other):
        return pa.float64()
    (digits, scale), (other_digits, other_scale) = _digits(one), _digits(other)
    most = max(scale, other_scale)
    precision = max(digits - scale, other_digits - other_scale) + most
    return pa.decimal128(precision, most) if precision <= MAX_PRECISION else resolve(column, one, other)


def _digits(number: Any) -> Tuple[int, int]:
    if pa.types.is_integer(number):
        return _INTEGER_DIGITS[number.bit_width], 0
    return number.precision, number.scale
