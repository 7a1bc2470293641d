"""A real PostgreSQL server for tests: ``scripts/databases.sh`` installs it, and its JDBC driver."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.local_server import until

DRIVER = Path("/usr/share/java/postgresql.jar")
_UNPRIVILEGED = 65534


@dataclass(frozen=True)
class Postgres:
    """A running server; ``url`` is of a new database."""

    port: int
    directory: Path

    def url(self, database: str) -> str:
        return f"jdbc:postgresql://127.0.0.1:{self.port}/{database}"

    def sql(self, statements: str, database: str = "postgres") -> str:
        """Run statements with psql; return what they print, values separated by ``|``."""
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", "glue"]
        done = subprocess.run(
            [*command, "-d", database], input=statements, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def _program(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name) or name


@contextmanager
def running_postgres(*settings: str) -> Iterator[Postgres]:
    """A server without passwords on a free port, run by another user: PostgreSQL refuses root, and pytest's
    folders exclude others.

    Args:
        settings: further settings of the server, each ``name=value``.
    """
    with tempfile.TemporaryDirectory(prefix="glueprint-postgres-", dir="/tmp") as name:
        shutil.chown(name, _UNPRIVILEGED)
        yield from _running(Path(name), settings)


def _running(directory: Path, settings: tuple[str, ...]) -> Iterator[Postgres]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    other = ["setpriv", f"--reuid={_UNPRIVILEGED}", f"--regid={_UNPRIVILEGED}", "--clear-groups"]
    data = str(directory / "data")
    initdb = [_program("initdb"), "-D", data, "-U", "glue", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"]
    subprocess.run([*other, *initdb], check=True, capture_output=True, cwd=directory, timeout=300)
    options = ["-p", str(port), "-k", str(directory), "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"]
    options += [word for setting in settings for word in ("-c", setting)]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [*other, _program("postgres"), "-D", data, *options], stdout=log, stderr=log, cwd=directory
        )
    made = Postgres(port, directory)
    ready = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    try:
        until(lambda: subprocess.run(ready, check=False).returncode == 0 or None)
        yield made
    finally:
        process.terminate()
        process.wait()
