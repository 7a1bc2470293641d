"""``awsglue.blueprint.job``: a job of a workflow, its CreateJob request, and what it waits for."""

from enum import Enum
from typing import Any, ClassVar

from .base_resource import BaseResource, ensure_type

__all__ = [
    "BaseResource",
    "Command",
    "CommandName",
    "Enum",
    "ExecutionProperty",
    "Job",
    "WorkerType",
    "ensure_type",
]


class CommandName(Enum):
    """Kinds of job the library knows (no ``glueray``)."""

    GLUE_ETL = "glueetl"
    PYTHON_SHELL = "pythonshell"
    GLUE_STREAMING = "gluestreaming"

    @staticmethod
    def has_value(item: Any) -> bool:
        """Whether ``item`` is the value of a member."""
        return any(item == known.value for known in CommandName)


class WorkerType(Enum):
    """Worker types the library knows (no ``G.025X``, ``G.4X``, ``G.8X``, nor the R family)."""

    STANDARD = "Standard"
    G1_X = "G.1X"
    G2_X = "G.2X"

    @staticmethod
    def has_value(item: Any) -> bool:
        """Whether ``item`` is the value of a member."""
        return any(item == known.value for known in WorkerType)


class Command(BaseResource):
    """Checks a job's ``Command``."""

    _members: ClassVar = {"Name": (str, True), "ScriptLocation": (str, True), "PythonVersion": (str, False)}
    _drops_falsy = True

    def __init__(self, **kwargs: Any) -> None:
        self._fill(kwargs)

    def _check(self, key: str, value: Any) -> None:
        if key == "Name" and not CommandName.has_value(value):
            raise TypeError(f"{value} is not a valid value for key {key} in {type(self).__name__}")


class ExecutionProperty(BaseResource):
    """Checks a job's ``ExecutionProperty``."""

    _members: ClassVar = {"MaxConcurrentRuns": (int, False)}

    def __init__(self, **kwargs: Any) -> None:
        self._fill(kwargs)


class Job(BaseResource):
    """A job. Members are CreateJob's, with ``DependsOn`` (a dict of Job or Crawler to state) and
    ``WaitForDependencies`` (``AND`` or ``ANY``); newer members of CreateJob are dropped."""

    _members: ClassVar = {
        "Name": (str, True),
        "Description": (str, False),
        "LogUri": (str, False),
        "Role": (str, True),
        "ExecutionProperty": (dict, False),
        "Command": (dict, True),
        "DefaultArguments": (dict, False),
        "NonOverridableArguments": (dict, False),
        "Connections": (dict, False),
        "MaxRetries": (int, False),
        "AllocatedCapacity": (int, False),
        "Timeout": (int, False),
        "MaxCapacity": (float, False),
        "WorkerType": (str, False),
        "NumberOfWorkers": (int, False),
        "SecurityConfiguration": (str, False),
        "NotificationProperty": (dict, False),
        "GlueVersion": (str, False),
        "Tags": (dict, False),
        "DependsOn": (dict, False),
        "WaitForDependencies": (str, False),
    }
    _drops_falsy = True
    _keywords: ClassVar = {"Description": "description"}
    _warns = True

    def __init__(self, **kwargs: Any) -> None:
        self._fill(kwargs)

    def _check(self, key: str, value: Any) -> None:
        if key == "Command":
            Command(**value).validate()
        elif key == "ExecutionProperty":
            ExecutionProperty(**value).validate()
        elif key == "WorkerType" and not WorkerType.has_value(value):
            raise TypeError(f"{value} is not a valid value for worker type")
