"""Failures because something is not installed here: Python modules, Spark's data sources, Java classes."""

from __future__ import annotations

import re

from glueprint.runtime.failures.ending import Ending
from glueprint.runtime.parameters.library_set import distribution_of
from glueprint.runtime.parameters.s3_files import WITH_AWS

_MODULE = re.compile(r"ModuleNotFoundError: No module named '(?P<name>[\w.]+)'")
_PANDAS_NEEDS = re.compile(r"Missing optional dependency '(?P<name>[\w.-]+)'|Install (?P<other>s3fs) to access S3")
"""pandas' own words about a module that one of its functions needs."""
_SPARK_MODULES = frozenset({"pyspark", "py4j", "awsglue"})
_DISTRIBUTIONS = {
    "psycopg2": "psycopg2-binary",
    "sklearn": "scikit-learn",
    "PIL": "pillow",
    "yaml": "pyyaml",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dotenv": "python-dotenv",
    "snowflake": "snowflake-connector-python",
    "MySQLdb": "mysqlclient",
    "mysql": "mysql-connector-python",
    "google": "google-cloud-bigquery or another of Google's packages",
}
"""What pip calls a module, where that is another name."""
_LAKES = {
    "delta": "delta-spark_2.12 and delta-storage",
    "iceberg": "iceberg-spark-runtime-3.5_2.12",
    "hudi": "hudi-spark3.5-bundle_2.12",
}
"""The JARs of the table formats of ``--datalake-formats``, as they are named for Spark 3.5 (Glue 5)."""
_SOURCE = re.compile(r"Failed to find (?:the )?data source: (?P<name>[\w.\-]+?)\.?(?:\s|$)")
_CLASS = re.compile(r"(?:ClassNotFoundException|NoClassDefFoundError): (?P<name>[\w.$/]+)")


def missing_module(ending: Ending) -> str | None:
    """An import that found nothing."""
    match = _MODULE.search(ending.error or "")
    if match is None:
        return None
    module = match["name"].partition(".")[0]
    if module in _SPARK_MODULES:
        return f"Python shell jobs have no {match['name']}, here as on AWS: make it a Spark job (glueetl)."
    if module == "delta":
        return (
            "delta is the Python side of Delta Lake, which Glue brings with --datalake-formats delta. Here give "
            "the job the version for its Spark: on Glue 5, --additional-python-modules delta-spark==3.3.2 and, in "
            f"--extra-jars, {_LAKES['delta']}."
        )
    if module.startswith("gs_"):
        return (
            f"{module} belongs to Glue Studio's visual transforms: Studio adds its file to --extra-py-files, from "
            f"a bucket of AWS (s3://aws-glue-studio-transforms-.../{module}.py, gs_common.py). Download them "
            f"with your own AWS credentials, {WITH_AWS}, put them into a bucket here (glueprint bucket put) and "
            "name them in --extra-py-files."
        )
    brought = distribution_of(module)
    pip_name = _DISTRIBUTIONS.get(module, brought or module)
    if brought is not None:
        return (
            f"{module} is in the analytics library set of Glue's Python shell and is not installed here: install "
            f"{pip_name} next to glueprint, or give the job --additional-python-modules {pip_name}."
        )
    return (
        f"{module} is not installed: give the job --additional-python-modules {pip_name} (from a package index) "
        "or --extra-py-files (from S3)."
    )


def missing_for_pandas(ending: Ending) -> str | None:
    """A module that pandas loads only for some functions, as s3fs for paths that begin with ``s3://``."""
    match = _PANDAS_NEEDS.search(ending.error or "")
    if match is None:
        return None
    name = match["name"] or match["other"]
    if name in ("s3fs", "fsspec"):
        return (
            "pandas reads s3:// paths through s3fs. Glue has it; here it is not installed, as it needs an older "
            "boto3: give the job --additional-python-modules s3fs, or read the object with boto3."
        )
    return f"pandas needs {name} for this: give the job --additional-python-modules {name}."


def missing_data_source(ending: Ending) -> str | None:
    """A format of ``spark.read.format(...)`` that Spark does not know."""
    match = _SOURCE.search(ending.error or "")
    if match is None:
        return None
    name = match["name"]
    if jar := _LAKES.get(name.lower()):
        return (
            f"The local Glue does not contain the libraries of {name}: put the JAR for the job's Spark (Glue 5: "
            f"{jar}) into S3 and name it in the job's --extra-jars, next to --datalake-formats {name.lower()}."
        )
    return f"Spark has no data source {name}: put the JAR that contains it into S3 and name it in --extra-jars."


def missing_java_class(ending: Ending) -> str | None:
    """A Java class that is on no class path."""
    match = _CLASS.search(ending.error or "")
    if match is None:
        return None
    name = match["name"].replace("/", ".")
    return (
        f"There is no Java class {name} here: put the JAR that contains it into S3 and name it in the job's "
        "--extra-jars. Classes that only Glue has are not published."
    )
