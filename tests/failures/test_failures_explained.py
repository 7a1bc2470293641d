"""Failures that are recognised, and their explanations."""

from __future__ import annotations

import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.runtime.failures import Ending, explanation, summary

HEAP = "An error occurred while calling o90.collectToPython. Java heap space"
STACK = "ERROR [Executor task] Executor: Exception\njava.lang.OutOfMemoryError: GC overhead limit exceeded\n"
KILLED = "The Java process of Spark was killed (SIGKILL): most likely the machine ran out of memory.\n"
WORKER = "An error occurred while calling o1.collect. Python worker exited unexpectedly (crashed)"
DENIED = "ClientError: An error occurred (AccessDenied) when calling the PutObject operation: Access Denied"
AWS_ENDPOINT = (  # the message of botocore's EndpointConnectionError
    'EndpointConnectionError: Could not connect to the endpoint URL: "https://glue.us-east-1.amazonaws.com/"'
)
BUCKET = "ClientError: An error occurred (NoSuchBucket) when calling the GetObject operation: no such bucket"
MOUNT = "An error occurred while calling o9.csv. NoSuchBucket: the specified bucket does not exist: s3://sales-raw"
ANALYTICS = "ModuleNotFoundError: No module named 'awswrangler'"
DELTA = "An error occurred while calling o1.save. [DATA_SOURCE_NOT_FOUND] Failed to find the data source: delta. P"
UNSAFE = "An error occurred. sun.misc.Unsafe or java.nio.DirectByteBuffer.<init>(long, int) not available"
GONE = "An error occurred while calling o1.count. File s3://lake/in/a.parquet does not exist"
AMBIGUOUS = "[AMBIGUOUS_REFERENCE] Reference `cnpj` is ambiguous, could be: [`cnpj`, `cnpj`]. SQLSTATE: 42704"
FILE = "PermissionError: [Errno 13] Permission denied: '/etc/shadow'"


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Ending(1, error=HEAP), "Spark's Java process ran out of memory (Java heap space)"),
        (Ending(1, error="Py4JError: x", log_tail=STACK), "(GC overhead limit exceeded)"),
        (Ending(1, error="ConnectionRefusedError: [Errno 111]", log_tail=KILLED), "Java process was killed"),
        (Ending(1, error="MemoryError"), "The script's Python process was refused memory"),
        (Ending(1, error="numpy.core._exceptions._ArrayMemoryError: Unable"), "Python process was refused memory"),
        (Ending(1, error="ArrowMemoryError: malloc of size 64 failed"), "Python process was refused memory"),
        (Ending(1, error=WORKER), "ran functions of the script for Spark"),
        (Ending(signal=signal.SIGKILL), "killed (SIGKILL), not by Glueprint"),
        (Ending(137), "killed (SIGKILL), not by Glueprint"),
        (Ending(signal=signal.SIGXCPU), "limit of processor time"),
        (Ending(signal=signal.SIGXFSZ), "limit of file sizes"),
        (Ending(1, error=DENIED), "The call was refused (AccessDenied)"),
        (Ending(1, error="An error occurred while calling o1.x. Status Code: 403"), "The call was refused (403)"),
        (Ending(1, error="NoCredentialsError: Unable to locate credentials"), "requested credentials"),
        (Ending(1, error="ProfileNotFound: The config profile (dev) could not be found"), "requested credentials"),
        (Ending(1, error=AWS_ENDPOINT), "uses AWS itself, https://glue.us-east-1.amazonaws.com, and not"),
        (Ending(1, error=BUCKET), "The bucket of that name does not exist here"),
        (Ending(1, error=MOUNT), "aws s3 mb s3://sales-raw"),
        (Ending(1, error=MOUNT.replace("sales-raw", "t")), "cannot be a bucket t, here or on AWS: it has 1"),
        (Ending(1, error=MOUNT.replace("sales-raw", "My_B")), "on AWS: it has other characters: 'M'"),
        (Ending(1, error=GONE), "s3://lake/in/a.parquet existed when Spark listed its folder, and no longer"),
        (
            Ending(1, error="Reference 'a' is ambiguous, could be: a, a."),  # Spark 3.3
            "Two columns are named a, or differ",
        ),
        (Ending(1, error=AMBIGUOUS), "Two columns are named cnpj, or differ from it only in upper and lower case"),
        (Ending(1, error=FILE), "may not use '/etc/shadow' of this machine"),
        (Ending(1, error="OSError: [Errno 28] No space left on device"), "The disk is full"),
        (Ending(1, error=ANALYTICS), "--additional-python-modules awswrangler"),
        (Ending(1, error="ModuleNotFoundError: No module named 'pyspark'"), "make it a Spark job"),
        (Ending(1, error="ModuleNotFoundError: No module named 'shop.part'"), "shop is not installed"),
        (Ending(1, error="ModuleNotFoundError: No module named 'psycopg2'"), "modules psycopg2-binary"),
        (Ending(1, error="ImportError: Missing optional dependency 'fsspec'.  Use pip"), "modules s3fs"),
        (Ending(1, error="ImportError: Install s3fs to access S3"), "modules s3fs"),
        (Ending(1, error="ImportError: Missing optional dependency 'openpyxl'.  Use pip"), "modules openpyxl"),
        (Ending(1, error="ModuleNotFoundError: No module named 'delta.tables'"), "modules delta-spark=="),
        (Ending(1, error="ModuleNotFoundError: No module named 'gs_derived'"), "gs_derived.py, gs_common.py"),
        (Ending(1, error="ModuleNotFoundError: No module named 'gs_derived'"), "a shell without the settings of"),
        (Ending(1, error="ModuleNotFoundError: No module named 'yaml'"), "modules pyyaml"),
        (Ending(1, error=DELTA), "delta-spark_2.12 and delta-storage"),
        (Ending(1, error=DELTA.replace("delta", "com.databricks.spark.xml")), "no data source com.databricks"),
        (Ending(1, error="An error occurred. ClassNotFoundException: org.x.Y"), "no Java class org.x.Y here"),
        (Ending(1, error=UNSAFE), "Glue 5 runs Java 17"),
        (Ending(1, error=UNSAFE, log_tail="Python worker exited unexpectedly (crashed)"), "Java 17"),
        (Ending(1, error="Spark's Java process was killed (SIGKILL): x"), "Java process was killed"),
        (Ending(1, error="SystemExit: 0"), "let the script reach its end"),
        (Ending(1, error="[UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN] x"), "multiLine"),
        (Ending(1, error="BdbQuit"), "glueprint job run SCRIPT --debug"),
    ],
)
def test_a_recognised_failure_is_explained(ending: Ending, words: str) -> None:
    """Memory, permissions, buckets, credentials, modules: a sentence or two with a way out."""
    text = explanation(ending)
    assert text is not None
    assert words in text
    assert "\n" not in text


@pytest.mark.parametrize(
    "error", ["ValueError: 3 lines, at least 5 are wanted", "KeyError: 'MemoryErrors'", "SystemExit: 3", None]
)
def test_a_failure_that_speaks_for_itself_is_left_alone(error: str | None) -> None:
    """The script's own exception needs no explanation (as short as Glue's)."""
    assert explanation(Ending(1, error=error, log_tail="Traceback (most recent call last):\n")) is None
    # A worker that ended is mentioned in Spark's log whenever Java fails: only the error counts.
    assert explanation(Ending(1, error=error, log_tail="Python worker exited unexpectedly (crashed)\n")) is None


@given(st.text(max_size=200), st.booleans())
def test_what_did_not_fail_is_not_explained(tail: str, stopped: bool) -> None:
    """Neither a success nor a requested end, whatever the log contains."""
    error = HEAP if stopped else None
    assert explanation(Ending(1 if stopped else 0, error=error, log_tail=STACK + tail, stopped=stopped)) is None


def test_figures_stand_in_one_line() -> None:
    """Time and peak memory of every run."""
    assert summary(3.24, 412 * 1024 * 1024) == "ran 3.2 s, peak memory 412 MiB"
    assert summary(None, None) == "did not run"
