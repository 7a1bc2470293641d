"""The operations of CloudWatch Logs that make and describe groups, as Terraform and other tools call them.

A group's settings are in a file in its folder: retention is kept and shown, and nothing is ever removed by it.
Service model ``logs``, 2014-03-28.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from glueprint.local.logs import layout
from glueprint.local.logs.operations import operation
from glueprint.local.protocol import ApiError, Context, Runs

MAX_TAGS = 50

_NAME = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
_RETENTION_DAYS = frozenset(
    (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
)
"""PutRetentionPolicy, "retentionInDays: possible values"."""
_ARN = re.compile(r"arn:[^:]+:logs:[^:]*:[^:]*:log-group:(?P<group>[^:*]+)(:\*)?")


class LogGroups:
    """Serves the groups under one root.

    Args:
        root: the data directory's ``logs`` folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._changing = threading.Lock()

    @operation("CreateLogGroup", runs=Runs.IN_THREAD)
    def create_log_group(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        """CreateLogGroup: its encryption key and class are kept, without effect."""
        name = request["logGroupName"]
        if not _NAME.fullmatch(name):
            raise _invalid(f"1 validation error detected: Value '{name}' at 'logGroupName' is not a group's name")
        tags = request.get("tags") or {}
        _check_tags(tags)
        with self._changing:
            if layout.group_exists(self._root, name):
                raise ApiError("ResourceAlreadyExistsException", "The specified log group already exists")
            layout.prepare_group(self._root, name)
            kept = {key: request[key] for key in ("kmsKeyId", "logGroupClass") if request.get(key)}
            layout.write_settings(self._root, name, {**kept, "tags": tags})
        return {}

    @operation("DeleteLogGroup", runs=Runs.IN_THREAD)
    def delete_log_group(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteLogGroup: with all its streams; a job that runs goes on and writes into nothing."""
        with self._changing:
            shutil.rmtree(layout.group_path(self._root, self._existing(request["logGroupName"])))
        return {}

    @operation("CreateLogStream", runs=Runs.IN_THREAD)
    def create_log_stream(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        """CreateLogStream: an empty stream."""
        group, stream = self._existing(request["logGroupName"]), request["logStreamName"]
        if layout.stream_exists(self._root, group, stream):
            raise ApiError("ResourceAlreadyExistsException", "The specified log stream already exists")
        layout.prepare_log(self._root, group, stream)
        return {}

    @operation("PutRetentionPolicy", runs=Runs.IN_THREAD)
    def put_retention_policy(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        """PutRetentionPolicy: kept and shown, without effect."""
        days = request["retentionInDays"]
        if days not in _RETENTION_DAYS:
            raise _invalid(f"Value '{days}' at 'retentionInDays' must be one of {sorted(_RETENTION_DAYS)}")
        return self._change(request["logGroupName"], lambda settings: settings.update(retentionInDays=days))

    @operation("DeleteRetentionPolicy", runs=Runs.IN_THREAD)
    def delete_retention_policy(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteRetentionPolicy."""
        return self._change(request["logGroupName"], lambda settings: settings.pop("retentionInDays", None))

    @operation("TagResource", runs=Runs.IN_THREAD)
    def tag_resource(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        """TagResource: adds tags to a group, or overwrites those with the same keys."""

        def change(settings: dict[str, Any]) -> None:
            tags = {**settings.get("tags", {}), **request["tags"]}
            _check_tags(tags)
            settings["tags"] = tags

        return self._change(_group_of(request["resourceArn"]), change)

    @operation("UntagResource", runs=Runs.IN_THREAD)
    def untag_resource(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        """UntagResource: a missing key is not an error."""

        def change(settings: dict[str, Any]) -> None:
            settings["tags"] = {
                key: text for key, text in settings.get("tags", {}).items() if key not in request["tagKeys"]
            }

        return self._change(_group_of(request["resourceArn"]), change)

    @operation("ListTagsForResource", runs=Runs.IN_THREAD)
    def list_tags_for_resource(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        """ListTagsForResource."""
        group = self._existing(_group_of(request["resourceArn"]))
        return {"tags": layout.read_settings(self._root, group).get("tags", {})}

    def _existing(self, group: str) -> str:
        if not layout.group_exists(self._root, group):
            raise ApiError("ResourceNotFoundException", "The specified log group does not exist.")
        return group

    def _change(self, group: str, change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        with self._changing:
            settings = layout.read_settings(self._root, self._existing(group))
            change(settings)
            layout.write_settings(self._root, group, settings)
        return {}


def _group_of(arn: str) -> str:
    found = _ARN.fullmatch(arn)
    if found is None:
        raise _invalid(f"{arn} is not the ARN of a log group")
    return found["group"]


def _check_tags(tags: dict[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise ApiError("TooManyTagsException", f"A log group has at most {MAX_TAGS} tags")


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidParameterException", message)
