"""25 runs in which a node did not run, each with the root cause that must be found.

The runs are written as GetWorkflowRun returns them (service model, ``WorkflowRun`` with ``Graph``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflow_shapes import crawler, graph, job, on, start

from glueprint.facts.predicate import Logical, Node
from glueprint.facts.states import NodeKind, TriggerState
from glueprint.workflow.model import Trigger
from glueprint.workflow.wire import graph_to_wire

LOOK, CRAWL, LOAD, REPORT, FIX = job("look"), crawler("crawl"), job("load"), job("report"), job("fix")
FLOW = (
    start(LOOK),
    on("to_crawl", (LOOK, "SUCCEEDED"), do=(CRAWL,)),
    on("to_load", (CRAWL, "SUCCEEDED"), do=(LOAD,)),
    on("to_report", (LOAD, "SUCCEEDED"), do=(REPORT,)),
)
OK = {"state": "SUCCEEDED"}


def workflow_run(
    triggers: tuple[Trigger, ...], ran: dict[Node, Any], status: str = "COMPLETED", error: str | None = None
) -> dict[str, Any]:
    """``ran`` gives, for each node, one dict or a list of dicts with state, error, detail, attempt, by, at."""
    starter = {action.node: trigger.name for trigger in triggers for action in trigger.actions}
    jobs: dict[str, list[dict[str, Any]]] = {}
    crawls: dict[str, list[dict[str, Any]]] = {}
    for place, (node, runs) in enumerate(ran.items()):
        for turn, one in enumerate(runs if isinstance(runs, list) else [runs]):
            message = {"ErrorMessage": one["error"]} if "error" in one else {}
            started = {"StartedOn": one.get("at", 100.0 * place + turn)}
            if node.kind is NodeKind.CRAWLER:
                crawls.setdefault(node.name, []).append({"State": one["state"], **started, **message})
                continue
            shape = {
                "Id": f"jr_{node.name}_{turn}",
                "JobName": node.name,
                "TriggerName": one.get("by", starter.get(node)),
                "JobRunState": one["state"],
                "Attempt": one.get("attempt", 0),
                **started,
                **message,
            }
            if "detail" in one:
                shape["StateDetail"] = one["detail"]
            jobs.setdefault(node.name, []).append(shape)
    shape = {
        "Name": "flow",
        "Status": status,
        "Graph": graph_to_wire(graph(*triggers), "flow", jobs, crawls),
    }
    return {**shape, "ErrorMessage": error} if error else shape


@dataclass(frozen=True)
class Scenario:
    """One silent node and the root cause that must be found."""

    title: str
    run: dict[str, Any]
    node: Node
    root: dict[str, Any]
    """Members of the (first) root cause as JSON."""
    words: str
    """Part of its sentence."""
    roots: int = 1


def both(*states: str, logical: Logical = Logical.AND) -> tuple[Trigger, ...]:
    return (
        start(LOOK, LOAD),
        on("join", (LOOK, states[0]), (LOAD, states[1]), do=(REPORT,), logical=logical),
    )


def about(node: Node) -> dict[str, str]:
    return {"kind": node.kind.value, "name": node.name}


SCENARIOS = [
    Scenario(
        "the job before failed",
        workflow_run(FLOW, {LOOK: {"state": "FAILED", "error": "NoSuchBucket: in"}}),
        CRAWL,
        {"about": about(LOOK), "state": "FAILED", "run_id": "jr_look_0", "error": "NoSuchBucket: in"},
        "Trigger `to_crawl` waits for `look` SUCCEEDED; `look` ended FAILED (run jr_look_0): NoSuchBucket: in",
    ),
    Scenario(
        "the crawler before failed",
        workflow_run(FLOW, {LOOK: OK, CRAWL: {"state": "FAILED", "error": "Access Denied"}}),
        LOAD,
        {"about": about(CRAWL), "state": "FAILED", "error": "Access Denied"},
        "waits for `crawl` SUCCEEDED; `crawl` ended FAILED: Access Denied",
    ),
    Scenario(
        "a failure three steps before",
        workflow_run(FLOW, {LOOK: {"state": "FAILED", "error": "boom"}}),
        REPORT,
        {"about": about(LOOK), "state": "FAILED", "run_id": "jr_look_0", "error": "boom"},
        "`look` ended FAILED",
    ),
    Scenario(
        "a job that timed out",
        workflow_run(FLOW, {LOOK: {"state": "TIMEOUT", "error": "Job run timed out"}}),
        CRAWL,
        {"state": "TIMEOUT", "error": "Job run timed out", "run_id": "jr_look_0"},
        "ended TIMEOUT",
    ),
    Scenario(
        "a crawl that was cancelled",
        workflow_run(FLOW, {LOOK: OK, CRAWL: {"state": "CANCELLED"}}),
        LOAD,
        {"about": about(CRAWL), "state": "CANCELLED"},
        "`crawl` ended CANCELLED.",
    ),
    Scenario(
        "a job that was stopped by hand",
        workflow_run(FLOW, {LOOK: {"state": "STOPPED"}}),
        CRAWL,
        {"state": "STOPPED", "run_id": "jr_look_0"},
        "ended STOPPED (run jr_look_0).",
    ),
    Scenario(
        "a job that was deleted",
        workflow_run(FLOW, {LOOK: {"state": "ERROR", "error": "Job look was deleted"}}),
        CRAWL,
        {"state": "ERROR", "error": "Job look was deleted"},
        "ended ERROR",
    ),
    Scenario(
        "a job over its concurrency",
        workflow_run(FLOW, {LOOK: {"state": "FAILED", "error": "Concurrent runs exceeded for look"}}),
        CRAWL,
        {"error": "Concurrent runs exceeded for look"},
        "Concurrent runs exceeded for look",
    ),
    Scenario(
        "every attempt failed",
        workflow_run(
            FLOW,
            {LOOK: [{"state": "FAILED", "error": f"try {n}", "attempt": n} for n in range(3)]},
        ),
        CRAWL,
        {"run_id": "jr_look_2", "error": "try 2"},
        "ended FAILED after 3 attempts (run jr_look_2): try 2",
    ),
    Scenario(
        "a traceback as message",
        workflow_run(
            FLOW,
            {LOOK: {"state": "FAILED", "error": "Traceback (most recent call last):\n  File x\nKeyError: 'd'\n"}},
        ),
        CRAWL,
        {"error": "KeyError: 'd'"},
        "KeyError: 'd'",
    ),
    Scenario(
        "a handler of failures when all went well",
        workflow_run(
            (start(LOOK), on("repair", (LOOK, "FAILED"), do=(FIX,))),
            {LOOK: OK},
        ),
        FIX,
        {"about": about(LOOK), "state": "SUCCEEDED", "run_id": "jr_look_0"},
        "Trigger `repair` waits for `look` FAILED; `look` ended SUCCEEDED",
    ),
    Scenario(
        "a trigger that was deactivated",
        workflow_run(
            (start(LOOK), on("off", (LOOK, "SUCCEEDED"), do=(LOAD,), state=TriggerState.DEACTIVATED)),
            {LOOK: OK},
        ),
        LOAD,
        {"cause": "NOT_ACTIVE", "about": {"kind": "TRIGGER", "name": "off"}, "state": "DEACTIVATED"},
        "Trigger `off` was DEACTIVATED when the run started",
    ),
    Scenario(
        "a trigger that was never activated",
        workflow_run(
            (start(LOOK), on("new", (LOOK, "SUCCEEDED"), do=(LOAD,), state=TriggerState.CREATED)),
            {LOOK: OK},
        ),
        LOAD,
        {"cause": "NOT_ACTIVE", "state": "CREATED"},
        "StartTrigger activates it",
    ),
    Scenario(
        "an inactive trigger far before",
        workflow_run(
            (
                start(LOOK),
                on("off", (LOOK, "SUCCEEDED"), do=(LOAD,), state=TriggerState.DEACTIVATED),
                on("next", (LOAD, "SUCCEEDED"), do=(REPORT,)),
            ),
            {LOOK: OK},
        ),
        REPORT,
        {"cause": "NOT_ACTIVE", "about": {"kind": "TRIGGER", "name": "off"}},
        "only an ACTIVATED trigger fires",
    ),
    Scenario(
        "one side of an AND failed",
        workflow_run(both("SUCCEEDED", "SUCCEEDED"), {LOOK: OK, LOAD: {"state": "FAILED", "error": "no rows"}}),
        REPORT,
        {"about": about(LOAD), "run_id": "jr_load_0", "error": "no rows"},
        "waits for `load` SUCCEEDED",
    ),
    Scenario(
        "both sides of an AND failed",
        workflow_run(
            both("SUCCEEDED", "SUCCEEDED"), {LOOK: {"state": "FAILED", "error": "a"}, LOAD: {"state": "TIMEOUT"}}
        ),
        REPORT,
        {"about": about(LOOK), "error": "a"},
        "waits for `look` SUCCEEDED",
        roots=2,
    ),
    Scenario(
        "no side of an ANY came true",
        workflow_run(both("FAILED", "FAILED", logical=Logical.ANY), {LOOK: OK, LOAD: OK}),
        REPORT,
        {"about": about(LOOK), "state": "SUCCEEDED"},
        "`look` ended SUCCEEDED",
        roots=2,
    ),
    Scenario(
        "an AND that contradicts itself",
        workflow_run(
            (start(LOOK), on("odd", (LOOK, "SUCCEEDED"), (LOOK, "FAILED"), do=(FIX,), logical=Logical.AND)),
            {LOOK: OK},
        ),
        FIX,
        {"cause": "CONTRADICTION", "about": {"kind": "TRIGGER", "name": "odd"}},
        "needs `look` SUCCEEDED and FAILED at once",
        roots=2,
    ),
    Scenario(
        "a watched job that nothing starts",
        workflow_run((start(LOOK), on("lost", (FIX, "SUCCEEDED"), do=(REPORT,))), {LOOK: OK}),
        REPORT,
        {"cause": "NOTHING_STARTS_IT", "about": about(FIX)},
        "No trigger of this workflow starts `fix`",
    ),
    Scenario(
        "two jobs that wait for each other",
        workflow_run(
            (start(LOOK), on("a", (LOAD, "SUCCEEDED"), do=(FIX,)), on("b", (FIX, "SUCCEEDED"), do=(LOAD,))),
            {LOOK: OK},
        ),
        LOAD,
        {"cause": "WAITS_IN_A_CIRCLE", "about": about(LOAD)},
        "`load` and `fix` wait for each other; nothing else sets any of them off.",
    ),
    Scenario(
        "a job that waits for such a circle",
        workflow_run(
            (
                start(LOOK),
                on("last", (LOAD, "SUCCEEDED"), do=(REPORT,)),
                on("a", (LOAD, "SUCCEEDED"), do=(FIX,)),
                on("b", (FIX, "SUCCEEDED"), do=(LOAD,)),
            ),
            {LOOK: OK},
        ),
        REPORT,
        {"cause": "WAITS_IN_A_CIRCLE", "about": about(LOAD)},
        "`load` and `fix` wait for each other",
    ),
    Scenario(
        "a crawler that waits for itself",
        workflow_run((start(LOOK), on("own", (CRAWL, "SUCCEEDED"), do=(CRAWL,))), {LOOK: OK}),
        CRAWL,
        {"cause": "WAITS_IN_A_CIRCLE", "about": about(CRAWL)},
        "`crawl` waits for itself, and nothing else sets it off.",
    ),
    Scenario(
        "the workflow run was stopped",
        workflow_run(FLOW, {LOOK: OK, CRAWL: {"state": "CANCELLED"}}, status="STOPPED"),
        LOAD,
        {"about": about(CRAWL), "state": "CANCELLED"},
        "`crawl` ended CANCELLED: the workflow run was stopped",
    ),
    Scenario(
        "stopped between an end and the next start",
        workflow_run(FLOW, {LOOK: OK}, status="STOPPED"),
        CRAWL,
        {"cause": "RUN_STOPPED", "about": {"kind": "TRIGGER", "name": "to_crawl"}},
        "the workflow run was stopped first",
    ),
    Scenario(
        "too many runs of the workflow",
        workflow_run(FLOW, {}, status="ERROR", error="Concurrent runs exceeded for workflow: flow."),
        REPORT,
        {"cause": "RUN_REFUSED", "error": "Concurrent runs exceeded for workflow: flow."},
        "refused before anything started",
    ),
    Scenario(
        "still running",
        workflow_run(FLOW, {LOOK: {"state": "RUNNING"}}, status="RUNNING"),
        LOAD,
        {"cause": "NOT_ENDED", "state": "RUNNING", "run_id": "jr_look_0"},
        "`look` is still RUNNING",
    ),
    Scenario(
        "queued",
        workflow_run(FLOW, {LOOK: {"state": "WAITING", "detail": "too many runs"}}, status="RUNNING"),
        CRAWL,
        {"cause": "NOT_ENDED", "state": "WAITING"},
        "`look` is still WAITING (too many runs).",
    ),
    Scenario(
        "a second start is what counts",
        workflow_run(
            (
                start(LOOK),
                on("again", (LOOK, "SUCCEEDED"), do=(LOOK,)),
                on("join", (LOOK, "SUCCEEDED"), (LOOK, "SUCCEEDED"), do=(LOAD,), state=TriggerState.CREATED),
                on("late", (LOOK, "STOPPED"), do=(REPORT,)),
            ),
            {LOOK: [{"state": "FAILED", "error": "second", "by": "again", "at": 9.0}, {**OK, "at": 1.0}]},
        ),
        REPORT,
        {"state": "FAILED", "run_id": "jr_look_0", "error": "second"},
        "`look` ended FAILED",
    ),
    Scenario(
        "nothing to start with",
        workflow_run((Trigger("start", start().type, ()), *FLOW[1:]), {}),
        CRAWL,
        {"cause": "NOTHING_STARTS_IT", "about": about(LOOK)},
        "No trigger of this workflow starts `look`",
    ),
    Scenario(
        "true conditions without an effect",
        workflow_run((start(LOOK), on("odd", (LOOK, "SUCCEEDED"), do=(LOAD,))), {LOOK: OK}),
        LOAD,
        {"cause": "NOT_IN_THE_GRAPH"},
        "the run's graph does not contain the reason",
    ),
]
