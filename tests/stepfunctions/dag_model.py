"""Executes an exported DAG file against a model of Airflow: stub operators, trigger rules, XCom, skips.

The rules are those of ``airflow/ti_deps/deps/trigger_rule_dep.py`` (2.10), for the states at the end.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind

MODULES = {
    "airflow": ("DAG",),
    "airflow.sdk": ("DAG",),
    "airflow.providers.standard.operators.python": ("PythonOperator", "ShortCircuitOperator"),
    "airflow.providers.amazon.aws.operators.glue": ("GlueJobOperator",),
    "airflow.providers.amazon.aws.operators.glue_crawler": ("GlueCrawlerOperator",),
}


class Operator:
    """Any operator: its members, and the tasks before it."""

    made: list[Operator]
    kind = ""

    def __init__(self, **members: Any) -> None:
        self.members = members
        self.upstream: list[Operator] = []
        Operator.made.append(self)

    @property
    def id(self) -> str:
        """Its task id."""
        return str(self.members["task_id"])

    def __rrshift__(self, others: list[Operator]) -> Operator:
        self.upstream += others
        return self


class Dag:
    """A DAG: only its members."""

    def __init__(self, **members: Any) -> None:
        self.members = members

    def __enter__(self) -> Dag:
        return self

    def __exit__(self, *error: object) -> None:
        return None


def load(text: str) -> list[Operator]:
    """The operators that a DAG file makes, in its order."""
    Operator.made = []
    with _stubs():
        exec(compile(text, "dag.py", "exec"), {"__name__": "dag"})
    return Operator.made


def execute(operators: list[Operator], outcomes: Mapping[Node, str]) -> tuple[dict[Node, str], bool]:
    """How the nodes ended (those that did not run are not there), and whether no task failed at the end."""
    states: dict[str, str] = {}
    xcom: dict[str, Any] = {}
    skipped: set[str] = set()
    ended: dict[Node, str] = {}
    pending = list(operators)
    while pending:
        operator = next(one for one in pending if all(before.id in states for before in one.upstream))
        pending.remove(operator)
        states[operator.id] = _verdict(operator, states, skipped)
        if states[operator.id] == "run":
            states[operator.id] = _run(operator, outcomes, xcom, ended)
        if operator.kind == "ShortCircuitOperator" and not xcom.get(operator.id):
            skipped |= {one.id for one in operators if operator in one.upstream}
    leaves = [one for one in operators if not any(one in other.upstream for other in operators)]
    return ended, not any(states[one.id] in ("failed", "upstream_failed") for one in leaves)


def _verdict(operator: Operator, states: Mapping[str, str], skipped: set[str]) -> str:
    before = [states[one.id] for one in operator.upstream]
    good, bad = before.count("success"), sum(one in ("failed", "upstream_failed") for one in before)
    rule = operator.members.get("trigger_rule", "all_success")
    if rule == "all_done" or not before:
        return "run"
    if operator.id in skipped:
        return "skipped"
    if rule == "all_success":
        return "upstream_failed" if bad else "run" if good == len(before) else "skipped"
    assert rule == "one_success"
    if good:
        return "run"
    return "skipped" if before.count("skipped") == len(before) else "upstream_failed"


def _run(operator: Operator, outcomes: Mapping[Node, str], xcom: dict[str, Any], ended: dict[Node, str]) -> str:
    kind: str = operator.kind
    if kind in ("GlueJobOperator", "GlueCrawlerOperator"):
        is_job = kind == "GlueJobOperator"
        name = operator.members["job_name"] if is_job else operator.members["config"]["Name"]
        node = Node(NodeKind.JOB if is_job else NodeKind.CRAWLER, name)
        ended[node] = outcomes[node]
        if ended[node] != "SUCCEEDED":
            return "failed"
        xcom[operator.id] = "jr_1"
        return "success"
    call: Callable[..., Any] = operator.members["python_callable"]
    ti = types.SimpleNamespace(xcom_pull=lambda task_ids: xcom.get(task_ids))
    try:
        answer = call(ti=ti, **operator.members["op_kwargs"])
    except RuntimeError:
        return "failed"
    if answer:
        xcom[operator.id] = answer
    return "success"


@contextmanager
def _stubs() -> Iterator[None]:
    before = dict(sys.modules)
    try:
        for name, members in MODULES.items():
            parts = name.split(".")
            for length in range(1, len(parts) + 1):
                sys.modules.setdefault(".".join(parts[:length]), types.ModuleType(parts[length - 1]))
            for member in members:
                made = Dag if member == "DAG" else type(member, (Operator,), {"kind": member})
                setattr(sys.modules[name], member, made)
        Operator.made = []
        yield
    finally:
        for name in set(sys.modules) - set(before):
            del sys.modules[name]
