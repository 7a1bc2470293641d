"""Requests to one service: read from JSON, and checked against its service model."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import botocore.session
from botocore.model import OperationModel, OperationNotFoundError, ServiceModel

from glueprint.facts.validation import known_members, message, problems, unknown_members
from glueprint.local.protocol.errors import ApiError

logger = logging.getLogger(__name__)

MAX_LOGGED = 1000
"""Members that are not in the service model, and are named in the log of one server."""
MAX_LOGGED_LENGTH = 200


@lru_cache(maxsize=8)
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service; it is read once, since Glue's takes a tenth of a second."""
    model: ServiceModel = botocore.session.get_session().get_service_model(service)
    return model


class RequestChecks:
    """The checks that every request to a service must pass.

    Args:
        service: botocore's name, e.g. ``glue``.
        invalid_code: the error code for a request that breaks the model (Glue: boto3 issue 3229).
    """

    def __init__(self, service: str, invalid_code: str = "ValidationException") -> None:
        self.model = service_model(service)
        self._invalid_code = invalid_code
        self._operations: dict[str, OperationModel] = {}
        self._ignored: set[tuple[str, str]] = set()

    def operation(self, name: str) -> OperationModel:
        """Return the model of an operation.

        Raises:
            ApiError: UnknownOperationException.
        """
        model = self._operations.get(name)
        if model is None:
            try:
                model = self.model.operation_model(name)
            except OperationNotFoundError as error:
                raise ApiError(
                    "UnknownOperationException", f"{self.model.service_id} has no operation {name!r}"
                ) from error
            self._operations[name] = model
        return model

    def checked(self, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request as the operation gets it: without members that the model does not know.

        Raises:
            ApiError: it breaks the model; the message names every member that does.
        """
        shape = self.operation(name).input_shape
        found = problems(shape, request) if shape is not None else []
        if found:
            raise ApiError(self._invalid_code, message(found))
        known: dict[str, Any] = known_members(shape, request)
        if known != request:  # a comparison costs less than one more walk through each request
            self._log_unknown(name, unknown_members(shape, request))
        return known

    def _log_unknown(self, operation: str, members: list[str]) -> None:
        """Name each member that is ignored once, as AWS ignores it: it may be misspelt, or in the wrong place."""
        for member in members:
            # One entry of a list stands for all.
            place = (operation, re.sub(r"\b\d+\.member\b", "member", member)[:MAX_LOGGED_LENGTH])
            if place in self._ignored or len(self._ignored) >= MAX_LOGGED:
                continue
            self._ignored.add(place)
            logger.warning(
                "%s: the member %r is not in the service model and was ignored, as AWS ignores it", *place
            )


def parsed(body: bytes) -> dict[str, Any]:
    """Return the members of a request.

    Raises:
        ApiError: the body is not a JSON object.
    """
    try:
        # Decoded here: json.loads would guess an encoding, and accept halves of surrogate pairs.
        request = json.loads(body.decode() or "{}", parse_constant=_refuse_constant)
        if b"\\u" in body:
            json.dumps(request, ensure_ascii=False).encode()  # fails for half of a surrogate pair
    except (ValueError, RecursionError) as error:
        raise ApiError("SerializationException", f"the body is not JSON: {error}") from error
    if not isinstance(request, dict):
        raise ApiError("SerializationException", "the body must be a JSON object")
    return request


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python reads although they are not JSON."""
    raise ValueError(f"{name} is not a number")
