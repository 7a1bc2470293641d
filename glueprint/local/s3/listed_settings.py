"""Settings of which a bucket has many, each with an id: metrics, analytics, intelligent tiering, inventory.

They are stored and have no effect. What would write reports into a bucket, which a pipeline may wait for, is
refused: inventories, and the export of an analysis. Source: the pages of the operations in the Amazon S3 API
reference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from glueprint.local.s3.call import Call, Reply
from glueprint.local.s3.errors import S3Error, invalid_argument, malformed_xml, not_implemented
from glueprint.local.s3.store import S3Store

MAX_PAGE_SIZE = 100
"""Configurations of one answer (ListBucketMetricsConfigurations and its siblings)."""
MAX_CONFIGURATIONS = 1000
"""Of one kind, of one bucket."""


@dataclass(frozen=True, slots=True)
class ListedSetting:
    """One kind of configuration.

    Attributes:
        name: as in ``PutBucket{name}Configuration``.
        can_put: whether one can be stored.
    """

    name: str
    can_put: bool = True

    @property
    def member(self) -> str:
        """The configuration in requests and answers."""
        return f"{self.name}Configuration"

    def operation(self, verb: str) -> str:
        """Return the name of the operation that puts, gets, deletes or lists it."""
        plural = "s" if verb == "List" else ""
        return f"{verb}Bucket{self.name}Configuration{plural}"


LISTED_SETTINGS = (
    ListedSetting("Metrics"),
    ListedSetting("Analytics"),
    ListedSetting("IntelligentTiering"),
    ListedSetting("Inventory", can_put=False),
)


class ListedSettings:
    """The operations on these settings of the buckets of one store."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def operations(self) -> dict[str, Callable[[Call], Reply]]:
        """Return the operations by their names in the service model."""
        found: dict[str, Callable[[Call], Reply]] = {}
        for setting in LISTED_SETTINGS:
            found[setting.operation("Get")] = partial(self._get, setting)
            found[setting.operation("Delete")] = partial(self._delete, setting)
            found[setting.operation("List")] = partial(self._list, setting)
            if setting.can_put:
                found[setting.operation("Put")] = partial(self._put, setting)
        return found

    def _put(self, setting: ListedSetting, call: Call) -> Reply:
        self._store.bucket(call.bucket)
        value, identifier = call[setting.member], str(call["Id"])
        if not value or not value.get("Id"):
            raise malformed_xml()
        if value["Id"] != identifier:
            raise invalid_argument("Id", value["Id"], "The Id of the document and of the request must be the same")
        if (value.get("StorageClassAnalysis") or {}).get("DataExport"):
            raise not_implemented(f"{call.operation} with DataExport (no report would be written)")
        known = self._found(setting, call.bucket)
        if identifier not in known and len(known) >= MAX_CONFIGURATIONS:
            text = (
                "You are attempting to create a new configuration but have already reached the "
                "1,000-configuration limit."
            )
            raise S3Error("TooManyConfigurations", text, 400)
        self._store.buckets.put_setting(call.bucket, _key(setting, identifier), value)
        return Reply()

    def _get(self, setting: ListedSetting, call: Call) -> Reply:
        return Reply({setting.member: self._configuration(setting, call)})

    def _delete(self, setting: ListedSetting, call: Call) -> Reply:
        self._configuration(setting, call)
        self._store.buckets.put_setting(call.bucket, _key(setting, str(call["Id"])), None)
        return Reply(status=204)

    def _list(self, setting: ListedSetting, call: Call) -> Reply:
        self._store.bucket(call.bucket)
        after = call["ContinuationToken"]
        known = sorted(self._found(setting, call.bucket).items())
        rest = [value for identifier, value in known if after is None or identifier > after]
        page = rest[:MAX_PAGE_SIZE]
        answer: dict[str, Any] = {"IsTruncated": len(rest) > len(page), f"{setting.member}List": page}
        if after is not None:
            answer["ContinuationToken"] = after
        if answer["IsTruncated"]:
            answer["NextContinuationToken"] = page[-1]["Id"]
        return Reply(answer)

    def _configuration(self, setting: ListedSetting, call: Call) -> Any:
        """Return the configuration with the request's id.

        Raises:
            S3Error: NoSuchConfiguration.
        """
        self._store.bucket(call.bucket)
        found = self._found(setting, call.bucket).get(str(call["Id"]))
        if found is None:
            text = "The specified configuration does not exist."
            raise S3Error("NoSuchConfiguration", text, 404, {"BucketName": call.bucket})
        return found

    def _found(self, setting: ListedSetting, bucket: str) -> dict[str, Any]:
        return self._store.buckets.settings(bucket, _key(setting, ""))


def _key(setting: ListedSetting, identifier: str) -> str:
    """Return under which name a configuration is stored; without an id, what these names start with."""
    return f"{setting.member}/{identifier}"
