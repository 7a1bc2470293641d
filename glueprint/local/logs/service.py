"""CloudWatch Logs, assembled."""

from __future__ import annotations

from glueprint.local.logs.groups import LogGroups
from glueprint.local.logs.operations import Logs, operation
from glueprint.local.protocol import JsonService


def logs_service(logs: Logs) -> JsonService:
    """Return the service over log files."""
    operations = operation.operations([logs, LogGroups(logs.root)])
    return JsonService(operation.service, operations, invalid_code="InvalidParameterException")
