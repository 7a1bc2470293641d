"""Python values as values of an Arrow type, one by one: strict, so that no value is ever changed by it."""

import datetime as dt
import decimal as dec
import json
import re
from typing import Any, Callable, Dict, List, Tuple

import pyarrow as pa

from glue_jobs.common.type_merging import Resolve, is_choice, merge_types, struct_fields

Converter = Callable[[Any], Any]
MAX_LONG = (1 << 63) - 1
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_WIDE = dec.Context(prec=80)


def converter(wanted: pa.DataType) -> Converter:
    """A function that converts a value to a type; it raises ValueError for one that does not fit.

    Null stays null. A text may state a number, date or moment, and a single value is a list of one, since XML has
    no other one.
    """
    types = pa.types
    if is_choice(wanted):
        members = [(field.name, field.type, converter(field.type)) for field in struct_fields(wanted)]
        return _checked(wanted, lambda value: _member(value, members))
    if types.is_list(wanted):
        element = converter(wanted.value_type)
        return _checked(wanted, lambda value: [element(entry) for entry in _listed(value)])
    if types.is_map(wanted):
        item = converter(wanted.item_type)
        return _checked(wanted, lambda value: [(str(key), item(entry)) for key, entry in _entries(value).items()])
    if types.is_struct(wanted):
        fields = {field.name: converter(field.type) for field in struct_fields(wanted)}
        return _checked(wanted, lambda value: _struct(value, fields))
    if types.is_integer(wanted):
        most = 1 << (wanted.bit_width - 1)
        return _checked(wanted, lambda value: _integer(value, most))
    if types.is_decimal(wanted):
        return _checked(wanted, lambda value: _decimal(value, wanted.precision, wanted.scale))
    if types.is_timestamp(wanted):
        return _checked(wanted, lambda value: _moment(value, bool(wanted.tz)))
    simple: Dict[pa.DataType, Converter] = {
        pa.string(): value_text,
        pa.bool_(): _boolean,
        pa.float32(): _double,
        pa.float64(): _double,
        pa.date32(): _date,
        pa.binary(): _binary,
    }
    if wanted in simple:
        return _checked(wanted, simple[wanted])
    return _checked(wanted, _never)


def value_type(value: Any, column: str, resolve: Resolve) -> pa.DataType:
    """The type of a value.

    Raises:
        TypesDiffer: a list of values that differ, and ``resolve`` refuses.
    """
    if value is None:
        return pa.null()
    if isinstance(value, bool):
        return pa.bool_()
    if isinstance(value, int):
        return pa.int64() if -MAX_LONG - 1 <= value <= MAX_LONG else pa.string()
    if isinstance(value, (float, dec.Decimal)):
        return pa.float64()
    if isinstance(value, list):
        inner = pa.null()
        for entry in value:
            inner = merge_types(column + "[]", inner, value_type(entry, column + "[]", resolve), resolve)
        return pa.list_(inner)
    if isinstance(value, dict):
        fields = [(name, value_type(entry, column + "." + name, resolve)) for name, entry in value.items()]
        return pa.struct(fields) if fields else pa.null()
    return pa.string()


