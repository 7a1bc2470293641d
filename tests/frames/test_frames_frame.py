"""A frame of an ordinary DataFrame."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from glueprint.runtime.frames import types
from glueprint.runtime.frames.frame import Frame

pytestmark = pytest.mark.spark


def test_a_frame_of_a_dataframe(spark: SparkSession, s3_root: Path) -> None:
    """``Frame.of`` has the DataFrame's types; S3 paths are directories below ``s3_root``."""
    (s3_root / "frames-of").mkdir()
    (s3_root / "frames-of" / "a.json").write_text('{"a": 1, "b": ["x"]}\n')
    frame = Frame.of(spark.read.json("s3://frames-of/a.json"), "f")
    assert frame.schema == types.Struct(
        (types.Field("a", types.LONG), types.Field("b", types.Array(types.STRING)))
    )
    assert frame.data.collect()[0].asDict() == {"a": 1, "b": ["x"]}
