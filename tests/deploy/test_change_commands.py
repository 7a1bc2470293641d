"""``plan``, ``apply``, ``rollback`` and ``drift`` as a user meets them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from deployed_blueprint import BODY, CONFIG, LAYOUT, SCRIPT
from harness.account_in_process import AccountInProcess

from glueprint.blueprint.archive import write_archive
from glueprint.cli.main import cli
from glueprint.deploy.change.names import stable_suffix
from glueprint.deploy.repository.publishing import Draft, publish
from glueprint.deploy.repository.s3_store import S3Store
from glueprint.deploy.repository.versions import Version

Glueprint = Callable[..., Result]


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountInProcess]:
    """An account that all commands use; the working directory has the blueprint ``orders``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "blueprint.cfg").write_bytes(CONFIG)
    (tmp_path / "orders" / "layout.py").write_text(LAYOUT % BODY)
    (tmp_path / "orders" / "load.py").write_bytes(SCRIPT)
    with AccountInProcess(tmp_path / "data", "scripts") as opened:

        @contextlib.contextmanager
        def open_session(*_: object, **__: object) -> Iterator[AccountInProcess]:
            yield opened

        monkeypatch.setattr("glueprint.client.session.open_session", open_session)
        yield opened


@pytest.fixture
def glueprint(account: AccountInProcess) -> Glueprint:
    """Runs a command."""

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(cli, list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


PLAIN = LAYOUT.replace("import boto3\n", "") % BODY[BODY.index("    load = Job(") :]
"""A layout without calls of AWS: boto3 takes half a second to import."""
ORDERS = ("orders", "--param", "WorkflowName=nightly")


def test_life_of_a_workflow(glueprint: Glueprint, account: AccountInProcess) -> None:
    """Plan, apply, change, plan into a file, apply it, roll back: each command names the next one, the JSON can be
    applied, versions are listed."""
    planned = glueprint("plan", *ORDERS)
    assert planned.exit_code == 0
    assert "  ^ s3://scripts/orders/load.py is uploaded\n  ! glue CreateDatabase orders\n" in planned.stdout
    assert "workflow nightly: 7 to create, 1 upload, 1 call (version 1)\n" in planned.stdout
    assert account.glue.list_workflows()["Workflows"] == []

    assert glueprint("apply", *ORDERS, "--yes").stdout.endswith("workflow nightly is version 1 now\n")
    again = glueprint("apply", *ORDERS, "--yes")
    assert again.stdout == "workflow nightly: nothing changes (version 1)\nworkflow nightly is version 1 already\n"

    changed = ("orders", "--workflow", "nightly", "--param", "Timeout=30")
    stored = glueprint("plan", *changed, "--out", "p.json", "--exit-code")
    assert stored.exit_code == 4
    assert "      Timeout: 60 -> 30\n" in stored.stdout
    assert stored.stdout.endswith("apply it: glueprint apply p.json\n")
    assert Path("p.json").stat().st_mode & 0o777 == 0o600
    applied = json.loads(glueprint("apply", "p.json", "--json").stdout)
    assert (applied["Version"], [one["Action"] for one in applied["Changes"]]) == (2, ["update"])
    assert glueprint("apply", "p.json").exit_code == 1

    assert glueprint("rollback", "nightly", "--yes").stdout.endswith("workflow nightly is version 3 now\n")
    listed = json.loads(glueprint("rollback", "nightly", "--list", "--json").stdout)["Versions"]
    assert [(one["Version"], one["Reason"], one["Parameters"].get("Timeout")) for one in listed] == [
        *((1, "apply", None), (2, "apply", 30), (3, "rollback to 1", None))
    ]


def test_a_published_version_is_deployed(glueprint: Glueprint, account: AccountInProcess, tmp_path: Path) -> None:
    """NAME@VERSION deploys a version of the repository, here in a bucket of the same account; versions of the
    workflow name it."""
    account.client("s3").create_bucket(Bucket="blueprints")
    store = S3Store(account.client("s3"), "blueprints", "glue/")
    folder = tmp_path / "orders"
    files = {f"orders/{one.name}": one.read_bytes() for one in folder.iterdir()}
    publish(store, Draft("orders", write_archive(files), Version.parse("1.0.0"), "anna@example.com"))
    (folder / "layout.py").write_text("broken(")
    where = ("--param", "WorkflowName=nightly", "--repository", "s3://blueprints/glue")
    assert "7 to create" in glueprint("plan", "orders@1", *where).stdout
    assert glueprint("apply", "orders@1", *where, "--yes").stdout.endswith("workflow nightly is version 1 now\n")
    assert "orders@1.0.0" in glueprint("rollback", "nightly", "--list").stdout
    missing = glueprint("apply", "orders@2", *where, "--yes")
    assert (missing.exit_code, "there are: 1.0.0" in missing.stderr) == (1, True)


def test_drift_command(glueprint: Glueprint, account: AccountInProcess) -> None:
    """Without differences 0, with some 4; what was recorded is on the left, what is there on the right."""
    assert "no workflow is recorded" in glueprint("drift").stdout
    glueprint("apply", *ORDERS, "--yes")
    assert glueprint("drift").exit_code == 0
    name = f"orders_load_{stable_suffix('nightly')}"
    job = account.glue.get_job(JobName=name)["Job"]
    account.glue.update_job(JobName=name, JobUpdate={"Role": job["Role"], "Command": job["Command"], "Timeout": 7})
    found = glueprint("drift", "nightly")
    assert found.exit_code == 4
    assert f"  ~ job {name} was changed\n" in found.stdout
    assert "      Timeout: 60 -> 7\n" in found.stdout
    assert found.stdout.endswith("workflow nightly, version 1: differs from what was applied\n")
    wire = json.loads(glueprint("drift", "--json").stdout)["Workflows"]
    assert [(one["Workflow"], one["Empty"]) for one in wire] == [("nightly", False)]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("plan", "nothing"), 2, "neither a blueprint, nor a zip, nor a folder"),
        (("plan", *ORDERS, "--param", "Timeout=x"), 1, "does not accept 1 parameter"),
        (("plan", *ORDERS, "--state", "ftp://x"), 2, "a location is s3://BUCKET/KEY"),
        (("plan", *ORDERS, "--state", "s3://nowhere/x"), 1, "there is no bucket nowhere"),
        (("plan", "orders", "--workflow", "nightly"), 1, "there is no workflow 'nightly'"),
        (("apply", *ORDERS), 2, "give --yes"),
        (("apply", *ORDERS, "--json"), 2, "--json needs --yes or a plan"),
        (("apply", "missing.json"), 2, "cannot read missing.json"),
        (("apply", "orders/load.json", "--param", "A=1"), 2, "a stored plan has its parameters"),
        (("rollback", "nightly"), 1, "there is no workflow 'nightly'"),
        (("rollback", "nightly", "--json"), 2, "--json needs --yes or --list"),
        (
            ("rollback", "nightly", "--state", "s3://scripts/x", "--yes"),
            1,
            "nothing is recorded of workflow nightly",
        ),
        (("drift", "nightly"), 1, "there is no workflow 'nightly'"),
    ],
)
def test_mistakes(glueprint: Glueprint, arguments: tuple[str, ...], code: int, message: str) -> None:
    """Each mistake is one error with a remedy: 2 for arguments, 1 for what the account refuses."""
    result = glueprint(*arguments)
    assert result.exit_code == code, result.output
    assert message in result.stderr


