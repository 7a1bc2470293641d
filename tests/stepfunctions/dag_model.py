"""Executes an exported DAG file against a model of Airflow: stub operators, trigger rules, XCom, skips.

The rules are those of ``airflow/ti_deps/deps/trigger_rule_dep.py`` (2.10), for the states at the end. Operators
do what those of the amazon provider (9.0, 9.34) do: GlueJobOperator takes a run that was stopped for a success.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from botocore.exceptions import WaiterError

from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind


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

    def execute(self, context: Mapping[str, Any]) -> Any:
        """Run it."""
        raise NotImplementedError

    def __rrshift__(self, others: list[Operator]) -> Operator:
        self.upstream += others
        return self


class AirflowException(Exception):
    """Fails a task."""


class World:
    """What happens to the jobs and crawlers of a run."""

    outcomes: ClassVar[Mapping[Node, str]] = {}
    ended: ClassVar[dict[Node, str]] = {}

    @classmethod
    def end(cls, kind: NodeKind, name: str) -> str:
        """Run a node; how it ends."""
        node = Node(kind, name)
        cls.ended[node] = cls.outcomes[node]
        return cls.ended[node]


class GlueJobOperator(Operator):
    """The provider's."""

    kind = "GlueJob"
    _job_run_id: str | None = None

    @property
    def job_name(self) -> str:
        """The job."""
        return str(self.members["job_name"])

    def execute(self, context: Mapping[str, Any]) -> str:
        """Run the job; only a failure or a timeout is an error."""
        self._job_run_id = f"jr_{self.job_name}"
        if World.end(NodeKind.JOB, self.job_name) not in ("SUCCEEDED", "STOPPED"):
            raise AirflowException
        return self._job_run_id


class GlueCrawlerOperator(Operator):
    """The provider's."""

    kind = "GlueCrawl"

    @property
    def config(self) -> Mapping[str, str]:
        """What identifies the crawler."""
        found: Mapping[str, str] = self.members["config"]
        return found

    def execute(self, context: Mapping[str, Any]) -> str:
        """Run the crawler."""
        if World.end(NodeKind.CRAWLER, self.config["Name"]) != "SUCCEEDED":
            raise WaiterError("crawler_ready", "Waiter encountered a terminal failure state", {})
        return self.config["Name"]


class Hook:
    """The provider's hooks of jobs and crawlers."""

    def __init__(self, aws_conn_id: str) -> None:
        assert aws_conn_id == "aws_default"

    def get_job_state(self, job_name: str, run_id: str) -> str:
        """How a job run ended."""
        assert run_id == f"jr_{job_name}"
        return World.ended[Node(NodeKind.JOB, job_name)]

    def get_crawler(self, name: str) -> dict[str, Any]:
        """A crawler."""
        return {"LastCrawl": {"Status": World.ended[Node(NodeKind.CRAWLER, name)]}}


class PythonOperator(Operator):
    """Calls a function."""

    kind = "PythonOperator"

    def execute(self, context: Mapping[str, Any]) -> Any:
        """Call it."""
        return self.members["python_callable"](ti=context["ti"], **self.members["op_kwargs"])


class ShortCircuitOperator(PythonOperator):
    """Skips what follows if its function returns a false value."""

    kind = "ShortCircuitOperator"


class TaskInstance:
    """XComs of a DAG run, as one task instance reads and writes them."""

    def __init__(self, task_id: str, xcom: dict[tuple[str, str], Any]) -> None:
        self._task_id = task_id
        self._xcom = xcom

    def xcom_pull(self, task_ids: str, key: str = "return_value") -> Any:
        """Return an XCom."""
        return self._xcom.get((task_ids, key))

    def xcom_push(self, key: str, value: Any) -> None:
        """Store an XCom, also if the task fails afterwards."""
        self._xcom[self._task_id, key] = value


class Dag:
    """A DAG: only its members."""

    def __init__(self, **members: Any) -> None:
        self.members = members

    def __enter__(self) -> Dag:
        return self

    def __exit__(self, *error: object) -> None:
        return None


MODULES: Mapping[str, Mapping[str, Any]] = {
    "airflow": {"DAG": Dag},
    "airflow.sdk": {"DAG": Dag},
    "airflow.exceptions": {"AirflowException": AirflowException},
    "airflow.providers.standard.operators.python": {
        "PythonOperator": PythonOperator,
        "ShortCircuitOperator": ShortCircuitOperator,
    },
    "airflow.providers.amazon.aws.hooks.glue": {"GlueJobHook": Hook},
    "airflow.providers.amazon.aws.hooks.glue_crawler": {"GlueCrawlerHook": Hook},
    "airflow.providers.amazon.aws.operators.glue": {"GlueJobOperator": GlueJobOperator},
    "airflow.providers.amazon.aws.operators.glue_crawler": {"GlueCrawlerOperator": GlueCrawlerOperator},
}


def load(text: str) -> list[Operator]:
    """The operators that a DAG file makes, in its order."""
    Operator.made = []
    with _stubs():
        exec(compile(text, "dag.py", "exec"), {"__name__": "dag"})
    return Operator.made


def execute(operators: list[Operator], outcomes: Mapping[Node, str]) -> tuple[dict[Node, str], bool]:
    """How the nodes ended (those that did not run are not there), and whether no task failed at the end."""
    states: dict[str, str] = {}
    xcom: dict[tuple[str, str], Any] = {}
    skipped: set[str] = set()
    World.outcomes, World.ended = outcomes, {}
    pending = list(operators)
    while pending:
        operator = next(one for one in pending if all(before.id in states for before in one.upstream))
        pending.remove(operator)
        states[operator.id] = _verdict(operator, states, skipped)
        if states[operator.id] == "run":
            states[operator.id] = _run(operator, xcom)
        if operator.kind == "ShortCircuitOperator" and not xcom.get((operator.id, "return_value")):
            skipped |= {one.id for one in operators if operator in one.upstream}
    leaves = [one for one in operators if not any(one in other.upstream for other in operators)]
    return World.ended, not any(states[one.id] in ("failed", "upstream_failed") for one in leaves)


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


def _run(operator: Operator, xcom: dict[tuple[str, str], Any]) -> str:
    try:
        answer = operator.execute({"ti": TaskInstance(operator.id, xcom)})
    except (AirflowException, WaiterError):
        return "failed"
    if answer:
        xcom[operator.id, "return_value"] = answer
    return "success"


@contextmanager
def _stubs() -> Iterator[None]:
    before = dict(sys.modules)
    try:
        for name, members in MODULES.items():
            parts = name.split(".")
            for length in range(1, len(parts) + 1):
                sys.modules.setdefault(".".join(parts[:length]), types.ModuleType(parts[length - 1]))
            for member, value in members.items():
                setattr(sys.modules[name], member, value)
        Operator.made = []
        yield
    finally:
        for name in set(sys.modules) - set(before):
            del sys.modules[name]
