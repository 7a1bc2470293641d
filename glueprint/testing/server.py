"""The server behind a test session: ``glueprint serve --ephemeral`` on a free port."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

_STOP_SECONDS = 30.0


class ServerFailed(Exception):
    """The local Glue could not start; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How the server is reached, as its ``endpoint.json`` says, and where the buckets are."""

    url: str
    access_key: str
    secret_key: str
    region: str
    s3_root: Path


class EphemeralServer:
    """A local Glue that keeps nothing: started on entry, ended on exit, and at the end of this process at the
    latest.
    """

    def __init__(self, data_dir: Path, *options: str) -> None:
        """``options`` of ``glueprint serve`` beside those that make it ephemeral."""
        self._data_dir = data_dir
        self._options = options

    def __enter__(self) -> Endpoint:
        """Start, and wait until it is ready.

        Raises:
            ServerFailed: it ended before that.
        """
        serve = [sys.executable, "-m", "glueprint.cli", "serve", "--ephemeral", "--exit-with-parent"]
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            [*serve, "--port", "0", "--data-dir", str(self._data_dir), *self._options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        if not any(line.startswith("ready ") for line in self._process.stdout):
            reason = _last_words(self._errors)
            self.__exit__()
            raise ServerFailed(f"the local Glue could not start: {reason}")
        told = json.loads((self._data_dir / "endpoint.json").read_text())
        buckets = self._data_dir / "ephemeral" / "s3"
        return Endpoint(told["url"], told["access_key"], told["secret_key"], told["region"], buckets)

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe is not None:
                pipe.close()


def reset(endpoint: Endpoint) -> None:
    """Have the server forget everything: rows, objects, logs; what runs is ended."""
    url = f"{endpoint.url}/moto-api/reset"
    asked = AWSRequest("POST", url, data=b"")
    SigV4Auth(Credentials(endpoint.access_key, endpoint.secret_key), "glue", endpoint.region).add_auth(asked)
    with urllib.request.urlopen(urllib.request.Request(url, b"", dict(asked.headers), method="POST")):
        pass


def _last_words(errors: IO[str]) -> str:
    errors.seek(0)
    said = [line.strip() for line in errors if line.strip()]
    return said[-1].removeprefix("Error: ") if said else "it said nothing"