def value_text(value: Any) -> str:
    """A value as text: a number as JSON writes it, a structure as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, JsonNumber):
        return value.text
    if isinstance(value, (dt.date, dec.Decimal)):
        return value.isoformat(" ") if isinstance(value, dt.datetime) else str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8")
    return json.dumps(value, ensure_ascii=False, default=value_text)


def _checked(wanted: pa.DataType, convert_value: Converter) -> Converter:
    def convert(value: Any) -> Any:
        if value is None:
            return None
        try:
            return convert_value(value)
        except (ValueError, TypeError, ArithmeticError, OverflowError) as error:
            if isinstance(error, NotOfType):
                raise
            raise NotOfType("{} is not {}".format(_shown(value), wanted)) from error

    return convert


class XmlText(str):
    """A text of XML, which may state a value of any type."""


class JsonNumber(float):
    """A number with a fraction, and its text in the file."""

    text: str

    def __new__(cls, text: str) -> "JsonNumber":
        """The number that a text states."""
        number = super().__new__(cls, text)
        number.text = text
        return number


class NotOfType(ValueError):
    """A value that does not fit a type; the message contains both."""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else text[:97] + "..."


def _never(value: Any) -> Any:
    raise ValueError(value)


def _listed(value: Any) -> List[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _entries(value: Any) -> Dict[Any, Any]:
    if isinstance(value, list):  # Arrow returns a map as pairs
        return dict(value)
    if not isinstance(value, dict):
        raise TypeError(value)
    return value


def _member(value: Any, members: List[Tuple[str, pa.DataType, Converter]]) -> Dict[str, Any]:
    """The value in the first member of a choice that it is a value of; a text states no other one, but in XML."""
    is_text = isinstance(value, str) and not isinstance(value, XmlText)
    has_text = any(found == pa.string() for _, found, _ in members)
    for name, found, convert in members:
        if is_text and has_text and found != pa.string():
            continue
        try:
            return {name: convert(value)}
        except NotOfType:
            continue
    raise ValueError(value)


def _struct(value: Any, fields: Dict[str, Converter]) -> Dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(value)
    unknown = sorted(set(value) - set(fields))
    if unknown:
        raise NotOfType("there is no field {} in the schema".format(", ".join(map(str, unknown))))
    return {name: convert(value.get(name)) for name, convert in fields.items()}


def _integer(value: Any, most: int) -> int:
    if isinstance(value, bool):
        raise TypeError(value)
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value.strip()):
            raise ValueError(value)
        number = int(value)
    else:
        number = int(value)
        if number != value:
            raise ValueError(value)
    if not -most <= number < most:
        raise OverflowError(value)
    return number


def _decimal(value: Any, precision: int, scale: int) -> dec.Decimal:
    if isinstance(value, bool):
        raise TypeError(value)
    number = dec.Decimal(value_text(value) if isinstance(value, float) else value)
    if not number.is_finite():
        raise ValueError(value)
    scaled = number.quantize(dec.Decimal(1).scaleb(-scale), context=_WIDE)
    if scaled != number or abs(scaled) >= dec.Decimal(10) ** (precision - scale):
        raise OverflowError(value)
    return scaled


def _double(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, dec.Decimal, str)):
        raise TypeError(value)
    if isinstance(value, str) and "_" in value:
        raise ValueError(value)
    return float(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[value.strip().lower()] if isinstance(value, str) else _never(value)


def _date(value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        if value.time() != dt.time():
            raise ValueError(value)
        return value.date()
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value.strip())


def _moment(value: Any, zoned: bool) -> dt.datetime:
    if isinstance(value, str):
        text = value.strip()
        moment = dt.datetime.fromisoformat(_padded(text[:-1] + "+00:00" if text[-1:] in "zZ" else text))
    elif isinstance(value, dt.datetime):
        moment = value
    else:
        moment = dt.datetime(value.year, value.month, value.day) if isinstance(value, dt.date) else _never(value)
    if moment.tzinfo is not None:
        moment = moment.astimezone(dt.timezone.utc)
    elif zoned:
        moment = moment.replace(tzinfo=dt.timezone.utc)
    return moment if zoned else moment.replace(tzinfo=None)


def _padded(text: str) -> str:
    """A moment with six digits of its second's fraction: Python before 3.11 reads three or six only."""
    found = re.match(r"(.{19})\.(\d{1,9})(.*)$", text)
    if not found:
        return text
    if len(found.group(2)) > 6 and found.group(2)[6:].strip("0"):
        raise ValueError(text)
    return "{}.{}{}".format(found.group(1), found.group(2)[:6].ljust(6, "0"), found.group(3))


def _binary(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8")
    raise TypeError(value)


def typed_text(value: Any) -> Any:
    """A value of texts with the values that these suggest, as those of CSV files do."""
    if isinstance(value, dict):
        return {name: typed_text(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [typed_text(entry) for entry in value]
    if isinstance(value, str):
        for pattern, read in _TEXT_VALUES:
            if pattern.fullmatch(value):
                return read(value)
    return value


_TEXT_VALUES: Tuple[Tuple[Any, Callable[[str], Any]], ...] = (
    (re.compile(r"\s*"), lambda text: None),
    (re.compile(r"-?(?:0|[1-9][0-9]{0,17})"), int),
    (re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]+(?:[eE][+-]?[0-9]{1,3})?"), float),
    (re.compile(r"(?:true|false)"), lambda text: text == "true"),
)
