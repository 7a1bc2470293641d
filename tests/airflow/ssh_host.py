"""A real OpenSSH server on loopback, with keys of its own; its commands run in one folder."""

from __future__ import annotations

import getpass
import json
import shutil
import socket
import subprocess
import time
from pathlib import Path

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


class SshHost:
    """A host that Airflow's SSH connection ``warehouse_host`` leads to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.home = folder / "home"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> SshHost:
        self.home.mkdir(parents=True)
        for name in ("host_key", "client_key", "other_key"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self._folder / name)]
            subprocess.run(command, check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        configuration = self._folder / "sshd_config"
        configuration.write_text(
            f"Port {self._port}\n"
            "ListenAddress 127.0.0.1\n"
            f"HostKey {self._folder}/host_key\n"
            f"AuthorizedKeysFile {self._folder}/client_key.pub\n"
            "PasswordAuthentication no\nUsePAM no\nStrictModes no\nPidFile none\n"
            f"ForceCommand cd {self.home} && exec /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"\n"
        )
        Path("/run/sshd").mkdir(exist_ok=True)  # where a privileged sshd changes its root to
        log = (self._folder / "sshd.log").open("wb")
        self._process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(configuration)], stderr=log)
        log.close()
        deadline = time.monotonic() + 30
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "sshd.log").read_text()
            assert time.monotonic() < deadline, "sshd does not answer"
            time.sleep(0.05)
        return self

    def __exit__(self, *error: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def _answers(self) -> bool:
        with socket.socket() as trial:
            return trial.connect_ex(("127.0.0.1", self._port)) == 0

    def connection(self, host_key: str = "host_key") -> dict[str, str]:
        """The variable with Airflow's connection, in which the host key is given: a server with another one is
        refused."""
        kind, key = (self._folder / f"{host_key}.pub").read_text().split()[:2]
        extra = {
            "key_file": str(self._folder / "client_key"),
            "host_key": f"{kind} {key}",
            "no_host_key_check": False,
        }
        connection = {"conn_type": "ssh", "host": "127.0.0.1", "port": self._port, "login": getpass.getuser()}
        return {"AIRFLOW_CONN_WAREHOUSE_HOST": json.dumps({**connection, "extra": extra})}

    @property
    def imported(self) -> list[str]:
        """The lines of import.log, which the commands of the examples write."""
        log = self.home / "import.log"
        return log.read_text().splitlines() if log.exists() else []

    def forget(self) -> None:
        """Remove import.log."""
        (self.home / "import.log").unlink(missing_ok=True)
