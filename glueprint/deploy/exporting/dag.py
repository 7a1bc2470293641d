"""Writes a DAG file for Airflow 2.9 and later, and 3, with the amazon provider."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from glueprint.deploy.exporting.cron import airflow_cron
from glueprint.deploy.exporting.dag_rules import DagPlan, DagTask, dag_plan
from glueprint.deploy.exporting.plan import PROPERTIES_ARGUMENT, NotExportable, Plan, Step, check_readers
from glueprint.deploy.exporting.state_machine import MARGIN_SECONDS, OnFailure, Options

_HEAD = '''"""Glue workflow {workflow}, exported by Glueprint."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

from airflow.exceptions import AirflowException
from airflow.providers.amazon.aws.hooks.glue import GlueJobHook
from airflow.providers.amazon.aws.hooks.glue_crawler import GlueCrawlerHook
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.providers.amazon.aws.operators.glue_crawler import GlueCrawlerOperator
from botocore.exceptions import WaiterError

try:  # Airflow 3
    from airflow.providers.standard.operators.python import PythonOperator, ShortCircuitOperator
    from airflow.sdk import DAG
except ImportError:
    from airflow import DAG
    from airflow.operators.python import PythonOperator, ShortCircuitOperator

AWS_CONNECTION = "aws_default"
DEFAULT_PROPERTIES = {properties}


def run_properties(dag_run):
    """Return the run properties: the workflow's defaults, overlaid by the configuration of the DAG run."""
    return json.dumps({{**DEFAULT_PROPERTIES, **(dag_run.conf or {{}})}})


class GlueJob(GlueJobOperator):
    """Succeeds if its job run does, and no run that was stopped; XCom "state" is how the run ended."""

    def execute(self, context):
        try:
            run_id = super().execute(context)
        finally:
            if self._job_run_id:
                state = GlueJobHook(aws_conn_id=AWS_CONNECTION).get_job_state(self.job_name, self._job_run_id)
                context["ti"].xcom_push(key="state", value=state)
        if state != "SUCCEEDED":
            raise AirflowException(f"the job run {{run_id}} of {{self.job_name}} ended as {{state}}")
        return run_id


class GlueCrawl(GlueCrawlerOperator):
    """XCom "state" is how the crawl ended."""

    def execute(self, context):
        try:
            name = super().execute(context)
        except WaiterError:
            last = GlueCrawlerHook(aws_conn_id=AWS_CONNECTION).get_crawler(self.config["Name"])["LastCrawl"]
            context["ti"].xcom_push(key="state", value=last["Status"])
            raise
        context["ti"].xcom_push(key="state", value="SUCCEEDED")
        return name

'''
_STATE = '''
def state_of(ti, task, gate):
    """Return how a job or crawler ended; None if its trigger did not fire."""
    if gate is not None and not ti.xcom_pull(task_ids=gate):
        return None
    return ti.xcom_pull(task_ids=task, key="state") or "FAILED"

'''
_FIRES = '''
def fires(ti, conditions, needed):
    """Return whether a trigger fires: this number of its conditions (task, gate, state) must be true."""
    return sum(state_of(ti, task, gate) == state for task, gate, state in conditions) >= needed

'''
_CHECK = '''
def check_all(ti, nodes):
    """Fail if a job or crawler did not succeed: otherwise only the last tasks would decide."""
    states = {task: state_of(ti, task, gate) for task, gate in nodes}
    failed = [task for task, state in states.items() if state not in (None, "SUCCEEDED")]
    if failed:
        raise AirflowException(f"did not succeed: {', '.join(failed)}")

