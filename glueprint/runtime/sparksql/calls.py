"""Calls of the metastore's interface, declared where they are answered.

A method decorated with :func:`call` answers the call of its own name: the kinds of its arguments in the order of
their numbers, the kind of its result, the exceptions that the interface allows it, by their numbers.
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


@dataclasses.dataclass(frozen=True, slots=True)
class _Signature:
    arguments: Mapping[int, tuple[thrift.Kind, str]]
    result: thrift.Kind | None
    raises: Mapping[int, type[HiveError]]

    def number_of(self, error: HiveError) -> int | None:
        """The field that ``error`` fills; that of ``MetaException`` for one that the call may not raise."""
        exactly = (number for number, kind in self.raises.items() if isinstance(error, kind))
        general = (number for number, kind in self.raises.items() if kind is MetaError)
        return next(exactly, next(general, None))


def call(
    *arguments: thrift.Kind, returns: thrift.Kind | None = None, raises: Mapping[int, type[HiveError]]
) -> Callable[[_Method], _Method]:
    """Declare the decorated method to answer the call of its name."""
    numbered = {number: (kind, f"argument{number}") for number, kind in enumerate(arguments, start=1)}

    def declare(method: _Method) -> _Method:
        setattr(method, _MARK, _Signature(numbered, returns, raises))
        return method

    return declare


class Metastore:
    """Answers calls with the methods of ``families``."""

    def __init__(self, families: Iterable[object]) -> None:
        self._answering: dict[str, tuple[_Signature, Callable[..., Any]]] = {}
        for family in families:
            for name, method in inspect.getmembers(family, callable):
                if signature := getattr(method, _MARK, None):
                    self._answering[name] = signature, method

    def answer(self, head: thrift.Head, stream: BinaryIO) -> bytes:
        """Read the arguments of ``head`` from ``stream``, do what is asked, and say what came of it."""
        known = self._answering.get(head.name)
        if known is None:
            thrift.read_fields(stream, {})
            return thrift.refusal(
                head,
                thrift.UNKNOWN_METHOD,
                f"not supported locally: {head.name} of the Hive metastore over the Glue Data Catalog",
            )
        signature, method = known
        given = thrift.read_fields(stream, signature.arguments)
        values = [given.get(name) for _, name in signature.arguments.values()]
        try:
            result = method(*values)
        except HiveError as error:
            number = signature.number_of(error)
            if number is None:
                return thrift.refusal(head, thrift.INTERNAL_ERROR, str(error))
            return thrift.answer(head, (number, _MESSAGE, Message(str(error))))
        except Exception as error:  # noqa: BLE001 - the script gets it from Spark; its place is only known here
            traceback.print_exc(file=sys.stderr)
            return thrift.refusal(head, thrift.INTERNAL_ERROR, f"{type(error).__name__}: {error}")
        return thrift.answer(head, None if signature.result is None else (0, signature.result, result))
