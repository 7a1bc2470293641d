"""Formats that Glue has and the local Glue has not: refused by name, never half read."""

from __future__ import annotations

from typing import NoReturn

from pyspark.sql import SparkSession

from glueprint.runtime.frames import types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage.files import FileSet
from glueprint.runtime.storage.formats.base import Target
from glueprint.runtime.storage.options import Options
from glueprint.runtime.unsupported import NotSupportedLocally


class RefusedFormat:
    """A format by name and what to do instead."""

    def __init__(self, name: str, advice: str = "") -> None:
        self._name = name
        self._advice = advice

    def read(
        self, session: SparkSession, files: FileSet, options: Options, declared: types.Struct | None
    ) -> NoReturn:
        """Refused."""
        raise NotSupportedLocally(f"format {self._name}", self._advice)

    def write(self, frame: Frame, target: Target, options: Options) -> NoReturn:
        """Refused."""
        raise NotSupportedLocally(f"format {self._name}", self._advice)
