"""The environment of other people's clients (.venv-clients, made by the Makefile), and checks run in it."""

from __future__ import annotations

import ast
import json
import os
import subprocess
from pathlib import Path

from harness.local_server import Server

HERE = Path(__file__).parent
PYTHON = HERE.parents[1] / ".venv-clients" / "bin" / "python"
MISSING = "no .venv-clients: `make clients` makes it"


def checks_in(script: str) -> list[str]:
    """The names of a script's checks; it cannot be imported here."""
    tree = ast.parse((HERE / script).read_text())
    return [one.name for one in tree.body if isinstance(one, ast.FunctionDef) and one.name.startswith("check_")]


def outcomes_of(script: str, server: Server) -> dict[str, str]:
    """Run a script's checks against ``server``: a traceback for each that failed, else an empty text."""
    endpoint = json.loads((server.data_dir / "endpoint.json").read_text())
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = kept | {
        "AWS_ENDPOINT_URL": endpoint["url"],
        "AWS_ACCESS_KEY_ID": endpoint["access_key"],
        "AWS_SECRET_ACCESS_KEY": endpoint["secret_key"],
        "AWS_DEFAULT_REGION": endpoint["region"],
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        [str(PYTHON), str(HERE / script)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    outcomes: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return outcomes
