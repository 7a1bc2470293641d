"""Probes of workflow runs: Python shell jobs of a second each."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from glueprint.deploy.conformance.lab import Lab, job_states
from glueprint.deploy.conformance.probe import Cost, Probe, rows

SLOW = "import time; time.sleep(45)"
FAILING = "raise ValueError('the probe fails')"


def _start_of_other_kinds(lab: Lab) -> Mapping[str, Any]:
    answers = {}
    for kind, members in (
        ("SCHEDULED", {"Type": "SCHEDULED", "Schedule": "cron(0 5 1 1 ? *)"}),
        ("EVENT", {"Type": "EVENT", "EventBatchingCondition": {"BatchSize": 100}}),
    ):
        job, workflow = lab.job(f"start-{kind.lower()}"), lab.workflow(f"start-{kind.lower()}")
        lab.start_trigger(workflow, job, **members)
        started: list[str] = []
        answer = lab.attempt(
            lambda: started.append(lab.glue.start_workflow_run(Name=workflow)["RunId"])  # noqa: B023
        )
        states = job_states(lab.workflow_run(workflow, started[0]))[job] if started else []
        answers[kind] = {"StartWorkflowRun": answer, "job": states}
    return answers


def _without_start(lab: Lab) -> Mapping[str, Any]:
    run = lab.run_workflow(lab.workflow("empty"))
    return {"Status": run["Status"], "TotalActions": (run.get("Statistics") or {}).get("TotalActions")}


def _not_found(lab: Lab) -> Mapping[str, str]:
    glue, name = lab.glue, lab.name("nowhere")
    workflow = lab.workflow("found")
    run_id = "wr_" + "0" * 64
    return {
        "GetWorkflow": lab.attempt(lambda: glue.get_workflow(Name=name)),
        "GetWorkflowRun of a workflow that does not exist": lab.attempt(
            lambda: glue.get_workflow_run(Name=name, RunId=run_id)
        ),
        "GetWorkflowRun": lab.attempt(lambda: glue.get_workflow_run(Name=workflow, RunId=run_id)),
        "StartWorkflowRun": lab.attempt(lambda: glue.start_workflow_run(Name=name)),
        "DeleteWorkflow": lab.attempt(lambda: glue.delete_workflow(Name=name)),
    }


def _failed_attempts(lab: Lab) -> Mapping[str, Any]:
    fails, alarm, never = lab.job("fails", FAILING, MaxRetries=1), lab.job("alarm"), lab.job("never")
    workflow = lab.workflow("retry")
    lab.start_trigger(workflow, fails)
    lab.watch(workflow, {fails: "FAILED"}, alarm)
    lab.watch(workflow, {fails: "SUCCEEDED"}, never)
    run = lab.run_workflow(workflow)
    statistics = run["Statistics"]
    node = next(one for one in run["Graph"]["Nodes"] if one["Name"] == fails)
    attempts = sorted(node["JobDetails"]["JobRuns"], key=lambda one: one["StartedOn"])
    pauses = [
        (later["StartedOn"] - earlier["CompletedOn"]).total_seconds()
        for earlier, later in itertools.pairwise(attempts)
    ]
    return {
        "a pause of ten seconds or more before the retry": any(one >= 10 for one in pauses),
        "states": {lab.short(name): states for name, states in job_states(run).items()},
        "Status": run["Status"],
        "Statistics": {
            name: statistics.get(name, 0)
            for name in ("TotalActions", "FailedActions", "SucceededActions", "StoppedActions", "RunningActions")
        },
    }


def _limits_of_runs(lab: Lab) -> Mapping[str, Any]:
    job, workflow = lab.job("limited", SLOW), lab.workflow("limited", MaxConcurrentRuns=1)
    lab.start_trigger(workflow, job)
    run_id = lab.glue.start_workflow_run(Name=workflow)["RunId"]
    answers = {"StartWorkflowRun over the limit": lab.attempt(lambda: lab.glue.start_workflow_run(Name=workflow))}
    lab.glue.stop_workflow_run(Name=workflow, RunId=run_id)
    answers["StopWorkflowRun again"] = lab.attempt(
        lambda: lab.glue.stop_workflow_run(Name=workflow, RunId=run_id), message=False
    )
    run = lab.workflow_run(workflow, run_id)
    answers["Status"] = run["Status"]
    answers["StopWorkflowRun of a stopped run"] = lab.attempt(
        lambda: lab.glue.stop_workflow_run(Name=workflow, RunId=run_id), message=False
    )
    return answers


def _limit_of_a_job(lab: Lab) -> Mapping[str, Any]:
    job = lab.job("busy", SLOW)
    first = lab.glue.start_job_run(JobName=job)["JobRunId"]
    answers = {"StartJobRun": lab.attempt(lambda: lab.glue.start_job_run(JobName=job))}
    workflow = lab.workflow("busy")
    lab.start_trigger(workflow, job)
    run = lab.run_workflow(workflow)
    node = next(one for one in run["Graph"]["Nodes"] if one["Type"] == "JOB")
    found = (node.get("JobDetails") or {}).get("JobRuns") or [{}]
    answers["state of the run by a trigger"] = found[0].get("JobRunState", "none")
    answers["its ErrorMessage"] = found[0].get("ErrorMessage", "")
    lab.glue.batch_stop_job_run(JobName=job, JobRunIds=[first])
    return answers


def _node_ids(lab: Lab) -> Mapping[str, Any]:
    job, workflow = lab.job("node"), lab.workflow("node")
    lab.start_trigger(workflow, job)

    def ids(graph: Mapping[str, Any]) -> dict[str, str]:
        return {node["Name"]: node["UniqueId"] for node in graph["Nodes"]}

    shown = lab.glue.get_workflow(Name=workflow, IncludeGraph=True)["Workflow"]["Graph"]
    first, second = lab.run_workflow(workflow), lab.run_workflow(workflow)
    return {
        "the same in two runs": ids(first["Graph"]) == ids(second["Graph"]),
        "the same in the workflow and in a run": ids(shown) == ids(first["Graph"]),
    }


def _resume(lab: Lab) -> Mapping[str, Any]:
    fails = lab.job("resumed", FAILING)
    good, after = lab.job("copied"), lab.job("after")
    workflow = lab.workflow("resume", DefaultRunProperties={"default": "d"})
    lab.start_trigger(workflow, fails, good)
    lab.watch(workflow, {fails: "SUCCEEDED", good: "SUCCEEDED"}, after)
    run = lab.run_workflow(workflow, RunProperties={"given": "g"})
    lab.put(f"scripts/{fails}.py", "print('now it works')")
    node = next(one for one in run["Graph"]["Nodes"] if one["Name"] == fails)
    resumed = lab.glue.resume_workflow_run(Name=workflow, RunId=run["WorkflowRunId"], NodeIds=[node["UniqueId"]])
    again = lab.workflow_run(workflow, resumed["RunId"])
    properties = lab.glue.get_workflow_run_properties(Name=workflow, RunId=resumed["RunId"])["RunProperties"]
    return {
        "states": {lab.short(name): states for name, states in job_states(again).items()},
        "run properties": properties,
        "TotalActions": again["Statistics"]["TotalActions"],
    }


def _deleted(lab: Lab) -> Mapping[str, Any]:
    job, workflow = lab.job("deleted", SLOW), lab.workflow("deleted")
    lab.start_trigger(workflow, job)
    run_id = lab.glue.start_workflow_run(Name=workflow)["RunId"]
    lab.glue.delete_workflow(Name=workflow)
    answer = lab.attempt(lambda: lab.glue.get_workflow_run(Name=workflow, RunId=run_id), message=False)
    runs = [one for one in lab.glue.get_job_runs(JobName=job)["JobRuns"] if one["JobRunState"] != "STOPPED"]
    active = [one["Id"] for one in runs if one["JobRunState"] in ("STARTING", "RUNNING")]
    if active:
        lab.glue.batch_stop_job_run(JobName=job, JobRunIds=active)
    return {"GetWorkflowRun": answer, "job runs go on": len(active) == 1}


def _two_conditions(lab: Lab) -> Mapping[str, Any]:
    first, second, counted = lab.job("any-1"), lab.job("any-2"), lab.job("counted")
    workflow = lab.workflow("any")
    lab.start_trigger(workflow, first, second)
    lab.watch(workflow, {first: "SUCCEEDED", second: "SUCCEEDED"}, counted, logical="ANY")
    other = lab.job("other")
    lab.watch(workflow, {first: "SUCCEEDED"}, other)
    run = lab.run_workflow(workflow)
    states = job_states(run)
    node = next(one for one in run["Graph"]["Nodes"] if one["Name"] == counted)
    found = lab.glue.get_job_run(
        JobName=counted, RunId=node["JobDetails"]["JobRuns"][0]["Id"], PredecessorsIncluded=True
    )["JobRun"]
    return {
        "runs of what an ANY trigger starts": len(states[counted]),
        "its predecessors are of one job": len({one["JobName"] for one in found.get("PredecessorRuns", ())}) == 1,
        "another trigger of the same event fired": states[other] == ["SUCCEEDED"],
    }


def _transient(lab: Lab) -> Mapping[str, Any]:
    glue, first, second = lab.glue, lab.job("first"), lab.job("second")
    workflow, name = lab.workflow("states"), lab.name("watch")
    condition = {"LogicalOperator": "EQUALS", "JobName": first, "State": "SUCCEEDED"}
    glue.create_trigger(
        Name=name,
        WorkflowName=workflow,
        Type="CONDITIONAL",
        Predicate={"Logical": "AND", "Conditions": [condition]},
        Actions=[{"JobName": second}],
    )
    seen = [glue.get_trigger(Name=name)["Trigger"]["State"]]
    for request in (glue.start_trigger, glue.stop_trigger):
        request(Name=name)
        seen.append(glue.get_trigger(Name=name)["Trigger"]["State"])
        lab.until(lambda: glue.get_trigger(Name=name)["Trigger"]["State"], lambda state: not state.endswith("ING"))
    return {"states right after CreateTrigger, StartTrigger, StopTrigger": seen}


PROBES = (
    Probe(
        "workflow-trigger-states",
        "Are transient states of triggers, such as ACTIVATING, ever seen?",
        "starts and stops a trigger, and looks at once",
        rows("workflow", "Transient trigger states (ACTIVATING, ...)"),
        _transient,
    ),
    Probe(
        "workflow-start-kinds",
        "Does StartWorkflowRun start a workflow whose starting trigger is SCHEDULED or EVENT?",
        "starts one of each kind",
        rows("workflow", "StartWorkflowRun when the starting trigger is SCHEDULED or EVENT, or not activated"),
        _start_of_other_kinds,
        Cost(shell_runs=2),
    ),
    Probe(
        "workflow-without-start",
        "What becomes of a run of a workflow without starting trigger?",
        "starts one",
        rows("workflow", "StartWorkflowRun on a workflow without starting trigger"),
        _without_start,
    ),
    Probe(
        "workflow-not-found",
        "How does Glue refuse workflows and runs that do not exist?",
        "calls five operations with names that do not exist",
        rows("workflow", "A workflow, or run, that does not exist"),
        _not_found,
    ),
    Probe(
        "workflow-failed-attempt",
        "Does a FAILED attempt that is retried fire triggers, and how are actions counted that never run?",
        "a job with MaxRetries 1 fails twice; one trigger waits for FAILED, one for SUCCEEDED",
        rows(
            "workflow",
            "FAILED attempt that will be retried",
            "Delay before a retry",
            "`TotalActions`",
            "Other counters",
        ),
        _failed_attempts,
        Cost(shell_runs=3),
    ),
    Probe(
        "workflow-any-fires-once",
        "Does an ANY trigger fire again when its second condition becomes true?",
        "two jobs, both watched by one ANY trigger, one of them by another trigger, too",
        rows(
            "workflow",
            "A trigger whose predicate becomes true more than once in a run",
            "`PredecessorRuns` of what an ANY trigger starts",
            "Several triggers become true by the same event",
        ),
        _two_conditions,
        Cost(shell_runs=5),
    ),
    Probe(
        "workflow-run-limits",
        "What do StartWorkflowRun over MaxConcurrentRuns and a second StopWorkflowRun answer?",
        "a workflow with MaxConcurrentRuns 1 is started twice, and stopped three times",
        rows("workflow", "Over `MaxConcurrentRuns` of a workflow", "StopWorkflowRun while the run is STOPPING"),
        _limits_of_runs,
        Cost(shell_runs=1),
    ),
    Probe(
        "job-run-limit",
        "What becomes of a start by a trigger over the job's MaxConcurrentRuns?",
        "a job that runs is started again, by StartJobRun and by a trigger",
        rows("workflow", "Over MaxConcurrentRuns"),
        _limit_of_a_job,
        Cost(shell_runs=2),
    ),
    Probe(
        "workflow-node-ids",
        "Are node ids the same in each run?",
        "compares two runs and the workflow",
        rows("workflow", "Node ids"),
        _node_ids,
        Cost(shell_runs=2),
    ),
    Probe(
        "workflow-resume",
        "Do copied states satisfy an AND, and are run properties inherited by a resumed run?",
        "one of two jobs fails; it is repaired and resumed; a trigger waits for both",
        (
            *rows("workflow", "Copied states"),
            *rows("catalogue", "run properties of a resumed run"),
        ),
        _resume,
        Cost(shell_runs=4),
    ),
    Probe(
        "workflow-deleted",
        "Does a run go on when its workflow is deleted, and can it be read?",
        "deletes a workflow while its job runs",
        rows("workflow", "A workflow is deleted while it runs"),
        _deleted,
        Cost(shell_runs=1),
    ),
)
