"""The server process: one port and one data directory, until SIGINT or SIGTERM."""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import signal
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

from glueprint import __version__
from glueprint.local.assembly import LocalGlue
from glueprint.local.clock import Clock, SystemClock
from glueprint.local.copying import copy_content
from glueprint.local.datadir import DataDirectory, replace_temporary_server
from glueprint.local.engine.activity import Activity
from glueprint.local.executors.warm_processes import NO_WARM_PROCESSES, WarmOptions
from glueprint.local.glue.served_by_moto import SERVED_BY_MOTO, tags_of_moto
from glueprint.local.http.access_log import AccessLog
from glueprint.local.http.connection_limits import LimitedProtocol
from glueprint.local.http.dispatch import Front, FrontOptions, Services
from glueprint.local.http.guard import Guard, HostRules
from glueprint.local.http.handover import HandOver
from glueprint.local.http.moto import Moto
from glueprint.local.other_services import CrashesRefused, Gate, Journal
from glueprint.local.protocol import Context
from glueprint.local.store.damage import DatabaseError

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"
KEEP_ALIVE_SECONDS = 75
MIN_DESCRIPTORS, WANTED_DESCRIPTORS = 128, 4096
_ACTIVITY_SECONDS = 0.25
"""Between two looks whether anything still runs on a temporary server."""


class ServeError(Exception):
    """The server cannot start; the message is one line that states why and what to do."""


@dataclass(frozen=True)
class ServeOptions:
    """The options of `glueprint serve`.

    Attributes:
        port: 0 takes a free port; that of a server that was killed on this data directory, if it is free, so
            that the jobs that still run reach this server. With another port, the server answers at both.
        allow_hosts: further names by which clients may call the server, e.g. from containers.
        slots: how many job processes run at once; more stay STARTING.
        released: makes this server a temporary one, which was started for one command: when this is set, the
            server ends as soon as nothing runs. If it is ended earlier, job runs and crawls go on without it.
            None: it ends what runs when it ends.
        report: called with a line for the user when the server ends what still runs.
        warm: the processes that are made ready before a Spark job needs them; none by default.
        enforce_iam: whether calls are refused that the policies of their caller do not allow.
        access_log: a file that gets a line for each request; None: there is none.
        copy_of: a data directory whose content is copied first (``copying``); for an ephemeral server only.
    """

    host: str = "127.0.0.1"
    port: int = 4577
    data_dir: Path = Path(".glueprint")
    no_auth: bool = False
    ephemeral: bool = False
    account_id: str = DEFAULT_ACCOUNT
    region: str = DEFAULT_REGION
    allow_hosts: tuple[str, ...] = ()
    slots: int = max(5, os.cpu_count() or 1)
    warm: WarmOptions = NO_WARM_PROCESSES
    released: threading.Event | None = None
    report: Callable[[str], None] = lambda line: None
    copy_of: Path | None = None
    enforce_iam: bool = False
    access_log: Path | None = None

    @property
    def leaves_children(self) -> bool:
        """Whether job runs and crawls go on when the server ends."""
        return self.released is not None and not self.ephemeral


def serve(options: ServeOptions, *, ready: Callable[[str], None], clock: Clock | None = None) -> None:
    """Serve until SIGINT or SIGTERM; ``ready`` is called with the URL once requests are answered.

    Raises:
        ServeError: the port is taken.
        DataDirectoryError: the data directory cannot be used.
        DatabaseError: the state cannot be read, or was found to be damaged while the server ran.
    """
    _raise_descriptor_limit()
    os.umask(0o077)  # what this process and its children write is its user's only
    damage_found = threading.Event()
    if not options.leaves_children:
        replace_temporary_server(options.data_dir)
    with contextlib.ExitStack() as stack:
        data = stack.enter_context(
            DataDirectory.open(options.data_dir, options.ephemeral, temporary=options.leaves_children)
        )
        if options.copy_of is not None:
            copy_content(options.copy_of, data)
        listener = stack.enter_context(_listen(options, data))
        url = _url(options.host, listener)
        mounted: list[Moto] = []
        glue = LocalGlue(
            data,
            clock or SystemClock(),
            url,
            account_id=options.account_id,
            region=options.region,
            slots=options.slots,
            warm=options.warm,
            on_damage=damage_found.set,
            load_iam=(lambda: mounted[0].wsgi()) if options.enforce_iam else None,
        )
        journal = Journal(glue.database, (clock or SystemClock()).now)
        moto = Moto(restore=journal.replay, has_more=lambda: not journal.is_empty)
        journal.connect(moto.wsgi)
        mounted.append(moto)
        try:
            app = _application(options, data, glue, moto, journal, stack)
            listeners = [listener]
            if glue.activity:
                listeners += [stack.enter_context(one) for one in _former_listeners(options, data, listener)]

            def announce() -> None:
                glue.start()
                data.publish(
                    url,
                    region=options.region,
                    account_id=options.account_id,
                    temporary=options.leaves_children,
                )
                if options.released is not None:
                    ending = (options.released, glue)
                    threading.Thread(target=_end_when_released, args=ending, daemon=True).start()
                ready(url)

            _run(app, listeners, announce, damage_found)
        finally:
            _close(options, data, glue)
            moto.close()
        if glue.database.damage is not None:
            raise glue.database.damage


