"""The edit loop: a workflow is deleted or replaced with all its parts; its layout's messages are shown."""

from __future__ import annotations

import importlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from harness.local_server import ROLE, Server, until

from glueprint.cli.main import cli
from glueprint.client import replacement
from glueprint.client.deletion import TRIGGER, DeletionPlan, delete_resources
from glueprint.client.session import Session, Target, open_session

Glueprint = Callable[..., Result]
create = importlib.import_module("glueprint.cli.create")
"""The module: the package has the command under this name."""

LAYOUT = '''"""Two jobs and a crawler."""

from awsglue.blueprint.crawler import Crawler
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow


def generate_layout(user_params, system_params):
    """Return the workflow."""
    print("two \\x1b[31mjobs")
    if user_params["Fail"]:
        raise ValueError("as wished")
    name = user_params["WorkflowName"]
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/sleep.py", "PythonVersion": "3.9"}
    first = Job(Name=name + "_first", Role=user_params["Role"], Command=command, Colour="red")
    crawl = Crawler(
        Name=name + "_crawl",
        Role=user_params["Role"],
        DatabaseName="db",
        Targets={"S3Targets": [{"Path": "s3://scripts/"}]},
        DependsOn={first: "SUCCEEDED"},
    )
    return Workflow(Name=name, Entities=Entities(Jobs=[first], Crawlers=[crawl]))
'''
CONFIG = {
    "layoutGenerator": "made.layout.generate_layout",
    "parameterSpec": {
        "WorkflowName": {"type": "String"},
        "Role": {"type": "IAMRoleArn", "defaultValue": ROLE},
        "Fail": {"type": "Boolean", "defaultValue": False},
    },
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A local Glue with the blueprint ``made``."""
    root = tmp_path_factory.mktemp("loop")
    (root / "blueprints" / "made").mkdir(parents=True)
    (root / "layouts").mkdir()
    (root / "blueprints" / "made" / "blueprint.cfg").write_text(json.dumps(CONFIG))
    (root / "layouts" / "made.py").write_text(LAYOUT)
    with Server(root / "data", "--warm-workers", "0") as running, pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        running.put_script("sleep.py", "import time; time.sleep(60)")
        done = CliRunner().invoke(cli, ["register", "made", "--data-dir", str(running.data_dir)])
        assert done.exit_code == 0, done.output
        yield running


@pytest.fixture
def glueprint(server: Server) -> Glueprint:
    """Runs a command against the server."""

    def invoke(*arguments: str, given: str | None = None) -> Result:
        command, *rest = arguments
        return CliRunner().invoke(cli, [command, "--data-dir", str(server.data_dir), *rest], input=given)

    return invoke


@pytest.fixture(autouse=True)
def _clean(server: Server) -> Iterator[None]:
    """Nothing of one test remains for the next."""
    yield
    glue = server.client("glue")
    for trigger in glue.get_triggers()["Triggers"]:
        glue.delete_trigger(Name=trigger["Name"])
    for name in glue.list_workflows()["Workflows"]:
        glue.delete_workflow(Name=name)
    for name in glue.list_jobs()["JobNames"]:
        glue.delete_job(JobName=name)
    for name in glue.list_crawlers()["CrawlerNames"]:
        glue.delete_crawler(Name=name)


def created(glueprint: Glueprint, name: str = "orders", *more: str) -> dict[str, Any]:
    """Create the workflow; what the command printed as JSON."""
    done = glueprint("create", "made", "--param", f"WorkflowName={name}", "--json", *more)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def everything(server: Server) -> list[str]:
    """The names of all that is defined."""
    glue = server.client("glue")
    triggers = [one["Name"] for one in glue.get_triggers()["Triggers"]]
    workflows, jobs = glue.list_workflows()["Workflows"], glue.list_jobs()["JobNames"]
    return sorted([*workflows, *triggers, *jobs, *glue.list_crawlers()["CrawlerNames"]])


def test_delete_removes_what_the_blueprint_run_created(server: Server, glueprint: Glueprint) -> None:
    """Triggers, jobs and crawlers too, which DeleteWorkflow leaves (DG:blueprint_workflow_troubleshoot)."""
    created(glueprint)
    before = everything(server)
    assert len(before) == 5
    shown = glueprint("delete", "orders", "--dry-run")
    assert shown.exit_code == 0
    assert all(name in shown.stdout for name in before)
    assert everything(server) == before
    refused = glueprint("delete", "orders")
    assert refused.exit_code == 2
    assert "give --yes" in refused.stderr
    done = glueprint("delete", "orders", "--yes", "--json")
    assert done.exit_code == 0, done.output
    assert sorted(one["Name"] for one in json.loads(done.stdout)["Deleted"]) == before
    assert everything(server) == []
    assert glueprint("delete", "orders", "--yes").exit_code == 1
    created(glueprint)


def test_delete_keeps_what_others_use_and_what_no_blueprint_created(server: Server, glueprint: Glueprint) -> None:
    """A job that another workflow's trigger starts stays; so do jobs of a workflow made by hand, without --all."""
    nodes = created(glueprint)["Workflow"]["Graph"]["Nodes"]
    (job,) = (node["Name"] for node in nodes if node["Type"] == "JOB")
    glue = server.client("glue")
    glue.create_workflow(Name="returns")
    glue.create_trigger(Name="returns_start", WorkflowName="returns", Type="ON_DEMAND", Actions=[{"JobName": job}])
    done = json.loads(glueprint("delete", "orders", "--yes", "--json").stdout)
    assert done["Kept"] == [{"Type": "JOB", "Name": job, "Reason": "workflow returns uses it"}]
    assert everything(server) == sorted([job, "returns", "returns_start"])
    kept = json.loads(glueprint("delete", "returns", "--yes", "--json").stdout)["Kept"]
    assert [one["Reason"] for one in kept] == ["no blueprint made the workflow"]
    assert everything(server) == [job]


def test_delete_removes_triggers_of_a_workflow_that_is_gone(server: Server, glueprint: Glueprint) -> None:
    """After DeleteWorkflow alone, the blueprint run fails as on AWS until its triggers are deleted."""
    created(glueprint)
    server.client("glue").delete_workflow(Name="orders")
    clash = glueprint("create", "made", "--param", "WorkflowName=orders")
    assert clash.exit_code == 1
    assert "Trigger with name orders_starting_trigger already" in clash.stderr
    assert "glueprint delete orders" in clash.stderr
    assert glueprint("delete", "orders", "--yes").exit_code == 0
    created(glueprint)


def test_delete_refuses_while_a_run_has_not_ended(server: Server, glueprint: Glueprint) -> None:
    """The run is named with the command that stops it; nothing is deleted."""
    created(glueprint)
    before, glue = everything(server), server.client("glue")
    run_id = glue.start_workflow_run(Name="orders")["RunId"]
    for command in (
        ["delete", "orders", "--yes"],
        ["create", "made", "--param", "WorkflowName=orders", "--replace"],
    ):
        refused = glueprint(*command)
        assert refused.exit_code == 1
        assert f"glueprint stop orders {run_id}" in refused.stderr
    assert everything(server) == before
    glue.stop_workflow_run(Name="orders", RunId=run_id)
    until(lambda: glueprint("delete", "orders", "--yes").exit_code == 0)


def test_replace_leaves_one_workflow(server: Server, glueprint: Glueprint) -> None:
    """The old jobs and crawlers are gone; the new workflow refers to its blueprint run."""
    first = created(glueprint)
    names = everything(server)
    second = created(glueprint, "orders", "--replace")
    assert len(everything(server)) == len(names)
    assert second["Workflow"]["BlueprintDetails"]["RunId"] != first["Workflow"]["BlueprintDetails"]["RunId"]
    assert created(glueprint, "returns", "--replace")["Workflow"]["Name"] == "returns", "nothing to replace"


def test_a_replacement_that_fails_restores_the_old_workflow(server: Server, glueprint: Glueprint) -> None:
    """Workflow, triggers with their states, jobs and crawlers are there as before."""
    created(glueprint)
    glue, before = server.client("glue"), everything(server)
    states = {one["Name"]: one["State"] for one in glue.get_triggers()["Triggers"]}
    failed = glueprint("create", "made", "--param", "WorkflowName=orders", "--param", "Fail=true", "--replace")
    assert failed.exit_code == 1
    assert "ValueError: as wished" in failed.stderr
    assert "the old workflow orders was created again" in failed.stderr
    assert everything(server) == before
    assert {one["Name"]: one["State"] for one in glue.get_triggers()["Triggers"]} == states


def interrupt_after(part: Callable[..., Any], how: Callable[[], None]) -> Callable[..., Any]:
    """A function that does its work, and is then interrupted."""

    def interrupted(*arguments: Any, **named: Any) -> Any:
        part(*arguments, **named)
        how()

    return interrupted


def ctrl_c() -> None:
    """What Python does at SIGINT."""
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("point", "status"),
    [("before the blueprint run", 128 + signal.SIGTERM), ("while it deletes", 1)],
)
def test_an_interrupted_replacement_restores_the_old_workflow(
    server: Server, glueprint: Glueprint, monkeypatch: pytest.MonkeyPatch, point: str, status: int
) -> None:
    """SIGTERM between deletion and creation; Ctrl-C after one trigger was deleted."""
    created(glueprint)
    glue, before = server.client("glue"), everything(server)
    states = {one["Name"]: one["State"] for one in glue.get_triggers()["Triggers"]}
    if status == 1:

        def only_triggers(session: Session, plan: DeletionPlan, *, nodes: bool) -> None:
            triggers = tuple(one for one in plan.resources if one.kind == TRIGGER)
            delete_resources(session, replace(plan, resources=triggers[:1], triggers=()), nodes=nodes)

        monkeypatch.setattr(replacement, "delete_resources", interrupt_after(only_triggers, ctrl_c))
    else:
        monkeypatch.setattr(create, "_start", lambda *given: os.kill(os.getpid(), signal.SIGTERM))
    stopped = glueprint("create", "made", "--param", "WorkflowName=orders", "--replace")
    assert stopped.exit_code == status
    assert "interrupted: the old workflow orders is created again" in stopped.stderr
    assert everything(server) == before
    assert {one["Name"]: one["State"] for one in glue.get_triggers()["Triggers"]} == states


