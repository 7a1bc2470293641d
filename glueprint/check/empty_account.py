"""An AWS account that is empty and in memory: it answers the calls that a layout makes while it is checked.

S3 accepts every bucket and returns what the layout has put there. For other services the operation's name and the
service model decide: what creates is remembered, what gets one thing returns it or the service's "not found", what
lists returns nothing. So a layout that prepares its account runs as it would in a new one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glueprint.blueprint.aws_calls import AwsCall, CallRefused
from glueprint.blueprint.layout_calls import error_codes

if TYPE_CHECKING:  # importing botocore takes as long as most checks, which do not need it
    from botocore.model import OperationModel

ACCOUNT_ID = "123456789012"

_READS = ("BatchGet", "Describe", "Get", "Head", "List", "Lookup", "Query", "Search")
_NOT_FOUND = re.compile(r"NotFound|NoSuch|DoesNotExist")
_EXISTS = re.compile(r"AlreadyExists|AlreadyOwned|EntityExists|Conflict")


class EmptyAccount:
    """Answers calls; :attr:`objects` are what is in S3, :attr:`calls` all calls in their order.

    Args:
        objects: what is in S3 at first, by bucket and key.
        is_prepared: whether everything that the layout may create is there already, from a run before.
    """

    def __init__(
        self, objects: Mapping[tuple[str, str], bytes] | None = None, *, is_prepared: bool = False
    ) -> None:
        self._is_prepared = is_prepared
        self.objects: dict[tuple[str, str], bytes] = dict(objects or {})
        self.calls: list[AwsCall] = []
        self._created: dict[tuple[str, str, str], Mapping[str, Any]] = {}

    def answer(self, call: AwsCall) -> Mapping[str, Any]:
        """Answer a call.

        Raises:
            CallRefused: the thing does not exist, or exists already.
        """
        self.calls.append(call)
        if call.service == "s3":
            return self._s3(call)
        if (call.service, call.operation) == ("sts", "GetCallerIdentity"):
            return {"Account": ACCOUNT_ID, "Arn": f"arn:aws:iam::{ACCOUNT_ID}:root", "UserId": ACCOUNT_ID}
        return self._other(call)

    def contains(self, call: AwsCall) -> bool:
        """Whether a call is about something that was put or created here."""
        if call.service == "s3":
            return (str(call.parameters.get("Bucket", "")), str(call.parameters.get("Key", ""))) in self.objects
        return _thing(call) in self._created

    def refuse_existing(self, call: AwsCall) -> None:
        """Refuse to create what exists, if the operation has an error for it.

        Raises:
            CallRefused: it has.
        """
        noun, name = _split(call.operation)[1], _name_in(call.parameters) or call.parameters.get("Bucket")
        _refuse(call, _EXISTS, f"{noun} {name} exists already")

    def _s3(self, call: AwsCall) -> Mapping[str, Any]:
        bucket = str(call.parameters.get("Bucket", ""))
        place = (bucket, str(call.parameters.get("Key", "")))
        match call.operation:
            case "PutObject":
                body = call.parameters.get("Body", b"")
                self.objects[place] = body.encode() if isinstance(body, str) else bytes(body)
                return {"ETag": '"0"'}
            case "GetObject" | "HeadObject":
                if place not in self.objects:
                    code = "NoSuchKey" if call.operation == "GetObject" else "404"
                    raise CallRefused(code, "The specified key does not exist.", 404)
                body = self.objects[place]
                found = {"ContentLength": len(body), "ETag": '"0"'}
                return {**found, "Body": body} if call.operation == "GetObject" else found
            case "ListObjectsV2" | "ListObjects":
                prefix = str(call.parameters.get("Prefix", ""))
                keys = sorted(key for one, key in self.objects if one == bucket and key.startswith(prefix))
                listed = [{"Key": key, "Size": len(self.objects[bucket, key]), "ETag": '"0"'} for key in keys]
                answer: dict[str, Any] = {"IsTruncated": False, "KeyCount": len(listed), "Name": bucket}
                return {**answer, "Contents": listed} if listed else answer
            case "DeleteObject":
                self.objects.pop(place, None)
        return {}

    def _other(self, call: AwsCall) -> Mapping[str, Any]:
        verb, noun = _split(call.operation)
        name = _name_in(call.parameters)
        thing = _thing(call)
        if verb == "Create" and name:
            if self._is_prepared or thing in self._created:
                _refuse(call, _EXISTS, f"{noun} {name} exists already")
            self._created[thing] = _described(call.parameters, noun)
            return {}
        if verb == "Delete":
            self._created.pop(thing, None)
            return {}
        if not is_read(call):
            return {}
        found = self._created.get(thing)
        if found is not None or (self._is_prepared and verb == "Get" and name):
            return {noun: {"Name": name, **(found or {})}}
        if verb in ("Get", "Describe", "Head") and not noun.endswith("s"):
            _refuse(call, _NOT_FOUND, f"{noun} {name} not found.")
        return _empty(call)


def is_read(call: AwsCall) -> bool:
    """Whether a call changes nothing, by the name of its operation."""
    return call.operation.startswith(_READS)


def _refuse(call: AwsCall, code: re.Pattern[str], message: str) -> None:
    """Refuse with the operation's error whose name matches, if it has one.

    Raises:
        CallRefused: it has.
    """
    errors = call.errors
    if errors is None:
        errors = error_codes(operation_model(call.service, call.operation))
    for name, sent in errors.items():
        if code.search(name):
            raise CallRefused(sent, message)


def _empty(call: AwsCall) -> Mapping[str, Any]:
    """Return an answer whose lists are empty."""
    shape = operation_model(call.service, call.operation).output_shape
    members: Mapping[str, Any] = getattr(shape, "members", {})
    return {name: [] for name, member in members.items() if member.type_name == "list"}


def _split(operation: str) -> tuple[str, str]:
    """Return verb and noun, ``("Create", "Database")``."""
    found = re.match(r"[A-Z][a-z]+", operation)
    verb = found.group() if found else ""
    return verb, operation[len(verb) :]


def _name_in(parameters: Mapping[str, Any]) -> str:
    """Return what a request names: its member ``Name`` or ``...Name``, also of its ``...Input``."""
    for member, value in parameters.items():
        if isinstance(value, str) and member.endswith("Name") and member not in ("DatabaseName", "CatalogName"):
            return value
        if isinstance(value, Mapping) and member.endswith("Input") and isinstance(value.get("Name"), str):
            return str(value["Name"])
    return ""


def _thing(call: AwsCall) -> tuple[str, str, str]:
    """Return service, kind and name of what a call is about; a table's name is that of its database, too."""
    parent = call.parameters.get("DatabaseName", "")
    return call.service, _split(call.operation)[1], f"{parent}/{_name_in(call.parameters)}"


def _described(parameters: Mapping[str, Any], noun: str) -> Mapping[str, Any]:
    inner = parameters.get(f"{noun}Input", parameters)
    return inner if isinstance(inner, Mapping) else parameters


@functools.cache
def operation_model(service: str, operation: str) -> OperationModel:
    """Return botocore's description of an operation.

    Raises:
        botocore.model.OperationNotFoundError: the service has no such operation.
    """
    return service_model(service).operation_model(operation)


@functools.cache
def service_model(service: str) -> Any:
    """Return botocore's description of a service."""
    import botocore.session

    return botocore.session.Session().get_service_model(service)
