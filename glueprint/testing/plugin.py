"""The fixtures. pytest loads this module in every run, so heavy imports wait until a fixture is used."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import boto3
import pytest

from glueprint.environments.installed import local_glue_version

if TYPE_CHECKING:
    from glueprint.client.servers import EphemeralServer
    from glueprint.testing.blueprints import BlueprintResult
    from glueprint.testing.glue import LocalGlue
    from glueprint.testing.jobs import JobResult
    from glueprint.testing.shared_spark import SharedSpark

SECONDS = 180.0
"""The default time limit for a run."""


class RunJob(Protocol):
    """The type of the fixture :func:`run_job`."""

    def __call__(
        self,
        script: Path | str,
        args: Mapping[str, object] | None = None,
        *,
        type: str = "glueetl",
        in_process: bool = False,
        glue_version: str | None = None,
        seconds: float = SECONDS,
        **members: Any,
    ) -> JobResult:
        """Run ``script`` as a job and wait for its end.

        Args:
            script: path of the script. args: its arguments, with or without dashes; values become text. type:
            ``glueetl`` (Spark) or ``pythonshell``. in_process: run it in this process on a shared Spark: no
            startup time, and breakpoints and coverage work.
                Spark jobs only; it differs from a real run in some points (docs/testing.md).
            glue_version: the job's GlueVersion; by default the one whose Spark is installed next to glueprint.
            seconds: its time limit.
            members: further members of ``CreateJob``, e.g. ``DefaultArguments={...}``.
        """
        ...


class RunBlueprint(Protocol):
    """The type of the fixture :func:`run_blueprint`."""

    def __call__(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        root: Path | str | None = None,
        start: bool = True,
        seconds: float = SECONDS,
    ) -> BlueprintResult:
        """Bundle, register and run blueprint ``name``, then run the workflow that it makes.

        Args:
            params: the blueprint's parameters.
            root: the directory that contains ``blueprints/``, ``layouts/`` and ``glue_jobs/``; by default pytest's
                root directory.
            start: run the workflow too, and wait for its end.
            seconds: the time limit of each of these steps.
        """
        ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """``glueprint_serve``: options of the server behind the tests."""
    parser.addini("glueprint_serve", "options of `glueprint serve` for tests", type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Make the helpers that Glueprint ships importable for the tests of a blueprint project."""
    from glueprint.testing.helper_imports import import_helpers

    import_helpers(config.rootpath)


@pytest.fixture(scope="session")
def glueprint_server(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[EphemeralServer]:
    """The session's local Glue: one process, which keeps nothing."""
    from glueprint.client.servers import start_ephemeral_server

    options: list[str] = pytestconfig.getini("glueprint_serve")
    with start_ephemeral_server(tmp_path_factory.mktemp("glueprint"), options) as server:
        yield server


@pytest.fixture
def local_glue(glueprint_server: EphemeralServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalGlue]:
    """An empty local Glue. Every AWS client that the test creates, of any library, uses it."""
    from glueprint.client.aws_environment import overriding
    from glueprint.testing.glue import LocalGlue

    glueprint_server.reset()
    glue = LocalGlue(glueprint_server)
    for name in overriding(os.environ):
        monkeypatch.delenv(name, raising=False)
    for name, value in glue.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it may contain the environment of an earlier test
    yield glue
    glue.close()


@pytest.fixture(scope="session")
def glueprint_spark(
    glueprint_server: EphemeralServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedSpark]:
    """The Spark of this process for ``run_job(..., in_process=True)``; started at the first use."""
    from glueprint.testing.glue import LocalGlue
    from glueprint.testing.shared_spark import SharedSpark

    variables = LocalGlue(glueprint_server).environment
    with SharedSpark(glueprint_server.s3_root, tmp_path_factory.mktemp("spark"), variables) as shared:
        yield shared


@pytest.fixture
def run_job(local_glue: LocalGlue, request: pytest.FixtureRequest) -> Iterator[RunJob]:
    """``run_job(script, args)``: run a script as a Glue job; see :class:`RunJob`."""
    from glueprint.testing.jobs import run_in_glue

    used: list[SharedSpark] = []

    def run(
        script: Path | str,
        args: Mapping[str, object] | None = None,
        *,
        type: str = "glueetl",
        in_process: bool = False,
        glue_version: str | None = None,
        seconds: float = SECONDS,
        **members: Any,
    ) -> JobResult:
        if not in_process:
            return run_in_glue(
                local_glue,
                script,
                args or {},
                type=type,
                glue_version=glue_version or local_glue_version(),
                seconds=seconds,
                members=members,
            )
        if type != "glueetl" or members:
            raise pytest.UsageError("in_process=True runs Spark scripts only, and takes no members of CreateJob")
        shared: SharedSpark = request.getfixturevalue("glueprint_spark")
        used.append(shared)
        return shared.run(script, args or {}, local_glue.environment)

    yield run
    for shared in used[:1]:
        shared.forget_tables()


@pytest.fixture
def run_blueprint(local_glue: LocalGlue, pytestconfig: pytest.Config) -> RunBlueprint:
    """``run_blueprint(name, params)``: bundle, register and run a blueprint; see :class:`RunBlueprint`."""
    from glueprint.testing import blueprints

    def run(
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        root: Path | str | None = None,
        start: bool = True,
        seconds: float = SECONDS,
    ) -> BlueprintResult:
        folder = pytestconfig.rootpath if root is None else Path(root)
        return blueprints.run_blueprint(local_glue, name, params or {}, root=folder, start=start, seconds=seconds)

    return run
