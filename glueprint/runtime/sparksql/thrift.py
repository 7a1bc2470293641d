"""Thrift's binary protocol, as far as a Hive metastore speaks it: kinds of values, structs as frozen data classes,
messages.

Source: Apache Thrift's specification of the binary protocol (strict form, unframed), which Hive's
``HiveMetaStoreClient`` uses unless told otherwise.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from struct import Struct
from typing import Any, BinaryIO, Protocol

_VERSION = 0x8001_0000
_STOP = 0
_CALL, _REPLY, _EXCEPTION, _ONEWAY = 1, 2, 3, 4

_I8, _I16, _I32, _I64, _F64 = (Struct(form) for form in (">b", ">h", ">i", ">q", ">d"))
_FIELD = Struct(">bh")
_HEAD = Struct(">II")
_MAP = Struct(">bbi")
_LIST = Struct(">bi")
_MOST_BYTES = 256 << 20
"""The longest text that is believed: what is longer is not Thrift."""


class ProtocolError(Exception):
    """What came is not Thrift's binary protocol."""


class Kind(Protocol):
    """A type of Thrift: its number on the wire, and how a value of it is written and read."""

    @property
    def code(self) -> int:
        """Its number."""

    def write(self, out: bytearray, value: Any) -> None:
        """Append ``value`` to ``out``."""

    def read(self, stream: BinaryIO) -> Any:
        """The next value of ``stream``."""


def _take(stream: BinaryIO, count: int) -> bytes:
    if not 0 <= count <= _MOST_BYTES:
        raise ProtocolError(f"a length of {count} bytes")
    taken = stream.read(count)
    if len(taken) < count:
        raise EOFError
    return taken


def _unpack(form: Struct, stream: BinaryIO) -> tuple[Any, ...]:
    return form.unpack(_take(stream, form.size))


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise ProtocolError(f"a text that is not UTF-8: {text[:40]!r}") from error


@dataclasses.dataclass(frozen=True, slots=True)
class _Number:
    code: int
    form: Struct

    def write(self, out: bytearray, value: Any) -> None:
        out += self.form.pack(value)

    def read(self, stream: BinaryIO) -> Any:
        return _unpack(self.form, stream)[0]


class _Bool:
    code = 2

    def write(self, out: bytearray, value: Any) -> None:
        out.append(1 if value else 0)

    def read(self, stream: BinaryIO) -> bool:
        return _take(stream, 1) != b"\0"


class _Binary:
    code = 11

    def write(self, out: bytearray, value: bytes) -> None:
        out += _I32.pack(len(value))
        out += value

    def read(self, stream: BinaryIO) -> bytes:
        return _take(stream, _unpack(_I32, stream)[0])


class _Text:
    code = 11

    def write(self, out: bytearray, value: str) -> None:
        BINARY.write(out, value.encode())

    def read(self, stream: BinaryIO) -> str:
        return _decoded(BINARY.read(stream))


BOOL = _Bool()
BYTE = _Number(3, _I8)
DOUBLE = _Number(4, _F64)
I16 = _Number(6, _I16)
I32 = _Number(8, _I32)
I64 = _Number(10, _I64)
BINARY = _Binary()
STRING = _Text()


@dataclasses.dataclass(frozen=True, slots=True)
class ListOf:
    """A list of ``element``."""

    element: Kind
    code: int = 15

    def write(self, out: bytearray, value: Sequence[Any]) -> None:
        """See :class:`Kind`."""
        out += _LIST.pack(self.element.code, len(value))
        for each in value:
            self.element.write(out, each)

    def read(self, stream: BinaryIO) -> tuple[Any, ...]:
        """See :class:`Kind`."""
        code, count = _unpack(_LIST, stream)
        if count and code != self.element.code:
            raise ProtocolError(f"a list of type {code} where one of {self.element.code} belongs")
        return tuple(self.element.read(stream) for _ in range(count))


@dataclasses.dataclass(frozen=True, slots=True)
class MapOf:
    """A map from ``key`` to ``value``."""

    key: Kind
    value: Kind
    code: int = 13

    def write(self, out: bytearray, value: Mapping[Any, Any]) -> None:
        """See :class:`Kind`."""
        out += _MAP.pack(self.key.code, self.value.code, len(value))
        for name, each in value.items():
            self.key.write(out, name)
            self.value.write(out, each)

    def read(self, stream: BinaryIO) -> dict[Any, Any]:
        """See :class:`Kind`."""
        key, value, count = _unpack(_MAP, stream)
        if count and (key, value) != (self.key.code, self.value.code):
            raise ProtocolError(f"a map of types {key}, {value} where {self.key.code}, {self.value.code} belong")
        return {self.key.read(stream): self.value.read(stream) for _ in range(count)}


