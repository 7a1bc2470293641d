"""Diverts the calls of a layout's AWS clients to the parent process, in the process of the layout.

`layout_child` loads this file if the parent answers (`aws_calls`); it imports nothing of Glueprint. A call is one
frame on a socket, its answer another one: four bytes of length, then JSON. Bytes are ``{"$bytes": base64}``,
times ``{"$time": ISO 8601}``.
"""

from __future__ import annotations

import base64
import datetime
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import json
import socket
import struct
import sys
import threading
import types
from collections.abc import Sequence
from typing import Any

_CLIENT = "botocore.client"


def divert(socket_fd: int) -> None:
    """Divert all calls, also of a botocore that is imported later: importing it takes a third of a second."""
    connection = _Connection(socket.socket(fileno=socket_fd))
    loaded = sys.modules.get(_CLIENT)
    if loaded is not None:
        _patch(loaded, connection)
    else:
        sys.meta_path.insert(0, _Patching(connection))


class _Connection:
    """The socket to the parent; one call at a time, from any thread."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._lock = threading.Lock()

    def call(self, service: str, operation: str, parameters: Any, errors: dict[str, str]) -> dict[str, Any]:
        request = {"service": service, "operation": operation, "parameters": to_json(parameters), "errors": errors}
        text = json.dumps(request)
        with self._lock:
            data = text.encode()
            self._socket.sendall(struct.pack(">I", len(data)) + data)
            (length,) = struct.unpack(">I", self._read(4))
            answer: dict[str, Any] = json.loads(self._read(length))
        return answer

    def _read(self, size: int) -> bytes:
        chunks = bytearray()
        while len(chunks) < size:
            chunk = self._socket.recv(size - len(chunks))
            if not chunk:
                raise ConnectionError("the process that answers AWS calls has gone")
            chunks += chunk
        return bytes(chunks)


class _Patching(importlib.abc.MetaPathFinder):
    """Replaces the method of botocore's clients that makes calls, right after the import."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != _CLIENT:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        load, connection = spec.loader.exec_module, self._connection

        def load_and_patch(module: types.ModuleType) -> None:
            load(module)
            _patch(module, connection)

        spec.loader.exec_module = load_and_patch  # type: ignore[method-assign]
        return spec


def _patch(module: Any, connection: _Connection) -> None:
    validate = importlib.import_module("botocore.validate").validate_parameters
    streaming_body = importlib.import_module("botocore.response").StreamingBody

    def make_api_call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        model = client.meta.service_model.operation_model(operation)
        if model.input_shape is not None:
            validate(parameters, model.input_shape)
        service = client.meta.service_model.service_name
        answer = connection.call(service, operation, parameters, error_codes(model))
        metadata = {"HTTPStatusCode": answer.get("status", 200), "RequestId": "glueprint", "RetryAttempts": 0}
        if "error" in answer:
            error = {"Error": answer["error"], "ResponseMetadata": metadata}
            raise client.exceptions.from_code(answer["error"]["Code"])(error, operation)
        result = from_json(answer["result"])
        stream = model.get_streaming_output()
        if stream is not None:
            name = model.output_shape.serialization["payload"]
            data = result.get(name, b"")
            result[name] = streaming_body(io.BytesIO(data), len(data))
        return {**result, "ResponseMetadata": metadata}

    module.BaseClient._make_api_call = make_api_call


def error_codes(operation: Any) -> dict[str, str]:
    """Return the codes of an operation's errors, by the names of their shapes in the service model."""
    return {one.name: one.metadata.get("error", {}).get("code", one.name) for one in operation.error_shapes}


def to_json(value: Any) -> Any:
    """Return a request's value as JSON has it; files and streams are read."""
    if isinstance(value, dict):
        return {str(name): to_json(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(one) for one in value]
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        return {"$time": value.isoformat()}
    return value


def from_json(value: Any) -> Any:
    """Return what :func:`to_json` was given."""
    if isinstance(value, dict):
        if set(value) == {"$bytes"}:
            return base64.b64decode(value["$bytes"])
        if set(value) == {"$time"}:
            return datetime.datetime.fromisoformat(value["$time"])
        return {name: from_json(member) for name, member in value.items()}
    return [from_json(one) for one in value] if isinstance(value, list) else value
