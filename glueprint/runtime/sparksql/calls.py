"""Calls of the metastore's interface, declared at the methods that implement them.

A method decorated with :func:`call` implements the call of its own name. The decorator lists the types of the
arguments in the order of their field numbers, the type of the result, and the exceptions that the interface
allows, by their field numbers.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO, TypeVar

from glueprint.runtime.sparksql import thrift
from glueprint.runtime.sparksql.hive import HiveError, Message, MetaError

_MARK = "_metastore_call"
_MESSAGE = thrift.StructOf(Message)
_Method = TypeVar("_Method", bound=Callable[..., Any])


@dataclasses.dataclass(frozen=True)
class _Signature:
    arguments: Mapping[int, tuple[thrift.Kind, str]]
    result: thrift.Kind | None
    raises: Mapping[int, type[HiveError]]

    def number_of(self, error: HiveError) -> int | None:
        """Return the field for ``error``, or that of ``MetaException`` if the call does not declare the error."""
        exactly = (number for number, kind in self.raises.items() if isinstance(error, kind))
        general = (number for number, kind in self.raises.items() if kind is MetaError)
        return next(exactly, next(general, None))


def call(
    *arguments: thrift.Kind, returns: thrift.Kind | None = None, raises: Mapping[int, type[HiveError]]
) -> Callable[[_Method], _Method]:
    """Declare that the decorated method implements the call of its name."""
    numbered = {number: (kind, f"argument{number}") for number, kind in enumerate(arguments, start=1)}

    def declare(method: _Method) -> _Method:
        setattr(method, _MARK, _Signature(numbered, returns, raises))
        return method

    return declare


class Metastore:
    """Answers calls with the methods of ``handlers``."""

    def __init__(self, handlers: Iterable[object]) -> None:
        self._methods: dict[str, tuple[_Signature, Callable[..., Any]]] = {}
        for handler in handlers:
            for name, method in inspect.getmembers(handler, callable):
                if signature := getattr(method, _MARK, None):
                    self._methods[name] = signature, method

    def answer(self, header: thrift.CallHeader, stream: BinaryIO) -> bytes:
        """Read the arguments of a call from ``stream``, run its method, and return the reply."""
        known = self._methods.get(header.name)
        if known is None:
            thrift.read_fields(stream, {})
            return thrift.error_reply(
                header,
                thrift.UNKNOWN_METHOD,
                f"not supported locally: {header.name} of the Hive metastore over the Glue Data Catalog",
            )
        signature, method = known
        given = thrift.read_fields(stream, signature.arguments)
        values = [given.get(name) for _, name in signature.arguments.values()]
        try:
            result = method(*values)
        except HiveError as error:
            number = signature.number_of(error)
            if number is None:
                return thrift.error_reply(header, thrift.INTERNAL_ERROR, str(error))
            return thrift.reply(header, (number, _MESSAGE, Message(str(error))))
        except Exception as error:  # noqa: BLE001 - Spark passes the message on, not the traceback
            traceback.print_exc(file=sys.stderr)
            return thrift.error_reply(header, thrift.INTERNAL_ERROR, f"{type(error).__name__}: {error}")
        return thrift.reply(header, None if signature.result is None else (0, signature.result, result))
