"""Glue's Java class ``DynamicFrame``: its companion object and its instances, which are ``_jdf`` in Amazon's
package.

Names and positions of arguments are Java's; most methods end with the transformation context, the call site and
the two error thresholds. The transforms are in ``frames``.
"""

from __future__ import annotations

from typing import Any, NoReturn

from pyspark import RDD
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents
from pyspark.sql.types import StructType

from glueprint.compat import strict_zip
from glueprint.runtime.frames import (
    apply_mapping,
    dynamodb_json,
    fields,
    join,
    paths,
    preview,
    records,
    resolve_choice,
    schema_text,
    split,
    typed_columns,
    types,
    unbox,
    union,
    unnest,
)
from glueprint.runtime.frames.error_records import CallSite, Thresholds
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.frames.relationalize import relationalize
from glueprint.runtime.standin.arguments import items, options
from glueprint.runtime.storage.catalog.tables import Table, TableName
from glueprint.runtime.storage.endpoints import default_client
from glueprint.runtime.storage.errors import NotSupportedLocally, print_note

_MATCH_CATALOG = "match_catalog"


class Schema:
    """The Java object that ``schema()`` returns."""

    def __init__(self, schema: types.Struct) -> None:
        self._schema = schema

    def toString(self) -> str:  # noqa: N802 - Java's name
        """The JSON text that ``awsglue.gluetypes`` reads."""
        return schema_text.to_json(self._schema)

    def treeString(self) -> str:  # noqa: N802 - Java's name
        """The text that ``printSchema`` prints."""
        return schema_text.tree_string(self._schema)


