"""What every source and every sink is."""

from __future__ import annotations

from typing import Protocol

from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.services import Services


class Source(Protocol):
    """Where a frame comes from. A script may set the format before it asks for the frame."""

    format_name: str
    format_options: Options

    def frame(self, partitions: int | None = None) -> Frame:
        """Read; ``partitions`` is how many Spark partitions the frame shall have, if not as many as suit."""
        ...


class Sink(Protocol):
    """Where frames go."""

    format_name: str
    format_options: Options

    def write(self, frame: Frame) -> None:
        """Add the frame's records to what is there."""
        ...


class Connection(Protocol):
    """A ``connection_type``: makes sources and sinks of ``connection_options``."""

    def source(self, services: Services, options: Options, ctx: str, predicate: str) -> Source:
        """A source; ``ctx`` is the ``transformation_ctx``, ``predicate`` the ``push_down_predicate``."""
        ...

    def sink(self, services: Services, options: Options, ctx: str) -> Sink:
        """A sink."""
        ...
