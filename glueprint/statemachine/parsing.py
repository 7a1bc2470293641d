"""Reads the Amazon States Language; every fault is reported with its place, not only the first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from glueprint.statemachine import diagnostics as codes
from glueprint.statemachine.choices import ConditionReader, Rule, instant
from glueprint.statemachine.definition import (
    ABSENT,
    Catcher,
    Choice,
    Fail,
    Map,
    Parallel,
    Pass,
    Retrier,
    State,
    StateMachine,
    SubMachine,
    Succeed,
    Task,
    Wait,
)
from glueprint.statemachine.diagnostics import Diagnostic
from glueprint.statemachine.faults import ALL
from glueprint.statemachine.fields import FIELDS, UNSUPPORTED_FIELDS, UNSUPPORTED_TOP, Kind
from glueprint.statemachine.intrinsics import is_intrinsic, parse_intrinsic
from glueprint.statemachine.paths import InvalidPath, parse_path, reference_path
from glueprint.statemachine.resources import EVERYTHING, Operations, Resource, ResourceFault, parse_resource
from glueprint.statemachine.templates import template_faults

MAX_DEFINITION_BYTES = 1024 * 1024
MAX_STATE_NAME_LENGTH = 80
MAX_SECONDS = 99_999_999
DEFAULT_RETRY_ATTEMPTS = 3


def parse(text: str, operations: Operations = EVERYTHING) -> tuple[StateMachine | None, list[Diagnostic]]:
    """Return the state machine, None if a diagnostic is an error, and the diagnostics."""
    try:
        body = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return None, [Diagnostic(codes.INVALID_JSON, f"the definition is not JSON: {error}", "/")]
    if not isinstance(body, dict):
        return None, [Diagnostic(codes.INVALID_JSON, "the definition is not a JSON object", "/")]
    reader = _Reader(operations)
    machine = reader.machine(body)
    return (None if codes.errors(reader.found) else machine), reader.found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


class _Reader:
    """Reads one definition.

    Attributes:
        found: the diagnostics so far.
    """

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self.found: list[Diagnostic] = []
        self._states: dict[str, State] = {}

    def machine(self, body: Mapping[str, Any]) -> StateMachine:
        """Read a complete definition."""
        for name in body:
            if name in UNSUPPORTED_TOP and body[name] not in UNSUPPORTED_TOP[name][0]:
                self._unsupported(f"/{name}", UNSUPPORTED_TOP[name][1])
            elif name not in ("StartAt", "States", "Comment", "TimeoutSeconds", *UNSUPPORTED_TOP):
                self._fault(f"/{name}", f"a state machine has no field {name}")
        part = self._part(body, "")
        timeout = body.get("TimeoutSeconds")
        if timeout is not None and not _is_count(timeout, 1):
            self._fault("/TimeoutSeconds", f"must be an integer from 1 to {MAX_SECONDS}")
        return StateMachine(part.start_at, self._states, timeout, body.get("Comment"))

    def _part(self, body: Any, place: str) -> SubMachine:
        """Read StartAt and States."""
        if not isinstance(body, dict):
            self._fault(place, "must be an object with StartAt and States")
            return SubMachine("", ())
        states = body.get("States")
        if not isinstance(states, dict) or not states:
            self._fault(f"{place}/States", "must be an object with at least one state")
            states = {}
        start = body.get("StartAt")
        if not isinstance(start, str):
            self._fault(f"{place}/StartAt", "is required, the name of a state")
        elif start not in states:
            self._target(f"{place}/StartAt", "StartAt", start)
        for name, state in states.items():
            at = f"{place}/States/{name}"
            if len(name) > MAX_STATE_NAME_LENGTH:
                self._fault(at, f"the name is longer than {MAX_STATE_NAME_LENGTH} characters")
            if name in self._states:
                text = f"the name {name} is used twice in the definition"
                self.found.append(Diagnostic(codes.DUPLICATE_NAME, text, at))
            read = self._state(name, state, at, states)
            if read is not None:
                self._states[name] = read
        self._warn_of_unreachable(str(start), states, place)
        return SubMachine(str(start), tuple(states))

    def _state(self, name: str, body: Any, at: str, siblings: Mapping[str, Any]) -> State | None:
        if not isinstance(body, dict):
            self._fault(at, "a state must be an object")
            return None
        type_ = body.get("Type")
        if not isinstance(type_, str) or type_ not in FIELDS:
            self._fault(f"{at}/Type", f"{type_!r} is not a type of state: {', '.join(sorted(FIELDS))}")
            return None
        if body.get("QueryLanguage") == "JSONata":
            self._unsupported(f"{at}/QueryLanguage", "JSONata is not supported here, only JSONPath")
            return None
        self._check_fields(type_, body, at)
        self._check_transition(type_, body, at, siblings)
        common = {
            "name": name,
            "type": type_,
            "input_path": body.get("InputPath", "$"),
            "output_path": body.get("OutputPath", "$"),
            "next": body.get("Next"),
        }
        match type_:
            case "Pass":
                return Pass(
                    **common,
                    parameters=body.get("Parameters", ABSENT),
                    result=body.get("Result", ABSENT),
                    result_path=body.get("ResultPath", "$"),
                )
            case "Wait":
                return self._wait(body, at, common)
            case "Choice":
                return self._choice(body, at, common, siblings)
            case "Succeed":
                return Succeed(**common)
            case "Fail":
                for one in ("Error", "Cause"):
                    self._exclusive(body, at, one, f"{one}Path")
                return Fail(
                    **common,
                    error=body.get("Error"),
                    error_path=body.get("ErrorPath"),
                    cause=body.get("Cause"),
                    cause_path=body.get("CausePath"),
                )
            case _:
                return self._failable(type_, body, at, common, siblings)

    def _failable(
        self, type_: str, body: Mapping[str, Any], at: str, common: dict[str, Any], siblings: Mapping[str, Any]
    ) -> State | None:
        template = "Parameters" if "Parameters" in body or type_ != "Map" else "ItemSelector"
        common |= {
            "parameters": body.get(template, ABSENT),
            "result_selector": body.get("ResultSelector", ABSENT),
            "result_path": body.get("ResultPath", "$"),
            "retry": self._retriers(body.get("Retry"), f"{at}/Retry"),
            "catch": self._catchers(body.get("Catch"), f"{at}/Catch", siblings),
        }
        if type_ == "Parallel":
            branches = body.get("Branches")
            if not isinstance(branches, list) or not branches:
                self._fault(f"{at}/Branches", "must be a list of at least one branch")
                branches = []
            parts = [self._part(one, f"{at}/Branches[{number}]") for number, one in enumerate(branches)]
            return Parallel(**common, branches=tuple(parts))
        if type_ == "Map":
            return self._map(body, at, common)
        self._exclusive(body, at, "TimeoutSeconds", "TimeoutSecondsPath")
        heartbeat, timeout = body.get("HeartbeatSeconds"), body.get("TimeoutSeconds")
        if isinstance(heartbeat, int) and isinstance(timeout, int) and heartbeat >= timeout:
            self._fault(f"{at}/HeartbeatSeconds", "must be less than TimeoutSeconds")
        resource = self._resource(body.get("Resource"), f"{at}/Resource")
        if resource is None:
            return None
        return Task(
            **common,
            resource=resource,
            timeout_seconds=timeout,
            timeout_path=body.get("TimeoutSecondsPath"),
            heartbeat_seconds=heartbeat,
        )

    def _map(self, body: Mapping[str, Any], at: str, common: dict[str, Any]) -> State:
        self._exclusive(body, at, "ItemProcessor", "Iterator")
        self._exclusive(body, at, "MaxConcurrency", "MaxConcurrencyPath")
        self._exclusive(body, at, "ItemSelector", "Parameters")
        member = "Iterator" if "Iterator" in body else "ItemProcessor"
        processor = body.get(member)
        mode = ((processor.get("ProcessorConfig") or {}) if isinstance(processor, dict) else {}).get(
            "Mode", "INLINE"
        )
        if mode != "INLINE":
            self._unsupported(f"{at}/{member}/ProcessorConfig/Mode", f"Map of mode {mode} is not supported here")
        part = self._part(processor, f"{at}/{member}")
        return Map(
            **common,
            processor=part,
            items_path=body.get("ItemsPath", "$"),
            max_concurrency=body.get("MaxConcurrency", 0),
            max_concurrency_path=body.get("MaxConcurrencyPath"),
        )

    def _wait(self, body: Mapping[str, Any], at: str, common: dict[str, Any]) -> State:
        given = [one for one in ("Seconds", "SecondsPath", "Timestamp", "TimestampPath") if one in body]
        if len(given) != 1:
            self._fault(at, "a Wait needs exactly one of Seconds, SecondsPath, Timestamp and TimestampPath")
        if "Timestamp" in body and instant(body["Timestamp"]) is None:
            self._fault(f"{at}/Timestamp", "is not a timestamp such as 2024-08-18T17:33:00Z")
        return Wait(
            **common,
            seconds=body.get("Seconds"),
            seconds_path=body.get("SecondsPath"),
            timestamp=body.get("Timestamp"),
            timestamp_path=body.get("TimestampPath"),
        )

    def _choice(
        self, body: Mapping[str, Any], at: str, common: dict[str, Any], siblings: Mapping[str, Any]
    ) -> State:
        choices = body.get("Choices")
        if not isinstance(choices, list) or not choices:
            self._fault(f"{at}/Choices", "must be a list of at least one rule")
            choices = []
        rules: list[Rule] = []
        reader = ConditionReader()
        for number, rule in enumerate(choices):
            place = f"{at}/Choices[{number}]"
            condition = reader.read(rule, place, is_rule=True)
            if isinstance(rule, dict):
                self._check_target(rule, "Next", place, siblings)
            if condition is not None:
                rules.append(Rule(condition, str(rule.get("Next"))))
        for place, text in reader.faults:
            self._fault(place, text)
        if "Default" in body:
            self._check_target(body, "Default", at, siblings)
        return Choice(**common, rules=tuple(rules), default=body.get("Default"))

    def _resource(self, value: Any, place: str) -> Resource | None:
        if not isinstance(value, str):
            self._fault(place, "is required, an ARN")
            return None
        try:
            return parse_resource(value, self._operations)
        except ResourceFault as fault:
            (self._unsupported if fault.is_unsupported else self._fault)(place, str(fault))
            return None

    def _retriers(self, value: Any, place: str) -> tuple[Retrier, ...]:
        found = []
        for at, one in self._handlers(value, place):
            for name, low in (("IntervalSeconds", 1), ("MaxAttempts", 0), ("MaxDelaySeconds", 1)):
                if name in one and not _is_count(one[name], low):
                    self._fault(f"{at}/{name}", f"must be an integer from {low}")
            rate = one.get("BackoffRate", 2.0)
            if not isinstance(rate, int | float) or isinstance(rate, bool) or rate < 1:
                self._fault(f"{at}/BackoffRate", "must be a number from 1.0")
            if one.get("JitterStrategy", "NONE") not in ("NONE", "FULL"):
                self._fault(f"{at}/JitterStrategy", "must be NONE or FULL")
            found.append(
                Retrier(
                    tuple(one["ErrorEquals"]),
                    one.get("IntervalSeconds", 1),
                    one.get("MaxAttempts", DEFAULT_RETRY_ATTEMPTS),
                    rate,
                    one.get("MaxDelaySeconds"),
                    one.get("JitterStrategy") == "FULL",
                )
            )
        return tuple(found)

    def _catchers(self, value: Any, place: str, siblings: Mapping[str, Any]) -> tuple[Catcher, ...]:
        found = []
        for at, one in self._handlers(value, place):
            self._check_target(one, "Next", at, siblings)
            self._check_kind(Kind.REFERENCE, one.get("ResultPath", "$"), f"{at}/ResultPath")
            found.append(Catcher(tuple(one["ErrorEquals"]), str(one.get("Next")), one.get("ResultPath", "$")))
        return tuple(found)

    def _handlers(self, value: Any, place: str) -> list[tuple[str, dict[str, Any]]]:
        """Return the valid retriers or catchers, each with its place."""
        if value is None:
            return []
        if not isinstance(value, list):
            self._fault(place, "must be a list")
            return []
        found = []
        for number, one in enumerate(value):
            at = f"{place}[{number}]"
            names = one.get("ErrorEquals") if isinstance(one, dict) else None
            if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
                self._fault(f"{at}/ErrorEquals", "must be a list of names of errors that is not empty")
                continue
            if ALL in names and (len(names) > 1 or number < len(value) - 1):
                self._fault(f"{at}/ErrorEquals", f"{ALL} must be alone, and in the last entry")
            found.append((at, one))
        return found

    def _check_fields(self, type_: str, body: Mapping[str, Any], at: str) -> None:
        known = FIELDS[type_]
        for name, value in body.items():
            if name in UNSUPPORTED_FIELDS:
                self._unsupported(f"{at}/{name}", UNSUPPORTED_FIELDS[name])
            elif name not in known:
                self._fault(f"{at}/{name}", f"a {type_} state has no field {name}")
            else:
                self._check_kind(known[name], value, f"{at}/{name}")

    def _check_kind(self, kind: Kind, value: Any, place: str) -> None:
        """Check the form of one field."""
        try:
            match kind:
                case Kind.TEXT if not isinstance(value, str):
                    self._fault(place, "must be a string")
                case Kind.SECONDS if not _is_count(value, 0 if place.endswith("/Seconds") else 1):
                    self._fault(place, f"must be an integer up to {MAX_SECONDS}")
                case Kind.COUNT if not _is_count(value, 0):
                    self._fault(place, "must be an integer from 0")
                case Kind.TEMPLATE:
                    for where, text in template_faults(value, place):
                        self._fault(where, text)
                case Kind.PATH | Kind.NULL_PATH | Kind.REFERENCE | Kind.PATH_OR_CALL:
                    self._check_path(kind, value, place)
        except InvalidPath as error:
            self._fault(place, str(error))

    def _check_path(self, kind: Kind, value: Any, place: str) -> None:
        if value is None and kind in (Kind.NULL_PATH, Kind.REFERENCE):
            return
        if not isinstance(value, str):
            self._fault(place, "must be a path")
        elif kind is Kind.REFERENCE:
            reference_path(value)
        elif kind is Kind.PATH_OR_CALL and is_intrinsic(value):
            parse_intrinsic(value)
        else:
            parse_path(value)

    def _check_transition(self, type_: str, body: Mapping[str, Any], at: str, siblings: Mapping[str, Any]) -> None:
        if type_ in ("Choice", "Succeed", "Fail"):
            return
        if ("Next" in body) == (body.get("End") is True):
            self._fault(at, "a state needs exactly one of Next and End: true")
        elif "Next" in body:
            self._check_target(body, "Next", at, siblings)

    def _check_target(self, body: Mapping[str, Any], member: str, at: str, siblings: Mapping[str, Any]) -> None:
        target = body.get(member)
        if not isinstance(target, str):
            self._fault(f"{at}/{member}", "is required, the name of a state")
        elif target not in siblings:
            self._target(f"{at}/{member}", member, target)

    def _warn_of_unreachable(self, start: str, states: Mapping[str, Any], place: str) -> None:
        reached: set[str] = set()
        ahead = [start]
        while ahead:
            name = ahead.pop()
            if name in reached or not isinstance(states.get(name), dict):
                continue
            reached.add(name)
            state = states[name]
            rules = [one for key in ("Choices", "Catch") for one in state.get(key) or () if isinstance(one, dict)]
            ahead += [
                one for one in (state.get("Next"), state.get("Default"), *(r.get("Next") for r in rules)) if one
            ]
        for name in states:
            if name not in reached:
                text = f"no state leads to {name}"
                self.found.append(Diagnostic(codes.UNREACHABLE, text, f"{place}/States/{name}", is_error=False))

    def _exclusive(self, body: Mapping[str, Any], at: str, one: str, other: str) -> None:
        if one in body and other in body:
            self._fault(f"{at}/{other}", f"{one} and {other} cannot both be given")

    def _target(self, place: str, member: str, target: str) -> None:
        self.found.append(Diagnostic(codes.MISSING_TARGET, f"Missing '{member}' target: {target}", place))

    def _fault(self, place: str, text: str) -> None:
        self.found.append(Diagnostic(codes.SCHEMA, text, place or "/"))

    def _unsupported(self, place: str, text: str) -> None:
        self.found.append(Diagnostic(codes.UNSUPPORTED, text, place or "/"))


def _is_count(value: Any, low: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= MAX_SECONDS
