"""The last log lines that ``explain`` shows: the reason, not stack frames."""

from __future__ import annotations

from glueprint.client.last_lines import without_library_frames

LOG = """Traceback (most recent call last):
  File "/work/job.py", line 3, in <module>
    data.save()
  File "/lib/site-packages/pyspark/sql/readwriter.py", line 1463, in save
    self._jwrite.save(path)
  File "/lib/site-packages/py4j/java_gateway.py", line 1322, in __call__
    return_value = get_return_value(
                   ^^^^^^^^^^^^^^^^^
py4j.protocol.Py4JJavaError: An error occurred while calling o34.save.
: org.apache.spark.SparkException: Failed to find the data source: delta.
\tat org.apache.spark.sql.errors.QueryExecutionErrors$.dataSource(QueryExecutionErrors.scala:633)
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: java.lang.ClassNotFoundException: delta.DefaultSource
\t... 16 more

glueprint: put the JAR into S3
"""


def test_stack_frames_of_java_and_pyspark_are_left_out() -> None:
    """Frames of the script stay, and every message (docs/explain.md)."""
    assert without_library_frames(LOG.splitlines()) == [
        "Traceback (most recent call last):",
        '  File "/work/job.py", line 3, in <module>',
        "    data.save()",
        "py4j.protocol.Py4JJavaError: An error occurred while calling o34.save.",
        ": org.apache.spark.SparkException: Failed to find the data source: delta.",
        "Caused by: java.lang.ClassNotFoundException: delta.DefaultSource",
        "",
        "glueprint: put the JAR into S3",
    ]