class DynamicFrame:
    """A Java ``DynamicFrame`` over ``frame``."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):  # Python itself looks such names up and expects an AttributeError
            raise AttributeError(name)
        raise NotSupportedLocally(f"DynamicFrame.{name}")

    @property
    def name(self) -> str:
        """The frame's name."""
        return self.frame.name

    def getName(self) -> str:  # noqa: N802 - Java's name
        """The frame's name."""
        return self.frame.name

    # --- reading ---

    def schema(self) -> Schema:
        """Names and types."""
        return Schema(self.frame.schema)

    def count(self) -> int:
        """The number of records."""
        return self.frame.count()

    def showString(self, rows: int) -> str:  # noqa: N802 - Java's name
        """The first ``rows`` records as text."""
        return preview.show_string(self.frame, rows)

    def toDF(self, specs: Any) -> Any:  # noqa: N802 - Java's name
        """The Java DataFrame; choices that ``specs`` do not resolve are structs."""
        return typed_columns.nullable_data(resolve_choice.resolve(self.frame, items(specs)))._jdf

    def javaToPython(self) -> Any:  # noqa: N802 - Java's name
        """A Java RDD of pickled ``{"record": ..., "isError": False}``."""
        found = records.to_records(self.frame)
        return found.map(lambda record: {"record": record, "isError": False})._jrdd

    # --- errors ---

    def errorsCount(self) -> int:  # noqa: N802 - Java's name
        """The number of errors of all transforms of this frame."""
        return self.frame.errors.total()

    def stageErrorsCount(self) -> int:  # noqa: N802 - Java's name
        """The errors of the last transform."""
        return self.frame.errors.stage_count()

    def errorsAsDynamicFrame(self) -> DynamicFrame:  # noqa: N802 - Java's name
        """The errors as a frame."""
        return DynamicFrame(records.errors_of(_spark(), self.frame))

    def assertErrorThreshold(self) -> None:  # noqa: N802 - Java's name
        """Fail if any transform of this frame has more errors than its threshold."""
        self.frame.errors.check_all()

    # --- fields and their types ---

    def dropFields(self, dropped: Any, ctx: str, site: CallSite, stage: int, total: int) -> DynamicFrame:  # noqa: N802
        """All fields but these."""
        return self._checked(fields.drop(self.frame, map(paths.parse, items(dropped))), stage, total)

    def selectFields(self, selected: Any, ctx: str, site: CallSite, stage: int, total: int) -> DynamicFrame:  # noqa: N802
        """Only these fields."""
        return self._checked(fields.select(self.frame, map(paths.parse, items(selected))), stage, total)

    def renameField(  # noqa: N802 - Java's name
        self, old: str, new: str, ctx: str, site: CallSite, stage: int, total: int
    ) -> DynamicFrame:
        """One field with another name."""
        renamed = fields.rename(self.frame, paths.parse(old), paths.parse(new))
        return self._checked(renamed, stage, total)

    def applyMapping(  # noqa: N802 - Java's name
        self, mappings: Any, case_sensitive: bool, ctx: str, site: CallSite, stage: int, total: int
    ) -> DynamicFrame:
        """Only the mapped fields."""
        made = apply_mapping.apply(self.frame, items(mappings), case_sensitive=case_sensitive)
        return self._checked(made, stage, total)

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
        """Choices resolved, field by field or all in the same way."""
        return self._checked(self._resolved(items(specs), choice or "", database, table, catalog_id), stage, total)

    def _resolved(
        self,
        specs: list[resolve_choice.Spec],
        choice: str,
        database: str | None,
        table: str | None,
        catalog_id: str | None,
    ) -> Frame:
        if not choice:
            return resolve_choice.resolve(self.frame, specs)
        if choice.lower() != _MATCH_CATALOG:
            return resolve_choice.resolve_all(self.frame, resolve_choice.action(choice))
        if not database or not table:
            raise resolve_choice.BadAction("resolveChoice: the choice match_catalog needs database and table_name")
        return resolve_choice.match_catalog(self.frame, _declared_columns(database, table, catalog_id))

    # --- nesting ---

    def unnest(self, ctx: str, site: CallSite, stage: int, total: int) -> DynamicFrame:
        """The fields of structs as columns."""
        return self._checked(unnest.unnest(self.frame), stage, total)

    def relationalize(
        self, root: str, staging: str, text: str, ctx: str, site: CallSite, stage: int, total: int
    ) -> list[DynamicFrame]:
        """Flat tables. ``staging`` is where Glue keeps them temporarily; here Spark keeps them."""
        return [self._checked(one, stage, total) for one in relationalize(self.frame, root)]

    def unbox(
        self, path: str, format_name: str, text: str, ctx: str, site: CallSite, stage: int, total: int
    ) -> DynamicFrame:
        """The content of a text as columns."""
        unboxed = unbox.unbox(
            self.frame,
            paths.parse(path),
            unbox.format_of(format_name, options(text)),
            site,
            Thresholds(stage, total),
        )
        return self._checked(unboxed, stage, total)

    def unnestDDBJson(self, ctx: str, site: CallSite, stage: int, total: int) -> DynamicFrame:  # noqa: N802 - Java's name
        """The items of a DynamoDB export, flat."""
        return self._checked(dynamodb_json.unnest(self.frame), stage, total)

    def simplifyDDBJson(self) -> DynamicFrame:  # noqa: N802 - Java's name
        """The items of a DynamoDB export, without the marks of types."""
        return self._checked(dynamodb_json.simplify(self.frame), 0, 0)

    # --- two frames in, one out ---

    def join(
        self, keys: Any, other_keys: Any, other: DynamicFrame, ctx: str, site: CallSite, stage: int, total: int
    ) -> DynamicFrame:
        """The records of both frames that have equal keys."""
        joined = join.join(self.frame, other.frame, items(keys), items(other_keys))
        return self._checked(joined, stage, total)

    def union(self, other: DynamicFrame, ctx: str, site: CallSite, stage: int, total: int) -> DynamicFrame:
        """The records of both one after the other."""
        return self._checked(union.union(self.frame, other.frame), stage, total)

    def mergeDynamicFrames(  # noqa: N802 - Java's name
        self, other: DynamicFrame, keys: Any, ctx: str, text: str, site: CallSite, stage: int, total: int
    ) -> DynamicFrame:
        """These records, updated by those of ``other``."""
        return self._checked(join.merge(self.frame, other.frame, items(keys)), stage, total)

    # --- one frame in, two out ---

    def splitFields(self, chosen: Any, ctx: str, site: CallSite, stage: int, total: int) -> list[DynamicFrame]:  # noqa: N802
        """Some fields, and the other fields."""
        halves = split.split_fields(self.frame, [paths.parse(one) for one in items(chosen)])
        return [self._checked(one, stage, total) for one in halves]

    def splitRows(  # noqa: N802 - Java's name
        self,
        compared: Any,
        constants: Any,
        operators: Any,
        ctx: str,
        site: CallSite,
        stage: int,
        total: int,
    ) -> list[DynamicFrame]:
        """The records for which all comparisons are true, and the others."""
        comparisons = [
            split.Comparison(paths.parse(path), operator, constant)
            for path, operator, constant in strict_zip(
                items(compared), items(operators), items(constants)
            )
        ]
        return [self._checked(one, stage, total) for one in split.split_rows(self.frame, comparisons)]

    # --- partitions and samples ---

    def repartition(self, parts: int, ctx: str, site: CallSite, stage: int, total: int) -> DynamicFrame:
        """The records in ``parts`` partitions."""
        return self._checked(self.frame.repartition(parts), stage, total)

    def coalesce(
        self, parts: int, shuffle: bool, ctx: str, site: CallSite, stage: int, total: int
    ) -> DynamicFrame:
        """The records in at most ``parts`` partitions."""
        return self._checked(self.frame.coalesce(parts, shuffle=shuffle), stage, total)

    def getNumPartitions(self) -> int:  # noqa: N802 - Java's name
        """The number of Spark partitions."""
        return self.frame.partition_count()

    def spigot(self, path: str, text: str, ctx: str, site: CallSite, stage: int, total: int) -> DynamicFrame:
        """Write some records to files; the frame is not changed."""
        chosen = options(text)
        topk, prob = chosen.get("topk"), chosen.get("prob")
        sample = preview.Sample(
            topk=None if topk is None else int(topk), prob=None if prob is None else float(prob)
        )
        preview.spigot(self.frame, path, sample)
        return self._checked(self.frame, stage, total)

    def _checked(self, frame: Frame, stage: int, total: int) -> DynamicFrame:
        """Return the result of a transform, after a check of its error thresholds."""
        if stage or total:
            frame.errors.check(Thresholds(stage, total))
        return DynamicFrame(frame)


