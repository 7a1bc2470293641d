"""The machine that decides executions: each promise is one of the Step Functions Developer Guide or the ASL
specification (states-language.net)."""

from __future__ import annotations

from typing import Any

import pytest
from harness.state_machine_runner import NEVER, new_state, run, states

from glueprint.statemachine.execution import Begin, StopRequested, TaskSucceeded, TimerDue
from glueprint.statemachine.faults import StateFault
from glueprint.statemachine.machine import decide, evolve

RUN = "arn:aws:states:::glue:startJobRun.sync"
TASK = {"Type": "Task", "Resource": RUN, "TimeoutSeconds": 60}


def failing(error: str, times: int = 1000) -> Any:
    """Tasks that fail this often, and then answer "ok"."""
    left = [times]

    def answer(resource: str, given: Any) -> Any:
        left[0] -= 1
        if left[0] >= 0:
            raise StateFault(error, "why")
        return "ok"

    return answer


def test_data_flows_through_paths_selector_and_result() -> None:
    """InputPath, Parameters, ResultSelector, ResultPath, OutputPath apply in this order; ResultPath merges into
    the raw input (SFN:concepts-input-output-filtering)."""
    state = {
        **TASK,
        "InputPath": "$.in",
        "Parameters": {"a.$": "$.x", "b": [{"c.$": "$$.State.Name"}]},
        "ResultSelector": {"sent.$": "$.a", "name.$": "$.b[0].c"},
        "ResultPath": "$.deep.result",
        "OutputPath": "$.deep",
        "End": True,
    }
    ran = run(states("T", T=state), {"in": {"x": 5}, "deep": {"old": 1}})
    assert ran.output == {"old": 1, "result": {"sent": 5, "name": "T"}}


@pytest.mark.parametrize("path", ["InputPath", "OutputPath"])
def test_a_null_path_is_an_empty_object(path: str) -> None:
    """null discards the data: {} (states-language.net, "Input and Output Processing")."""
    assert run(states("P", P={"Type": "Pass", path: None, "End": True}), {"a": 1}).output == {}


