"""EventBridge's operations (service model ``events``, 2015-10-07)."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from glueprint.local.events import rules
from glueprint.local.events.bus import Events, Writer
from glueprint.local.events.entries import EntryFault, check_size, event_of, json_object
from glueprint.local.events.event import Event
from glueprint.local.events.pattern import InvalidPattern, Pattern, parse_pattern
from glueprint.local.events.rules import Rule, Target, Transaction
from glueprint.local.events.targets import TargetFault, target_of
from glueprint.local.protocol import ApiError, Context, Declare, JsonService, Operation, Runs
from glueprint.local.store import Database
from glueprint.local.store.resources import put_tags, remove_tags, tags_of

logger = logging.getLogger(__name__)

T = TypeVar("T")
Request = dict[str, Any]
Answer = dict[str, Any]

DEFAULT_BUS = "default"
MAX_RULES = 300
"""Rules of a bus (guide, "Amazon EventBridge quotas")."""
MAX_TARGETS = 5
"""Targets of a rule (service model, PutTargets)."""
MAX_TAGS = 50
DEFAULT_PAGE_ITEMS = 100

_BUS = re.compile(r"(arn:[^:]+:events:[^:]+:[^:]+:event-bus/)?(?P<name>.+)")
_RULE = re.compile(r"arn:[^:]+:events:[^:]+:[^:]+:rule/(?P<name>[^/]+)")
_EVENT_FIELDS = ("id", "account", "source", "time", "region", "detail-type")
"""The fields that TestEventPattern requires of an event (API reference)."""


operation = Declare("events")


class EventBridge:
    """The operations over the default event bus.

    Args:
        database: has the tables of :data:`~glueprint.local.events.rules.EVENTS_SCHEMA`.
        now: the time in seconds since the epoch.
    """

    def __init__(self, database: Database, writer: Writer, events: Events, now: Callable[[], float]) -> None:
        self._database = database
        self._writer = writer
        self._events = events
        self._now = now

    @property
    def operations(self) -> Mapping[str, Operation]:
        """By the model's names."""
        return operation.operations([self])

    # Rules

    @operation("PutRule", runs=Runs.IN_THREAD)
    def put_rule(self, context: Context, request: Request) -> Answer:
        """Service model, ``PutRule``: what is left out of an existing rule is removed from it."""
        _check_bus(request)
        if not request.get("EventPattern") and not request.get("ScheduleExpression"):
            raise _invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
        if request.get("ScheduleExpression"):
            raise _unsupported("PutRule with ScheduleExpression (a SCHEDULED trigger can start the workflow)")
        state = request.get("State", rules.ENABLED)
        if state not in (rules.ENABLED, rules.DISABLED):
            raise _unsupported(f"PutRule with State {state} (there is no CloudTrail)")
        _pattern(request["EventPattern"])
        _check_cloudtrail(request["Name"], request["EventPattern"])
        tags = _tags(request.get("Tags", ()))
        rule = Rule(
            request["Name"], request["EventPattern"], state, request.get("Description"), request.get("RoleArn")
        )
        arn = _rule_arn(context, rule.name)

        def work(tx: Transaction) -> None:
            if rules.find_rule(tx, rule.name) is None:
                if rules.count_rules(tx) >= MAX_RULES:
                    raise _limit_exceeded()
                put_tags(tx, arn, tags)
            rules.put_rule(tx, rule)

        self._writer.write(work)
        return {"RuleArn": arn}

    @operation("DescribeRule", runs=Runs.IN_THREAD)
    def describe_rule(self, context: Context, request: Request) -> Answer:
        """Service model, ``DescribeRule``."""
        _check_bus(request)
        rule = self._database.read(lambda tx: _require(tx, request["Name"]))
        return {**_described(context, rule), "CreatedBy": context.account_id}

    @operation("ListRules", runs=Runs.IN_THREAD)
    def list_rules(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListRules``."""
        _check_bus(request)
        found = self._database.read(lambda tx: rules.list_rules(tx, request.get("NamePrefix", "")))
        page, token = _page({rule.name: _described(context, rule) for rule in found}, request)
        return {"Rules": page, "NextToken": token}

    @operation("DeleteRule", runs=Runs.IN_THREAD)
    def delete_rule(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteRule``: a rule that does not exist is not an error, one with targets is."""
        _check_bus(request)
        name = request["Name"]

        def work(tx: Transaction) -> None:
            if rules.list_targets(tx, name):
                raise _invalid("Rule can't be deleted since it has targets.")
            rules.delete_rule(tx, name)
            remove_tags(tx, _rule_arn(context, name))

        self._writer.write(work)
        return {}

    @operation("EnableRule", runs=Runs.IN_THREAD)
    def enable_rule(self, context: Context, request: Request) -> Answer:
        """Service model, ``EnableRule``."""
        return self._set_state(request, rules.ENABLED)

    @operation("DisableRule", runs=Runs.IN_THREAD)
    def disable_rule(self, context: Context, request: Request) -> Answer:
        """Service model, ``DisableRule``."""
        return self._set_state(request, rules.DISABLED)

    @operation("TestEventPattern", runs=Runs.IN_THREAD)
    def test_event_pattern(self, context: Context, request: Request) -> Answer:
        """Service model, ``TestEventPattern``."""
        pattern = _pattern(request["EventPattern"])
        event = json_object(request["Event"])
        if event is None or any(name not in event for name in _EVENT_FIELDS):
            raise _invalid("Parameter Event is not valid.")
        return {"Result": pattern.matches(event)}

    # Targets

    @operation("PutTargets", runs=Runs.IN_THREAD)
    def put_targets(self, context: Context, request: Request) -> Answer:
        """Service model, ``PutTargets``: targets that cannot be served here are named in FailedEntries."""
        _check_bus(request)
        rule = request["Rule"]
        wanted = [target_of(one, context) for one in request["Targets"]]
        served = [one for one in wanted if isinstance(one, Target)]
        failed = [one for one in wanted if isinstance(one, TargetFault)]

        def work(tx: Transaction) -> None:
            _require(tx, rule)
            ids = {target.id for target in rules.list_targets(tx, rule)} | {target.id for target in served}
            if len(ids) > MAX_TARGETS:
                raise _limit_exceeded()
            rules.put_targets(tx, rule, served)

        self._writer.write(work)
        for fault in failed:
            logger.warning("rule %s: target %s was not added: %s", rule, fault.id, fault.message)
        return _failures([(fault.id, fault.code, fault.message) for fault in failed])

    @operation("RemoveTargets", runs=Runs.IN_THREAD)
    def remove_targets(self, context: Context, request: Request) -> Answer:
        """Service model, ``RemoveTargets``."""
        _check_bus(request)
        rule = request["Rule"]

        def work(tx: Transaction) -> list[str]:
            _require(tx, rule)
            return [id_ for id_ in request["Ids"] if not rules.remove_target(tx, rule, id_)]

        missing = self._writer.write(work)
        text = f"Rule '{rule}' does not have a target with the Id"
        return _failures([(id_, "ResourceNotFoundException", f"{text} '{id_}'.") for id_ in missing])

    @operation("ListTargetsByRule", runs=Runs.IN_THREAD)
    def list_targets_by_rule(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListTargetsByRule``."""
        _check_bus(request)

        def work(tx: Transaction) -> list[Target]:
            _require(tx, request["Rule"])
            return rules.list_targets(tx, request["Rule"])

        found = self._database.read(work)
        page, token = _page({target.id: target.body for target in found}, request)
        return {"Targets": page, "NextToken": token}

    @operation("ListRuleNamesByTarget", runs=Runs.IN_THREAD)
    def list_rule_names_by_target(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListRuleNamesByTarget``."""
        _check_bus(request)
        found = self._database.read(lambda tx: rules.rules_of_target(tx, request["TargetArn"]))
        page, token = _page({name: name for name in found}, request)
        return {"RuleNames": page, "NextToken": token}

    # Events

    @operation("PutEvents", runs=Runs.IN_THREAD)
    def put_events(self, context: Context, request: Request) -> Answer:
        """Service model, ``PutEvents``: each entry is checked alone; valid entries share a transaction."""
        if request.get("EndpointId"):
            raise _unsupported("PutEvents with EndpointId")
        check_size(request["Entries"])
        results = [event_of(entry, context, self._now()) for entry in request["Entries"]]
        events = [
            result
            for entry, result in zip(request["Entries"], results, strict=True)
            if isinstance(result, Event) and _is_known_bus(entry, result)
        ]
        if events:
            self._writer.write(lambda tx: self._events.put(tx, events))
        return {
            "FailedEntryCount": sum(isinstance(result, EntryFault) for result in results),
            "Entries": [_result(result) for result in results],
        }

    # Buses and tags

    @operation("DescribeEventBus", runs=Runs.IN_THREAD)
    def describe_event_bus(self, context: Context, request: Request) -> Answer:
        """Service model, ``DescribeEventBus``."""
        _check_bus(request, "Name")
        return _described_bus(context)

    @operation("ListEventBuses", runs=Runs.IN_THREAD)
    def list_event_buses(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListEventBuses``: there is the default one."""
        is_listed = DEFAULT_BUS.startswith(request.get("NamePrefix", ""))
        return {"EventBuses": [_described_bus(context)] if is_listed else []}

    @operation("ListTagsForResource", runs=Runs.IN_THREAD)
    def list_tags_for_resource(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListTagsForResource``."""

        def work(tx: Transaction) -> dict[str, str]:
            _require_tagged(tx, request["ResourceARN"])
            return tags_of(tx, request["ResourceARN"])

        tags = self._database.read(work)
        return {"Tags": [{"Key": key, "Value": tags[key]} for key in sorted(tags)]}

    @operation("TagResource", runs=Runs.IN_THREAD)
    def tag_resource(self, context: Context, request: Request) -> Answer:
        """Service model, ``TagResource``."""
        arn, tags = request["ResourceARN"], _tags(request["Tags"])

        def work(tx: Transaction) -> None:
            _require_tagged(tx, arn)
            if len(tags_of(tx, arn) | tags) > MAX_TAGS:
                raise _limit_exceeded()
            put_tags(tx, arn, tags)

        self._writer.write(work)
        return {}

    @operation("UntagResource", runs=Runs.IN_THREAD)
    def untag_resource(self, context: Context, request: Request) -> Answer:
        """Service model, ``UntagResource``."""

        def work(tx: Transaction) -> None:
            _require_tagged(tx, request["ResourceARN"])
            remove_tags(tx, request["ResourceARN"], request["TagKeys"])

        self._writer.write(work)
        return {}

    def _set_state(self, request: Request, state: str) -> Answer:
        _check_bus(request)

        def work(tx: Transaction) -> None:
            rule = _require(tx, request["Name"])
            rules.put_rule(tx, Rule(rule.name, rule.pattern, state, rule.description, rule.role_arn))

        self._writer.write(work)
        return {}


def events_service(database: Database, writer: Writer, events: Events, now: Callable[[], float]) -> JsonService:
    """Assemble the service over the default event bus."""
    return JsonService(operation.service, EventBridge(database, writer, events, now).operations)


def _pattern(text: str) -> Pattern:
    try:
        return parse_pattern(text)
    except InvalidPattern as error:
        raise ApiError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {error}") from error


def _require(tx: Transaction, name: str) -> Rule:
    rule = rules.find_rule(tx, name)
    if rule is None:
        raise _not_found(f"Rule {name} does not exist on EventBus {DEFAULT_BUS}.")
    return rule


def _require_tagged(tx: Transaction, arn: str) -> None:
    parts = _RULE.fullmatch(arn)
    if parts is None:
        raise _not_found(f"{arn} is not the ARN of a rule on EventBus {DEFAULT_BUS}.")
    _require(tx, parts["name"])


def _check_cloudtrail(rule: str, pattern: str) -> None:
    """Refuse a rule that only matches events of CloudTrail, which are never sent here; warn of one of several."""
    kinds = (json_object(pattern) or {}).get("detail-type")
    if not isinstance(kinds, list):
        return
    through = [kind for kind in kinds if isinstance(kind, str) and kind.endswith("via CloudTrail")]
    if through and len(through) == len(kinds):
        raise _unsupported(
            f"PutRule with detail-type {through[0]!r} (there is no CloudTrail: the rule would never match; S3's "
            "own event is 'Object Created' of source aws.s3)"
        )
    if through:
        logger.warning("rule %s: %r is never sent here: there is no CloudTrail", rule, through[0])


def _check_bus(request: Mapping[str, Any], member: str = "EventBusName") -> None:
    name = _bus_name(request.get(member))
    if name != DEFAULT_BUS:
        raise _not_found(f"Event bus {name} does not exist.")


def _is_known_bus(entry: Mapping[str, Any], event: Event) -> bool:
    """AWS answers an EventId for a bus that does not exist, and delivers nothing (aws-sdk-java-v2 #3155)."""
    name = _bus_name(entry.get("EventBusName"))
    if name != DEFAULT_BUS:
        logger.warning("event %s is lost: event bus %s does not exist", event.id, name)
    return name == DEFAULT_BUS


def _bus_name(name_or_arn: str | None) -> str:
    parts = _BUS.fullmatch(name_or_arn or DEFAULT_BUS)
    return parts["name"] if parts else str(name_or_arn)


def _rule_arn(context: Context, name: str) -> str:
    return f"arn:aws:events:{context.region}:{context.account_id}:rule/{name}"


def _described(context: Context, rule: Rule) -> Answer:
    return {
        "Name": rule.name,
        "Arn": _rule_arn(context, rule.name),
        "EventPattern": rule.pattern,
        "State": rule.state,
        "Description": rule.description,
        "RoleArn": rule.role_arn,
        "EventBusName": DEFAULT_BUS,
    }


def _described_bus(context: Context) -> Answer:
    arn = f"arn:aws:events:{context.region}:{context.account_id}:event-bus/{DEFAULT_BUS}"
    return {"Name": DEFAULT_BUS, "Arn": arn}


def _tags(pairs: Sequence[Mapping[str, str]]) -> dict[str, str]:
    tags = {pair["Key"]: pair["Value"] for pair in pairs}
    if len(tags) > MAX_TAGS:
        raise _limit_exceeded()
    return tags


def _page(items: Mapping[str, T], request: Mapping[str, Any]) -> tuple[list[T], str | None]:
    """Return one page of items by sorted name, and the token of the next page: the last name of this one."""
    after = _decoded(request["NextToken"]) if "NextToken" in request else ""
    names = [name for name in items if name > after]
    shown = names[: request.get("Limit", DEFAULT_PAGE_ITEMS)]
    more = len(shown) < len(names)
    token = base64.urlsafe_b64encode(shown[-1].encode()).decode() if more else None
    return [items[name] for name in shown], token


def _decoded(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise _invalid("Parameter NextToken is not valid.") from error


def _failures(failed: Sequence[tuple[str, str, str]]) -> Answer:
    return {
        "FailedEntryCount": len(failed),
        "FailedEntries": [
            {"TargetId": id_, "ErrorCode": code, "ErrorMessage": message} for id_, code, message in failed
        ],
    }


def _result(result: Event | EntryFault) -> Answer:
    if isinstance(result, Event):
        return {"EventId": result.id}
    return {"ErrorCode": result.code, "ErrorMessage": result.message}


def _invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message)


def _not_found(message: str) -> ApiError:
    return ApiError("ResourceNotFoundException", message)


def _limit_exceeded() -> ApiError:
    return ApiError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")


def _unsupported(what: str) -> ApiError:
    return ApiError("UnsupportedOperationException", f"{what} is not supported by this local EventBridge")
