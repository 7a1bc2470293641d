"""Stands for Glue's Java ``DynamicFrame``, its object and its instances: what ``_jdf`` is in Amazon's package.

Names and places of arguments are Java's; most methods end with the transformation context, the call site, and the
two error thresholds. What they do is in ``frames``.
"""

from __future__ import annotations

from typing import Any, NoReturn

from pyspark import RDD
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from glueprint.runtime.frames import (
    fields,
    mapping,
    nullability,
    partitions,
    paths,
    printing,
    records,
    resolve,
    sampling,
    types,
)
from glueprint.runtime.frames.errors import CallSite, Thresholds
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.standin import declared
from glueprint.runtime.standin.combined import CombinedFrames
from glueprint.runtime.standin.conversions import items, options
from glueprint.runtime.standin.errors import NotSupportedLocally

_MATCH_CATALOG = "match_catalog"


class Schema:
    """Stands for what ``schema()`` gives."""

    def __init__(self, schema: types.Struct) -> None:
        self._schema = schema

    def toString(self) -> str:  # noqa: N802 - Java's name
        """The JSON that ``awsglue.gluetypes`` reads."""
        return types.to_json(self._schema)

    def treeString(self) -> str:  # noqa: N802 - Java's name
        """What ``printSchema`` prints."""
        return types.tree_string(self._schema)


