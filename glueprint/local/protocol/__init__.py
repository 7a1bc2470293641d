"""JSON 1.1 as AWS speaks it, driven by botocore's service model: validation, errors, serialisation."""

from glueprint.local.protocol.errors import ApiError
from glueprint.local.protocol.operations import Context, Declare, Operation, Runs
from glueprint.local.protocol.service import JsonService, json_response

__all__ = ["ApiError", "Context", "Declare", "JsonService", "Operation", "Runs", "json_response"]
