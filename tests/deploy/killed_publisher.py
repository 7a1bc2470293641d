"""A publisher that kills itself with SIGKILL before its n-th step to the outside: a file, a process, a request.

``python killed_publisher.py ADDRESS VERSION ZIP STEP``; with STEP 0 it is not killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

from glueprint.client.session import Target
from glueprint.deploy.repository.address import open_store, parse_address
from glueprint.deploy.repository.publishing import Draft, publish
from glueprint.deploy.repository.versions import Version

_STEPS = ("open", "os.rename", "os.mkdir", "os.remove", "fcntl.flock", "subprocess.Popen", "http.client.send")


def kill_at(step: int) -> None:
    """Die before the step with this number."""
    left = [step]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        is_write = event != "open" or (isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR))
        if event in _STEPS and is_write:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def main(address: str, version: str, file: str, step: str) -> None:
    """Publish ``orders``; version ``all`` publishes each VERSION.zip of a folder."""
    files = {version: Path(file)} if version != "all" else {one.stem: one for one in sorted(Path(file).iterdir())}
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(open_store(parse_address(address), Target(), "anna@example.com"))
        if step != "0":
            kill_at(int(step))
        for text, path in files.items():
            publish(store, Draft("orders", path.read_bytes(), Version.parse(text), "anna@example.com"))


if __name__ == "__main__":
    main(*sys.argv[1:])
