"""The actions and resources of EventBridge's operations.

The action has the name of the operation. Sources: Service Authorization Reference, "Actions, resources, and
condition keys for Amazon EventBridge" (rules of another bus than the default one have its name in their ARN); the
EventBridge user guide, "Using IAM policy conditions in Amazon EventBridge".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from glueprint.iam.arns import Location
from glueprint.iam.evaluation import Request

EVENTS = "events.amazonaws.com"
DEFAULT_BUS = "default"
_OF_RULES = frozenset(
    {
        *("DeleteRule", "DescribeRule", "DisableRule", "EnableRule", "ListTargetsByRule", "PutRule"),
        *("PutTargets", "RemoveTargets"),
    }
)
_OF_BUSES = frozenset({"CreateEventBus", "DeleteEventBus", "DescribeEventBus", "UpdateEventBus"})


def authorizations(
    operation: str, parameters: Mapping[str, Any], location: Location, context: dict[str, tuple[str, ...]]
) -> Iterator[Request]:
    """Yield what an operation of EventBridge requires; see :func:`glueprint.iam.calls.authorizations`."""
    action = f"events:{operation}"
    if operation == "PutEvents":
        for entry in _objects(parameters.get("Entries")) or [{}]:
            keys = {"events:source": entry.get("Source"), "events:detail-type": entry.get("DetailType")}
            given = {key: (value,) for key, value in keys.items() if isinstance(value, str)}
            yield Request(action, _bus(entry.get("EventBusName"), location), {**context, **given})
        return
    if operation in _OF_RULES:
        targets = _objects(parameters.get("Targets"))
        arns = tuple(one["Arn"] for one in targets if isinstance(one.get("Arn"), str))
        given = {"events:targetarn": arns} if arns else {}
        yield Request(action, _rule(parameters, location), {**context, **given})
        for holder in (parameters, *targets):
            role = holder.get("RoleArn")
            if isinstance(role, str):
                yield Request("iam:PassRole", location.role(role), {"iam:passedtoservice": (EVENTS,)})
    elif operation in _OF_BUSES:
        yield Request(action, _bus(parameters.get("Name"), location), context)
    else:
        arn = parameters.get("ResourceARN")
        yield Request(action, arn if isinstance(arn, str) and arn else "*", context)


def _bus(name: object, location: Location) -> str:
    """Return the ARN of a bus that is given by name or ARN; without either, of the default bus."""
    bus = name if isinstance(name, str) and name else DEFAULT_BUS
    return bus if bus.startswith("arn:") else location.events(f"event-bus/{bus}")


def _rule(parameters: Mapping[str, Any], location: Location) -> str:
    name = parameters.get("Name") or parameters.get("Rule")
    rule = name if isinstance(name, str) and name else "*"
    bus = _bus(parameters.get("EventBusName"), location).rpartition("event-bus/")[2]
    return location.events(f"rule/{rule}" if bus == DEFAULT_BUS else f"rule/{bus}/{rule}")


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
