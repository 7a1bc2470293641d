"""A DynamicFrame's data: a physical DataFrame with a logical schema."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pyspark.sql import DataFrame

from glueprint.runtime.frames import types
from glueprint.runtime.frames.errors import NO_ERRORS, Errors


@dataclass(frozen=True, slots=True)
class Frame:
    """``data`` lies as :func:`types.physical_struct` of ``schema`` says: choices are structs of alternatives.

    ``name`` is what the script called it; ``errors`` are the records that were lost on the way here.
    """

    data: DataFrame
    schema: types.Struct
    name: str = ""
    errors: Errors = NO_ERRORS

    @staticmethod
    def of(data: DataFrame, name: str = "") -> Frame:
        """The frame of an ordinary DataFrame: no choices.

        Raises:
            types.UnknownType: a column has a type that Glue does not know.
        """
        return Frame(data, types.of_spark(data.schema), name)

    def become(self, data: DataFrame, schema: types.Struct) -> Frame:
        """The result of a transform of this frame: other data, the same name and history of errors."""
        return replace(self, data=data, schema=schema)
