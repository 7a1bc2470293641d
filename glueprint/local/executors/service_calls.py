"""Calls of other services than Glue: over HTTP, to this server, for state machines and for rules."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from glueprint.local.executors.server_settings import ServerSettings

_TIMEOUT_SECONDS = 60


class Client:
    """boto3 clients of this server, one for each service."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> tuple[Any, Any]:
        """Call an operation; return its output shape and its answer.

        Raises:
            botocore.exceptions.ClientError: the service refused.
            botocore.exceptions.ParamValidationError: the parameters are not the operation's.
        """
        client = self._client(service)
        model = client.meta.service_model.operation_model(operation)
        method = next(name for name, wire in client.meta.method_to_api_mapping.items() if wire == operation)
        answer = getattr(client, method)(**_named(model.input_shape, parameters))
        answer.pop("ResponseMetadata", None)
        for name, shape in (model.output_shape.members if model.output_shape else {}).items():
            if hasattr(answer.get(name), "read") and shape.type_name == "blob":
                answer[name] = answer[name].read()
        return model.output_shape, answer

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                session = boto3.session.Session(
                    self._settings.access_key, self._settings.secret_key, region_name=self._settings.region
                )
                self._clients[service] = session.client(
                    service,
                    endpoint_url=self._settings.endpoint_url,
                    config=Config(
                        retries={"total_max_attempts": 2},
                        read_timeout=_TIMEOUT_SECONDS,
                        s3={"addressing_style": "path"},
                    ),
                )
            return self._clients[service]

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()


def _named(shape: Any, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters with the names of the model, which for some operations start with a small letter."""
    names = {name[:1].upper() + name[1:]: name for name in (shape.members if shape is not None else ())}
    return {names.get(name, name): value for name, value in parameters.items()}
