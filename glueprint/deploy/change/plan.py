"""A plan: what would be changed, as plain data that can be shown, stored and applied later."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.blueprint.aws_calls import AwsCall
from glueprint.blueprint.layout_calls import from_json, to_json
from glueprint.client.errors import InvalidArgument
from glueprint.client.objects import Location
from glueprint.deploy.change.changes import Action, Change
from glueprint.deploy.change.state import FORMAT, ObjectRecord, Version, check_format
from glueprint.deploy.definitions.comparison import Difference
from glueprint.deploy.definitions.model import Definition, Key, Kind


@dataclass(frozen=True, slots=True)
class Upload:
    """An object that is written.

    Attributes:
        target: where, and what it will contain.
        present: digest of what it contains now; None: there is no object.
        is_drift: whether others have changed or deleted it since the last version was applied.
    """

    target: ObjectRecord
    present: str | None
    is_drift: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What an apply would do.

    Attributes:
        workflow: its name.
        place: bucket and prefix of the states.
        region: of the workflow.
        base: the deployed version; 0 if nothing is recorded.
        target: the version that is made.
        changes: of definitions, in their order.
        uploads: objects that are written before.
        calls: other calls of the layout, sent before.
        contents: of all objects of the target, by digest.
        notes: what the reader should know.
        fingerprint: of everything in the account that the plan depends on.
        records: why there is something to record even if nothing changes; empty if there is not.
    """

    workflow: str
    place: Location
    region: str
    base: int
    target: Version
    changes: tuple[Change, ...] = ()
    uploads: tuple[Upload, ...] = ()
    calls: tuple[AwsCall, ...] = ()
    contents: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()
    fingerprint: str = ""
    records: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is changed."""
        return not (self.changes or self.uploads or self.calls)

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON has it."""
        return {
            "Format": FORMAT,
            "Kind": "glueprint plan",
            "Workflow": self.workflow,
            "State": str(self.place),
            "Region": self.region,
            "Base": self.base,
            "Empty": self.is_empty,
            "Records": self.records,
            "Fingerprint": self.fingerprint,
            "Notes": list(self.notes),
            "Changes": [_change_to_json(one) for one in self.changes],
            "Uploads": [
                {**one.target.to_json(), "Present": one.present, "IsDrift": one.is_drift} for one in self.uploads
            ],
            "Calls": [
                {"Service": one.service, "Operation": one.operation, "Parameters": to_json(one.parameters)}
                for one in self.calls
            ],
            "Target": self.target.to_json(),
            "Contents": {name: base64.b64encode(one).decode() for name, one in self.contents.items()},
        }

    @classmethod
    def from_json(cls, data: Any) -> Plan:
        """Return what :meth:`to_json` was called on.

        Raises:
            InvalidArgument: it is not a plan.
        """
        if not isinstance(data, dict) or data.get("Kind") != "glueprint plan":
            raise InvalidArgument("this is not a plan", "`glueprint plan --out FILE` writes one")
        check_format(data)
        try:
            return cls(
                workflow=data["Workflow"],
                place=Location.parse(data["State"]),
                region=data["Region"],
                base=data["Base"],
                target=Version.from_json(data["Target"]),
                changes=tuple(map(_change_from_json, data["Changes"])),
                uploads=tuple(
                    Upload(ObjectRecord.from_json(one), one["Present"], one.get("IsDrift", False))
                    for one in data["Uploads"]
                ),
                calls=tuple(
                    AwsCall(one["Service"], one["Operation"], from_json(one["Parameters"]))
                    for one in data["Calls"]
                ),
                contents={name: base64.b64decode(one) for name, one in data["Contents"].items()},
                notes=tuple(data["Notes"]),
                fingerprint=data["Fingerprint"],
                records=data["Records"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidArgument(
                f"the plan is damaged: {error!r}", "make it again with `glueprint plan`"
            ) from error


def read_plan(text: str) -> Plan:
    """Return the plan in a file's text.

    Raises:
        InvalidArgument: it is not a plan.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        raise InvalidArgument(
            f"the plan is not JSON: {error}", "`glueprint plan --out FILE` writes one"
        ) from error
    return Plan.from_json(data)


def _change_to_json(change: Change) -> dict[str, Any]:
    return {
        "Action": change.action.value,
        "Kind": change.key.kind.value,
        "Name": change.key.name,
        "Wanted": change.wanted.to_json() if change.wanted is not None else None,
        "Deployed": change.deployed.to_json() if change.deployed is not None else None,
        "Differences": [
            {"Path": list(one.path), "Deployed": one.deployed, "Wanted": one.wanted} for one in change.differences
        ],
        "Reason": change.reason,
        "Drift": [list(one) for one in change.drift],
    }


def _change_from_json(data: Mapping[str, Any]) -> Change:
    return Change(
        Action(data["Action"]),
        Key(Kind(data["Kind"]), data["Name"]),
        Definition.from_json(data["Wanted"]) if data["Wanted"] is not None else None,
        Definition.from_json(data["Deployed"]) if data["Deployed"] is not None else None,
        tuple(Difference(tuple(one["Path"]), one["Deployed"], one["Wanted"]) for one in data["Differences"]),
        data["Reason"],
        tuple(tuple(one) for one in data.get("Drift", ())),
    )
