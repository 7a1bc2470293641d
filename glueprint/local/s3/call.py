"""What an S3 operation receives and returns, and how a method is declared as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from glueprint.local.protocol import Declare, Runs
from glueprint.local.s3.conditions import Conditions, Span
from glueprint.local.s3.errors import S3Error, invalid_argument, not_implemented
from glueprint.local.s3.integrity import Claims
from glueprint.local.s3.objects import OpenObject
from glueprint.local.s3.staging import StagedFile

_NOT_SUPPORTED = (
    "SSECustomerAlgorithm",
    "CopySourceSSECustomerAlgorithm",
    "ObjectLockMode",
    "ObjectLockRetainUntilDate",
    "ObjectLockLegalHoldStatus",
    "ObjectLockEnabledForBucket",
    "GrantFullControl",
    "GrantRead",
    "GrantReadACP",
    "GrantWrite",
    "GrantWriteACP",
    "MFA",
    "WriteOffsetBytes",
    "ObjectLockEventHold",
    "SSEKMSEncryptionContext",
    "IfMatchInitiatedTime",
)
"""Members that change the meaning of an operation and are not supported: refused, never ignored."""

_OWNER_ACLS = frozenset({"private", "bucket-owner-full-control", "bucket-owner-read"})


@dataclass(frozen=True, slots=True)
class Body:
    """A received body.

    Args:
        staged: its file.
        checksums: those that were verified, base64 by algorithm.
    """

    staged: StagedFile
    checksums: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """A request, decoded.

    Args:
        operation: the operation's name in the service model.
        members: the members of its input.
        region: the region that the client signed for.
        claims: what the client claims about the body.
        body: of operations that take a stream; None in all others.
    """

    operation: str
    members: Mapping[str, Any]
    region: str
    claims: Claims
    body: Body | None = None

    def __getitem__(self, name: str) -> Any:
        """Return a member, or None when the client did not send it."""
        return self.members.get(name)

    @property
    def bucket(self) -> str:
        """The bucket of the request."""
        return str(self.members["Bucket"])

    @property
    def key(self) -> str:
        """The object's key."""
        return str(self.members["Key"])

    def received(self) -> Body:
        """Return the body of an operation that takes a stream."""
        if self.body is None:
            raise TypeError(f"{self.operation} was called without its body")
        return self.body

    def check(self, account_id: str) -> None:
        """Check what applies to every operation.

        Raises:
            S3Error: AccessDenied when the bucket's owner is not the expected one; NotImplemented; InvalidArgument;
                AccessControlListNotSupported.
        """
        for owner in (self["ExpectedBucketOwner"], self["ExpectedSourceBucketOwner"]):
            if owner is not None and owner != account_id:
                raise S3Error("AccessDenied", "Access Denied", 403)
        for name in _NOT_SUPPORTED:
            if self[name]:
                raise not_implemented(f"{self.operation} with {name}")
        if self["ACL"] is not None and self["ACL"] not in _OWNER_ACLS:
            raise S3Error("AccessControlListNotSupported", "The bucket does not allow ACLs", 400)
        if self["VersionId"] not in (None, "", "null"):
            raise invalid_argument("versionId", self["VersionId"], "Invalid version id specified")


def write_conditions(call: Call) -> Conditions:
    """Return the conditions of a write.

    Raises:
        S3Error: NotImplemented for ``If-None-Match`` with an ETag, as S3 answers.
    """
    if call["IfNoneMatch"] not in (None, "*"):
        raise S3Error(
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
            501,
            {"Header": "If-None-Match"},
        )
    return Conditions(call["IfMatch"], call["IfNoneMatch"])


@dataclass(frozen=True, slots=True)
class Stream:
    """A body that is sent block by block; the sender closes ``source``."""

    source: OpenObject
    span: Span


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Args:
        members: the members of the operation's output.
        status: HTTP status; 200 means the status in the service model.
        document: the complete body of an answer that the service model cannot describe.
        content_type: of that document.
        stream: the body of GetObject.
    """

    members: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    document: bytes | None = None
    content_type: str = "application/xml"
    stream: Stream | None = None


_declare = Declare("s3")

M = TypeVar("M", bound=Callable[..., Reply])


def operation(name: str) -> Callable[[M], M]:
    """Declare a method, which takes a :class:`Call`, as an operation of S3; all run in threads."""
    return _declare(name, runs=Runs.IN_THREAD)


def operations_of(families: Iterable[object]) -> dict[str, Callable[[Call], Reply]]:
    """Return the operations that the classes of ``families`` declare, by name.

    Raises:
        ValueError: two methods declare one operation.
    """
    found = _declare.operations(families)
    return {name: cast("Callable[[Call], Reply]", declared.call) for name, declared in found.items()}
