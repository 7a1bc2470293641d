"""Texts as values of a type, a column at a time; those that are none are found one by one."""

from typing import List, Tuple

import pyarrow as pa
import pyarrow.compute as pc

from glue_jobs.common.type_merging import is_choice, struct_fields


def cast_texts(texts: pa.Array, wanted: pa.DataType, null_text: str = "") -> Tuple[pa.Array, List[int]]:
    """The values of a column of texts, with null where a text is none, and the positions of these.

    Args:
        texts: the texts; spaces around one do not count, and an empty one is null.
        wanted: the type of the values.
        null_text: stands for no value, too.
    """
    if is_choice(wanted):
        return _cast_to_members(texts, wanted, null_text)
    trimmed = pc.utf8_trim_whitespace(texts)
    missing = pc.is_in(trimmed, pa.array(["", null_text]))
    trimmed = pc.if_else(missing, pa.scalar(None, pa.string()), trimmed)
    wrong = _wrong_positions(trimmed, wanted, 0)
    if wrong:
        mask = pc.is_in(pa.array(range(len(trimmed)), pa.int64()), pa.array(wrong, pa.int64()))
        trimmed = pc.if_else(mask, pa.scalar(None, pa.string()), trimmed)
    return _cast_text(trimmed, wanted), wrong


def _cast_to_members(texts: pa.Array, wanted: pa.DataType, null_text: str) -> Tuple[pa.Array, List[int]]:
    """Each text as the first member of a choice that it is a value of."""
    members = []
    left = texts
    for field in struct_fields(wanted):
        if field.type == pa.string():
            members.append(left)
            left = pa.nulls(len(texts), pa.string())
            continue
        values, wrong = cast_texts(left, field.type, null_text)
        members.append(values)
        is_left = pc.is_in(pa.array(range(len(texts)), pa.int64()), pa.array(wrong, pa.int64()))
        left = pc.if_else(is_left, left, pa.scalar(None, pa.string()))
    return pa.StructArray.from_arrays(members, fields=struct_fields(wanted)), pc.indices_nonzero(
        pc.is_valid(left)
    ).to_pylist()


def _cast_text(texts: pa.Array, wanted: pa.DataType) -> pa.Array:
    try:
        return pc.cast(texts, wanted)
    except pa.ArrowInvalid:
        if not pa.types.is_timestamp(wanted) or wanted.tz:
            raise
        # A moment with a zone, in a column without: its time in UTC.
        return pc.cast(pc.cast(texts, pa.timestamp(wanted.unit, "UTC")), wanted)


def _wrong_positions(texts: pa.Array, wanted: pa.DataType, offset: int) -> List[int]:
    """Halve what cannot be cast until single values are left."""
    try:
        _cast_text(texts, wanted)
        return []
    except pa.ArrowInvalid:
        if len(texts) == 1:
            return [offset]
    half = len(texts) // 2
    return _wrong_positions(texts.slice(0, half), wanted, offset) + _wrong_positions(
        texts.slice(half), wanted, offset + half
    )
