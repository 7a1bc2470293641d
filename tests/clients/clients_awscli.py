"""The AWS CLI (.venv-awscli, made by the Makefile) with the environment that `glueprint env` prints."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from harness.local_server import Server

AWS = Path(__file__).parents[2] / ".venv-awscli" / "bin" / "aws"
MISSING = "no .venv-awscli: `make clients` makes it"


class AwsCli:
    """Runs `aws` commands against one server."""

    def __init__(self, server: Server, scratch: Path) -> None:
        # Version 1 of the CLI presigns with Signature Version 2 by default, which this server refuses.
        config = scratch / "aws-config"
        config.write_text("[default]\ns3 =\n    signature_version = s3v4\n")
        endpoint = json.loads((server.data_dir / "endpoint.json").read_text())
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._environment = kept | {
            "AWS_ENDPOINT_URL": endpoint["url"],
            "AWS_ACCESS_KEY_ID": endpoint["access_key"],
            "AWS_SECRET_ACCESS_KEY": endpoint["secret_key"],
            "AWS_DEFAULT_REGION": endpoint["region"],
            "AWS_CONFIG_FILE": str(config),
            "AWS_PAGER": "",
        }

    def try_run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run a command, however it ends."""
        command = [str(AWS), *map(str, arguments)]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)

    def run(self, *arguments: object) -> str:
        """Run a command that succeeds; what it prints."""
        done = self.try_run(*arguments)
        assert done.returncode == 0, f"aws {' '.join(map(str, arguments))}: {done.stderr}"
        return done.stdout

    def ask(self, *arguments: object) -> dict[str, Any]:
        """Run a command that succeeds and answers in JSON."""
        expected = self.run(*arguments, "--output", "json")
        answer: dict[str, Any] = json.loads(expected) if expected.strip() else {}
        return answer

    def refused(self, *arguments: object) -> str:
        """Run a command that the service refuses; the error."""
        done = self.try_run(*arguments)
        assert done.returncode in (254, 255), f"aws {' '.join(map(str, arguments))} ended with {done.returncode}"
        return done.stderr.strip()
