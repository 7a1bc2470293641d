"""Conformance: rows and probes in step, probes on the local Glue and on moto, costs first, nothing left behind."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conformance_pages import fidelity_rows, is_uncertain
from harness.local_server import Server
from moto.server import ThreadedMotoServer

from glueprint.cli.main import cli
from glueprint.client.session import Session, Target, open_session
from glueprint.deploy.conformance import catalogue
from glueprint.deploy.conformance.answers import comparable
from glueprint.deploy.conformance.catalogue import PROBES, chosen, total_cost
from glueprint.deploy.conformance.cleaning import Cleaned, Leftover, clean_up, find_leftovers
from glueprint.deploy.conformance.lab import Lab, patient
from glueprint.deploy.conformance.own_answers import OWN_ANSWERS
from glueprint.deploy.conformance.probe import Cost, Probe
from glueprint.deploy.conformance.unprobed import PAGES, ROWS

ROOT = Path(__file__).parents[2]
OF_THE_PYTHON = ("python", "numpy", "pandas", "pyarrow")
"""What depends on the Python that runs the tests, not on Glueprint."""
FREE = ("trigger", "catalog-definitions", "catalog-updates", "job-defaults", "job-refusals")
"""Probes that take a second together."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for all probes."""
    with Server(tmp_path_factory.mktemp("conformance") / "data") as opened:
        yield opened


@pytest.fixture
def session(server: Server) -> Iterator[Session]:
    """A session of it."""
    with open_session(Target(data_dir=server.data_dir, data_dir_given=True)) as opened:
        yield opened


def run(server: Server, folder: Path, *names: str) -> dict[str, Any]:
    """Run probes by the command; return the report's results by probe."""
    arguments = ["conformance", *names, "--data-dir", str(server.data_dir), "--report", str(folder)]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    report = json.loads((folder / "report.json").read_text())
    assert set(report) == {"Date", "Target", "Region", "Versions", "Results"}
    assert (folder / "report.md").read_text().startswith("# Conformance: Glueprint, us-east-1, 20")
    return {one["Probe"]: one for one in report["Results"]}


def same(results: dict[str, Any]) -> None:
    """Assert that each answer is the one that Glueprint states as its own."""
    for name, one in results.items():
        own, seen = OWN_ANSWERS[name], one["Observed"]
        if name == "blueprint-environment":
            own, seen = ({key: some[key] for key in some if key not in OF_THE_PYTHON} for some in (own, seen))
        assert seen == own, name


def test_rows_and_probes_are_in_step() -> None:
    """Each row that a probe answers exists, and each row whose reason states that AWS's behaviour is not known has
    a probe, or a reason for having none."""
    rows = list(fidelity_rows(ROOT))
    known = {(page, behaviour) for page, behaviour, _ in rows}
    probed = {(row.page, row.behaviour) for probe in PROBES for row in probe.rows}
    assert probed - known == set()
    assert set(ROWS) - known == set()
    open_rows = {(page, behaviour) for page, behaviour, reason in rows if is_uncertain(reason)} - probed
    assert {one for one in open_rows if one not in ROWS and one[0] not in PAGES} == set()
    assert {one for one in ROWS if one in probed} == set()


def test_probes_have_names_costs_and_own_answers() -> None:
    """Names are unique, each probe has Glueprint's own answer, and all together cost less than a dollar."""
    names = [one.name for one in PROBES]
    assert len(set(names)) == len(names)
    assert set(OWN_ANSWERS) == set(names)
    assert 0 < total_cost(PROBES).dollars < 1
    assert str(Cost(shell_runs=2, crawls=1)) == "2 Python shell runs, 1 crawls: $0.148"
    assert [one.name for one in chosen(["crawl"])] == ["crawl"]


def test_free_probes_find_what_glueprint_does(server: Server, session: Session, tmp_path: Path) -> None:
    """The probes that cost nothing, run by the command against the local Glue, observe exactly what is stated as
    Glueprint's behaviour; afterwards nothing with the prefix is left."""
    results = run(server, tmp_path / "report", *FREE)
    assert set(results) == {one.name for one in chosen(FREE)}
    same(results)
    assert find_leftovers(session) == []
    text = (tmp_path / "report" / "report.md").read_text()
    assert "123456789012" not in text
    assert "glueprint-conformance" not in text.replace("s3://glueprint-conformance-nowhere", "")


@pytest.mark.lifecycle
def test_probes_with_runs_find_what_glueprint_does(server: Server, session: Session, tmp_path: Path) -> None:
    """The same for the Data Catalog, blueprints, Python shell jobs, workflow runs and crawls."""
    same(run(server, tmp_path / "report", *(one.name for one in PROBES if not one.name.startswith("spark"))))
    assert find_leftovers(session) == []


@pytest.mark.jobs
def test_the_spark_probe_finds_what_glueprint_does(server: Server, tmp_path: Path) -> None:
    """The same for the observations of the Spark job."""
    same(run(server, tmp_path / "report", "spark"))


