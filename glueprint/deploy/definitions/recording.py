"""An account that a layout can read and not change: its reads are answered by the real one, its changes recorded.

So a plan shows what a layout would make in this account: a layout that creates its database only if there is none
makes it only there. What was recorded is visible to later calls of the same layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore
from botocore.exceptions import BotoCoreError, ClientError

from glueprint.blueprint.aws_calls import AwsCall, CallRefused
from glueprint.check.empty_account import EmptyAccount, is_read, operation_model
from glueprint.client.session import Session


class RecordingAccount:
    """Answers calls for a session's account; :meth:`answer` is what ``lay_out`` takes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._recorded = EmptyAccount()

    def answer(self, call: AwsCall) -> Mapping[str, Any]:
        """Answer a call.

        Raises:
            CallRefused: the account refuses it, or would refuse it, because the thing exists.
        """
        if self._recorded.contains(call):
            return self._recorded.answer(call)
        if is_read(call):
            return self._listed(call, self._sent(call))
        if self._exists(call):
            self._recorded.refuse_existing(call)
        return self._recorded.answer(call)

    def _listed(self, call: AwsCall, found: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add recorded objects to a listing of a bucket."""
        if (call.service, call.operation) not in (("s3", "ListObjectsV2"), ("s3", "ListObjects")):
            return found
        own = self._recorded.answer(call).get("Contents", [])
        keys = {one["Key"] for one in own}
        contents = [one for one in found.get("Contents", []) if one["Key"] not in keys] + own
        return {**found, "Contents": contents, "KeyCount": len(contents)} if contents else found

    def _sent(self, call: AwsCall) -> Mapping[str, Any]:
        client = self._session.client(call.service)
        method = getattr(client, botocore.xform_name(call.operation))
        try:
            answer = dict(method(**call.parameters))
        except ClientError as error:
            details = error.response.get("Error", {})
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
            raise CallRefused(details.get("Code", ""), details.get("Message", ""), status) from error
        except BotoCoreError as error:
            raise CallRefused(type(error).__name__, str(error)) from error
        answer.pop("ResponseMetadata", None)
        return {name: value.read() if hasattr(value, "read") else value for name, value in answer.items()}

    def _exists(self, call: AwsCall) -> bool:
        """Whether what a Create* call creates is there, as far as an operation tells it."""
        lookup = lookup_of(call)
        if lookup is None:
            return False
        try:
            self._sent(lookup)
        except CallRefused:
            return False
        return True


def lookup_of(call: AwsCall) -> AwsCall | None:
    """Return the call that requests what a Create* call creates; None if the service has none."""
    if not call.operation.startswith("Create"):
        return None
    noun = call.operation.removeprefix("Create")
    given = dict(call.parameters)
    inner = given.get(f"{noun}Input")
    name = inner.get("Name") if isinstance(inner, Mapping) else given.get("Name")
    for verb in ("Get", "Head", "Describe"):
        try:
            shape = operation_model(call.service, f"{verb}{noun}").input_shape
        except botocore.model.OperationNotFoundError:
            continue
        required = shape.required_members if shape is not None else []
        values = {
            one: name if one in ("Name", f"{noun}Name") and one not in given else given.get(one)
            for one in required
        }
        if required and all(isinstance(value, str) for value in values.values()):
            return AwsCall(call.service, f"{verb}{noun}", values)
    return None