def test_secrets_are_hidden(glueprint: Glueprint, account: AccountInProcess) -> None:
    """The value of an argument that is named like a secret is not shown."""
    text = PLAIN.replace('"--year": "2026"', '"--db_password": "hunter2"')
    Path("orders/layout.py").write_text(text)
    shown = glueprint("plan", *ORDERS, "--state", "s3://scripts/states").stdout
    assert "hunter2" not in shown
    assert '"--db_password": "********"' in shown


def test_interrupted_apply_is_rolled_back(glueprint: Glueprint, account: AccountInProcess) -> None:
    """After a kill, plan names what was interrupted; rollback without --to undoes it."""

    class Killed(BaseException):
        pass

    def kill(service: str, operation: str, is_done: bool) -> None:
        if operation == "CreateTrigger":
            raise Killed

    Path("orders/layout.py").write_text(PLAIN)
    account.on_change = kill
    plain = (*ORDERS, "--state", "s3://scripts/states")
    with pytest.raises(Killed):
        glueprint("apply", *plain, "--yes")
    account.on_change = lambda *_: None
    assert "version 1 (apply by " in glueprint("plan", *plain).stdout
    refused = glueprint("apply", *plain, "--yes")
    assert refused.exit_code == 1
    assert "--take-over" in refused.stderr
    undone = glueprint("rollback", "nightly", "--yes", "--take-over")
    assert undone.stdout.endswith("it was undone\n")
    assert account.glue.list_workflows()["Workflows"] == []


def test_a_prefix_of_a_name_changes_nothing(glueprint: Glueprint) -> None:
    """Commands that look complete a prefix of a name, those that change do not (docs/decisions/commands.md): a
    workflow that was deleted must not become a change of its neighbour."""
    assert glueprint("apply", *ORDERS, "--yes").exit_code == 0
    for command in (("apply", "orders", "--workflow", "night", "--yes"), ("rollback", "night", "--yes")):
        refused = glueprint(*command)
        assert refused.exit_code != 0
        assert "there is no workflow 'night'" in refused.output
        assert "nightly" in refused.output
    assert glueprint("rollback", "night", "--list").exit_code == 0
