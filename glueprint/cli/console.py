"""``glueprint console``: a web console for any Glue."""

from __future__ import annotations

import contextlib
import importlib.util
import ipaddress
import signal
import sys
import threading
import webbrowser
from pathlib import Path

import click

from glueprint.cli.output import echo
from glueprint.cli.target import open_session, with_target
from glueprint.client.errors import GlueprintError
from glueprint.client.servers import running_server
from glueprint.client.session import Session, Target

DEFAULT_PORT = 4578
_NEEDED = {
    "starlette": "starlette",
    "jinja2": "jinja2",
    "uvicorn": "uvicorn",
    "markdown_it": "markdown-it-py",
    "python_multipart": "python-multipart",
}
"""Modules of ``glueprint[console]``, and the packages that have them."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535), help="0: a free one."
)
@click.option("--allow-writes", is_flag=True, help="Allow changes to a Glue that is not a local one.")
@click.option("--read-only", is_flag=True, help="Allow no changes, to a local Glue neither.")
@click.option(
    "--allow-host", "hosts", multiple=True, metavar="NAME", help="A further name for browsers; repeatable."
)
@click.option("--allow-remote", is_flag=True, help="Allow a --host that other machines can reach.")
@click.option("--open", "open_browser", is_flag=True, help="Open the link in the web browser.")
@with_target
def console(
    host: str,
    port: int,
    allow_writes: bool,
    read_only: bool,
    hosts: tuple[str, ...],
    allow_remote: bool,
    open_browser: bool,
    target: Target,
) -> None:
    """Show a Glue in the web browser, until Ctrl-C: workflows, runs, blueprints, jobs, tables, S3.

    Open the link that is printed. It works once; then the next one is printed. The browser receives no AWS
    credentials: this command holds them, and answers loopback only unless you add --allow-remote.

    With --aws, nothing can be changed unless you add --allow-writes.

    \b
    Examples:
      glueprint console
      glueprint console --open --port 0
      glueprint console --aws --region eu-central-1
      AWS_PROFILE=test glueprint console --aws --allow-writes
    """
    if allow_writes and read_only:
        raise click.UsageError("--allow-writes and --read-only exclude each other")
    if not _is_loopback(host) and not allow_remote:
        raise click.UsageError(
            f"other machines can reach --host {host}, over HTTP that can be listened to; add --allow-remote to "
            "allow that"
        )
    check_installed()
    with open_session(target) as session:
        serve_console(
            session,
            host=host,
            port=port,
            allow_writes=allow_writes,
            read_only=read_only,
            hosts=hosts,
            open_browser=open_browser,
        )


def check_installed() -> None:
    """Check that the packages of the console are installed.

    Raises:
        click.ClickException: it names those that are missing.
    """
    missing = [package for module, package in _NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise click.ClickException(
            f"the console is not installed (no {', '.join(missing)}): pip install 'glueprint[console]', "
            "in a clone pip install -e '.[console]'"
        )


def serve_console(
    session: Session,
    *,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    allow_writes: bool = False,
    read_only: bool = False,
    hosts: tuple[str, ...] = (),
    open_browser: bool = False,
) -> None:
    """Serve the console of a session until the process is interrupted.

    Raises:
        InvalidArgument: it cannot listen there.
    """
    from glueprint.console.serving import ConsoleOptions, running_console

    options = ConsoleOptions(host, port, allow_writes, read_only, hosts)
    announced = _Announced()
    links: list[str] = []

    def announce(link: str) -> None:
        links.append(link)
        announced(link)

    ended = threading.Event()
    before = {one: signal.signal(one, lambda *_: ended.set()) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        with running_console(session, options, announce):
            if open_browser:
                webbrowser.open(links[0])
            while not ended.wait(3600):
                pass
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class ConsoleBeside:
    """The console of a local server, in a thread of the server's process.

    Args:
        data_dir: the server's data directory.
        port: of the console.
    """

    def __init__(self, data_dir: Path, port: int) -> None:
        self._data_dir = data_dir
        self._port = port
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="console-beside", daemon=True)

    def start(self) -> None:
        """Start it; the server must be ready."""
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _serve(self) -> None:
        from glueprint.console.serving import ConsoleOptions, running_console

        try:
            endpoint = running_server(self._data_dir)
            if endpoint is None:
                return  # it has ended
            with (
                contextlib.closing(Session(endpoint)) as session,
                running_console(session, ConsoleOptions(port=self._port), _Announced()),
            ):
                self._ended.wait()
        except GlueprintError as error:
            echo(f"no console: {error}", err=True)


class _Announced:
    """Prints each sign-in link."""

    def __init__(self) -> None:
        self._number = 0

    def __call__(self, link: str) -> None:
        self._number += 1
        echo(f"console {link}" if self._number == 1 else f"signed in; for another browser: {link}")
        sys.stdout.flush()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
