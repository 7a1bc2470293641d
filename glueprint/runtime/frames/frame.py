"""A DynamicFrame's data: a physical DataFrame with a logical schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyspark import RDD
from pyspark.sql import DataFrame

from glueprint.runtime.frames import types
from glueprint.runtime.frames.error_records import NO_ERRORS, Errors, StageErrors


class Frame:
    """``data`` lies as :func:`types.physical_struct` of ``schema`` says: choices are structs of alternatives.

    ``name`` is what the script called it; ``errors`` are the records that were lost on the way here. A frame never
    changes. Like Glue's, it may find out its schema only when somebody asks (:meth:`later`).
    """

    __slots__ = ("_count", "_made", "_make", "_records", "name")

    def __init__(
        self, data: DataFrame, schema: types.Struct, name: str = "", errors: Errors = NO_ERRORS
    ) -> None:
        self.name = name
        self._made: tuple[DataFrame, types.Struct, Errors] | None = (data, schema, errors)
        self._make: Callable[[], Frame] | None = None
        self._count: Callable[[], int] | None = None
        self._records: RDD[dict[str, Any]] | None = None

    @staticmethod
    def of(data: DataFrame, name: str = "") -> Frame:
        """The frame of an ordinary DataFrame: no choices.

        Raises:
            types.UnknownType: a column has a type that Glue does not know.
        """
        return Frame(data, types.of_spark(data.schema), name)

    @classmethod
    def later(
        cls,
        make: Callable[[], Frame],
        *,
        count: Callable[[], int] | None = None,
        records: RDD[dict[str, Any]] | None = None,
        name: str = "",
    ) -> Frame:
        """The frame that ``make`` gives, made when its data, schema or errors are asked for.

        Args:
            make: called at most once.
            count: the number of records, if that is known for less.
            records: the records as plain Python, if that is what they come from.
            name: the frame's name.
        """
        frame = cls.__new__(cls)
        frame.name = name
        frame._made = None
        frame._make, frame._count, frame._records = make, count, records
        return frame

    @property
    def data(self) -> DataFrame:
        """The physical rows."""
        return self._found()[0]

    @property
    def schema(self) -> types.Struct:
        """Names and types, choices among them."""
        return self._found()[1]

    @property
    def errors(self) -> Errors:
        """The records that were lost on the way here."""
        return self._found()[2]

    @property
    def records(self) -> RDD[dict[str, Any]] | None:
        """The records as plain Python where the frame was made of such, else nothing."""
        return self._records

    def count(self) -> int:
        """How many records there are."""
        return self.data.count() if self._count is None else self._count()

    def become(
        self, data: DataFrame, schema: types.Struct, errors: StageErrors | None = None
    ) -> Frame:
        """The result of a transform of this frame: other data, the same name, a longer history of errors."""
        return Frame(data, schema, self.name, self.errors.then(errors))

    def repartition(self, partitions: int) -> Frame:
        """The records spread evenly over this number of Spark partitions."""
        return self.become(self.data.repartition(partitions), self.schema)

    def coalesce(self, partitions: int, *, shuffle: bool) -> Frame:
        """The records in at most ``partitions`` Spark partitions; with ``shuffle`` in exactly that number."""
        if shuffle:
            return self.repartition(partitions)
        return self.become(self.data.coalesce(partitions), self.schema)

    def partition_count(self) -> int:
        """The number of Spark partitions."""
        return int(self.data.rdd.getNumPartitions())

    def named(self, name: str) -> Frame:
        """The same frame by another name."""
        return Frame.later(lambda: self, count=self.count, records=self._records, name=name)

    def _found(self) -> tuple[DataFrame, types.Struct, Errors]:
        if self._made is None:
            assert self._make is not None
            made = self._make()
            self._made = (made.data, made.schema, made.errors)
        return self._made
