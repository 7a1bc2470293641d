"""conversion in a real local Glue: the built zip, Python shell and Spark processes, S3 over HTTP."""

from __future__ import annotations

import io

import pyarrow.parquet as pq
import pytest
from real_runs import RealRuns

LINES = "".join(f"{number},{number * 1.5},name {number}\n" for number in range(1000))


@pytest.mark.catalogue
def test_csv_becomes_a_parquet_table(real: RealRuns) -> None:
    """Files of two folders become a partitioned table; counts and marker are run properties (README)."""
    bucket = real.bucket("conversion-csv")
    real.put(bucket, {f"in/year={year}/a b+%=.csv": f"id,price,name\n{LINES}".encode() for year in (2023, 2024)})
    workflow = real.create(
        "conversion",
        Location=f"s3://{bucket}/in/",
        DestinationLocation=f"s3://{bucket}/out/",
        DestinationDatabase="conversions",
        DestinationTable="prices",
        GlueVersion="5.1",
    )
    run = real.run(workflow)
    assert run.succeeded, run.errors
    assert run.properties["file_presence"] == "true"
    assert run.properties["conversion.rows"] == "2000"
    table = real.glue.get_table(DatabaseName="conversions", Name="prices")["Table"]
    columns = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    assert columns == {"id": "bigint", "price": "double", "name": "string"}
    parts = [key for key in real.keys(bucket, "out/run=") if key.endswith(".parquet")]
    assert len(parts) == 2
    rows = 0
    for key in parts:
        assert "/year=20" in key
        rows += pq.read_table(io.BytesIO(real.s3.get_object(Bucket=bucket, Key=key)["Body"].read())).num_rows
    assert rows == 2000
    assert "out/_lock.json" not in real.keys(bucket)
