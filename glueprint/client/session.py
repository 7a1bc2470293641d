"""Choosing a Glue and opening clients for it.

A :class:`Target` is resolved in this order: AWS; an endpoint URL; the server that runs, or is starting, on the
data directory; a loopback ``AWS_ENDPOINT_URL`` (which ``glueprint env`` sets), unless a data directory was given;
else a new local server that runs as long as the session. For anything but AWS, the user's AWS settings (profiles,
keys, endpoints, proxies) are not used.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from glueprint.client.data_dirs import DEFAULT_DATA_DIR, check_is_data_dir
from glueprint.client.errors import InvalidArgument, ServerUnavailable
from glueprint.client.servers import Endpoint, is_healthy, running_server, start_temporary_server
from glueprint.client.starting_servers import wait_for_starting_server

DEFAULT_REGION = "us-east-1"
_LOCAL_POLL_SECONDS = 0.2
_AWS_POLL_SECONDS = 5.0

Notify = Callable[[str], None]
"""Receives a line for the user: a server is being started, a name was completed."""


def ignore(line: str) -> None:
    """A :data:`Notify` that drops the line."""


@dataclass(frozen=True, slots=True)
class Target:
    """Which Glue to use."""

    endpoint_url: str | None = None
    aws: bool = False
    data_dir: Path = Path(DEFAULT_DATA_DIR)
    data_dir_given: bool = False
    region: str | None = None


class Session:
    """Clients for one Glue.

    Attributes:
        endpoint: None for AWS, which is used with the user's own settings.
        notify: receives lines for the user.
    """

    def __init__(self, endpoint: Endpoint | None, region: str | None = None, *, notify: Notify = ignore) -> None:
        self.endpoint = endpoint
        self.notify = notify
        self._region = region
        self._clients: dict[str, Any] = {}

    @property
    def is_aws(self) -> bool:
        """Whether this is a real AWS account."""
        return self.endpoint is None

    @property
    def poll_seconds(self) -> float:
        """How long to wait between two requests while waiting for something."""
        return _AWS_POLL_SECONDS if self.is_aws else _LOCAL_POLL_SECONDS

    def client(self, service: str) -> Any:
        """Return the boto3 client for ``service``; the same one at each call."""
        if service not in self._clients:
            self._clients[service] = (
                _aws_client(service, self._region)
                if self.endpoint is None
                else _local_client(service, self.endpoint, self._region)
            )
        return self._clients[service]

    @property
    def glue(self) -> Any:
        """The Glue client."""
        return self.client("glue")

    def close(self) -> None:
        """Close the connections of every client."""
        for client in self._clients.values():
            client.close()


@contextlib.contextmanager
def open_session(target: Target, *, notify: Notify = ignore, existing: bool = False) -> Iterator[Session]:
    """Open a session for ``target``. A server that is started for it is stopped on exit, unless something runs.

    Args:
        target: which Glue.
        notify: receives lines for the user.
        existing: do not start a server on a data directory that does not exist: there is nothing to read.

    Raises:
        NoData: there is no data directory, and ``existing``.
        InvalidArgument: the target's endpoint is not a URL.
        ServerUnavailable: no server could be started.
    """
    with contextlib.ExitStack() as stack:
        endpoint = None if target.aws else _endpoint(target, stack, notify, existing=existing)
        session = Session(endpoint, target.region, notify=notify)
        stack.callback(session.close)
        yield session


def _endpoint(target: Target, stack: contextlib.ExitStack, notify: Notify, *, existing: bool) -> Endpoint:
    running = running_server(target.data_dir)
    if target.endpoint_url is not None:
        if running is not None and running.url == target.endpoint_url.rstrip("/"):
            return running
        return _with_keys_of_environment(_checked(target.endpoint_url), target.region)
    if running is not None:
        return running
    starting = wait_for_starting_server(target.data_dir, notify)
    if starting is not None:
        return starting
    url = os.environ.get("AWS_ENDPOINT_URL")
    if url and not target.data_dir_given and _is_loopback(url) and is_healthy(url):
        return _with_keys_of_environment(url, target.region)
    if existing:
        check_is_data_dir(target.data_dir)
    notify(f"No local Glue is running on {target.data_dir}: starting one for this command ...")
    try:
        return stack.enter_context(start_temporary_server(target.data_dir, notify))
    except ServerUnavailable:
        other = wait_for_starting_server(target.data_dir, notify)  # it took the lock in the meantime
        if other is None:
            raise
        return other


def _with_keys_of_environment(url: str, region: str | None) -> Endpoint:
    """Return an endpoint given as a URL, with the keys of the environment (``glueprint env`` sets them)."""
    get = os.environ.get
    return Endpoint(
        url.rstrip("/"),
        get("AWS_ACCESS_KEY_ID", "none"),
        get("AWS_SECRET_ACCESS_KEY", "none"),
        region or get("AWS_DEFAULT_REGION", DEFAULT_REGION),
    )


def _checked(url: str) -> str:
    with contextlib.suppress(ValueError):
        if urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname:
            return url
    raise InvalidArgument(f"an endpoint URL is an address such as http://127.0.0.1:4577, not {url!r}")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "localhost" or host.startswith("127.") or host == "::1"


def _aws_client(service: str, region: str | None) -> Any:
    import boto3

    return boto3.session.Session(region_name=region).client(service)


@functools.cache
def _shared_session() -> Any:
    """Return one boto3 session for all clients of the process: it caches the service models (Glue's is large)."""
    import boto3

    return boto3.session.Session()


def _local_client(service: str, endpoint: Endpoint, region: str | None) -> Any:
    from botocore.config import Config

    config = Config(
        proxies={},
        retries={"mode": "standard", "total_max_attempts": 5},
        s3={"addressing_style": "path"},
        connect_timeout=10,
        read_timeout=120,
    )
    with _without_aws_settings():
        return _shared_session().client(
            service,
            region_name=region or endpoint.region,
            endpoint_url=endpoint.url,
            aws_access_key_id=endpoint.access_key,
            aws_secret_access_key=endpoint.secret_key,
            config=config,
        )


@contextlib.contextmanager
def _without_aws_settings() -> Iterator[None]:
    """Hide the user's AWS settings while a client is created: a missing profile would make that fail."""
    hidden = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name in hidden:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    try:
        yield
    finally:
        del os.environ["AWS_CONFIG_FILE"], os.environ["AWS_SHARED_CREDENTIALS_FILE"]
        os.environ.update(hidden)
