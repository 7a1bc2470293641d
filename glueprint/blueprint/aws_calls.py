"""Answers the AWS calls that a layout makes, in the process that runs the layout.

A layout may call AWS while it runs: it uploads its scripts and creates a database. A check and a plan must not
change anything, so they answer these calls instead: with an account that is empty, or with one that can only be
read. The child's half is `layout_calls`.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.blueprint.layout_calls import from_json, to_json

_MAX_FRAME_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class AwsCall:
    """One call of an AWS client.

    Attributes:
        service: botocore's name of the service, such as ``s3``.
        operation: such as ``PutObject``.
        parameters: as the client's caller gave them; a file is its content.
        errors: the codes of the operation's errors by their names in the service model; None if whoever made the
            call did not send them.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]
    errors: Mapping[str, str] | None = field(default=None, compare=False)


class CallRefused(Exception):
    """The answer to a call is an error of the service.

    Attributes:
        code: such as ``EntityNotFoundException``.
        message: its text.
        status: the HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


AnswerCall = Callable[[AwsCall], Mapping[str, Any]]
"""Returns the result of a call as a botocore client returns it, a body as bytes.

Raises:
    CallRefused: the service refuses the call.
"""


@contextlib.contextmanager
def answered_calls(near: socket.socket, answer: AnswerCall | None) -> Iterator[None]:
    """Answer the calls that arrive at this end of a socket until the block ends; without ``answer``, none arrive.

    Raises:
        Exception: what ``answer`` raised, other than CallRefused; the layout sees a broken connection.
    """
    if answer is None:
        yield
        return
    failures: list[Exception] = []
    thread = threading.Thread(
        target=_answer_all, args=(near, answer, failures), name="layout's AWS calls", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # it may be shut down already
            near.shutdown(socket.SHUT_RDWR)
        thread.join()
    if failures:
        raise failures[0]


def _answer_all(connection: socket.socket, answer: AnswerCall, failures: list[Exception]) -> None:
    while True:
        header = _read(connection, 4)
        if header is None:
            return
        (length,) = struct.unpack(">I", header)
        data = _read(connection, length) if length <= _MAX_FRAME_BYTES else None
        if data is None:
            return
        try:
            reply = json.dumps(_answered(answer, json.loads(data))).encode()
        except Exception as error:  # noqa: BLE001 - of whoever answers: raised where the layout was called
            failures.append(error)
            connection.shutdown(socket.SHUT_RDWR)  # the layout does not wait for an answer
            return
        try:
            connection.sendall(struct.pack(">I", len(reply)) + reply)
        except OSError:  # the layout has ended
            return


def _answered(answer: AnswerCall, request: dict[str, Any]) -> dict[str, Any]:
    call = AwsCall(request["service"], request["operation"], from_json(request["parameters"]), request["errors"])
    try:
        return {"result": to_json(answer(call))}
    except CallRefused as refused:
        return {"error": {"Code": refused.code, "Message": refused.message}, "status": refused.status}


def _read(connection: socket.socket, size: int) -> bytes | None:
    """Return that many bytes; None at the end of the connection."""
    data = bytearray()
    while len(data) < size:
        try:
            chunk = connection.recv(min(size - len(data), 1 << 16))
        except OSError:
            return None
        if not chunk:
            return None
        data += chunk
    return bytes(data)
