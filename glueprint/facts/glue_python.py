"""The Python of Glue's jobs: its version by GlueVersion, and the modules that a job has without installing any.

Sources: DG:aws-glue-programming-python-libraries (table of versions; "Python modules already provided in AWS
Glue": those of 4.0 and later), DG:add-job-python (Python shell), DG:release-notes (6.0).
"""

from __future__ import annotations

from collections.abc import Mapping

Version = tuple[int, int]

SHELL_PYTHON: Version = (3, 9)
"""Python of Python shell jobs; a layout has what they have (DG:developing-blueprints-code-layout)."""
SPARK_PYTHON: Mapping[str, Version] = {
    "2.0": (3, 7),
    "3.0": (3, 7),
    "4.0": (3, 10),
    "5.0": (3, 11),
    "5.1": (3, 11),
    "6.0": (3, 13),
}
"""Python of Spark jobs by GlueVersion."""

BOTO = frozenset({"boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"})
"""boto3, and the top-level modules that it needs."""
SPARK_MODULES = BOTO | frozenset(
    {
        *("aiobotocore", "aiohttp", "aioitertools", "aiosignal", "appdirs", "attr", "awscli", "awsgluedq"),
        *("awsglueml", "certifi", "chardet", "charset_normalizer", "click", "colorama", "cycler", "cython"),
        *("docutils", "frozenlist", "fsspec", "idna", "importlib_metadata", "joblib", "kaleido", "kiwisolver"),
        *("matplotlib", "mpmath", "multidict", "nltk", "numpy", "packaging", "pandas", "patsy", "pip", "PIL"),
        *("pkg_resources", "plotly", "pmdarima", "ptvsd", "py4j", "pyarrow", "pyathena", "pydevd"),
        *("pymysql", "pyparsing", "pytz", "redshift_connector", "regex", "requests", "rsa", "s3fs", "scipy"),
        *("seaborn", "setuptools", "sklearn", "statsmodels", "subword_nmt", "sympy", "tbats", "tenacity"),
        *("threadpoolctl", "tqdm", "typing_extensions", "tzdata", "wheel", "wrapt", "yaml", "yarl", "zipp"),
    }
)
"""Top-level modules of Spark jobs of Glue 4.0 or later, next to ``awsglue`` and ``pyspark``; a module that only
some of these versions have is included."""
ANALYTICS_MODULES = BOTO | frozenset(
    {
        *("aiobotocore", "avro", "awscli", "awswrangler", "elasticsearch", "fsspec", "joblib", "numpy"),
        *("pandas", "psycopg2", "pyarrow", "pyathena", "pymysql", "pyodbc", "pyorc", "pytz"),
        *("redshift_connector", "requests", "s3fs", "scipy", "sklearn", "sqlalchemy", "yaml"),
    }
)
"""Top-level modules of a Python shell job with ``library-set=analytics``, with those that these modules need."""
