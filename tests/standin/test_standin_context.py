"""Amazon's GlueContext, unmodified, over our sources and sinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from storage_lake import Lake

if TYPE_CHECKING:
    from awsglue.context import GlueContext

pytestmark = [
    pytest.mark.spark,
    # Amazon's StreamingDataSource makes DataFrames in a way that PySpark warns of.
    pytest.mark.filterwarnings("ignore:DataFrame constructor is internal:UserWarning"),
]


def test_from_a_table_to_a_table(glue_context: GlueContext, lake: Lake) -> None:
    """The script that Glue's console writes: from_catalog, ApplyMapping, getSink with catalog update (developer
    guide, "Updating the schema ... using AWS Glue ETL jobs").
    """
    from awsglue.transforms import ApplyMapping

    lake.put("people/p=1/a.csv", "id,name\n1,ann\n2,bob\n")
    skipped = {"skip.header.line.count": "1"}
    lake.table("people", "csv", {"id": "bigint", "name": "string"}, {"p": "int"}, parameters=skipped)
    lake.partition("people", "1", folder="p=1")
    source = glue_context.create_dynamic_frame.from_catalog(
        database=lake.name, table_name="people", transformation_ctx="source", push_down_predicate="p = 1"
    )
    mappings = [("id", "long", "id", "long"), ("name", "string", "who", "string"), ("p", "int", "p", "int")]
    mapped = ApplyMapping.apply(frame=source, mappings=mappings)
    sink = glue_context.getSink(
        connection_type="s3",
        path=lake.uri("out/"),
        enableUpdateCatalog=True,
        updateBehavior="UPDATE_IN_DATABASE",
        partitionKeys=["p"],
        transformation_ctx="sink",
    )
    sink.setFormat("glueparquet", compression="snappy")
    sink.setCatalogInfo(catalogDatabase=lake.name, catalogTableName="out")
    sink.writeFrame(mapped)
    written = glue_context.create_data_frame.from_catalog(database=lake.name, table_name="out")
    assert sorted(map(tuple, written.collect())) == [(1, "ann", 1), (2, "bob", 1)]
    assert list(lake.partitions("out")) == [("1",)]
