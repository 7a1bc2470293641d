"""Mounts buckets that are created after Spark was configured, when their name is first sent to Java.

Every path reaches the JVM as text in a py4j command, SQL included, so an unknown bucket is noticed there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

_BUCKET = re.compile(r"s3[an]?://([a-z0-9][a-z0-9.-]{1,62})")


class BucketMounter:
    """Reads the commands that are sent to Java, and mounts the buckets in ``s3_root`` that are not ``known``."""

    def __init__(self, s3_root: Path, known: set[str], mount: Callable[[str], None]) -> None:
        self._s3_root = s3_root
        self._known = known
        self._mount = mount

    def watch(self, client: Any) -> None:
        """Read each command of this py4j client before it is sent."""
        send = client.send_command

        def send_command(command: str, *rest: Any, **more: Any) -> Any:
            if "s3" in command:
                self._mount_named_in(command)
            return send(command, *rest, **more)

        client.send_command = send_command

    def _mount_named_in(self, text: str) -> None:
        for bucket in set(_BUCKET.findall(text)) - self._known:
            if (self._s3_root / bucket).is_dir():
                self._known.add(bucket)  # first: mounting sends commands as well
                self._mount(bucket)
