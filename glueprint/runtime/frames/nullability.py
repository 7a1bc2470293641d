"""Columns that may be null: in a DynamicFrame's DataFrame all may, whatever Spark knows of the values.

Source: the schemas that ``toDF`` shows, such as ``StructField('customerId', IntegerType(), True)`` in
aws-glue-samples, GlueUnitTestingLocalSample; a DynamicFrame's own types have no such mark (``awsglue.gluetypes``).
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everywhere in Spark's own documents
from pyspark.sql.types import DataType

from glueprint.runtime.frames import types
from glueprint.runtime.frames.cells import top_level
from glueprint.runtime.frames.frame import Frame


def data_of(frame: Frame) -> DataFrame:
    """The rows of ``frame`` with every column, and whatever is in it, one that may be null. Costs nothing."""
    data = frame.data
    wanted = types.physical_struct(frame.schema)
    if data.schema == wanted:
        return data
    return data.select(
        *(
            top_level(one.name) if one == own else _nullable(one.name, types.physical(logical.type))
            for one, own, logical in zip(wanted, data.schema, frame.schema, strict=True)
        )
    )


def _nullable(name: str, physical: DataType) -> Column:
    """Spark drops the condition when it plans; the column's type is settled before."""
    return F.when(F.lit(True), top_level(name).cast(physical)).alias(name)
