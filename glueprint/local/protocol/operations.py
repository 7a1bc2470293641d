"""How a method is declared as an operation of a service: its name in the service model, and where it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar


@dataclass(frozen=True, slots=True)
class Context:
    """The account and region of a request, as its signature states them."""

    account_id: str = "123456789012"
    region: str = "us-east-1"


Handler = Callable[[Context, dict[str, Any]], Mapping[str, Any] | None]
"""Takes the validated request, returns the members of the answer; refuses with :class:`ApiError`."""

M = TypeVar("M", bound=Callable[..., Any])


class Runs(Enum):
    """Where an operation runs."""

    INLINE = "inline"
    """On the event loop: it looks up one thing, which takes less time than a worker thread takes to wake."""

    ON_WRITER = "on writer"
    """As one unit of work on the store's writer thread: it reads and changes the store, starts nothing and waits
    for nothing. Changing threads twice would cost half as much as the work itself.
    """

    IN_THREAD = "in thread"
    """On a worker thread: it may take long (pages, graphs, files) or start or wait for something."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that a service can serve."""

    call: Handler
    runs: Runs = Runs.IN_THREAD


@dataclass(frozen=True, slots=True)
class _Declaration:
    """What a method's decorator states."""

    service: str
    name: str
    runs: Runs


_ATTRIBUTE = "__glueprint_operation__"


class Declare:
    """A decorator for the operations of one service.

    >>> operation = Declare("glue")
    >>> class Jobs:
    ...     @operation("CreateJob", runs=Runs.ON_WRITER)
    ...     def create_job(self, context, request): ...

    Args:
        service: botocore's name of the service, e.g. ``glue``.
    """

    def __init__(self, service: str) -> None:
        self.service = service

    def __call__(self, name: str, *, runs: Runs) -> Callable[[M], M]:
        """Declare the method as the operation ``name`` of the service model."""

        def declared(method: M) -> M:
            setattr(method, _ATTRIBUTE, _Declaration(self.service, name, runs))
            return method

        return declared

    def operations(self, families: Iterable[object]) -> dict[str, Operation]:
        """Return the operations that the classes of ``families`` declare for this service, by name.

        Raises:
            ValueError: two methods declare one operation, or a method belongs to another service.
        """
        found: dict[str, Operation] = {}
        owners: dict[str, str] = {}
        for family in families:
            for attribute, declaration in _declarations(type(family)):
                owner = f"{type(family).__name__}.{attribute}"
                name = declaration.name
                if declaration.service != self.service:
                    raise ValueError(f"{owner} is an operation of {declaration.service}, not of {self.service}")
                if name in found:
                    raise ValueError(f"{owners[name]} and {owner} both declare the operation {name}")
                owners[name] = owner
                found[name] = Operation(getattr(family, attribute), declaration.runs)
        return found


def _declarations(family: type) -> Iterator[tuple[str, _Declaration]]:
    """The declared methods of a class and its bases, by attribute."""
    for attribute in dir(family):
        declaration = getattr(getattr(family, attribute), _ATTRIBUTE, None)
        if isinstance(declaration, _Declaration):
            yield attribute, declaration
