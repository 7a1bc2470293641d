"""``glueprint serve``: the only command that imports the local Glue."""

from __future__ import annotations

import contextlib
import importlib.util
import ipaddress
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import click

from glueprint.cli.console import DEFAULT_PORT, ConsoleBeside, check_installed
from glueprint.cli.runtime.adding import add_missing
from glueprint.cli.runtime.names import complete_name, read_names
from glueprint.cli.target import data_dir_option
from glueprint.client.data_dirs import find_data_dir
from glueprint.client.session import DEFAULT_REGION
from glueprint.environments.definitions import Runtime

LOCAL_PYTHONS = ((3, 11), (3, 12), (3, 13))
"""The Pythons that the local Glue runs on. Jobs run on the Python of their runtime."""
_NEEDED = ("uvicorn", "starlette", "moto", "a2wsgi", "pyarrow", "psutil")
"""Modules of ``glueprint[local]``."""

MAX_WARM_WORKERS = 64


def _workers(context: click.Context, parameter: click.Parameter, value: str) -> int | None:
    """Return a number of workers, or None for ``auto``."""
    if value == "auto":
        return None
    if value.isdecimal() and int(value) <= MAX_WARM_WORKERS:
        return int(value)
    raise click.BadParameter(f"{value!r} is neither auto nor a number from 0 to {MAX_WARM_WORKERS}")


