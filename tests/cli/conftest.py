"""Fixtures of the command line's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from harness.scripted_glue import Stage
from harness.shapes import TRIGGERS, graph, run_frame

from glueprint.cli.main import cli


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One server for a module."""
    stage = Stage(tmp_path_factory.mktemp("stage") / "data")
    yield stage
    stage.close()


@pytest.fixture
def stage(theatre: Stage) -> Stage:
    """A fresh play: the workflow ``nightly``, not yet run."""
    theatre.reset()
    theatre.glue.workflows["nightly"] = {"Name": "nightly", "Graph": graph(TRIGGERS)}
    return theatre


@pytest.fixture
def ran(stage: Stage) -> Stage:
    """``nightly`` has run to its end, and all went well."""
    done = run_frame("COMPLETED", {"look": "SUCCEEDED", "crawl": "SUCCEEDED", "load": "SUCCEEDED"})
    stage.glue.runs["wr_1"] = [done]
    stage.glue.workflows["nightly"]["LastRun"] = done
    return stage


@pytest.fixture
def glueprint(theatre: Stage) -> Callable[..., Result]:
    """Runs a command against the stage."""

    def invoke(*arguments: str) -> Result:
        command, *rest = arguments
        result = CliRunner().invoke(cli, [command, "--data-dir", str(theatre.data.path), *rest])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture(autouse=True)
def _no_aws_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test speaks to an account, and none writes where pytest was started."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "GLUEPRINT_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