@pytest.mark.lifecycle
def test_moto_is_probed_as_far_as_it_goes(tmp_path: Path) -> None:
    """Against moto's server the same command runs to its end: where moto has no operation there is no answer,
    which is reported, and nothing is left."""
    moto = ThreadedMotoServer(port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    url = f"http://{host}:{port}"
    try:
        arguments = ["conformance", "trigger-cron", "catalog-tables", "job-defaults", "--endpoint-url", url]
        done = CliRunner().invoke(cli, [*arguments, "--report", str(tmp_path)])
        assert done.exit_code in (0, 1), done.output
        report = json.loads((tmp_path / "report.json").read_text())
        outcomes = {one["Probe"]: one["Outcome"] for one in report["Results"]}
        assert report["Target"] == "another endpoint"
        assert outcomes["catalog-tables"] in ("same", "different"), done.output
        assert len(outcomes) == 3
        assert "could not be deleted" not in done.output
        assert re.search(r"deleted \d+ resources", done.output)
    finally:
        moto.stop()


def interrupted(lab: Lab) -> None:
    """A probe that is interrupted after it has created something."""
    lab.workflow("half")
    raise KeyboardInterrupt


def failing(lab: Lab) -> None:
    """A probe that fails."""
    lab.job("half")
    raise ValueError("no such thing")


@pytest.mark.parametrize(("observe", "code"), [(interrupted, 1), (failing, 1)])
def test_what_was_created_is_deleted(
    server: Server, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, observe: Any, code: int
) -> None:
    """After Ctrl-C, and after a probe that failed, everything with the run's prefix is deleted; the probe that
    failed is in the report with the reason."""
    first = next(one for one in PROBES if one.name == "job-defaults")
    broken: tuple[Probe, ...] = (replace(first, observe=observe), next(iter(PROBES)))
    monkeypatch.setattr(catalogue, "PROBES", broken)
    arguments = ["conformance", "--data-dir", str(server.data_dir), "--report", str(tmp_path)]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == code, done.output
    assert re.search(r"deleted \d+ resource", done.output)
    assert find_leftovers(session) == []
    if observe is failing:
        report = json.loads((tmp_path / "report.json").read_text())
        assert [one["Problem"] for one in report["Results"]] == ["ValueError: no such thing", ""]


def test_what_a_failed_run_cannot_delete_is_named(
    server: Server, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that cannot be written ends the run; what is left in the account then is listed: it costs money."""
    first = next(one for one in PROBES if one.name == "job-defaults")

    def blocking(lab: Lab) -> None:
        lab.job("half")
        (tmp_path / "report.md").mkdir()

    def partly(session: Session, found: Sequence[Leftover], report: Callable[[str], None]) -> Cleaned:
        clean_up(session, found, report)
        return Cleaned(deleted=(), failed=((found[0], "AccessDenied"),))

    monkeypatch.setattr(catalogue, "PROBES", (replace(first, observe=blocking),))
    monkeypatch.setattr("glueprint.cli.conformance.clean_up", partly)
    arguments = ["conformance", "--data-dir", str(server.data_dir), "--report", str(tmp_path)]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 1, done.output
    assert re.search(r"(job|bucket|object) .*could not be deleted: AccessDenied", done.output)
    assert "repeat it: glueprint conformance --clean-up" in done.output
    assert "cannot write" in done.output


def test_a_clean_up_finds_what_a_killed_run_has_left(server: Server, session: Session) -> None:
    """--clean-up deletes what has the prefix, of every kind, also if it is repeated; other resources stay."""
    lab = Lab(session, "0123abcd", "arn:aws:iam::123456789012:role/x")
    lab.open()
    job, workflow = lab.job("left", "import time; time.sleep(60)"), lab.workflow("left")
    lab.start_trigger(workflow, job)
    lab.database()
    session.glue.start_workflow_run(Name=workflow)
    session.glue.create_workflow(Name="mine")
    kinds = [one.kind for one in find_leftovers(session)]
    assert kinds == ["workflow", "trigger", "job", "database", "bucket"]
    clean = ["conformance", "--clean-up", "--data-dir", str(server.data_dir)]
    for _ in range(2):
        done = CliRunner().invoke(cli, clean)
        assert done.exit_code == 0, done.output
        assert find_leftovers(session) == []
    assert session.glue.list_workflows()["Workflows"] == ["mine"]


def test_an_account_is_used_only_when_it_is_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --aws the role is required, costs are printed first, and without a terminal or --yes nothing is sent;
    an unknown probe is a usage error; --list needs no Glue."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    invoke = CliRunner().invoke
    role = ["--role", "arn:aws:iam::123456789012:role/probes"]
    for arguments, message in (
        (["--aws"], "--aws needs --role"),
        (["--aws", *role], "there is no terminal to confirm it"),
        (["triggers"], "there is no probe 'triggers'; did you mean trigger-"),
    ):
        done = invoke(cli, ["conformance", *arguments])
        assert (done.exit_code, message in done.output) == (2, True), done.output
    assert "cost at most: " in invoke(cli, ["conformance", "--aws", *role]).output
    listed = json.loads(invoke(cli, ["conformance", "--list", "--json"]).output)
    assert len(listed["Probes"]) == len(PROBES)
    assert set(listed["Probes"][0]) == {"Name", "Question", "How", "Cost", "Dollars", "Rows"}


def test_a_conflicting_change_is_repeated() -> None:
    """A workflow refuses a trigger while another one is added (ConcurrentModificationException): the request is
    repeated; any other error is not."""
    from botocore.exceptions import ClientError

    def refusing(*codes: str) -> Any:
        left = list(codes)

        def request() -> str:
            if left:
                raise ClientError({"Error": {"Code": left.pop(0), "Message": ""}}, "CreateTrigger")
            return "made"

        return request

    assert patient(refusing("ConcurrentModificationException", "ThrottlingException"), 0.0) == "made"
    with pytest.raises(ClientError, match="InvalidInputException"):
        patient(refusing("InvalidInputException"), 0.0)


def test_answers_do_not_name_the_account() -> None:
    """Ids, account and names of the run are replaced, at any depth, so that a report can be committed."""
    seen = {"a": [f"jr_{'0' * 64} of 123456789012", "P1-x in B1"], "b": {"c": 1, "d": None}}
    assert comparable(seen, {"P1-": "P-", "B1": "BUCKET"}) == {
        "a": ["jr_ID of ACCOUNT", "P-x in BUCKET"],
        "b": {"c": 1, "d": None},
    }