class DynamicFrame(CombinedFrames):
    """Stands for an instance: ``frame`` in Java's clothes."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):  # Python itself asks for such names, and takes no for an answer
            raise AttributeError(name)
        raise NotSupportedLocally(f"DynamicFrame.{name}")

    @property
    def name(self) -> str:
        """The frame's name."""
        return self.frame.name

    def getName(self) -> str:  # noqa: N802 - Java's name
        """The frame's name."""
        return self.frame.name

    # --- looking at it ---

    def schema(self) -> Schema:
        """Names and types."""
        return Schema(self.frame.schema)

    def count(self) -> int:
        """How many records there are."""
        return self.frame.count()

    def showString(self, rows: int) -> str:  # noqa: N802 - Java's name
        """The first ``rows`` records as text."""
        return printing.show_string(self.frame, rows)

    def toDF(self, specs: Any) -> Any:  # noqa: N802 - Java's name
        """The Java DataFrame; choices that ``specs`` do not resolve are structs."""
        return nullability.data_of(resolve.resolve(self.frame, items(specs)))._jdf

    def javaToPython(self) -> Any:  # noqa: N802 - Java's name
        """A Java RDD of pickled ``{"record": ..., "isError": False}``."""
        found = records.to_records(self.frame)
        return found.map(lambda record: {"record": record, "isError": False})._jrdd

    # --- errors ---

    def errorsCount(self) -> int:  # noqa: N802 - Java's name
        """The errors of all transforms that led here."""
        return self.frame.errors.total()

    def stageErrorsCount(self) -> int:  # noqa: N802 - Java's name
        """The errors of the last transform."""
        return self.frame.errors.stage_count()

    def errorsAsDynamicFrame(self) -> DynamicFrame:  # noqa: N802 - Java's name
        """The errors as a frame."""
        return DynamicFrame(records.errors_of(_spark(), self.frame))

    def assertErrorThreshold(self) -> None:  # noqa: N802 - Java's name
        """Fail if any transform that led here had too many errors."""
        self.frame.errors.check_all()

    # --- fields and their types ---

    def dropFields(self, dropped: Any, ctx: str, site: CallSite, stage: int, total: int) -> DynamicFrame:  # noqa: N802
        """All fields but these."""
        return self._become(fields.drop(self.frame, map(paths.parse, items(dropped))), stage, total)

    def selectFields(self, selected: Any, ctx: str, site: CallSite, stage: int, total: int) -> DynamicFrame:  # noqa: N802
        """Only these fields."""
        return self._become(fields.select(self.frame, map(paths.parse, items(selected))), stage, total)

    def renameField(  # noqa: N802 - Java's name
        self, old: str, new: str, ctx: str, site: CallSite, stage: int, total: int
    ) -> DynamicFrame:
        """One field by another name."""
        renamed = fields.rename(self.frame, paths.parse(old), paths.parse(new))
        return self._become(renamed, stage, total)

    def applyMapping(  # noqa: N802 - Java's name
        self, mappings: Any, case_sensitive: bool, ctx: str, site: CallSite, stage: int, total: int
    ) -> DynamicFrame:
        """Only the mapped fields."""
        made = mapping.apply(self.frame, items(mappings), case_sensitive=case_sensitive)
        return self._become(made, stage, total)

    def resolveChoice(  # noqa: N802 - Java's name
        self,
        specs: Any,
        choice: str | None,
        database: str | None,
        table: str | None,
        ctx: str,
        site: CallSite,
        stage: int,
        total: int,
        catalog_id: str | None,
    ) -> DynamicFrame:
        """Choices resolved, field by field or all alike."""
        return self._become(self._resolved(items(specs), choice or "", database, table, catalog_id), stage, total)

    def _resolved(
        self,
        specs: list[resolve.Spec],
        choice: str,
        database: str | None,
        table: str | None,
        catalog_id: str | None,
    ) -> Frame:
        if not choice:
            return resolve.resolve(self.frame, specs)
        if choice.lower() != _MATCH_CATALOG:
            return resolve.resolve_all(self.frame, resolve.action(choice))
        if not database or not table:
            raise resolve.BadAction("resolveChoice: the choice match_catalog needs database and table_name")
        return resolve.match_catalog(self.frame, declared.columns(database, table, catalog_id))

    # --- where the records lie ---

    def repartition(self, parts: int, ctx: str, site: CallSite, stage: int, total: int) -> DynamicFrame:
        """The records in ``parts`` partitions."""
        return self._become(partitions.repartition(self.frame, parts), stage, total)

    def coalesce(
        self, parts: int, shuffle: bool, ctx: str, site: CallSite, stage: int, total: int
    ) -> DynamicFrame:
        """The records in at most ``parts`` partitions."""
        return self._become(partitions.coalesce(self.frame, parts, shuffle=shuffle), stage, total)

    def getNumPartitions(self) -> int:  # noqa: N802 - Java's name
        """In how many parts the records lie."""
        return partitions.number(self.frame)

    def spigot(self, path: str, text: str, ctx: str, site: CallSite, stage: int, total: int) -> DynamicFrame:
        """Some records written aside; the frame stays the same."""
        chosen = options(text)
        topk, prob = chosen.get("topk"), chosen.get("prob")
        sample = sampling.Sample(
            topk=None if topk is None else int(topk), prob=None if prob is None else float(prob)
        )
        sampling.spigot(self.frame, path, sample)
        return self._become(self.frame, stage, total)

    def _become(self, frame: Frame, stage: int, total: int) -> DynamicFrame:
        """The result of a transform, if it has not too many errors."""
        if stage or total:
            frame.errors.check(Thresholds(stage, total))
        return DynamicFrame(frame)


class DynamicFrames:
    """Stands for the Scala object ``DynamicFrame``, which makes frames."""

    def apply(self, java_frame: Any, glue_context: Any) -> DynamicFrame:
        """The frame of a Java DataFrame."""
        return DynamicFrame(Frame.of(DataFrame(java_frame, _spark())))

    def fromPythonRDD(  # noqa: N802 - Java's name
        self,
        origin: DynamicFrame,
        java_rdd: Any,
        glue_context: Any,
        ctx: str,
        name: str,
        site: CallSite,
        stage: int,
        total: int,
    ) -> DynamicFrame:
        """The frame of what a Python function made of the records of ``origin``."""
        spark = _spark()
        results: RDD[dict[str, Any]] = RDD(java_rdd, spark.sparkContext)
        made = records.mapped(spark, origin.frame, results, site, Thresholds(stage, total), name=name)
        if stage or total:
            made.errors.check_all()
        return DynamicFrame(made)

    def emptyDynamicFrame(self, glue_context: Any) -> DynamicFrame:  # noqa: N802 - Java's name
        """A frame without records and fields."""
        return DynamicFrame(Frame.of(_spark().createDataFrame([], StructType([]))))


def _spark() -> SparkSession:
    return SparkSession.builder.getOrCreate()