class DynamicFrames:
    """The Scala object ``DynamicFrame``, which makes frames."""

    def apply(self, java_frame: Any, glue_context: Any) -> DynamicFrame:
        """The frame of a Java DataFrame."""
        return DynamicFrame(Frame.of(_one_of_each_name(DataFrame(java_frame, _spark()))))

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
        """The frame of what a Python function returned for the records of ``origin``."""
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


def _one_of_each_name(data: DataFrame) -> DataFrame:
    """Return the first column of each name, as a record has one field of each name; joins leave several."""
    names = data.columns
    repeated = sorted({one for one in names if names.count(one) > 1})
    if not repeated:
        return data
    print_note(f"DynamicFrame.fromDF: several columns are called {', '.join(repeated)}; the first of them is kept")
    apart = data.toDF(*(str(at) for at in range(len(names))))
    return apart.select(*(F.col(str(names.index(one))).alias(one) for one in dict.fromkeys(names)))


def _declared_columns(database: str, table: str, catalog_id: str | None) -> types.Struct:
    """Return the columns of a table in the Data Catalog, partition keys last.

    Raises:
        botocore.exceptions.ClientError: the table does not exist (EntityNotFoundException).
        storage.errors.StorageError: a column has an unknown type.
    """
    return Table.fetch(default_client("glue"), TableName(database, table, catalog_id or "")).all_columns
