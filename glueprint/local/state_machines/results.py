"""Answers and errors of services, in the form in which Step Functions hands them to a state."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from glueprint.statemachine.context import iso_time

SDK_NAMES = {"glue": "Glue", "s3": "S3", "sns": "Sns", "sqs": "Sqs"}
"""The names of services in errors of AWS SDK integrations."""
OPTIMIZED_NAMES = {"glue": "Glue", "sns": "SNS", "sqs": "SQS"}
"""The same of optimized integrations."""


def state_data(shape: Shape | None, value: Any, *, as_milliseconds: bool = False) -> Any:
    """Return an answer of a service as JSON of a state.

    Args:
        shape: the output shape; members that it does not know are dropped.
        value: as botocore returns it, or with times as epoch seconds.
        as_milliseconds: times are epoch milliseconds (optimized integrations), not texts.
    """
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        return {
            name[:1].upper() + name[1:]: state_data(shape.members[name], item, as_milliseconds=as_milliseconds)
            for name, item in value.items()
            if name in shape.members and item is not None
        }
    if isinstance(shape, ListShape):
        return [state_data(shape.member, item, as_milliseconds=as_milliseconds) for item in value]
    if isinstance(shape, MapShape):
        return {
            name: state_data(shape.value, item, as_milliseconds=as_milliseconds) for name, item in value.items()
        }
    if shape is not None and shape.type_name == "timestamp":
        at = value.timestamp() if isinstance(value, datetime) else float(value)
        return int(at * 1000) if as_milliseconds else iso_time(at)
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def error_name(service: str, code: str, *, is_sdk: bool, is_modelled: bool = True) -> str:
    """Return the name of a service's error, such as ``Glue.EntityNotFoundException``."""
    names = SDK_NAMES if is_sdk else OPTIMIZED_NAMES
    name = names.get(service, service.capitalize())
    if not is_modelled:
        return f"{name}.{name}Exception"
    return f"{name}.{code}" if code.endswith("Exception") else f"{name}.{code}Exception"


def error_cause(service: str, code: str, message: str, status: int, *, is_sdk: bool) -> str:
    """Return the cause of a service's error in the words of AWS's SDKs."""
    request = uuid.uuid4()
    if is_sdk:
        name = SDK_NAMES.get(service, service)
        return f"{message} (Service: {name}, Status Code: {status}, Request ID: {request})"
    name = {"glue": "AWSGlue", "sns": "AmazonSNS", "sqs": "AmazonSQS"}.get(service, service)
    details = f"Status Code: {status}; Error Code: {code}; Request ID: {request}; Proxy: null"
    return f"{message} (Service: {name}; {details})"
