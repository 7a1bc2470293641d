"""Settings of buckets that tools make and read back: stored, and without effect on objects.

One of them has an effect: a bucket sends events once its notifications have an ``EventBridgeConfiguration``.
Sources: the pages of the operations in the Amazon S3 API reference; the errors of what is absent are in "Error
responses" there. Buckets block public access, encrypt with SSE-S3 and disable ACLs since April 2023.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from glueprint.local.s3 import settings_rows
from glueprint.local.s3.call import Call, Reply
from glueprint.local.s3.errors import S3Error, malformed_xml, not_implemented
from glueprint.local.s3.store import S3Store

logger = logging.getLogger(__name__)

NOTIFICATION = "Notification"

_Check = Callable[[Any], Any]
"""Returns a setting as it is stored, or raises :class:`S3Error`."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a bucket, and the operations on it.

    Attributes:
        name: as in ``PutBucket{name}``; the other operations are named after it unless they are given.
        member: of the input of the putting operation.
        flat: the members of the setting are those of the reading operation's output.
        missing: code and message of the error if it is not set; None: ``default`` is returned.
        default: of a bucket for which it was never set.
        can_delete: whether there is an operation that deletes it.
        put, get, delete: the operations' names.
    """

    name: str
    member: str
    flat: bool = False
    missing: tuple[str, str] | None = None
    default: Any = None
    can_delete: bool = False
    put: str = ""
    get: str = ""
    delete: str = ""
    check: _Check = lambda value: value

    def operation(self, verb: str) -> str:
        """Return the name of the operation that puts, gets or deletes it."""
        named = {"Put": self.put, "Get": self.get, "Delete": self.delete}[verb]
        return named or f"{verb}Bucket{self.name}"


def _checked_notification(value: Mapping[str, Any]) -> Mapping[str, Any]:
    for member in ("TopicConfigurations", "QueueConfigurations", "LambdaFunctionConfigurations"):
        if value.get(member):
            raise not_implemented(
                f"PutBucketNotificationConfiguration with {member} (nothing would be delivered; an "
                "EventBridgeConfiguration and an EventBridge rule start a workflow)"
            )
    return value


def _checked_versioning(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if value.get("MFADelete") == "Enabled":
        raise not_implemented("PutBucketVersioning with MfaDelete")
    if value.get("Status") not in ("Enabled", "Suspended"):
        raise malformed_xml()
    if value["Status"] == "Enabled":
        logger.warning("versioning is stored but has no effect: objects that are replaced or deleted are gone")
    return {"Status": value["Status"]}


def _checked_lifecycle(value: Mapping[str, Any]) -> Mapping[str, Any]:
    rules = value.get("Rules")
    if not rules or any(rule.get("Status") not in ("Enabled", "Disabled") for rule in rules):
        raise malformed_xml()
    return {**value, "Rules": [{"ID": secrets.token_urlsafe(24), **rule} for rule in rules]}


def _checked_policy(value: str) -> str:
    try:
        policy = json.loads(value)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise S3Error("MalformedPolicy", "This policy contains invalid Json", 400)
    if "Statement" not in policy:
        raise S3Error("MalformedPolicy", "Missing required field Statement", 400)
    return value


def _checked_cors(value: Mapping[str, Any]) -> Mapping[str, Any]:
    rules = value.get("CORSRules")
    if not rules or any(not rule.get("AllowedMethods") or not rule.get("AllowedOrigins") for rule in rules):
        raise malformed_xml()
    return value


_BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
_SSE_S3 = {
    "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]
}
OWNER_ENFORCED = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}

SETTINGS = (
    Setting(
        "PublicAccessBlock",
        "PublicAccessBlockConfiguration",
        missing=("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"),
        default=_BLOCKED,
        can_delete=True,
        put="PutPublicAccessBlock",
        get="GetPublicAccessBlock",
        delete="DeletePublicAccessBlock",
        check=lambda value: {**dict.fromkeys(_BLOCKED, False), **value},
    ),
    Setting("Encryption", "ServerSideEncryptionConfiguration", default=_SSE_S3, can_delete=True),
    Setting(
        "OwnershipControls",
        "OwnershipControls",
        missing=("OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
        default=OWNER_ENFORCED,
        can_delete=True,
    ),
    Setting(
        "Policy",
        "Policy",
        missing=("NoSuchBucketPolicy", "The bucket policy does not exist"),
        can_delete=True,
        check=_checked_policy,
    ),
    Setting("Versioning", "VersioningConfiguration", flat=True, default={}, check=_checked_versioning),
    Setting(
        NOTIFICATION,
        "NotificationConfiguration",
        flat=True,
        default={},
        put="PutBucketNotificationConfiguration",
        get="GetBucketNotificationConfiguration",
        check=_checked_notification,
    ),
    Setting(
        "Lifecycle",
        "LifecycleConfiguration",
        flat=True,
        missing=("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
        can_delete=True,
        put="PutBucketLifecycleConfiguration",
        get="GetBucketLifecycleConfiguration",
        check=_checked_lifecycle,
    ),
    Setting(
        "Cors",
        "CORSConfiguration",
        flat=True,
        missing=("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
        can_delete=True,
        check=_checked_cors,
    ),
    Setting(
        "Website",
        "WebsiteConfiguration",
        flat=True,
        missing=(
            "NoSuchWebsiteConfiguration",
            "The specified bucket does not have a website configuration",
        ),
        can_delete=True,
    ),
    Setting("Logging", "BucketLoggingStatus", flat=True, default={}),
    Setting("RequestPayment", "RequestPaymentConfiguration", flat=True, default={"Payer": "BucketOwner"}),
    Setting(
        "Accelerate",
        "AccelerateConfiguration",
        flat=True,
        default={},
        put="PutBucketAccelerateConfiguration",
        get="GetBucketAccelerateConfiguration",
    ),
    Setting("Abac", "AbacStatus", default={"Status": "Disabled"}),
)

NEVER_SET: Mapping[str, tuple[str, str]] = {
    "GetBucketReplication": (
        "ReplicationConfigurationNotFoundError",
        "The replication configuration was not found",
    ),
    "GetObjectLockConfiguration": (
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    ),
}
"""Operations that read what cannot be set here, with S3's answer for a bucket without it."""

