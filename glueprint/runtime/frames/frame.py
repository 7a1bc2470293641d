"""A DynamicFrame's data: a physical DataFrame with a logical schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyspark import RDD
from pyspark.sql import DataFrame

from glueprint.runtime.frames import types
from glueprint.runtime.frames.error_records import NO_ERRORS, Errors, StageErrors


class Frame:
    """``data`` has the Spark type :func:`types.physical_struct` of ``schema``: choices are structs of
    alternatives.

    ``name`` is the script's name for the frame; ``errors`` are the records that were lost in earlier transforms. A
    frame never changes. As in Glue, its schema may be determined only when it is first used (:meth:`lazy`).
    """

    __slots__ = ("_count", "_made", "_make", "_marked", "_records", "name")

    def __init__(
        self, data: DataFrame, schema: types.Struct, name: str = "", errors: Errors = NO_ERRORS
    ) -> None:
        self.name = name
        self._made: tuple[DataFrame, types.Struct, Errors] | None = (data, schema, errors)
        self._make: Callable[[], Frame] | None = None
        self._count: Callable[[], int] | None = None
        self._records: Callable[[], RDD[dict[str, Any]]] | None = None
        self._marked: Callable[[], Frame] | None = None

    @staticmethod
    def of(data: DataFrame, name: str = "") -> Frame:
        """Return the frame of an ordinary DataFrame, without choices.

        Raises:
            types.UnknownType: a column has a type that Glue does not have.
        """
        return Frame(data, types.of_spark(data.schema), name)

    @classmethod
    def lazy(
        cls,
        make: Callable[[], Frame],
        *,
        count: Callable[[], int] | None = None,
        records: Callable[[], RDD[dict[str, Any]]] | None = None,
        name: str = "",
    ) -> Frame:
        """Return a frame that ``make`` computes when its data, schema or errors are first used.

        Args:
            make: called at most once.
            count: returns the number of records, if that is cheaper than ``make``.
            records: returns the records as plain Python, if the source has such records. They lack the fields that
                the source's records lack.
            name: the frame's name.
        """
        frame = cls.__new__(cls)
        frame.name = name
        frame._made = None
        frame._make, frame._count, frame._records, frame._marked = make, count, records, None
        return frame

    @property
    def data(self) -> DataFrame:
        """The physical rows."""
        return self._found()[0]

    @property
    def schema(self) -> types.Struct:
        """Names and types, including choices."""
        return self._found()[1]

    @property
    def errors(self) -> Errors:
        """The records that were lost in earlier transforms."""
        return self._found()[2]

    @property
    def records(self) -> RDD[dict[str, Any]] | None:
        """The records as plain Python if the frame's source has such records, else None."""
        return None if self._records is None else self._records()

    @property
    def marked(self) -> Callable[[], Frame] | None:
        """Returns the same frame with the column of ``presence``, if a transform carries it; else None."""
        return self._marked

    @property
    def knows_presence(self) -> bool:
        """Whether it is known which fields each record really has."""
        return self._records is not None or self._marked is not None

    def with_marks(self, marked: Callable[[], Frame]) -> Frame:
        """Return the same frame, which knows by ``marked`` what fields its records really have."""
        same = Frame.lazy(lambda: self, count=self._count, name=self.name)
        same._made, same._marked = self._made, marked
        return same

    def count(self) -> int:
        """The number of records."""
        return self.data.count() if self._count is None else self._count()

    def transformed(
        self, data: DataFrame, schema: types.Struct, errors: StageErrors | None = None
    ) -> Frame:
        """Return the result of a transform of this frame: other data, the same name, a longer history of
        errors.
        """
        return Frame(data, schema, self.name, self.errors.after(errors))

    def repartition(self, partitions: int) -> Frame:
        """The records spread evenly over this number of Spark partitions."""
        return self._regrouped(
            lambda data: data.repartition(partitions),
            lambda records: records.repartition(partitions),
            lambda frame: frame.repartition(partitions),
        )

    def coalesce(self, partitions: int, *, shuffle: bool) -> Frame:
        """The records in at most ``partitions`` Spark partitions; with ``shuffle`` in exactly that number."""
        if shuffle:
            return self.repartition(partitions)
        return self._regrouped(
            lambda data: data.coalesce(partitions),
            lambda records: records.coalesce(partitions),
            lambda frame: frame.coalesce(partitions, shuffle=False),
        )

    def _regrouped(
        self,
        of_data: Callable[[DataFrame], DataFrame],
        of_records: Callable[[RDD[dict[str, Any]]], RDD[dict[str, Any]]],
        of_marked: Callable[[Frame], Frame],
    ) -> Frame:
        """Return the same records, with the fields that they really have, in other Spark partitions.

        Nothing is computed before it is used, and the records are counted as those of this frame are: their schema
        may need several passes over the files, their number needs none of them.
        """
        records, marked = self._records, self._marked
        made = Frame.lazy(
            lambda: self.transformed(of_data(self.data), self.schema),
            count=self._count,
            records=None if records is None else lambda: of_records(records()),
            name=self.name,
        )
        if records is None and marked is not None:
            made._marked = lambda: of_marked(marked())
        return made

    def partition_count(self) -> int:
        """The number of Spark partitions."""
        return int(self.data.rdd.getNumPartitions())

    def renamed(self, name: str) -> Frame:
        """Return the same frame with another name."""
        same = Frame.lazy(lambda: self, count=self.count, records=self._records, name=name)
        same._marked = self._marked
        return same

    def _found(self) -> tuple[DataFrame, types.Struct, Errors]:
        if self._made is None:
            assert self._make is not None
            made = self._make()
            self._made = (made.data, made.schema, made.errors)
        return self._made
