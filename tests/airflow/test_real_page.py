"""The first section of docs/airflow.md, followed as it is written, with a stranger's shell."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow_glue import SERVER_PYTHON

pytestmark = [pytest.mark.airflow, pytest.mark.long, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
AWS_CLI = ROOT / ".venv-awscli"
NEEDS_CLI = pytest.mark.skipif(not AWS_CLI.exists(), reason="make .venv-awscli/.installed has the AWS CLI")


COPIED = ("blueprints", "examples", "glue_jobs", "layouts", "build.py", "setup.cfg")


def blocks() -> list[tuple[str, str]]:
    """The code of the section, block by block: "text" for what is printed, and the code."""
    page = (ROOT / "docs" / "airflow.md").read_text("utf-8")
    section = page.partition("## Try it in ten minutes")[2].partition("\n## ")[0]
    return re.findall(r"^```(\w*)\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """What the section uses of a clone, with the environments that its first block makes: those of this test."""
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    glue, airflow = Path(SERVER_PYTHON).parents[1], Path(sys.prefix)
    environments = {"glue-env": glue, "airflow-env": airflow, "aws-env": AWS_CLI}
    for name, place in environments.items():
        (tmp_path / name).symlink_to(place)
    yield tmp_path
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int((tmp_path / "warehouse" / "pid").read_text()), signal.SIGTERM)


@NEEDS_CLI
def test_the_page_can_be_followed(clone: Path) -> None:
    """Each block is typed as it stands, and prints what the next one shows (docs/airflow.md)."""
    (_, install), (_, serve), *others = blocks()
    typed = [code for kind, code in others if not kind]
    shown = [code for kind, code in others if kind == "text"]
    assert all(name in install for name in ("glue-env", "airflow-env", "aws-env"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    script = "\n".join(["set -eo pipefail", *typed]).replace("2222", port)
    own = ("AIRFLOW", "AWS_", "GLUEPRINT")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    command = ["bash", "-c", f"exec {serve.strip()} --port 0"]
    server = subprocess.Popen(command, cwd=clone, env=variables, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        assert any(line.startswith("ready ") for line in iter(server.stdout.readline, ""))
        done = subprocess.run(
            ["bash", "--norc", "-c", script],
            cwd=clone,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=800,
            check=False,
        )
    finally:
        server.terminate()
        server.communicate(timeout=60)
    assert done.returncode == 0, done.stdout[-4000:]
    for expected in shown:
        assert f"\n{expected}" in done.stdout, done.stdout[-4000:]