def test_a_blueprint_run_that_goes_on_after_ctrl_c_replaces_the_workflow(
    server: Server, glueprint: Glueprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No operation stops a blueprint run: its end is waited for, and it may have succeeded."""
    created(glueprint)
    before = everything(server)
    monkeypatch.setattr(create, "wait_with_status", lambda *given, **named: ctrl_c())
    stopped = glueprint("create", "made", "--param", "WorkflowName=orders", "--replace")
    assert stopped.exit_code == 1
    assert "the blueprint run succeeded meanwhile: replaced workflow orders" in stopped.stderr
    assert len(everything(server)) == len(before)
    assert everything(server) != before


@pytest.mark.parametrize("point", ["after the deletion", "after the blueprint run"])
@pytest.mark.parametrize("fails", [False, True])
def test_a_killed_replacement_is_taken_over(
    server: Server, glueprint: Glueprint, point: str, *, fails: bool
) -> None:
    """After a SIGKILL a workflow ``replacing-orders`` has the old definition. The same command replaces the old
    workflow, or restores it; no old job remains, and no record."""
    created(glueprint)
    before = everything(server)
    with open_session(Target(data_dir=server.data_dir)) as session:
        killed = replacement.begin(session, "orders")
        assert killed is not None
        killed.delete_old()
    assert "replacing-orders" in everything(server)
    if point == "after the blueprint run":
        created(glueprint)
    again = ["create", "made", "--param", "WorkflowName=orders", "--replace"]
    done = glueprint(*again, "--param", f"Fail={str(fails).lower()}")
    assert "an earlier replacement of orders was interrupted: this one takes it over" in done.stderr
    assert done.exit_code == fails
    if fails and point == "after the deletion":
        assert everything(server) == before
    else:
        assert len(everything(server)) == len(before)
        assert everything(server) != before
    assert "replacing-orders" not in everything(server)


def test_create_shows_what_the_layout_printed_and_what_was_dropped(glueprint: Glueprint) -> None:
    """On stderr, without control characters; also when the layout fails. AWS shows neither, but drops it, too."""
    done = glueprint("create", "made", "--param", "WorkflowName=orders")
    assert "layout: two \u241b[31mjobs\n" in done.stderr
    assert "warning: " in done.stderr
    assert "Colour" in done.stderr
    failed = glueprint("create", "made", "--param", "WorkflowName=others", "--param", "Fail=true")
    assert failed.exit_code == 1
    assert "layout: two" in failed.stderr


def test_the_json_of_create_has_the_layouts_messages(glueprint: Glueprint) -> None:
    """For scripts: one string per line and per warning."""
    found = created(glueprint)
    assert found["LayoutOutput"] == ["two \x1b[31mjobs"]
    assert len(found["LayoutWarnings"]) == 1


def test_logs_of_a_blueprint_run_are_its_layouts_messages(glueprint: Glueprint) -> None:
    """Output on stdout, what was dropped on stderr; any prefix of the run's id works."""
    run_id = created(glueprint)["BlueprintRun"]["RunId"]
    for given in (run_id, run_id[:20]):
        shown = glueprint("logs", given)
        assert shown.exit_code == 0
        assert shown.stdout == "two \u241b[31mjobs\n"
        assert "Colour is dropped" in shown.stderr
    assert "Colour is dropped" in glueprint("logs", run_id, "--stream", "error").stdout
    data = json.loads(glueprint("logs", run_id, "--json", "--stream", "output").stdout)
    assert (data["node"], data["message"]) == ("made", "two \x1b[31mjobs")
    missing = glueprint("logs", "br_none")
    assert (missing.exit_code, missing.stderr) == (1, "Error: no blueprint has a run br_none\n")
