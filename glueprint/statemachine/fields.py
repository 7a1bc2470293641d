"""The fields of each type of state, and the form of their values (states-language.net, "Table of State Types")."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any


class Kind(Enum):
    """The form of a field; ANY is checked elsewhere or is free."""

    ANY = auto()
    TEXT = auto()
    PATH = auto()
    NULL_PATH = auto()
    """A path, or null."""
    PATH_OR_CALL = auto()
    """A path, or an intrinsic function."""
    REFERENCE = auto()
    """A path of a single node, or null."""
    TEMPLATE = auto()
    SECONDS = auto()
    COUNT = auto()


_COMMON = {"Type": Kind.ANY, "Comment": Kind.TEXT, "QueryLanguage": Kind.ANY}
_IN_OUT = {"InputPath": Kind.NULL_PATH, "OutputPath": Kind.NULL_PATH}
_ONWARD = {"Next": Kind.ANY, "End": Kind.ANY}
_RESULT = {"ResultPath": Kind.REFERENCE}
_FAILABLE = {"Retry": Kind.ANY, "Catch": Kind.ANY, "ResultSelector": Kind.TEMPLATE, "Parameters": Kind.TEMPLATE}

FIELDS: Mapping[str, Mapping[str, Kind]] = {
    "Task": {
        **_COMMON,
        **_IN_OUT,
        **_ONWARD,
        **_RESULT,
        **_FAILABLE,
        "Resource": Kind.ANY,
        "TimeoutSeconds": Kind.SECONDS,
        "TimeoutSecondsPath": Kind.PATH,
        "HeartbeatSeconds": Kind.SECONDS,
    },
    "Pass": {**_COMMON, **_IN_OUT, **_ONWARD, **_RESULT, "Parameters": Kind.TEMPLATE, "Result": Kind.ANY},
    "Wait": {
        **_COMMON,
        **_IN_OUT,
        **_ONWARD,
        "Seconds": Kind.SECONDS,
        "SecondsPath": Kind.PATH,
        "Timestamp": Kind.ANY,
        "TimestampPath": Kind.PATH,
    },
    "Choice": {**_COMMON, **_IN_OUT, "Choices": Kind.ANY, "Default": Kind.ANY},
    "Succeed": {**_COMMON, **_IN_OUT},
    "Fail": {
        **_COMMON,
        "Error": Kind.TEXT,
        "Cause": Kind.TEXT,
        "ErrorPath": Kind.PATH_OR_CALL,
        "CausePath": Kind.PATH_OR_CALL,
    },
    "Parallel": {**_COMMON, **_IN_OUT, **_ONWARD, **_RESULT, **_FAILABLE, "Branches": Kind.ANY},
    "Map": {
        **_COMMON,
        **_IN_OUT,
        **_ONWARD,
        **_RESULT,
        **_FAILABLE,
        "ItemProcessor": Kind.ANY,
        "Iterator": Kind.ANY,
        "ItemsPath": Kind.PATH,
        "ItemSelector": Kind.TEMPLATE,
        "MaxConcurrency": Kind.COUNT,
        "MaxConcurrencyPath": Kind.PATH,
    },
}

UNSUPPORTED_FIELDS: Mapping[str, str] = {
    "Arguments": "Arguments belongs to JSONata, which is not supported here",
    "Assign": "variables (Assign) are not supported here",
    "Credentials": "roles of other accounts (Credentials) are not supported here",
    "HeartbeatSecondsPath": "HeartbeatSecondsPath is not supported here",
    "ItemBatcher": "Map of mode DISTRIBUTED (ItemBatcher) is not supported here",
    "ItemReader": "Map of mode DISTRIBUTED (ItemReader) is not supported here",
    "Items": "Items belongs to JSONata, which is not supported here",
    "Label": "Map of mode DISTRIBUTED (Label) is not supported here",
    "Output": "Output belongs to JSONata, which is not supported here",
    "ResultWriter": "Map of mode DISTRIBUTED (ResultWriter) is not supported here",
    "ToleratedFailureCount": "Map of mode DISTRIBUTED (ToleratedFailureCount) is not supported here",
    "ToleratedFailurePercentage": "Map of mode DISTRIBUTED (ToleratedFailurePercentage) is not supported here",
}
"""Fields that AWS accepts and that are refused by name."""

UNSUPPORTED_TOP: Mapping[str, tuple[tuple[Any, ...], str]] = {
    "QueryLanguage": (("JSONPath",), "QueryLanguage JSONata is not supported here, only JSONPath"),
    "Version": (("1.0",), "Version must be 1.0"),
}
"""Fields of the state machine of which only some values are supported."""
