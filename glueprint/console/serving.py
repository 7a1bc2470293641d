"""Listening on a port, and what is printed for the user."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from glueprint.client.errors import InvalidArgument
from glueprint.client.session import Session
from glueprint.console.access import Access, Names
from glueprint.console.app import console_app
from glueprint.console.listing import NameLists
from glueprint.console.snapshot import Snapshots
from glueprint.console.visits import Console

DEFAULT_PORT = 4578
SERVICES = ("glue", "s3", "logs", "athena", "sts")
_LOCAL_ROLE = "arn:aws:iam::{account}:role/GlueprintLocal"


@dataclass(frozen=True, slots=True)
class ConsoleOptions:
    """How a console listens, and what it allows.

    Attributes:
        port: 0 takes a free one.
        allow_writes: whether forms may change something in an AWS account.
        read_only: whether nothing may be changed, also at a local Glue.
        hosts: further host names by which browsers may call it.
        title: which Glue it is; None: from the session.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    allow_writes: bool = False
    read_only: bool = False
    hosts: tuple[str, ...] = ()
    title: str | None = None


def console_of(session: Session, options: ConsoleOptions, access: Access, cookie: str) -> Console:
    """Return the console of a session."""
    for service in SERVICES:  # not by the first two pages at once: boto3 makes clients one at a time
        session.client(service)
    is_real = session.is_aws or not _is_loopback(session.endpoint.url if session.endpoint else "")
    may_write = not options.read_only and (options.allow_writes or not is_real)
    why = "the console was started with --read-only"
    if is_real and not options.read_only:
        why = "this is not a local Glue; --allow-writes lets the console change it"
    role = None if session.endpoint is None else _LOCAL_ROLE.format(account=session.endpoint.account_id)
    title = options.title or _title(session)
    return Console(session, access, title, may_write, cookie, Snapshots(session), NameLists(session), why, role)


def _title(session: Session) -> str:
    if session.endpoint is not None:
        return f"Local Glue · {session.endpoint.url}"
    return f"AWS · {session.glue.meta.region_name}"


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


@contextlib.contextmanager
def running_console(session: Session, options: ConsoleOptions, announce: Callable[[str], None]) -> Iterator[str]:
    """Serve a console in a thread until exit; yield its address.

    Args:
        session: the Glue.
        options: how it listens.
        announce: called with each sign-in link: the first, and the next one when one has been used.

    Raises:
        InvalidArgument: the port is taken, or the address is not one of this machine.
    """
    import uvicorn

    listener = _listener(options)
    port = listener.getsockname()[1]
    shown = f"[{options.host}]" if ":" in options.host else options.host
    base = f"http://{'127.0.0.1' if options.host in ('0.0.0.0', '::') else shown}:{port}"

    def link(token: str) -> str:
        return f"{base}/sign-in?token={token}"

    access = Access(on_used=lambda token: announce(link(token)))
    console = console_of(session, options, access, f"glueprint_console_{port}")
    names = Names(
        frozenset({options.host.lower(), *(one.lower() for one in options.hosts)}),
        any_address=options.host in ("0.0.0.0", "::"),
    )
    config = uvicorn.Config(
        console_app(console, names),
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="console", daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        announce(link(access.token))
        yield base
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        console.finish()


def _listener(options: ConsoleOptions) -> socket.socket:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((options.host, options.port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise InvalidArgument(
            f"cannot listen on {options.host}:{options.port}: {error.strerror or error}",
            "another --port, or --port 0 for a free one",
        ) from error
    return listener