def _host_names(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Names of hosts, without scheme, port or path."""
    for value in values:
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?", value):
            raise click.BadParameter(f"{value!r} is not a host name: give it without scheme and port")
    return values


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=4577, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@data_dir_option
@click.option("--region", default=DEFAULT_REGION, show_default=True, help="Region of unsigned requests.")
@click.option("--no-auth", is_flag=True, help="Do not verify signatures. Host and Origin are still checked.")
@click.option("--ephemeral", is_flag=True, help="Keep nothing; POST /moto-api/reset empties everything.")
@click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="NAME",
    callback=_host_names,
    help="A further name by which clients may call this server, such as host.docker.internal or a service of "
    "Compose; repeatable.",
)
@click.option("--allow-remote", is_flag=True, help="Allow a --host that other machines can reach.")
@click.option(
    "--warm-workers",
    callback=_workers,
    metavar="NUMBER",
    default="auto",
    show_default=True,
    envvar="GLUEPRINT_WARM_WORKERS",
    show_envvar=True,
    help="Spark workers that are kept ready once there is a Spark job; auto: as many as memory and cores allow; "
    "0: none, and no Python kept ready for Python shell jobs.",
)
@click.option(
    "--class-archive/--no-class-archive",
    default=True,
    show_default=True,
    envvar="GLUEPRINT_CLASS_ARCHIVE",
    show_envvar=True,
    help="Keep an archive of Spark's classes (150 MB, in the user's cache) for faster cold starts.",
)
@click.option(
    "--runtime",
    "runtimes",
    multiple=True,
    metavar="NAME",
    callback=read_names,
    shell_complete=complete_name,
    help="A runtime that jobs need, such as 6.0: installed before the server listens, unless it is there; "
    "repeatable.",
)
@click.option(
    "--copy-of",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="With --ephemeral: start with a copy of another data directory's objects, Data Catalog, jobs and "
    "bookmarks, without its workflows, triggers and runs; that directory stays as it is.",
)
@click.option(
    "--enforce-iam",
    is_flag=True,
    help="Refuse what the policies of the caller do not allow: users, roles of jobs, crawlers and blueprint runs. "
    "Create them with IAM here; the key of the data directory may do everything.",
)
@click.option(
    "--access-log",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Append a line of JSON for each request: time, access key, operation, status, error, user agent.",
)
@click.option("--console", "with_console", is_flag=True, help="Serve the web console, too: see glueprint console.")
@click.option(
    "--console-port",
    default=DEFAULT_PORT,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port of the console; 0 takes a free one.",
)
@click.option("--exit-with-parent", is_flag=True, hidden=True)
@click.option("--for-one-command", is_flag=True, hidden=True)
def serve(
    host: str,
    port: int,
    data_dir: Path,
    region: str,
    no_auth: bool,
    ephemeral: bool,
    allow_hosts: tuple[str, ...],
    allow_remote: bool,
    warm_workers: int | None,
    class_archive: bool,
    runtimes: tuple[Runtime, ...],
    copy_of: Path | None,
    with_console: bool,
    console_port: int,
    enforce_iam: bool,
    access_log: Path | None,
    exit_with_parent: bool,
    for_one_command: bool,
) -> None:
    """Run a local AWS Glue until Ctrl-C.

    It is ready when it has printed "ready http://HOST:PORT". Anyone who can reach the server can run code, so it
    listens on loopback only, unless you add --allow-remote; then requests must be signed.

    At its end, the server ends the job runs and crawls that still run, and names them.

    \b
    Examples:
      glueprint serve
      glueprint serve --console
      glueprint serve --port 0 --data-dir /tmp/glue
      glueprint serve --ephemeral --no-auth
      glueprint serve --runtime 6.0 --runtime 5.1
      glueprint serve --ephemeral --copy-of .glueprint --port 0
      glueprint serve --enforce-iam
      glueprint serve --access-log calls.jsonl
      glueprint serve --host 172.17.0.1 --allow-remote --allow-host host.docker.internal
    """
    if copy_of is not None and not ephemeral:
        raise click.UsageError("--copy-of needs --ephemeral: a copy is for trials, and nothing of it is kept")
    if enforce_iam and no_auth:
        raise click.UsageError(
            "--enforce-iam needs signatures, since without them no caller is known; leave out --no-auth"
        )
    _check_host(host, allow_remote=allow_remote, no_auth=no_auth)
    if sys.version_info[:2] not in LOCAL_PYTHONS:
        here, first, last = (
            ".".join(map(str, version)) for version in (sys.version_info[:2], LOCAL_PYTHONS[0], LOCAL_PYTHONS[-1])
        )
        raise click.ClickException(
            f"the local Glue needs Python {first} to {last}, and this is {here}: make an environment with one "
            f"(python{last} -m venv .venv, or uv venv --python {last}) and install glueprint[local] there"
        )
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise click.ClickException(
            f"the local Glue is not installed (no {', '.join(missing)}): pip install 'glueprint[local]', "
            "in a clone pip install -e '.[local]'"
        )
    if with_console:
        check_installed()
    if runtimes:
        add_missing(runtimes)
    if sys.stderr.isatty():
        click.echo("starting ...", err=True)  # the imports take a second or two
    from glueprint.local.datadir import DataDirectoryError
    from glueprint.local.executors.warm_processes import WarmOptions
    from glueprint.local.server import ServeError, ServeOptions
    from glueprint.local.server import serve as serve_glue
    from glueprint.local.store.damage import DatabaseError

    released = threading.Event() if for_one_command else None
    if exit_with_parent or released is not None:
        release = _end if released is None else released.set
        threading.Thread(target=_wait_for_parent, args=(release,), name="parent-watch", daemon=True).start()

    def report(line: str) -> None:
        click.echo(line, err=True)

    options = ServeOptions(
        host=host,
        port=port,
        data_dir=data_dir,
        no_auth=no_auth,
        ephemeral=ephemeral,
        region=region,
        warm=WarmOptions(warm_workers, class_archive, report=report),
        released=released,
        report=report,
        allow_hosts=allow_hosts,
        copy_of=copy_of,
        enforce_iam=enforce_iam,
        access_log=access_log,
    )
    beside = ConsoleBeside(data_dir, console_port) if with_console else None

    def announce(url: str) -> None:
        _announce(url, ephemeral=ephemeral, no_auth=no_auth, data_dir=data_dir, enforce_iam=enforce_iam)
        if beside is not None:
            beside.start()

    try:
        with contextlib.closing(beside) if beside is not None else contextlib.nullcontext():
            serve_glue(options, ready=announce)
    except (ServeError, DataDirectoryError, DatabaseError) as error:
        raise click.ClickException(" ".join(str(error).split())) from error


def _check_host(host: str, *, allow_remote: bool, no_auth: bool) -> None:
    if _is_loopback(host):
        return
    if not allow_remote:
        raise click.UsageError(
            f"other machines can reach --host {host}, and anyone who can reach the server can run code on this "
            "machine; add --allow-remote to allow that"
        )
    if no_auth:
        raise click.UsageError("--no-auth works on loopback only; other machines must sign their requests")


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def _announce(url: str, *, ephemeral: bool, no_auth: bool, data_dir: Path, enforce_iam: bool) -> None:
    """Print notes to stderr, and the line that scripts wait for to stdout."""
    kept = "nothing is kept" if ephemeral else f"kept in {data_dir}: Glue, S3, logs"
    click.echo(f"{kept}; not durable: other services (SNS, SQS, DynamoDB, ...)", err=True)
    if no_auth:
        click.echo(
            "no signatures are verified: any program on this machine can run code through this port", err=True
        )
    else:
        option = "" if data_dir == find_data_dir() else f" --data-dir {data_dir}"
        click.echo(f'point AWS clients here with: eval "$(glueprint env{option})"', err=True)
    if enforce_iam:
        click.echo(
            "policies are enforced: the roles of blueprint runs, jobs and crawlers must exist and allow what they "
            "do (glueprint policy BLUEPRINT --params FILE --create-roles makes them)",
            err=True,
        )
    click.echo(f"ready {url}")
    sys.stdout.flush()


def _wait_for_parent(release: Callable[[], None]) -> None:
    """Call ``release`` when the process at the other end of standard input has ended."""
    while os.read(0, 1024):  # not sys.stdin: its lock would break the interpreter's exit
        pass
    release()


def _end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
