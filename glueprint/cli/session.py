"""The one seam between commands and a Glue: which one is meant, and clients for it.

In this order: ``--aws``; ``--endpoint-url``; the server that runs on ``--data-dir``; a loopback
``AWS_ENDPOINT_URL`` (what ``glueprint env`` sets), unless ``--data-dir`` was given; else a server of our own, for
our own duration. For anything but ``--aws``, the user's AWS settings (profiles, keys, endpoints, proxies) are left
out.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from glueprint.cli.child_server import child_server

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_REGION = "us-east-1"
DEFAULT_DATA_DIR = ".glueprint"
_HEALTH_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Target:
    """Which Glue a command was told to speak to."""

    endpoint_url: str | None = None
    aws: bool = False
    data_dir: Path = Path(DEFAULT_DATA_DIR)
    data_dir_given: bool = False
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A Glue that is not AWS's: where it answers, and what to sign with."""

    url: str
    access_key: str
    secret_key: str
    region: str
    account_id: str = "123456789012"


class Session:
    """Clients of one Glue, and whether it is AWS itself."""

    def __init__(self, endpoint: Endpoint | None, region: str | None) -> None:
        """``endpoint`` None: AWS, with the user's own settings."""
        self.endpoint = endpoint
        self._region = region
        self._clients: dict[str, Any] = {}

    @property
    def is_aws(self) -> bool:
        """Whether this is a real account."""
        return self.endpoint is None

    @property
    def poll_seconds(self) -> float:
        """How often to look while waiting: often where it costs nothing."""
        return 5.0 if self.is_aws else 0.2

    def client(self, service: str) -> Any:
        """A boto3 client; one per service."""
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
        """Close every client's connections."""
        for client in self._clients.values():
            client.close()


def with_session(command: F) -> F:
    """Give a command the options that say which Glue is meant; it receives them as ``target``."""

    @functools.wraps(command)
    def gathered(*args: Any, **kwargs: Any) -> Any:
        context = click.get_current_context()
        given = context.get_parameter_source("data_dir") is not click.core.ParameterSource.DEFAULT
        endpoint_url, aws = kwargs.pop("endpoint_url"), kwargs.pop("aws")
        if aws and endpoint_url:
            raise click.UsageError("--aws and --endpoint-url exclude each other")
        target = Target(endpoint_url, aws, kwargs.pop("data_dir"), given, kwargs.pop("region"))
        return command(*args, target=target, **kwargs)

    wrapped: Any = gathered
    for option in (
        click.option("--region", help=f"AWS region; local default {DEFAULT_REGION}."),
        data_dir_option,
        click.option("--endpoint-url", metavar="URL", help="Speak to this endpoint."),
        click.option("--aws", is_flag=True, help="Speak to AWS, with your own credentials."),
    ):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]


def data_dir_option(command: F) -> F:
    """``--data-dir``, the same everywhere."""
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path),
        default=Path(DEFAULT_DATA_DIR),
        show_default=True,
        envvar="GLUEPRINT_DATA_DIR",
        help="Where the local Glue keeps everything.",
    )(command)


@contextlib.contextmanager
def open_session(target: Target) -> Iterator[Session]:
    """A session for ``target``; a server that was started for it ends with it.

    Raises:
        click.ClickException: no server could be started.
    """
    with contextlib.ExitStack() as stack:
        endpoint = None if target.aws else _endpoint(target, stack)
        session = Session(endpoint, target.region)
        stack.callback(session.close)
        yield session


def running_server(data_dir: Path) -> Endpoint | None:
    """The server that answers on ``data_dir``, or None.

    Raises:
        click.ClickException: its endpoint file cannot be read.
    """
    file = data_dir / "endpoint.json"
    try:
        told = json.loads(file.read_text("utf-8"))
        endpoint = Endpoint(
            told["url"], told["access_key"], told["secret_key"], told["region"], told["account_id"]
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise click.ClickException(f"cannot read {file}: {error.strerror}; name your own --data-dir") from error
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(
            f"cannot read {file}, it is not what a server writes: remove it, and start `glueprint serve` again"
        ) from error
    return endpoint if _is_healthy(endpoint.url) else None


def _endpoint(target: Target, stack: contextlib.ExitStack) -> Endpoint:
    running = running_server(target.data_dir)
    if target.endpoint_url is not None:
        if running is not None and running.url == target.endpoint_url.rstrip("/"):
            return running
        return _from_environment(_checked(target.endpoint_url), target.region)
    if running is not None:
        return running
    told = os.environ.get("AWS_ENDPOINT_URL")
    if told and not target.data_dir_given and _is_loopback(told) and _is_healthy(told):
        return _from_environment(told, target.region)
    click.echo(f"No local Glue is running on {target.data_dir}: starting one for this command ...", err=True)
    stack.enter_context(child_server(target.data_dir))
    started = running_server(target.data_dir)
    if started is None:
        raise click.ClickException(f"the local Glue on {target.data_dir} started but does not answer")
    return started


def _from_environment(url: str, region: str | None) -> Endpoint:
    """An endpoint that was named by hand: its keys are those in the environment (as `glueprint env` sets them)."""
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
    raise click.UsageError(f"--endpoint-url takes an address like http://127.0.0.1:4577, not {url!r}")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "localhost" or host.startswith("127.") or host == "::1"


def _is_healthy(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url.rstrip('/')}/health", timeout=_HEALTH_SECONDS) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def _aws_client(service: str, region: str | None) -> Any:
    import boto3

    return boto3.session.Session(region_name=region).client(service)


@functools.cache
def _shared_session() -> Any:
    """One for all clients of a process: it keeps the service models that it has read (Glue's is large)."""
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
    """Hide the user's AWS settings while a client is made: a missing profile or a FIPS switch would break it."""
    hidden = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name in hidden:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    try:
        yield
    finally:
        del os.environ["AWS_CONFIG_FILE"], os.environ["AWS_SHARED_CREDENTIALS_FILE"]
        os.environ.update(hidden)
