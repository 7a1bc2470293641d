"""`glueprint plan` of 100 and of 1,000 objects: a workflow that is deployed, one job of which changes.

What is timed is what the command does: the layout in its child process, the reading of all definitions from
a local Glue, and the comparison. The time of a processor is that of the command, without layout and server.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from bench.server import BenchServer
from glueprint.check.subject import find_subjects
from glueprint.client.objects import Location
from glueprint.client.session import Session, Target, open_session
from glueprint.deploy.change.applying import apply
from glueprint.deploy.change.plan import Plan
from glueprint.deploy.change.planning import open_state, plan_of_layout
from glueprint.deploy.change.requests import Account
from glueprint.deploy.definitions.layout import lay_out
from glueprint.deploy.definitions.recording import RecordingAccount

GOALS = {100: 2.0, 1000: 15.0}
REPEATS = 3
_CONFIG = """{"layoutGenerator": "many.layout.generate_layout", "parameterSpec": {
"Jobs": {"type": "Integer"}, "Timeout": {"type": "Integer", "defaultValue": 60}}}"""
_LAYOUT = """
import boto3
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow


def generate_layout(user_params, system_params):
    s3 = boto3.client("s3", region_name=system_params["region"])
    s3.put_object(Bucket="scripts", Key="many/job.py", Body=b"print()")
    command = {"Name": "pythonshell", "PythonVersion": "3.9", "ScriptLocation": "s3://scripts/many/job.py"}
    name = "many%d" % user_params["Jobs"]
    jobs = []
    for number in range(user_params["Jobs"]):
        waits = {"DependsOn": {jobs[(number - 1) // 2]: "SUCCEEDED"}, "WaitForDependencies": "AND"} if jobs else {}
        timeout = 60 if number else user_params["Timeout"]
        jobs.append(Job(Name="%s_%d" % (name, number), Role="glue", Command=command, Timeout=timeout, **waits))
    return Workflow(Name=name, Entities=Entities(Jobs=jobs))
"""


def main() -> None:
    """Run the benchmark and print the result."""
    goals = ", ".join(f"{goal:g} s for {number:,} objects" for number, goal in GOALS.items())
    print(f"plan: goal {goals}; medians of {REPEATS}")
    with tempfile.TemporaryDirectory() as folder:
        blueprint = Path(folder, "many")
        blueprint.mkdir()
        (blueprint / "blueprint.cfg").write_text(_CONFIG)
        (blueprint / "layout.py").write_text(_LAYOUT)
        data_dir = Path(folder, "data")
        with BenchServer(data_dir), open_session(Target(data_dir=data_dir, data_dir_given=True)) as session:
            session.client("s3").create_bucket(Bucket="scripts")
            for number in GOALS:
                _measure(session, blueprint, number)


def _measure(session: Session, blueprint: Path, number: int) -> None:
    """A job has one trigger; with the workflow that makes one more than ``number`` objects."""
    start = time.perf_counter()
    apply(Account.of(session), _planned(session, blueprint, number // 2, 60))
    applied = time.perf_counter() - start
    times, busy = [], []
    for _ in range(REPEATS):
        start, processor = time.perf_counter(), time.process_time()
        plan = _planned(session, blueprint, number // 2, 61)
        times.append(time.perf_counter() - start)
        busy.append(time.process_time() - processor)
        assert len(plan.changes) == 1, plan.changes
    seconds, processor = statistics.median(times), statistics.median(busy)
    print(
        f"  {number:5,} objects: plan {seconds:6.2f} s ({processor:.2f} s of a processor)"
        f"   first apply {applied:6.2f} s"
    )


def _planned(session: Session, blueprint: Path, jobs: int, timeout: int) -> Plan:
    account = Account.of(session)
    (subject,) = find_subjects(str(blueprint), Path())
    values = {"Jobs": jobs, "Timeout": timeout}
    laid_out = lay_out(
        subject,
        values,
        answer=RecordingAccount(session).answer,
        region=account.region,
        account_id=account.account_id,
    )
    store = open_state(account, laid_out.name, Location("scripts", "states"), laid_out.uploads)
    return plan_of_layout(account, store, laid_out, blueprint=subject.name, parameters=values)