def _close(options: ServeOptions, data: DataDirectory, glue: LocalGlue) -> None:
    try:
        running = glue.activity
    except (DatabaseError, sqlite3.Error):  # damaged: that is why the server ends
        running = Activity()
    if options.leaves_children:
        data.leaves_children = bool(running)
        glue.leave()
        return
    if running.processes and not options.ephemeral:
        options.report(f"ending {running.processes}; they count as failed, retries follow at the next start")
    glue.close()


def _end_when_released(released: threading.Event, glue: LocalGlue) -> None:
    released.wait()
    try:
        while glue.activity:
            time.sleep(_ACTIVITY_SECONDS)
    except (DatabaseError, sqlite3.Error):  # closed or damaged: the server ends already
        return
    os.kill(os.getpid(), signal.SIGTERM)


def _raise_descriptor_limit() -> None:
    """Use as many descriptors as the system allows this process.

    Raises:
        ServeError: they are too few: a request, a job or a connection to the state would fail later.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, WANTED_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft != resource.RLIM_INFINITY and soft < MIN_DESCRIPTORS:
        raise ServeError(
            f"this process may open only {soft} files, and needs {MIN_DESCRIPTORS}: raise the limit (ulimit -n) "
            "and start `glueprint serve` again"
        )


def _application(
    options: ServeOptions,
    data: DataDirectory,
    glue: LocalGlue,
    moto: Moto,
    journal: Journal,
    stack: contextlib.ExitStack,
) -> Guard:
    keys = data.keys
    front = Front(
        Services(
            glue=HandOver(glue.glue, CrashesRefused(moto), SERVED_BY_MOTO, tags_of_moto),
            logs=glue.logs,
            events=glue.events,
            states=glue.states,
            s3=glue.s3,
            s3_control=glue.s3_control,
            athena=glue.athena.json,
            job_api=glue.job_api,
            moto=moto,
            others=Gate(moto, journal, glue.access.identity),
        ),
        FrontOptions(
            keys=None
            if options.no_auth
            else lambda access_key: keys.secret_key
            if access_key == keys.access_key
            else glue.access.keys.secret_of(access_key),
            reset=glue.reset if options.ephemeral else None,
            health=lambda: _health(glue),
            default=Context(options.account_id, options.region),
            access=glue.access,
        ),
    )
    app: ASGIApp = front
    if options.access_log is not None:
        try:
            file = stack.enter_context(options.access_log.open("a", encoding="utf-8"))
        except OSError as error:
            raise ServeError(f"cannot write the access log {options.access_log}: {error.strerror}") from error
        app = AccessLog(front, file)
    return Guard(app, HostRules.for_bind(options.host, options.allow_hosts))


def _health(glue: LocalGlue) -> dict[str, object]:
    return {
        "version": __version__,
        "pid": os.getpid(),
        "warm_workers": glue.warm_workers,
        "active": _is_active(glue),
    }


def _is_active(glue: LocalGlue) -> bool:
    """Whether anything runs; True if that cannot be read, so that no one ends it for being idle."""
    try:
        return bool(glue.activity)
    except (DatabaseError, sqlite3.Error):
        return True


@contextlib.contextmanager
def _listen(options: ServeOptions, data: DataDirectory) -> Iterator[socket.socket]:
    left_ports = _left_ports(data)
    ports = [left_ports[0], 0] if options.port == 0 and left_ports else [options.port]
    with _bound(options.host, ports) as listener:
        listener.listen(512)
        yield listener


def _left_ports(data: DataDirectory) -> list[int]:
    return [port for url in data.left_urls if (port := urlsplit(url).port) is not None]


def _former_listeners(
    options: ServeOptions, data: DataDirectory, listener: socket.socket
) -> Iterator[socket.socket]:
    """Yield a socket on each port that running jobs may call, if it is another one and free."""
    for port in _left_ports(data):
        if port == listener.getsockname()[1]:
            continue
        try:
            former = _bound(options.host, [port])
        except ServeError:
            continue
        former.listen(512)
        yield former


def _bound(host: str, ports: Sequence[int]) -> socket.socket:
    """Return a socket on the first of ``ports`` that is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in ports:
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            listener.close()
            problem = error.strerror
        else:
            return listener
    raise ServeError(
        f"cannot listen on {host} port {ports[-1]}: {problem}; choose another --port, or stop the program that "
        "listens there"
    )


def _url(host: str, listener: socket.socket) -> str:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    shown = f"[{shown}]" if ":" in shown else shown
    return f"http://{shown}:{listener.getsockname()[1]}"


class _Server(uvicorn.Server):
    """uvicorn with a callback when it is ready, and without its end of the process.

    uvicorn's signal handling raises SIGTERM again once it has shut down, which would end the process before its
    children are ended and recorded.
    """

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None], must_end: threading.Event) -> None:
        super().__init__(config)
        self._announce = announce
        self._must_end = must_end

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()

    async def on_tick(self, counter: int) -> bool:
        """uvicorn's, ten times a second: whether to end."""
        return await super().on_tick(counter) or self._must_end.is_set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # the end takes a limited time and is not interrupted


def _run(
    app: Guard, listeners: list[socket.socket], announce: Callable[[], None], must_end: threading.Event
) -> None:
    config = uvicorn.Config(
        app,
        http=LimitedProtocol,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=5,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    _Server(config, announce, must_end).run(sockets=listeners)
    sys.stdout.flush()
