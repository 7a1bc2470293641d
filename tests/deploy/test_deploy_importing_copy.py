"""A workflow is read without a change where it is, and copied into another Glue: in process, and from moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner
from harness.account_in_process import AccountInProcess
from imported_account import PASSWORD, ROLE, prepared
from imported_workflows import SCRIPT

from glueprint.cli.main import cli
from glueprint.client.errors import NotFound
from glueprint.client.session import Session
from glueprint.deploy.definitions.comparison import differences
from glueprint.deploy.definitions.reading import read_workflow
from glueprint.deploy.importing.collected import Collected
from glueprint.deploy.importing.collecting import Sample, collect
from glueprint.deploy.importing.local_copy import PLACEHOLDER, AlreadyThere, NotUndone, copy
from glueprint.deploy.importing.project import project_of
from glueprint.deploy.importing.read_only import ChangeRefused, ReadOnly


@pytest.fixture
def source(tmp_path: Path) -> Iterator[AccountInProcess]:
    """The account with the workflow."""
    with AccountInProcess(tmp_path / "source", "code", "data") as account:
        prepared(account)
        account.requests.clear()
        yield account


@pytest.fixture
def target(tmp_path: Path) -> Iterator[AccountInProcess]:
    """An empty account."""
    with AccountInProcess(tmp_path / "target") as account:
        yield account


def test_everything_is_read_and_nothing_changed(source: AccountInProcess) -> None:
    """An import reads definitions, script, library, connection, classifier, the tables that are named, and lists
    what it leaves out; every request is a read."""
    read = collect(ReadOnly(source), "nightly")
    assert [str(one.key) for one in read.definition] == [
        *("workflow nightly", "job load", "job report", "crawler crawl"),
        *("trigger at five", "trigger then crawl", "trigger then report"),
    ]
    assert [one.location for one in read.scripts] == ["s3://code/etl/load.py"]
    assert [one.location for one in read.objects] == ["s3://code/lib/names.py"]
    assert [one["Name"] for one in read.connections] == ["shop"]
    assert [one["GrokClassifier"]["Name"] for one in read.classifiers] == ["weblog"]
    assert [(one.name, len(one.partitions)) for one in read.tables] == [("sales.orders", 2)]
    assert read.buckets == ("code", "data")
    assert sorted(read.notes) == [
        "--extra-py-files of job load: s3://code/lib/gone.py is not copied: does not exist",
        "connection shop is copied without its password: set it",
        "security configuration sealed of job load is not copied",
    ]
    assert [one for one in source.requests if not one.startswith(("Get", "BatchGet", "List", "Head"))] == []


def test_a_sample_is_limited(source: AccountInProcess) -> None:
    """--sample copies that many objects of each table, partition and crawler target, up to a number of bytes in
    all, and states that the limit was reached."""
    read = collect(ReadOnly(source), "nightly", sample=Sample(3))
    assert [one.key for one in read.objects if one.bucket == "data"] == [
        f"orders/day={number}/part.csv" for number in range(3)
    ]
    small = collect(ReadOnly(source), "nightly", sample=Sample(3, max_bytes=6))
    assert [one.key for one in small.objects if one.bucket == "data"] == ["orders/day=0/part.csv"]
    assert any("limit of 6 bytes" in one for one in small.notes)


def test_the_password_is_nowhere(source: AccountInProcess, target: AccountInProcess) -> None:
    """The password of a connection is neither in what was read, nor in a project, nor in the copy."""
    read = collect(ReadOnly(source), "nightly", sample=Sample(9))
    assert PASSWORD not in repr(read)
    assert not any(PASSWORD.encode() in one for one in project_of(read, "imported").files.values())
    copy(read, target)
    properties = target.glue.get_connection(Name="shop")["Connection"]["ConnectionProperties"]
    assert (properties["PASSWORD"], properties["USERNAME"]) == (PLACEHOLDER, "etl")


def test_a_session_that_reads_refuses_changes() -> None:
    """A change is refused before anything is sent: no request could change the account that is imported from."""
    import botocore.session

    client = botocore.session.Session().create_client(
        "glue", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x", endpoint_url="http://127.0.0.1:9"
    )

    class One(Session):
        def client(self, service: str) -> Any:
            return client

    guarded = ReadOnly(One(None)).glue
    with pytest.raises(ChangeRefused, match="DeleteJob"):
        guarded.delete_job(JobName="load")
    client.close()


def identical(read: Collected, glue: Any) -> bool:
    """Whether the workflow in another Glue is the one that was read, but for its inactive schedule."""
    there = read_workflow(glue, read.name, account_id="123456789012", tags=False)
    assert there is not None
    here = read.definition.by_key()
    found = {str(key): differences(one, here[key]) for key, one in there.by_key().items()}
    assert set(there.by_key()) == set(here)
    return {key: [one.member for one in some] for key, some in found.items() if some} == {
        "trigger at five": ["StartOnCreation"]
    }


def test_a_copy_is_the_same_workflow(source: AccountInProcess, target: AccountInProcess) -> None:
    """The copy has the same definitions under the same names, its buckets, script, catalog; its schedule is not
    active. Copied once more, nothing changes; a different workflow of the same name is refused as a whole."""
    read = collect(ReadOnly(source), "nightly")
    done = copy(read, target)
    assert identical(read, target.glue)
    assert target.s3.buckets["code"]["etl/load.py"] == SCRIPT
    assert len(target.glue.get_partitions(DatabaseName="sales", TableName="orders")["Partitions"]) == 2
    assert done.notes == ("its schedule is not active; --schedules activates it",)
    again = copy(read, target)
    assert (again.created, len(again.unchanged)) == ((), len(done.created) - len(read.buckets))
    target.glue.update_job(
        JobName="report", JobUpdate={"Role": ROLE, "Command": {"Name": "glueetl", "ScriptLocation": "s3://x/y.py"}}
    )
    with pytest.raises(AlreadyThere, match=r"same name: job report; nothing was created"):
        copy(read, target)


def test_a_schedule_is_activated_on_request(source: AccountInProcess, target: AccountInProcess) -> None:
    """With --schedules the copy starts by itself, as the source does."""
    copy(collect(ReadOnly(source), "nightly"), target, schedules=True)
    assert target.glue.get_trigger(Name="at five")["Trigger"]["State"] == "ACTIVATED"


def test_a_failed_copy_leaves_nothing(source: AccountInProcess, target: AccountInProcess) -> None:
    """If a step fails, what was created before is deleted again."""

    def fail(service: str, operation: str, is_done: bool) -> None:
        if operation == "CreateTrigger" and not is_done:
            raise RuntimeError("the network is gone")

    read = collect(ReadOnly(source), "nightly")
    target.on_change = fail
    with pytest.raises(RuntimeError, match="the network is gone"):
        copy(read, target)
    glue = target.glue
    assert (glue.list_workflows()["Workflows"], glue.list_jobs()["JobNames"]) == ([], [])
    assert (glue.get_databases()["DatabaseList"], glue.get_connections()["ConnectionList"]) == ([], [])
    assert not any(target.s3.buckets.get(one) for one in ("code", "data"))


def test_what_a_failed_copy_leaves_is_named(source: AccountInProcess, target: AccountInProcess) -> None:
    """If what was created cannot be deleted again, the error has the first failure and names what is left; the
    rest is deleted."""

    def fail(service: str, operation: str, is_done: bool) -> None:
        if operation in ("CreateTrigger", "DeleteConnection") and not is_done:
            raise RuntimeError("the network is gone")

    read = collect(ReadOnly(source), "nightly")
    target.on_change = fail
    with pytest.raises(NotUndone, match=r"the network is gone.*connection ") as raised:
        copy(read, target)
    assert "workflow" not in raised.value.message
    assert target.glue.list_workflows()["Workflows"] == []


def test_what_may_not_be_read_is_noted(source: AccountInProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the caller's role does not allow tables, partitions or scripts, the rest is imported, with a note for
    each that is missing."""
    plain = source._call

    def denied(client: Any, service: str, operation: str, request: dict[str, Any]) -> Any:
        if operation in ("GetTables", "GetObject", "GetConnection"):
            details = {"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}
            raise ClientError(details, operation)
        return plain(client, service, operation, request)

    monkeypatch.setattr(source, "_call", denied)
    read = collect(ReadOnly(source), "nightly")
    assert (read.scripts, read.tables, read.connections) == ((), (), ())
    assert {
        "each table of database sales is not copied: AccessDeniedException",
        "script of job load: s3://code/etl/load.py is not copied: AccessDeniedException",
        "connection shop is not copied: AccessDeniedException",
    } <= set(read.notes)


def test_no_workflow(source: AccountInProcess) -> None:
    """A workflow that does not exist is reported."""
    with pytest.raises(NotFound, match="there is no workflow weekly"):
        collect(ReadOnly(source), "weekly")


def test_arguments_of_the_command(tmp_path: Path) -> None:
    """A source and a usable folder are required; a wrong combination is refused before anything is read."""
    run = CliRunner().invoke
    data = ["--data-dir", str(tmp_path / "none")]
    folder = tmp_path / "taken"
    folder.mkdir()
    (folder / "x").touch()
    for arguments, code, message in (
        (["nightly"], 2, "name where the workflow is"),
        (["nightly", "--profile", "etl", "--project", str(tmp_path / "p")], 2, "--profile needs --aws"),
        (["nightly", "--project", str(tmp_path / "a b")], 2, "becomes the blueprint's"),
        (["nightly", "--project", str(folder)], 1, "is not empty"),
        (["nightly", "--project", str(tmp_path / "p")], 1, "there is no"),
    ):
        done = run(cli, ["import", *arguments, *data])
        assert (done.exit_code, message in done.output) == (code, True), done.output


def test_gaps_refuse_a_project(source: AccountInProcess, tmp_path: Path) -> None:
    """An EVENT trigger is not expressible; the project of such a workflow names it (the command refuses it unless
    --leave-out), and a copy keeps it."""
    read = collect(ReadOnly(source), "nightly")
    triggers = [
        replace(one, members={**one.members, "Type": "EVENT", "Schedule": ""}) if one.name == "at five" else one
        for one in read.definition.triggers
    ]
    made = project_of(replace(read, definition=replace(read.definition, triggers=tuple(triggers))), "imported")
    assert [str(one) for one in made.lost] == [
        "trigger at five: Type is EVENT: the layout classes know on demand and scheduled only"
    ]
    assert json.loads(made.files["blueprint.cfg"])["layoutGenerator"] == "imported.layout.generate_layout"
