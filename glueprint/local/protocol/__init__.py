"""JSON 1.1 as AWS speaks it, driven by botocore's service model: validation, errors, serialisation."""

from glueprint.local.protocol.errors import ApiError
from glueprint.local.protocol.service import Context, JsonService, Operation, json_response

__all__ = ["ApiError", "Context", "JsonService", "Operation", "json_response"]
