"""Local servers: starting one as a subprocess, finding the one that runs on a data directory, resetting one.

A server writes its URL and keys to ``endpoint.json`` in its data directory. A server that was killed leaves the
file behind, so a server counts as running only if it answers ``GET /health``.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from glueprint.client.errors import ServerUnavailable

STOP_TIMEOUT_SECONDS = 30.0
"""How long a server may take to stop in order; then it is killed."""
_HEALTH_TIMEOUT_SECONDS = 3.0
_NO_WARM_WORKERS = ("--warm-workers", "0")
"""For a server that runs during one command: a warm worker would be ready after the command has ended."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A Glue that is not AWS: its URL, and what requests are signed with."""

    url: str
    access_key: str
    secret_key: str
    region: str
    account_id: str = "123456789012"


def running_server(data_dir: Path) -> Endpoint | None:
    """Return the endpoint of the server that runs on ``data_dir``, or None.

    Raises:
        ServerUnavailable: ``endpoint.json`` cannot be read.
    """
    endpoint = _read_endpoint(data_dir)
    return endpoint if endpoint is not None and is_healthy(endpoint.url) else None


def is_healthy(url: str) -> bool:
    """Return whether a local server answers at ``url``. The user's proxies are not used."""
    return _health(url) is not None


def _is_active(url: str) -> bool:
    """Return whether anything runs on the server at ``url``."""
    return bool((_health(url) or {}).get("active"))


def _health(url: str) -> dict[str, Any] | None:
    # Commands that need no server start sooner without these.
    import urllib.request
    from http.client import HTTPException

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url.rstrip('/')}/health", timeout=_HEALTH_TIMEOUT_SECONDS) as response:
            health = json.load(response) if response.status == 200 else None
    except (OSError, ValueError, HTTPException):
        return None
    return health if isinstance(health, dict) else None


@contextlib.contextmanager
def start_server(
    data_dir: Path, options: Sequence[str] = _NO_WARM_WORKERS, python: str = sys.executable
) -> Iterator[Endpoint]:
    """Run ``glueprint serve`` on a free port as a subprocess: ready on entry, stopped on exit with all its runs.

    The server also stops when this process ends without stopping it: it reads the other end of a pipe. It has its
    own process session, so Ctrl-C does not reach it before this process has finished with it.

    Args:
        data_dir: the server's data directory.
        options: further options of ``glueprint serve``.
        python: the Python that has ``glueprint[local]``.

    Raises:
        ServerUnavailable: the server did not start; the message contains its last error line.
    """
    with _server(data_dir, ("--exit-with-parent", *options), python) as (process, endpoint):
        try:
            yield endpoint
        finally:
            _stop(process)


@contextlib.contextmanager
def start_temporary_server(data_dir: Path, notify: Callable[[str], None]) -> Iterator[Endpoint]:
    """Run a server for one command, as :func:`start_server` does, but end no run that is active on exit.

    The server then stays until nothing runs any more, also if this process is killed. A server that starts on the
    same data directory replaces it; what runs goes on.

    Args:
        data_dir: the server's data directory.
        notify: receives a line for the user if the server stays.

    Raises:
        ServerUnavailable: the server did not start.
    """
    with _server(data_dir, ("--for-one-command", *_NO_WARM_WORKERS)) as (process, endpoint):
        try:
            yield endpoint
        finally:
            if _is_active(endpoint.url):
                notify(
                    f"The local Glue that was started for this command (pid {process.pid}) stays until nothing "
                    "runs any more; `glueprint serve` replaces it without ending what runs."
                )
                _let_go(process)
            else:
                _stop(process)


@contextlib.contextmanager
def _server(
    data_dir: Path, options: Sequence[str], python: str = sys.executable
) -> Iterator[tuple[subprocess.Popen[str], Endpoint]]:
    """Start a server; it is stopped here only if it does not become ready."""
    command = [python, "-m", "glueprint.cli", "serve", "--port", "0", "--data-dir", str(data_dir)]
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [*command, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
        try:
            _wait_until_ready(process, errors)
            endpoint = _read_endpoint(data_dir)
            if endpoint is None:
                raise ServerUnavailable(f"the local Glue on {data_dir} started but does not answer")
        except BaseException:
            _stop(process)
            raise
    yield process, endpoint


@dataclass(frozen=True, slots=True)
class EphemeralServer:
    """A running server that keeps nothing.

    Attributes:
        endpoint: where it answers.
        s3_root: the directory that contains a directory for each bucket.
    """

    endpoint: Endpoint
    s3_root: Path

    def reset(self) -> None:
        """Remove everything from the server (tables, objects, logs) and end what runs on it."""
        import urllib.request

        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        url = f"{self.endpoint.url}/moto-api/reset"
        request = AWSRequest("POST", url, data=b"")
        keys = Credentials(self.endpoint.access_key, self.endpoint.secret_key)
        SigV4Auth(keys, "glue", self.endpoint.region).add_auth(request)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(urllib.request.Request(url, b"", dict(request.headers), method="POST")):
            pass


@contextlib.contextmanager
def start_ephemeral_server(data_dir: Path, options: Sequence[str] = ()) -> Iterator[EphemeralServer]:
    """Run a server that keeps nothing, as :func:`start_server` does.

    Args:
        data_dir: the directory for its working files.
        options: further options of ``glueprint serve``.

    Raises:
        ServerUnavailable: the server did not start.
    """
    with start_server(data_dir, ("--ephemeral", *options)) as endpoint:
        yield EphemeralServer(endpoint, data_dir / "ephemeral" / "s3")


def _read_endpoint(data_dir: Path) -> Endpoint | None:
    file = data_dir / "endpoint.json"
    names = ("url", "access_key", "secret_key", "region", "account_id")
    try:
        members = json.loads(file.read_text("utf-8"))
        return Endpoint(*(str(members[name]) for name in names))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise ServerUnavailable(f"cannot read {file}: {error.strerror}", "use another data directory") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ServerUnavailable(
            f"cannot read {file}: it was not written by a server",
            "remove it, and start `glueprint serve` again",
        ) from error


def _wait_until_ready(process: subprocess.Popen[str], errors: IO[str]) -> None:
    assert process.stdout is not None
    if any(line.startswith("ready ") for line in process.stdout):
        return
    process.wait()
    errors.seek(0)
    lines = [line.strip() for line in errors if line.strip()]
    reason = lines[-1].removeprefix("Error: ") if lines else f"it ended with status {process.returncode}"
    raise ServerUnavailable(f"the local Glue could not start: {reason}")


def _let_go(process: subprocess.Popen[str]) -> None:
    """Let a temporary server go on without this process, which reaps it if it ends first."""
    _close_pipes(process)
    threading.Thread(target=process.wait, daemon=True).start()


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _close_pipes(process)


def _close_pipes(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
