"""``library-set``: the libraries that Glue's Python shell 3.9 contains, compared with those installed here."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from importlib import metadata

from glueprint.facts.provided_modules import LIBRARY_SETS
from glueprint.runtime.parameters.arguments import PYTHON_SHELL, RunArguments
from glueprint.runtime.parameters.python_modules import python_modules

NAMES = ("--library-set", "library-set")
"""AWS's pages write it without dashes; the key of an argument usually has them."""
ANALYTICS, SETS = LIBRARY_SETS["analytics"], LIBRARY_SETS
_MODULE_OF = {
    "PyMySQL": "pymysql",
    "SQLAlchemy": "sqlalchemy",
    "redshift-connector": "redshift_connector",
    "scikit-learn": "sklearn",
}
"""Top-level module of a distribution, where the two have different names."""
_ALWAYS_OTHER = frozenset({"awscli", "boto3", "botocore"})


def chosen_set(run: RunArguments) -> str | None:
    """Return the library set that the run names; None if it names none."""
    found = next((run.value(name) for name in NAMES if run.value(name)), "")
    return found if found and run.command == PYTHON_SHELL else None


def problems(run: RunArguments) -> Iterator[str]:
    """Return the problem if there is no such set."""
    name = chosen_set(run)
    if name is not None and name not in SETS:
        yield f"library-set: {name!r} is not one of {', '.join(SETS)}"


def import_notices(run: RunArguments, installed: Callable[[str], str | None] | None = None) -> dict[str, str]:
    """Return how the set on AWS differs from what is installed here: a line for each top-level module.

    Each line is printed when the script imports the module. boto3 is left out, since it is always newer here, and
    so are modules that the run itself installs.

    Args:
        run: the run's arguments.
        installed: the version of a distribution here, or None; by default this Python's.
    """
    name = chosen_set(run)
    if name is None:
        return {}
    own = {_normalized(requirement) for requirement in python_modules(run).requirements}
    found = {}
    for one, version in ANALYTICS.items():
        here, there = (installed or _installed)(one), SETS[name].get(one)
        if here is None or here == there or one in _ALWAYS_OTHER or _normalized(one) in own:
            continue
        has = f"has {one} {version}" if there is not None else f"has no {one}"
        found[_MODULE_OF.get(one, one)] = f"library-set {name} on AWS {has}; here it is {here}."
    return found


def distribution_of(module: str) -> str | None:
    """Return the distribution of ``analytics`` that contains the top-level ``module``, if one does."""
    return next((one for one in ANALYTICS if _MODULE_OF.get(one, one) == module), None)


def _normalized(requirement: str) -> str:
    """Return the name in a requirement in the form in which package indexes compare names."""
    match = re.match(r"[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""


@functools.cache
def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
