"""Thrift's binary protocol, the part that a Hive metastore uses: types of values, structs as frozen data classes,
messages.

Source: Apache Thrift's specification of the binary protocol (strict, unframed), the default of Hive's
``HiveMetaStoreClient``.
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
_MAX_TEXT_BYTES = 256 << 20
"""A longer text is taken for a sign that the data is not Thrift."""


class ProtocolError(Exception):
    """The data is not in Thrift's binary protocol."""


class Kind(Protocol):
    """A type of Thrift: its number in messages, and how its values are written and read."""

    @property
    def code(self) -> int:
        """The type's number."""

    def write(self, out: bytearray, value: Any) -> None:
        """Append ``value`` to ``out``."""

    def read(self, stream: BinaryIO) -> Any:
        """Read the next value from ``stream``."""


def _read_exactly(stream: BinaryIO, count: int) -> bytes:
    if not 0 <= count <= _MAX_TEXT_BYTES:
        raise ProtocolError(f"a length of {count} bytes")
    taken = stream.read(count)
    if len(taken) < count:
        raise EOFError
    return taken


def _unpack(form: Struct, stream: BinaryIO) -> tuple[Any, ...]:
    return form.unpack(_read_exactly(stream, form.size))


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise ProtocolError(f"a text that is not UTF-8: {text[:40]!r}") from error


@dataclasses.dataclass(frozen=True)
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
        return _read_exactly(stream, 1) != b"\0"


class _Binary:
    code = 11

    def write(self, out: bytearray, value: bytes) -> None:
        out += _I32.pack(len(value))
        out += value

    def read(self, stream: BinaryIO) -> bytes:
        return _read_exactly(stream, _unpack(_I32, stream)[0])


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


@dataclasses.dataclass(frozen=True)
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
            raise ProtocolError(f"a list of type {code} instead of {self.element.code}")
        return tuple(self.element.read(stream) for _ in range(count))


@dataclasses.dataclass(frozen=True)
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
            raise ProtocolError(f"a map of types {key}, {value} instead of {self.key.code}, {self.value.code}")
        return {self.key.read(stream): self.value.read(stream) for _ in range(count)}


STRINGS = ListOf(STRING)
STRING_MAP = MapOf(STRING, STRING)


def thrift_field(number: int, kind: Kind) -> Any:
    """A field of a struct: its number and type. A field that is ``None`` is not sent, as usual in Thrift."""
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
        """See :class:`Kind`. Fields that ``shape`` does not declare are skipped."""
        return self._shape(**read_fields(stream, self._by_number))


def read_fields(stream: BinaryIO, declared: Mapping[int, tuple[Kind, str]]) -> dict[str, Any]:
    """Read the next struct and return those of its fields that ``declared`` contains, by name."""
    found = {}
    while (code := _read_exactly(stream, 1)[0]) != _STOP:
        number = _unpack(_I16, stream)[0]
        kind, name = declared.get(number, (None, ""))
        if kind is None or kind.code != code:
            _skip(stream, code)
        else:
            found[name] = kind.read(stream)
    return found


def _skip(stream: BinaryIO, code: int) -> None:
    if code in _SIMPLE:
        _SIMPLE[code].read(stream)
    elif code == StructOf.code:
        read_fields(stream, {})
    elif code == MapOf(STRING, STRING).code:
        key, value, count = _unpack(_MAP, stream)
        for _ in range(count):
            _skip(stream, key)
            _skip(stream, value)
    elif code in _SEQUENCES:
        element, count = _unpack(_LIST, stream)
        for _ in range(count):
            _skip(stream, element)
    else:
        raise ProtocolError(f"type {code} is unknown")


_SIMPLE: dict[int, Kind] = {kind.code: kind for kind in (BOOL, BYTE, DOUBLE, I16, I32, I64, BINARY)}
_SEQUENCES = (14, 15)
"""Sets and lists."""


@dataclasses.dataclass(frozen=True)
class CallHeader:
    """The start of a call: its name, its number, and whether the client waits for a reply."""

    name: str
    number: int
    expects_reply: bool


def read_header(stream: BinaryIO) -> CallHeader:
    """Read the header of the next call; its arguments follow as a struct.

    Raises:
        EOFError: the client has closed the connection.
        ProtocolError: the data is not a call.
    """
    version, length = _unpack(_HEAD, stream)
    kind = version & 0xFF
    if version & 0xFFFF_0000 != _VERSION or kind not in (_CALL, _ONEWAY):
        raise ProtocolError(f"a message that starts with {version:#x}")
    return CallHeader(_decoded(_read_exactly(stream, length)), _unpack(_I32, stream)[0], kind == _CALL)


def _message_start(kind: int, call: CallHeader) -> bytearray:
    text = call.name.encode()
    return bytearray(_HEAD.pack(_VERSION | kind, len(text)) + text + _I32.pack(call.number))


def reply(call: CallHeader, result: tuple[int, Kind, Any] | None) -> bytes:
    """Return the reply to a call. ``result`` is the field of the result struct (0: success, others: exceptions).
    """
    out = _message_start(_REPLY, call)
    if result is not None:
        field, kind, value = result
        out += _FIELD.pack(kind.code, field)
        kind.write(out, value)
    out.append(_STOP)
    return bytes(out)


@dataclasses.dataclass(frozen=True)
class _ApplicationError:
    message: str = thrift_field(1, STRING)
    reason: int = thrift_field(2, I32)


_APPLICATION_ERROR = StructOf(_ApplicationError)
UNKNOWN_METHOD, INTERNAL_ERROR = 1, 6
"""Thrift's numbers for errors without a declared exception."""


def error_reply(call: CallHeader, reason: int, message: str) -> bytes:
    """Return the reply for an error that is not a declared exception (``TApplicationException``)."""
    out = _message_start(_EXCEPTION, call)
    _APPLICATION_ERROR.write(out, _ApplicationError(message, reason))
    return bytes(out)
