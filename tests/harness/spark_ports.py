"""A client of Spark's transport protocol that has no secret, as any user of the machine could write it.

A frame is its length (8 bytes, itself included), its type (1 byte), and the type's fields; an RpcRequest (3) has
an id (8 bytes), a length (4 bytes) and its body, which the driver would deserialise as Java objects
(common/network-common/src/main/java/org/apache/spark/network/protocol in apache/spark).
"""

from __future__ import annotations

import encodings.idna  # noqa: F401 - another user may not be able to read it
import json
import os
import socket
import struct

_REQUEST, _FAILURE = 3, 5
_TIMEOUT_SECONDS = 20.0
_OTHER_USER = 65534


def rpc_answer(port: int) -> str:
    """Return what a port of Spark answers to an RPC with a few bytes."""
    fields = struct.pack(">qI", 1, 5) + bytes(5)
    with socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_SECONDS) as connection:
        connection.sendall(struct.pack(">QB", 9 + len(fields), _REQUEST) + fields)
        received = b""
        while len(received) < 9 or len(received) < struct.unpack(">Q", received[:8])[0]:
            part = connection.recv(65536)
            if not part:
                return "closed"
            received += part
    assert received[8] == _FAILURE
    return received[21:].decode(errors="replace").splitlines()[0]


def answers_to_another_user(ports: list[int]) -> list[str]:
    """Return what each port answers to a process of another user; to one of this user if this is not root."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(_OTHER_USER)
            os.setuid(_OTHER_USER)
        try:
            os.write(writing, json.dumps([rpc_answer(port) for port in ports]).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answers: list[str] = json.loads(pipe.read())
    os.waitpid(child, 0)
    return answers