_OBJECT_SIZE = "TransitionDefaultMinimumObjectSize"
_DEFAULT_OBJECT_SIZE = "all_storage_classes_128K"


class BucketSettings:
    """The operations on the settings of the buckets of one store."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def operations(self) -> dict[str, Callable[[Call], Reply]]:
        """Return the operations by their names in the service model."""
        found: dict[str, Callable[[Call], Reply]] = {"PutBucketAcl": self._put_acl}
        for setting in SETTINGS:
            found[setting.operation("Put")] = partial(self._put, setting)
            found[setting.operation("Get")] = partial(self._get, setting)
            if setting.can_delete:
                found[setting.operation("Delete")] = partial(self._delete, setting)
        for name, missing in NEVER_SET.items():
            found[name] = partial(self._never_set, missing)
        return found

    def _put(self, setting: Setting, call: Call) -> Reply:
        self._store.bucket(call.bucket)
        value = call[setting.member]
        if value is None:
            raise malformed_xml()
        stored = setting.check(value)
        reply = Reply()
        if setting.name == "Lifecycle":
            size = call[_OBJECT_SIZE] or _DEFAULT_OBJECT_SIZE
            stored, reply = {**stored, _OBJECT_SIZE: size}, Reply({_OBJECT_SIZE: size})
        if setting.name == "Policy":
            reply = Reply(status=204)
        self._store.buckets.put_setting(call.bucket, setting.name, _plain(stored))
        return reply

    def _get(self, setting: Setting, call: Call) -> Reply:
        value = self._value(setting, call.bucket)
        if value is None:
            code, message = setting.missing or ("", "")
            raise S3Error(code, message, 404, {"BucketName": call.bucket})
        if isinstance(value, str):
            return Reply(document=value.encode(), content_type="application/json")
        return Reply(value if setting.flat else {setting.member: value})

    def _delete(self, setting: Setting, call: Call) -> Reply:
        self._store.bucket(call.bucket)
        if setting.missing is None:
            self._store.buckets.put_setting(call.bucket, setting.name, setting.default)
        else:
            self._store.buckets.put_setting(call.bucket, setting.name, None)
        return Reply()

    def _put_acl(self, call: Call) -> Reply:
        """Take the one ACL that every bucket has, where ACLs are not disabled."""
        self._store.bucket(call.bucket)
        if call["AccessControlPolicy"]:
            raise not_implemented("PutBucketAcl with AccessControlPolicy")
        ownership = self._value(_by_name("OwnershipControls"), call.bucket)
        if ownership == OWNER_ENFORCED:
            raise S3Error("AccessControlListNotSupported", "The bucket does not allow ACLs", 400)
        return Reply()

    def _never_set(self, missing: tuple[str, str], call: Call) -> Reply:
        self._store.bucket(call.bucket)
        raise S3Error(*missing, 404, {"BucketName": call.bucket})

    def _value(self, setting: Setting, bucket: str) -> Any:
        self._store.bucket(bucket)
        found = self._store.buckets.setting(bucket, setting.name)
        return setting.default if found is settings_rows.NEVER else found


def _by_name(name: str) -> Setting:
    return next(setting for setting in SETTINGS if setting.name == name)


def _plain(value: Any) -> Any:
    """Return what a request had, as JSON keeps it: dates become seconds."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