def test_retries_back_off_and_are_counted() -> None:
    """IntervalSeconds times BackoffRate, up to MaxDelaySeconds; $$.State.RetryCount counts
    (SFN:concepts-error-handling)."""
    retry = [
        {"ErrorEquals": ["E"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 3, "MaxDelaySeconds": 10}
    ]
    state = {**TASK, "Parameters": {"n.$": "$$.State.RetryCount"}, "Retry": retry, "End": True}
    ran = run(states("T", T=state), answer=failing("E", 3))
    assert (ran.status, ran.now) == ("SUCCEEDED", 2 + 6 + 10)
    assert [given["n"] for _, given in ran.calls] == [0, 1, 2, 3]
    assert run(states("T", T=state), answer=failing("E", 4)).error == "E"


def test_jitter_shortens_delays_at_random() -> None:
    """JitterStrategy FULL: a random delay between 0 and the one without it (SFN:concepts-error-handling); the same
    when a decision is repeated."""
    retry = [{"ErrorEquals": ["E"], "IntervalSeconds": 100, "MaxAttempts": 5, "JitterStrategy": "FULL"}]
    state = {**TASK, "Retry": retry, "End": True}
    times = [run(states("T", T=state), answer=failing("E", attempts)).now for attempts in (1, 2, 3)]
    assert 0 < times[0] < 100
    assert times[0] < times[1] < 300
    assert times[1] < times[2] < 700
    assert run(states("T", T=state), answer=failing("E", 3)).now == times[2]


@pytest.mark.parametrize(
    ("seconds", "error"), [(5, "States.Timeout"), (0, "States.Runtime"), ("5", "States.Runtime")]
)
def test_a_timeout_can_come_from_the_input(seconds: Any, error: str) -> None:
    """TimeoutSecondsPath selects a positive integer (ASL, "Task State")."""
    state = {"Type": "Task", "Resource": RUN, "TimeoutSecondsPath": "$.seconds", "End": True}
    ran = run(states("T", T=state), {"seconds": seconds}, lambda resource, given: NEVER)
    assert (ran.error, ran.now) == (error, 5 if error == "States.Timeout" else 0)


@pytest.mark.parametrize(
    ("names", "error", "is_caught"),
    [
        (["States.ALL"], "Glue.X", True),
        (["States.ALL"], "States.Timeout", True),
        (["States.ALL"], "States.DataLimitExceeded", False),
        (["States.ALL"], "States.Runtime", False),
        (["States.Runtime"], "States.Runtime", False),
        (["States.DataLimitExceeded"], "States.DataLimitExceeded", True),
        (["States.TaskFailed"], "Glue.X", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["Other", "Glue.X"], "Glue.X", True),
        (["Other"], "Glue.X", False),
    ],
)
def test_which_errors_a_catcher_handles(names: list[str], error: str, is_caught: bool) -> None:
    """States.ALL does not catch States.DataLimitExceeded, States.TaskFailed not States.Timeout, and nothing
    States.Runtime, which always fails the execution (SFN:concepts-error-handling)."""
    state = {**TASK, "Catch": [{"ErrorEquals": names, "ResultPath": "$.e", "Next": "C"}], "End": True}
    ran = run(states("T", T=state, C={"Type": "Succeed"}), {"a": 1}, failing(error))
    assert (ran.status == "SUCCEEDED") is is_caught
    if is_caught:
        assert ran.output == {"a": 1, "e": {"Error": error, "Cause": "why"}}


def test_a_result_over_the_limit_fails() -> None:
    """256 KiB of JSON are the limit of a state's data (SFN:service-quotas)."""
    ran = run(states("T", T={**TASK, "End": True}), answer=lambda resource, given: "x" * 262_143)
    assert (ran.error, ran.types[-2]) == ("States.DataLimitExceeded", "TaskFailed")
    assert "The state/task 'glue' returned a result with a size exceeding" in str(ran.cause)
    assert (
        run(states("T", T={**TASK, "End": True}), answer=lambda resource, given: "x" * 262_142).status
        == "SUCCEEDED"
    )


def test_a_timeout_stops_the_task_and_a_late_answer_changes_nothing() -> None:
    """TimeoutSeconds fails the state with States.Timeout; what is reported later is ignored."""
    ran = run(states("T", T={**TASK, "End": True}), answer=lambda resource, given: NEVER)
    assert (ran.error, ran.now, len(ran.stopped)) == ("States.Timeout", 60, 1)
    assert ran.state is not None
    assert decide(ran.state, TaskSucceeded(61, ran.stopped[0], {})).changes == ()


def test_a_parallel_fails_with_its_first_branch_and_stops_the_others() -> None:
    """A branch that fails ends the Parallel state; other branches are aborted (ASL, "Parallel State")."""
    branches = [
        states("A", A={**TASK, "End": True}),
        states(
            "B", B={"Type": "Wait", "Seconds": 5, "Next": "C"}, C={"Type": "Fail", "Error": "E", "Cause": "no"}
        ),
    ]
    catch = [{"ErrorEquals": ["E"], "Next": "D"}]
    parallel = {"Type": "Parallel", "Branches": branches, "Catch": catch, "End": True}
    ran = run(states("P", P=parallel, D={"Type": "Succeed"}), answer=lambda resource, given: NEVER)
    assert (ran.status, ran.output) == ("SUCCEEDED", {"Error": "E", "Cause": "no"})
    assert len(ran.stopped) == 1
    assert not ran.timers
    assert "TaskStateAborted" in ran.types


def test_a_map_keeps_the_order_of_items_and_its_concurrency() -> None:
    """Results are in the order of the items; at most MaxConcurrency iterations run (SFN:state-map-inline)."""
    inner = states("T", T={**TASK, "Parameters": {"v.$": "$.v", "i.$": "$.i"}, "End": True})
    selector = {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "all.$": "$.name"}
    state = {
        "Type": "Map",
        "ItemsPath": "$.list",
        "MaxConcurrency": 2,
        "ItemSelector": selector,
        "ItemProcessor": {**inner, "ProcessorConfig": {"Mode": "INLINE"}},
        "End": True,
    }
    ran = run(states("M", M=state), {"list": ["a", "b", "c"], "name": "n"})
    assert ran.output == [{"v": "a", "i": 0}, {"v": "b", "i": 1}, {"v": "c", "i": 2}]
    waiting = run(states("M", M=state), {"list": ["a", "b", "c"], "name": "n"}, lambda resource, given: NEVER)
    assert len([one for one in waiting.types if one == "MapIterationStarted"]) == 2
    assert run(states("M", M=state), {"list": [], "name": "n"}).output == []
    del state["MaxConcurrency"]
    state["MaxConcurrencyPath"] = "$.most"
    some = run(states("M", M=state), {"list": ["a", "b"], "name": "n", "most": 1}, lambda resource, given: NEVER)
    assert some.types.count("MapIterationStarted") == 1
    wrong = run(states("M", M=state), {"list": ["a"], "name": "n", "most": "one"})
    assert (wrong.error, "MaxConcurrencyPath $.most selects 'one'" in str(wrong.cause)) == ("States.Runtime", True)


def test_an_iteration_that_fails_ends_its_map() -> None:
    """The Map fails with the iteration's own error and stops the other iterations (ASL, "Map State")."""
    fail = {"Type": "Fail", "Error": "Bad", "Cause": "b"}
    rules = [{"Variable": "$", "StringEquals": "b", "Next": "F"}]
    choice = {"Type": "Choice", "Choices": rules, "Default": "T"}
    inner = states("C", C=choice, T={**TASK, "End": True}, F=fail)
    state = {"Type": "Map", "ItemProcessor": inner, "Catch": [{"ErrorEquals": ["Bad"], "Next": "D"}], "End": True}
    ran = run(states("M", M=state, D={"Type": "Succeed"}), ["a", "b", "c"], lambda resource, given: NEVER)
    assert (ran.status, ran.output) == ("SUCCEEDED", {"Error": "Bad", "Cause": "b"})
    assert len(ran.stopped) == ran.types.count("TaskStateAborted")
    assert "MapIterationFailed" in ran.types


def test_choices_compare_and_refuse() -> None:
    """Rules are tried in order; without a match the Default, else States.NoChoiceMatched; a variable that does not
    exist is States.Runtime (ASL, "Choice State")."""
    choice = {
        "Type": "Choice",
        "Choices": [
            {
                "And": [
                    {"Variable": "$.n", "NumericGreaterThan": 5},
                    {"Not": {"Variable": "$.s", "IsPresent": True}},
                ],
                "Next": "A",
            },
            {"Variable": "$.n", "NumericEqualsPath": "$.m", "Next": "B"},
        ],
    }
    ends = {name: {"Type": "Pass", "Result": name, "End": True} for name in ("A", "B")}
    machine = states("C", C=choice, **ends)
    assert run(machine, {"n": 6}).output == "A"
    assert run(machine, {"n": 6, "s": "", "m": 6}).output == "B"
    assert run(machine, {"n": 1, "m": 2}).error == "States.NoChoiceMatched"
    assert run(machine, {"n": 1}).error == "States.Runtime"


def test_an_execution_has_a_timeout_and_can_be_stopped() -> None:
    """TimeoutSeconds of the state machine, and StopExecution, end everything that runs."""
    machine = {**states("T", T={"Type": "Task", "Resource": RUN, "End": True}), "TimeoutSeconds": 7}
    ran = run(machine, answer=lambda resource, given: NEVER)
    assert (ran.status, ran.now, len(ran.stopped)) == ("TIMED_OUT", 7, 1)
    state = new_state(machine, {})
    for change in decide(state, Begin(0)).changes:
        evolve(state, change)
    stopped = decide(state, StopRequested(1, "E", "C"))
    for change in stopped.changes:
        evolve(state, change)
    assert state.status == "ABORTED"
    assert decide(state, TimerDue(7, 0)).changes == ()


def test_an_endless_loop_ends_with_the_history() -> None:
    """An execution has at most 25,000 history events (SFN:service-quotas)."""
    machine = states("A", A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "A"})
    ran = run(machine)
    assert (ran.status, ran.error) == ("FAILED", "States.Runtime")
    assert "25000" in str(ran.cause)


def test_decide_does_not_change_the_state_and_repeats_itself() -> None:
    """The same event decides the same, also with random functions: a decision can be repeated after a crash."""
    template = {"id.$": "States.UUID()", "n.$": "States.MathRandom(1, 1000)"}
    state = new_state(states("P", P={"Type": "Pass", "Parameters": template, "End": True}), {})
    assert decide(state, Begin(0)) == decide(state, Begin(0))
    assert not state.branches
