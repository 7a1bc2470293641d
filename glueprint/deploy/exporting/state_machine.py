"""Writes a plan in the Amazon States Language.

The state of an execution is ``{"nodes": {NAME: {"State": ..., ...}}}``, and ``properties`` if they are carried
there. A step that did not run has no entry. A step that fails is caught: its entry has state and cause, and the
predicates of later steps decide, as triggers do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from glueprint.deploy.exporting.arrangement import Block, Series, Together
from glueprint.deploy.exporting.plan import (
    PROPERTIES_ARGUMENT,
    PROPERTIES_OBJECT_ARGUMENT,
    Plan,
    Step,
    check_readers,
)
from glueprint.deploy.exporting.state_names import StateNames
from glueprint.facts.predicate import Condition, Node, Predicate

JOB = "arn:aws:states:::glue:startJobRun.sync"
SDK = "arn:aws:states:::aws-sdk:"
NODES_FAILED = "Workflow.NodesFailed"

CALL_SECONDS = 60
"""TimeoutSeconds of a task that only calls a service."""
MARGIN_SECONDS = 15 * 60
"""Added to the timeout of a job: it counts from RUNNING, that of a state from the request."""
MAX_CRAWL_SECONDS = 24 * 3600
MAX_EXECUTION_SECONDS = 365 * 24 * 3600

_THROTTLED = {
    "ErrorEquals": [
        "Glue.AWSGlueException",
        "Glue.GlueException",
        "Glue.InternalServiceException",
        "Glue.OperationTimeoutException",
        "Glue.ThrottlingException",
        "S3.S3Exception",
    ],
    "IntervalSeconds": 2,
    "BackoffRate": 2,
    "MaxAttempts": 5,
    "MaxDelaySeconds": 60,
}
_QUEUED = {
    "ErrorEquals": ["Glue.ConcurrentRunsExceededException"],
    "IntervalSeconds": 30,
    "BackoffRate": 1.5,
    "MaxAttempts": 50,
    "MaxDelaySeconds": 300,
}


class OnFailure(Enum):
    """How an execution ends in which a step failed."""

    FAIL = "fail"
    COMPLETE = "complete"
    """As a workflow run, which is COMPLETED."""


@dataclass(frozen=True)
class Options:
    """What the caller chooses.

    Attributes:
        on_failure: how an execution ends in which a step failed.
        passes_properties: jobs get the run properties, as an argument.
        properties_location: ``s3://bucket/prefix/`` of the object with them; None: they are in the state.
        poll_seconds: between two looks at a crawler, in Airflow also at a job.
    """

    on_failure: OnFailure = OnFailure.FAIL
    passes_properties: bool = False
    properties_location: str | None = None
    poll_seconds: int = 15

    @property
    def properties_argument(self) -> str | None:
        """The argument through which jobs get the run properties; None if they do not."""
        if not self.passes_properties:
            return None
        return PROPERTIES_ARGUMENT if self.properties_location is None else PROPERTIES_OBJECT_ARGUMENT


def definition_of(plan: Plan, options: Options | None = None) -> dict[str, Any]:
    """Return the definition of the state machine.

    Raises:
        NotExportable: scripts read the workflow run, and the options do not hand over its properties.
    """
    options = options or Options()
    check_readers(plan, options.properties_argument)
    return _Writer(plan, options).definition()


class _Writer:
    """Writes one definition."""

    def __init__(self, plan: Plan, options: Options) -> None:
        self._plan = plan
        self._options = options
        self._names = StateNames(plan.steps)

    def definition(self) -> dict[str, Any]:
        states: dict[str, Any] = {}
        last = self._end(states)
        first = self._block(self._plan.order, states, last)
        first = self._begin(states, first)
        steps = self._plan.steps.values()
        seconds = sum(_seconds(step) * (step.max_retries + 1) for step in steps) + MARGIN_SECONDS
        return {
            "Comment": f"Glue workflow {self._plan.workflow}, exported by Glueprint",
            "StartAt": first,
            "TimeoutSeconds": min(seconds, MAX_EXECUTION_SECONDS),
            "States": states,
        }

    # Begin and end

    def _begin(self, states: dict[str, Any], following: str) -> str:
        """Write what comes before the first step; return its first state."""
        name = self._names.of("Begin")
        if not self._options.passes_properties:
            states[name] = {"Type": "Pass", "Result": {"nodes": {}}, "Next": following}
            return name
        given, merged, defaults = (
            self._names.of(one) for one in ("Properties given?", "Given properties", "Defaults")
        )
        target = name
        states[given] = {
            "Type": "Choice",
            "Choices": [{"Variable": "$.properties", "IsPresent": True, "Next": merged}],
            "Default": defaults,
        }
        text = (
            json.dumps(dict(self._plan.properties), separators=(",", ":"))
            .replace("\\", "\\\\")
            .replace("'", "\\'")
        )
        default = f"States.StringToJson('{text}')"
        states[merged] = {
            "Type": "Pass",
            "Parameters": {"properties.$": f"States.JsonMerge({default}, $.properties, false)"},
            "Next": target,
        }
        states[defaults] = {"Type": "Pass", "Parameters": {"properties.$": default}, "Next": target}
        if self._options.properties_location is None:
            states[name] = {"Type": "Pass", "Result": {}, "ResultPath": "$.nodes", "Next": following}
            return given
        bucket, _, prefix = self._options.properties_location.removeprefix("s3://").partition("/")
        states[name] = {
            "Type": "Task",
            "Resource": f"{SDK}s3:putObject",
            "Parameters": {
                "Bucket": bucket,
                "Key.$": f"States.Format('{prefix}{{}}.json', $$.Execution.Name)",
                "Body.$": "States.JsonToString($.properties)",
            },
            "ResultSelector": {"nodes": {}},
            "TimeoutSeconds": CALL_SECONDS,
            "Retry": [_THROTTLED],
            "Next": following,
        }
        return given

    def _end(self, states: dict[str, Any]) -> str:
        """Write the end; return its first state."""
        done, failed, choice = (self._names.of(one) for one in ("Completed", "Nodes failed", "All succeeded?"))
        states[done] = {"Type": "Succeed"}
        if self._options.on_failure is OnFailure.COMPLETE:
            return done
        states[failed] = {
            "Type": "Fail",
            "Error": NODES_FAILED,
            "CausePath": "States.JsonToString($.nodes)",
        }
        wrong = [
            {
                "And": [
                    {"Variable": self._state_path(node), "IsPresent": True},
                    {"Not": {"Variable": self._state_path(node), "StringEquals": "SUCCEEDED"}},
                ]
            }
            for node in self._plan.steps
        ]
        rule = wrong[0] if len(wrong) == 1 else {"Or": wrong}
        states[choice] = {"Type": "Choice", "Choices": [{**rule, "Next": failed}], "Default": done}
        return choice

    # Blocks

    def _block(self, block: Block, states: dict[str, Any], following: str | None) -> str:
        """Write a block; ``following`` None: it ends a branch. Return its first state."""
        match block:
            case Series():
                for part in reversed(block.parts):
                    following = self._block(part, states, following)
                assert following is not None
                return following
            case Together():
                return self._together(block, states, following)
            case _:
                return self._step(self._plan.steps[block], states, following)

    def _together(self, block: Together, states: dict[str, Any], following: str | None) -> str:
        branches = []
        for part in block.parts:
            inner: dict[str, Any] = {}
            first = self._block(part, inner, None)
            branches.append({"StartAt": first, "States": inner})
        name, merged = self._names.together(), self._names.together("results")
        states[name] = {
            "Type": "Parallel",
            "Branches": branches,
            "ResultSelector": {"nodes.$": _merged([f"$[{number}].nodes" for number in range(len(branches))])},
            "ResultPath": "$.together",
            "Next": merged,
        }
        states[merged] = {
            "Type": "Pass",
            "InputPath": "$.together.nodes",
            "ResultPath": "$.nodes",
            **_onward(following),
        }
        return name

    def _step(self, step: Step, states: dict[str, Any], following: str | None) -> str:
        own: dict[str, Any] = {}
        first = self._job(step, own, following) if step.is_job else self._crawler(step, own, following)
        if step.predicate is not None:
            choice = self._names.of(f"{step.trigger}?", step.node)
            skipped = following
            if skipped is None:
                skipped = self._names.of("not run", step.node)
                own[skipped] = {"Type": "Pass", "End": True}
            states[choice] = {
                "Type": "Choice",
                "Comment": f"Trigger {step.trigger}",
                "Choices": [{**self._predicate(step.predicate), "Next": first}],
                "Default": skipped,
            }
            first = choice
        states.update(own)
        return first

    def _job(self, step: Step, states: dict[str, Any], following: str | None) -> str:
        name, node = self._names.of("", step.node), step.node
        retry: list[dict[str, Any]] = [_THROTTLED]
        if step.queues:
            retry.append(_QUEUED)
        if step.max_retries:
            retry.append(
                {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": step.max_retries}
            )
        seconds = step.timeout_minutes * 60 + MARGIN_SECONDS
        states[name] = {
            "Type": "Task",
            "Resource": JOB,
            "Parameters": self._job_parameters(step),
            "ResultSelector": {"State.$": "$.JobRunState", "RunId.$": "$.Id"},
            "ResultPath": self._entry_path(node),
            "TimeoutSeconds": seconds,
            "Retry": retry,
            "Catch": [_catch_all(self._names.of("why?", node))],
            **_onward(following),
        }
        read, ended, late, other = (
            self._names.of(one, node) for one in ("read run", "failed", "late", "not started")
        )
        states[self._names.of("why?", node)] = {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.caught.Error", "StringEquals": "States.TaskFailed", "Next": read},
                {"Variable": "$.caught.Error", "StringEquals": "States.Timeout", "Next": late},
                {
                    "Variable": "$.caught.Error",
                    "StringEquals": "Glue.EntityNotFoundException",
                    "Next": self._names.of("missing", node),
                },
            ],
            "Default": other,
        }
        states[read] = {
            "Type": "Pass",
            "Parameters": {"Run.$": "States.StringToJson($.caught.Cause)"},
            "ResultPath": "$.caught",
            "Next": ended,
        }
        states[ended] = {
            "Type": "Pass",
            "Parameters": {"State.$": "$.caught.Run.JobRunState", "Run.$": "$.caught.Run"},
            "ResultPath": self._entry_path(node),
            **_onward(following),
        }
        for state, label in (("TIMEOUT", late), ("ERROR", self._names.of("missing", node)), ("FAILED", other)):
            states[label] = self._caught(node, state, following)
        return name

    def _job_parameters(self, step: Step) -> dict[str, Any]:
        action = step.action
        arguments: dict[str, Any] = dict(action.arguments)
        if self._options.passes_properties:
            if self._options.properties_location is None:
                arguments[f"{PROPERTIES_ARGUMENT}.$"] = "States.JsonToString($.properties)"
            else:
                location = f"{self._options.properties_location}{{}}.json"
                arguments[f"{PROPERTIES_OBJECT_ARGUMENT}.$"] = f"States.Format('{location}', $$.Execution.Name)"
        parameters: dict[str, Any] = {"JobName": step.node.name}
        if arguments:
            parameters["Arguments"] = arguments
        if action.timeout is not None:
            parameters["Timeout"] = action.timeout
        if action.security_configuration is not None:
            parameters["SecurityConfiguration"] = action.security_configuration
        if action.notify_delay_after is not None:
            parameters["NotificationProperty"] = {"NotifyDelayAfter": action.notify_delay_after}
        return parameters

    def _crawler(self, step: Step, states: dict[str, Any], following: str | None) -> str:
        node = step.node
        name, wait, look, done, ended, failed = (
            self._names.of(one, node) for one in ("", "wait", "look", "ended?", "ended", "not started")
        )
        call = {
            "Type": "Task",
            "Parameters": {"Name": node.name},
            "TimeoutSeconds": CALL_SECONDS,
            "Retry": [_THROTTLED],
            "Catch": [_catch_all(failed)],
        }
        states[name] = {**call, "Resource": f"{SDK}glue:startCrawler", "ResultPath": None, "Next": wait}
        states[wait] = {"Type": "Wait", "Seconds": self._options.poll_seconds, "Next": look}
        states[look] = {**call, "Resource": f"{SDK}glue:getCrawler", "ResultPath": "$.look", "Next": done}
        states[done] = {
            "Type": "Choice",
            "Choices": [{"Variable": "$.look.Crawler.State", "StringEquals": "READY", "Next": ended}],
            "Default": wait,
        }
        states[ended] = {
            "Type": "Pass",
            "Parameters": {"State.$": "$.look.Crawler.LastCrawl.Status", "Crawl.$": "$.look.Crawler.LastCrawl"},
            "ResultPath": self._entry_path(node),
            **_onward(following),
        }
        states[failed] = self._caught(node, "ERROR", following)
        return name

    def _caught(self, node: Node, state: str, following: str | None) -> dict[str, Any]:
        return {
            "Type": "Pass",
            "Parameters": {"State": state, "Error.$": "$.caught.Error", "Cause.$": "$.caught.Cause"},
            "ResultPath": self._entry_path(node),
            **_onward(following),
        }

    # Predicates

    def _predicate(self, predicate: Predicate) -> dict[str, Any]:
        rules = [self._condition(one) for one in predicate.conditions]
        if not rules:
            return {"Variable": "$.nodes", "IsPresent": False}
        if len(rules) == 1:
            return rules[0]
        return {("And" if predicate.needed > 1 else "Or"): rules}

    def _condition(self, condition: Condition) -> dict[str, Any]:
        if condition.node not in self._plan.steps:  # nothing starts it: the condition is never true
            return {"Variable": "$.nodes", "IsPresent": False}
        path = self._state_path(condition.node)
        return {
            "And": [
                {"Variable": path, "IsPresent": True},
                {"Variable": path, "StringEquals": str(condition.state)},
            ]
        }

    def _entry_path(self, node: Node) -> str:
        return f"$.nodes['{self._names.key(node)}']"

    def _state_path(self, node: Node) -> str:
        return f"{self._entry_path(node)}.State"


def state_of(output: Mapping[str, Any], key: str) -> str | None:
    """Return the state of a step in the ``nodes`` of an execution; None: it did not run."""
    entry = output["nodes"].get(key)
    return None if entry is None else str(entry["State"])


def _seconds(step: Step) -> int:
    return step.timeout_minutes * 60 + MARGIN_SECONDS if step.is_job else MAX_CRAWL_SECONDS


def _onward(following: str | None) -> dict[str, Any]:
    return {"End": True} if following is None else {"Next": following}


def _catch_all(target: str) -> dict[str, Any]:
    return {"ErrorEquals": ["States.ALL"], "ResultPath": "$.caught", "Next": target}


def _merged(paths: list[str]) -> str:
    """Return a call that merges objects; balanced, since calls can be nested ten deep."""
    if len(paths) == 1:
        return paths[0]
    middle = len(paths) // 2
    return f"States.JsonMerge({_merged(paths[:middle])}, {_merged(paths[middle:])}, false)"