'''
LAST = "all_succeeded"


def dag_of(plan: Plan, options: Options | None = None) -> tuple[str, DagPlan]:
    """Return the text of the DAG file, and the tasks.

    Raises:
        NotExportable: there is no DAG with the same meaning, or scripts read the workflow run and the options do
            not hand over its properties.
    """
    options = options or Options()
    if options.properties_location is not None:
        raise NotExportable(
            plan.workflow,
            ("run properties in an S3 object are for Step Functions, whose data is limited",),
            "export with --run-properties arguments",
        )
    check_readers(plan, options.properties_argument)
    tasks = dag_plan(plan)
    schedule, warning = airflow_cron(plan.schedule)
    warnings = (*tasks.warnings, *([warning] if warning else ()))
    if tasks.has_gates and options.on_failure is OnFailure.COMPLETE:
        warnings = (*warnings, "the DAG run fails if one of the last tasks does")
    text = "".join(_parts(plan, tasks, options, schedule))
    return text, DagPlan(tasks.tasks, warnings)


def _parts(plan: Plan, tasks: DagPlan, options: Options, schedule: str | None) -> Iterator[str]:
    properties = json.dumps(dict(plan.properties), indent=4, ensure_ascii=False)
    yield _HEAD.format(workflow=_comment(plan.workflow), properties=properties)
    is_checked = options.on_failure is OnFailure.FAIL and tasks.can_hide_failures
    if tasks.has_gates or is_checked:
        yield _STATE
    if tasks.has_gates:
        yield _FIRES
    if is_checked:
        yield _CHECK
    yield f"""
with DAG(
    dag_id={_dag_id(plan.workflow)!r},
    schedule={schedule!r},
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    default_args={{"aws_conn_id": AWS_CONNECTION, "retries": 0}},
    user_defined_macros={{"run_properties": run_properties}},
):
"""
    yield "    tasks = {}\n"
    for task in tasks.tasks:
        yield _task(task, options)
    if is_checked:
        yield _last(tasks)
    for task in tasks.tasks:
        if task.upstream:
            yield f"    [{', '.join(f'tasks[{one!r}]' for one in task.upstream)}] >> tasks[{task.id!r}]\n"


def _task(task: DagTask, options: Options) -> str:
    members: dict[str, str] = {"task_id": repr(task.id)}
    if task.step is None:
        kind = "ShortCircuitOperator"
        conditions = [(one.task, one.gate, one.state) for one in task.conditions]
        members |= {
            "python_callable": "fires",
            "op_kwargs": repr({"conditions": conditions, "needed": task.needed}),
            "ignore_downstream_trigger_rules": "False",
        }
    elif task.step.is_job:
        kind = "GlueJob"
        members |= _job_members(task.step, options)
    else:
        kind = "GlueCrawl"
        members |= {
            "config": repr({"Name": task.step.node.name}),
            "wait_for_completion": "True",
            "deferrable": "False",
            "poll_interval": str(options.poll_seconds),
        }
    members["trigger_rule"] = repr(task.rule)
    listed = "".join(f"        {name}={value},\n" for name, value in members.items())
    return f"    tasks[{task.id!r}] = {kind}(\n{listed}    )\n"


def _job_members(step: Step, options: Options) -> dict[str, str]:
    action = step.action
    arguments = {name: _verbatim(value) for name, value in action.arguments.items()}
    if options.passes_properties:
        arguments[PROPERTIES_ARGUMENT] = "{{ run_properties(dag_run) }}"
    run: dict[str, Any] = {}
    if action.timeout is not None:
        run["Timeout"] = action.timeout
    if action.security_configuration is not None:
        run["SecurityConfiguration"] = action.security_configuration
    if action.notify_delay_after is not None:
        run["NotificationProperty"] = {"NotifyDelayAfter": action.notify_delay_after}
    members = {
        "job_name": repr(step.node.name),
        "script_args": repr(arguments),
        "wait_for_completion": "True",
        "deferrable": "False",
        "stop_job_run_on_kill": "True",
        "job_poll_interval": str(options.poll_seconds),
        "execution_timeout": f"timedelta(seconds={step.timeout_minutes * 60 + MARGIN_SECONDS})",
    }
    if run:
        members["run_job_kwargs"] = repr(run)
    if step.max_retries:
        members["retries"] = str(step.max_retries)
    return members


def _last(tasks: DagPlan) -> str:
    gates: Mapping[str, str | None] = {
        task.id: task.upstream[0] if tasks.has_gates and task.upstream else None
        for task in tasks.tasks
        if task.step is not None
    }
    nodes = list(gates.items())
    before = ", ".join(f"tasks[{name!r}]" for name in gates)
    return (
        f"    [{before}] >> PythonOperator(\n"
        f"        task_id={LAST!r},\n"
        "        python_callable=check_all,\n"
        f"        op_kwargs={{'nodes': {nodes!r}}},\n"
        "        trigger_rule='all_done',\n"
        "    )\n"
    )


def _verbatim(text: str) -> str:
    """Return a value that Airflow's templates leave as it is."""
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return text
    return "{% raw %}" + text + "{% endraw %}"


def _comment(text: str) -> str:
    """Return a name as it can be within a docstring and a format string."""
    return text.replace("\\", "/").replace('"', "'")


def _dag_id(name: str) -> str:
    return "".join(one if one.isascii() and (one.isalnum() or one in "._-") else "_" for one in name)[:250]