TEXTS = ListOf(STRING)
TEXT_MAP = MapOf(STRING, STRING)


def at(number: int, kind: Kind) -> Any:
    """A field of a struct: its number and kind. A field that is ``None`` is not sent, as Thrift has it."""
    return dataclasses.field(default=None, metadata={"number": number, "kind": kind})


class StructOf:
    """A struct that is the data class ``shape``, whose fields are declared with :func:`at`."""

    code = 12

    def __init__(self, shape: type[Any]) -> None:
        self._shape = shape
        declared = [(one.metadata["number"], one.metadata["kind"], one.name) for one in dataclasses.fields(shape)]
        self._order = declared
        self._by_number = {number: (kind, name) for number, kind, name in declared}

    def write(self, out: bytearray, value: Any) -> None:
        """See :class:`Kind`."""
        for number, kind, name in self._order:
            each = getattr(value, name)
            if each is not None:
                out += _FIELD.pack(kind.code, number)
                kind.write(out, each)
        out.append(_STOP)

    def read(self, stream: BinaryIO) -> Any:
        """See :class:`Kind`. Fields that ``shape`` does not declare are passed over."""
        return self._shape(**read_fields(stream, self._by_number))


def read_fields(stream: BinaryIO, declared: Mapping[int, tuple[Kind, str]]) -> dict[str, Any]:
    """The fields of the struct that comes next, those of ``declared`` by their names."""
    found = {}
    while (code := _take(stream, 1)[0]) != _STOP:
        number = _unpack(_I16, stream)[0]
        kind, name = declared.get(number, (None, ""))
        if kind is None or kind.code != code:
            _pass_over(stream, code)
        else:
            found[name] = kind.read(stream)
    return found


def _pass_over(stream: BinaryIO, code: int) -> None:
    if code in _SIMPLE:
        _SIMPLE[code].read(stream)
    elif code == StructOf.code:
        read_fields(stream, {})
    elif code == MapOf(STRING, STRING).code:
        key, value, count = _unpack(_MAP, stream)
        for _ in range(count):
            _pass_over(stream, key)
            _pass_over(stream, value)
    elif code in _SEQUENCES:
        element, count = _unpack(_LIST, stream)
        for _ in range(count):
            _pass_over(stream, element)
    else:
        raise ProtocolError(f"type {code} is unknown")


_SIMPLE: dict[int, Kind] = {kind.code: kind for kind in (BOOL, BYTE, DOUBLE, I16, I32, I64, BINARY)}
_SEQUENCES = (14, 15)
"""Sets and lists."""


@dataclasses.dataclass(frozen=True, slots=True)
class Head:
    """What a call begins with: its name, its number, whether it wants an answer."""

    name: str
    number: int
    wants_answer: bool


def read_head(stream: BinaryIO) -> Head:
    """The head of the call that comes next; its arguments follow as a struct.

    Raises:
        EOFError: the other side has hung up.
        ProtocolError: this is no call.
    """
    version, length = _unpack(_HEAD, stream)
    kind = version & 0xFF
    if version & 0xFFFF_0000 != _VERSION or kind not in (_CALL, _ONEWAY):
        raise ProtocolError(f"a message that begins with {version:#x}")
    return Head(_decoded(_take(stream, length)), _unpack(_I32, stream)[0], kind == _CALL)


def _begin(kind: int, call: Head) -> bytearray:
    text = call.name.encode()
    return bytearray(_HEAD.pack(_VERSION | kind, len(text)) + text + _I32.pack(call.number))


def answer(call: Head, result: tuple[int, Kind, Any] | None) -> bytes:
    """The answer to a call: the field of its result struct that is set (0: success, others: its exceptions)."""
    out = _begin(_REPLY, call)
    if result is not None:
        field, kind, value = result
        out += _FIELD.pack(kind.code, field)
        kind.write(out, value)
    out.append(_STOP)
    return bytes(out)


@dataclasses.dataclass(frozen=True, slots=True)
class _ApplicationError:
    message: str = at(1, STRING)
    reason: int = at(2, I32)


_APPLICATION_ERROR = StructOf(_ApplicationError)
UNKNOWN_METHOD, INTERNAL_ERROR = 1, 6
"""Thrift's numbers for the two things that go wrong without a declared exception."""


def refusal(call: Head, reason: int, message: str) -> bytes:
    """The answer to a call that no declared exception fits (``TApplicationException``)."""
    out = _begin(_EXCEPTION, call)
    _APPLICATION_ERROR.write(out, _ApplicationError(message, reason))
    return bytes(out)
