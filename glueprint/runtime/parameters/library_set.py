"""``library-set``: the libraries that Glue's Python shell 3.9 brings, beside those that are installed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import metadata

from glueprint.runtime.parameters.given import PYTHON_SHELL, Given

NAMES = ("--library-set", "library-set")
"""The documents write it without dashes; the key of an argument usually has them."""
ANALYTICS: Mapping[str, str] = {
    "avro": "1.11.0",
    "awscli": "1.23.5",
    "awswrangler": "2.15.1",
    "boto3": "1.21.21",
    "botocore": "1.24.21",
    "elasticsearch": "8.2.0",
    "numpy": "1.22.3",
    "pandas": "1.4.2",
    "psycopg2": "2.9.3",
    "pyathena": "2.5.3",
    "PyMySQL": "1.0.2",
    "pyodbc": "4.0.32",
    "pyorc": "0.6.0",
    "redshift-connector": "2.0.907",
    "requests": "2.27.1",
    "s3fs": "2022.3.0",
    "scikit-learn": "1.0.2",
    "scipy": "1.8.0",
    "SQLAlchemy": "1.4.36",
}
"""Distributions of ``analytics`` and their versions (DG:add-job-python, "Supported libraries")."""
SETS: Mapping[str, Mapping[str, str]] = {
    "analytics": ANALYTICS,
    "none": {"awscli": "1.23.5", "botocore": "1.23.5"},
}
_MODULES = {"sklearn": "scikit-learn", "redshift_connector": "redshift-connector", "pymysql": "PyMySQL"}


def chosen(given: Given) -> str | None:
    """The library set that the run asks for by name; None when it does not."""
    found = next((given.value(name) for name in NAMES if given.value(name)), "")
    return found if found and given.command == PYTHON_SHELL else None


def faults(given: Given) -> Iterator[str]:
    """Sets that there are not."""
    name = chosen(given)
    if name is not None and name not in SETS:
        yield f"library-set: {name!r} is none of {', '.join(SETS)}"


def notes(given: Given, installed: Callable[[str], str | None] | None = None) -> Iterator[str]:
    """What differs between the set on AWS and what is installed here, in a line or two.

    Args:
        given: the run.
        installed: the version of a distribution here, or None; by default this Python's.
    """
    name = chosen(given)
    if name is None:
        return
    versions = {one: (installed or _installed)(one) for one in SETS[name]}
    other = [
        f"{one} {SETS[name][one]} (here {here})"
        for one, here in versions.items()
        if here not in (None, SETS[name][one])
    ]
    absent = [f"{one} {SETS[name][one]}" for one, here in versions.items() if here is None]
    if other:
        yield f"library-set {name}: on AWS {', '.join(other)}."
    if absent:
        yield f"library-set {name}: not installed here: {', '.join(absent)}; see --additional-python-modules."


def distribution(module: str) -> str | None:
    """The distribution of ``analytics`` that brings the top-level ``module``, if one does."""
    name = _MODULES.get(module, module)
    return name if name in ANALYTICS else None


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
