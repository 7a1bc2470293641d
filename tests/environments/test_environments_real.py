"""The real environments, of each runtime whose Python this machine has: ``make runtimes``."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from runtimes_page import pins_of

from glueprint.environments.creation import create
from glueprint.environments.definitions import RUNTIMES
from glueprint.environments.doctor import examine
from glueprint.environments.installed import Environment
from glueprint.environments.interpreters import MissingInterpreter

pytestmark = [pytest.mark.runtimes, pytest.mark.timeout(3600)]

ENDPOINTS = """
import importlib.util, json, boto3
found = [boto3.client(service, "eu-west-1").meta.endpoint_url for service in ("s3", "glue")]
if importlib.util.find_spec("s3fs"):
    import s3fs
    files = s3fs.S3FileSystem()
    files.connect()
    found.append(files.s3.meta.endpoint_url)
print(json.dumps(found))
"""


@pytest.fixture(scope="module", params=os.environ.get("GLUEPRINT_TESTED_RUNTIMES", "").split() or RUNTIMES)
def environment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The environment of a runtime in the user's own cache, not that of the tests; made if it is not there."""
    environ = {name: value for name, value in os.environ.items() if name != "XDG_CACHE_HOME"}
    if cache := os.environ.get("GLUEPRINT_TEST_RUNTIMES"):
        environ["XDG_CACHE_HOME"] = cache
    try:
        return create(RUNTIMES[request.param], print, environ)
    except MissingInterpreter as error:
        pytest.skip(str(error).splitlines()[0])


def test_it_contains_exactly_what_is_pinned(environment: Environment) -> None:
    """Every package in its version, and no other: docs/runtimes.md is true."""
    assert dict(environment.packages) == pins_of(environment.runtime)


def test_it_is_healthy(environment: Environment) -> None:
    """Modules, Java, Spark and a pandas function, as ``glueprint runtime doctor`` checks them."""
    checks = examine(environment, {**os.environ, "JAVA_HOME": ""})
    assert [(check.name, check.detail) for check in checks if not check.ok] == []
    assert [check.name for check in checks][-1] == ("arrow" if environment.runtime.spark else "modules")


def test_its_aws_clients_reach_the_local_glue(environment: Environment) -> None:
    """``AWS_ENDPOINT_URL`` is all that keeps a script away from AWS."""
    endpoint = "http://127.0.0.1:4577"
    variables = {
        "PATH": os.defpath,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    command = [environment.python, "-I", "-c", ENDPOINTS]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout)) == {endpoint}
