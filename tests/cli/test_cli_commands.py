"""The commands against a scripted Glue: what they ask for, what they print, how they end."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from harness.scripted_glue import Stage
from harness.shapes import START, run_frame

from glueprint.cli.main import cli
from glueprint.local.protocol import ApiError

Glueprint = Callable[..., Result]


def test_run_tells_each_step_and_ends_with_0_when_all_succeeded(stage: Stage, glueprint: Glueprint) -> None:
    """Live progress until the end; without a terminal a line for each change."""
    stage.glue.runs["wr_1"] = [
        run_frame("RUNNING", {"look": "RUNNING"}),
        run_frame("RUNNING", {"look": "SUCCEEDED", "crawl": "RUNNING"}),
        run_frame(
            "COMPLETED",
            {"look": "SUCCEEDED", "crawl": "SUCCEEDED", "load": "SUCCEEDED"},
            WorkflowRunProperties={"file_presence": "true"},
        ),
    ]
    result = glueprint("run", "nightly", "--property", "day=2026-01-01")
    assert result.exit_code == 0, result.output
    expected = [line.split("  ")[-1] for line in result.stdout.splitlines()[:4]]
    assert expected == [
        "job look RUNNING",
        "job look SUCCEEDED",
        "crawler crawl RUNNING",
        "crawler crawl SUCCEEDED",
    ]
    assert "file_presence  true" in result.stdout
    assert "3 actions succeeded" in result.stdout
    assert stage.glue.sent("StartWorkflowRun") == [{"Name": "nightly", "RunProperties": {"day": "2026-01-01"}}]


@pytest.mark.parametrize(
    ("status", "look", "code"),
    [("COMPLETED", ("FAILED", "KeyError: 'x'\nat line 3"), 1), ("ERROR", None, 1), ("STOPPED", "SUCCEEDED", 3)],
)
def test_run_ends_with_a_code_that_scripts_can_trust(
    stage: Stage, glueprint: Glueprint, status: str, look: object, code: int
) -> None:
    """COMPLETED does not mean success (docs/facts/orchestration.md): failed actions are exit code 1."""
    stage.glue.runs["wr_1"] = [run_frame(status, {"look": look} if look else {})]
    result = glueprint("run", "nightly")
    assert result.exit_code == code
    if isinstance(look, tuple):
        assert "KeyError: 'x'" in result.stdout
        assert "1 failed, 2 not started" in result.stdout
        assert "glueprint logs nightly" in result.stderr


def test_run_as_json_prints_nothing_else_on_stdout(ran: Stage, glueprint: Glueprint) -> None:
    """--json where data is printed: stdout is one JSON document."""
    result = glueprint("run", "nightly", "--json")
    found = json.loads(result.stdout)
    assert (found["Status"], found["StartedOn"]) == ("COMPLETED", START.isoformat())


def test_run_names_the_next_command_when_glue_does_not_answer_any_more(ran: Stage, glueprint: Glueprint) -> None:
    """The server was stopped, or a token has expired: the run is not over for that (tutorial-operator, 3)."""

    def refused(request: dict[str, object]) -> object:
        raise ApiError("OperationTimeoutException", "too late")

    ran.glue.get_workflow_run = refused  # type: ignore[method-assign]
    result = glueprint("run", "nightly")
    assert result.exit_code == 1
    assert "too late (OperationTimeoutException); `glueprint status nightly wr_1` shows later" in result.stderr


def test_run_without_waiting_prints_the_run_id(ran: Stage, glueprint: Glueprint) -> None:
    """For scripts: the id and nothing else."""
    assert glueprint("run", "nightly", "--no-wait").stdout == "wr_1\n"


def test_what_the_api_refuses_is_one_line(stage: Stage, glueprint: Glueprint) -> None:
    """Errors are one clear line, never a traceback ."""
    stage.glue.blueprints["file_presence"] = {"Name": "file_presence"}
    stage.glue.start_error = ApiError("ResourceNumberLimitExceededException", "too many")
    result = glueprint("create", "file_presence", "--param", "WorkflowName=x")
    assert result.exit_code == 1
    assert result.stderr == "Error: StartBlueprintRun: too many (ResourceNumberLimitExceededException)\n"
    assert result.stdout == ""


def test_malformed_pairs_are_named_all_at_once(stage: Stage, glueprint: Glueprint) -> None:
    """Usage mistakes end with 2, before anything is started."""
    result = glueprint("run", "nightly", "--property", "a", "--property", "=b", "--property", "c=d")
    assert result.exit_code == 2
    assert "--property takes KEY=VALUE, not 'a', '=b'" in result.stderr
    assert stage.glue.requests == []


def test_status_lists_workflows_runs_and_one_run(ran: Stage, glueprint: Glueprint) -> None:
    """`status` with nothing, a workflow, a run."""
    assert glueprint("status").stdout.splitlines()[1].split()[:2] == ["nightly", "COMPLETED"]
    assert glueprint("status", "nightly").stdout.splitlines()[1].startswith("wr_1  COMPLETED")
    for arguments in (("nightly", "wr_1"), ("nightly", "latest"), ("wr_1",)):
        assert "load   job      SUCCEEDED" in glueprint("status", *arguments).stdout


def test_status_names_the_next_command_when_there_is_nothing(stage: Stage, glueprint: Glueprint) -> None:
    """An empty screen helps no one."""
    assert "glueprint run nightly" in glueprint("status", "nightly").stdout
    stage.glue.workflows.clear()
    assert "glueprint create" in glueprint("status").stdout


@pytest.mark.parametrize("arguments", [("status",), ("status", "nightly"), ("status", "nightly", "latest")])
def test_status_as_json_is_the_apis_answer(ran: Stage, glueprint: Glueprint, arguments: tuple[str, ...]) -> None:
    """--json where data is printed."""
    data, *_ = json.loads(glueprint(*arguments, "--json").stdout).values()
    assert "nightly" in json.dumps(data)


def test_graph_draws_a_tree_and_writes_mermaid(ran: Stage, glueprint: Glueprint, tmp_path: Path) -> None:
    """A tree in the terminal, Mermaid to a file."""
    assert glueprint("graph", "nightly").stdout.splitlines() == [
        "nightly",
        "└── on demand  start",
        "    └── job look",
        "        └── when look SUCCEEDED  seen",
        "            └── crawler crawl",
        "                └── when crawl SUCCEEDED  crawled",
        "                    └── job load",
    ]
    assert "job load  SUCCEEDED" in glueprint("graph", "nightly", "--run", "latest").stdout
    file = tmp_path / "graph.mmd"
    assert glueprint("graph", "nightly", "--mermaid", str(file)).exit_code == 0
    assert file.read_text() == glueprint("graph", "nightly", "--mermaid", "-").stdout
    refused = glueprint("graph", "nightly", "--mermaid", str(tmp_path / "no" / "where"))
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)


def test_create_converts_parameters_by_their_type_and_lists_what_was_made(
    stage: Stage, glueprint: Glueprint, tmp_path: Path
) -> None:
    """StartBlueprintRun takes a JSON string of name to value
    (docs/facts/blueprints.md#runs); --param wins over --params."""
    stage.glue.blueprints["presence"] = {"Name": "presence"}
    file = tmp_path / "params.json"
    file.write_text('{"WorkflowName": "from file", "Other": "a"}')
    stage.glue.parameters["Other"] = {"type": "String", "defaultValue": None}
    result = glueprint(
        "create", "presence", "--params", str(file), "--param", "WorkflowName=2024", "--param", "Minimum=3",
        "--param", "Columns=x", "--param", "Columns=y",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    (request,) = stage.glue.sent("StartBlueprintRun")
    assert json.loads(request["Parameters"]) == {
        "WorkflowName": "2024",
        "Other": "a",
        "Minimum": 3,
        "Columns": ["x", "y"],
    }
    assert request["RoleArn"].startswith("arn:aws:iam::123456789012:role/")
    assert "created workflow nightly: 2 jobs, 1 crawler, 3 triggers" in result.stdout
    assert "glueprint run nightly" in result.stdout


def test_create_shows_every_problem_of_the_parameters_aligned(stage: Stage, glueprint: Glueprint) -> None:
    """Every unknown, missing and wrong parameter, checked against the blueprint's ParameterSpec."""
    stage.glue.blueprints["presence"] = {"Name": "presence"}
    result = glueprint("create", "presence", "--param", "Minimum=many", "--param", "Minimun=1")
    assert result.exit_code == 1
    head, *rows, error = result.stderr.splitlines()
    assert head.split() == ["PARAMETER", "PROBLEM"]
    assert [row.split()[0] for row in rows] == ["Minimun", "WorkflowName", "Minimum"]
    assert len({row.index(row.split()[1]) for row in rows}) == 1, "aligned"
    assert error == "Error: blueprint presence does not accept 3 parameters; nothing was created"
    assert stage.glue.sent("StartBlueprintRun") == []


def test_create_says_why_a_blueprint_run_failed(stage: Stage, glueprint: Glueprint) -> None:
    """FAILED carries ErrorMessage and RollbackErrorMessage (docs/facts/blueprints.md#runs)."""
    stage.glue.blueprints["presence"] = {"Name": "presence"}
    stage.glue.blueprint_run = {
        "State": "FAILED",
        "ErrorMessage": "layout raised",
        "RollbackErrorMessage": "job j",
    }
    result = glueprint("create", "presence", "--param", "WorkflowName=x")
    assert result.exit_code == 1
    assert "blueprint run br_1 failed: layout raised" in result.stderr
    assert "job j" in result.stderr


@pytest.mark.parametrize(
    ("content", "expected"), [(None, "cannot read"), ("{", "is not JSON"), ("[]", "JSON object")]
)
def test_a_parameter_file_that_is_none_is_named(
    stage: Stage, glueprint: Glueprint, tmp_path: Path, content: str | None, expected: str
) -> None:
    """The error names the file and the problem, before any request to Glue."""
    file = tmp_path / "params.json"
    if content is not None:
        file.write_text(content)
    result = glueprint("create", "presence", "--params", str(file))
    assert (result.exit_code, stage.glue.requests) == (2, [])
    assert expected in result.stderr
    assert str(file) in result.stderr


def test_parameters_may_come_from_a_pipe(stage: Stage, theatre: Stage) -> None:
    """`jq ... | glueprint create NAME --params -`: no file is needed."""
    stage.glue.blueprints["presence"] = {"Name": "presence"}
    arguments = ["create", "--data-dir", str(theatre.data.path), "presence", "--params", "-", "--no-wait"]
    result = CliRunner().invoke(cli, arguments, input='{"WorkflowName": "piped"}')
    assert (result.exit_code, result.stdout) == (0, "br_1\n")
    assert json.loads(stage.glue.sent("StartBlueprintRun")[0]["Parameters"]) == {"WorkflowName": "piped"}


def test_register_uploads_under_the_contents_hash_and_creates_then_updates(
    stage: Stage, glueprint: Glueprint, tmp_path: Path
) -> None:
    """The object is named like the zip's folder
    (docs/facts/blueprints.md#zip-layout); a new version never replaces an old object."""
    zip_file = tmp_path / "presence.zip"
    for content in (b"one", b"two"):
        zip_file.write_bytes(content)
        result = glueprint("register", str(zip_file))
        assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[1].split() == [
        "presence",
        "ACTIVE",
        "WorkflowName",
        "[Minimum]",
        "[Columns]",
    ]
    assert sorted(stage.s3.objects.values()) == [b"one", b"two"]
    assert all(key.endswith("/presence.zip") for key in stage.s3.objects)
    assert [name for name, _ in stage.glue.requests if name.startswith(("Create", "Update"))] == [
        "CreateBlueprint",
        "CreateBlueprint",
        "UpdateBlueprint",
    ]


def test_register_finds_zips_by_name_and_says_why_one_failed(
    stage: Stage, glueprint: Glueprint, tmp_path: Path
) -> None:
    """A name is that of dist/NAME.zip; a FAILED blueprint carries its reason
    (docs/facts/blueprints.md#registration)."""
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "presence.zip").write_bytes(b"zip")
    stage.glue.blueprint_status = ("FAILED", "blueprint.cfg is missing")
    result = glueprint("register", "presence")
    assert result.exit_code == 1
    assert "presence: blueprint.cfg is missing" in result.stderr
    unknown = glueprint("register", "nowhere")
    assert unknown.exit_code == 2
    assert "dist/nowhere.zip" in unknown.stderr


def test_logs_print_output_and_errors_of_a_run_by_node(ran: Stage, glueprint: Glueprint) -> None:
    """Output and error streams of a job run, of a run's node, of a whole run."""
    ran.write_log("/aws-glue/jobs/output", "jr_look", "found 3 files\n")
    ran.write_log("/aws-glue/jobs/error", "jr_look", "a warning\n")
    ran.write_log("/aws-glue/crawlers", "crawl", "one table\n")
    whole = glueprint("logs", "nightly")
    assert sorted(whole.stdout.splitlines()) == ["crawl | one table", "look | found 3 files"]
    assert whole.stderr == "look | a warning\n"
    for arguments in (("nightly", "look"), ("nightly/look",), ("wr_1/look",)):
        one = glueprint("logs", *arguments)
        assert (one.stdout, one.stderr) == ("found 3 files\n", "a warning\n")
    # A stream that is chosen can be counted and searched: `--stream error | wc`.
    chosen = glueprint("logs", "nightly/look", "--stream", "error")
    assert (chosen.stdout, chosen.stderr) == ("a warning\n", "")
    expected = [json.loads(line) for line in glueprint("logs", "nightly/look", "--json").stdout.splitlines()]
    assert {(one["stream"], one["message"].rstrip("\n")) for one in expected} == {
        ("output", "found 3 files"),
        ("error", "a warning"),
    }


def test_logs_of_a_job_and_of_a_job_run(stage: Stage, glueprint: Glueprint) -> None:
    """A job's name selects its latest run."""
    run = {"Id": "jr_9", "JobName": "alone", "JobRunState": "SUCCEEDED", "LogGroupName": "/aws-glue/python-jobs"}
    stage.glue.job_runs["jr_9"] = run
    stage.write_log("/aws-glue/python-jobs/output", "jr_9", "hello\n")
    assert glueprint("logs", "alone").stdout == "hello\n"
    assert glueprint("logs", "jr_9").stdout == "hello\n"


def test_logs_of_what_does_not_exist_say_so(ran: Stage, glueprint: Glueprint) -> None:
    """The error names what does not exist, and what does."""
    assert "neither a workflow nor a job 'nope'" in glueprint("logs", "nope").stderr
    assert "it has: look, crawl, load" in glueprint("logs", "nightly", "nope").stderr
    assert "no job has a run jr_x" in glueprint("logs", "jr_x").stderr
    assert "no workflow has a run wr_x" in glueprint("logs", "wr_x").stderr


def test_following_logs_goes_on_until_the_run_has_ended(stage: Stage, glueprint: Glueprint) -> None:
    """--follow: the last lines are printed too."""
    done = run_frame("COMPLETED", {"look": "SUCCEEDED"})
    stage.glue.runs["wr_1"] = [run_frame("RUNNING", {}), run_frame("RUNNING", {}), run_frame("RUNNING", {}), done]
    stage.glue.workflows["nightly"]["LastRun"] = done
    stage.write_log("/aws-glue/jobs/output", "jr_look", "last words\n")
    expected = glueprint("logs", "nightly", "--follow").stdout.splitlines()
    assert "look | last words" in expected, "labelled, though nothing else has run"


def test_stop_waits_for_the_end_of_a_workflow_run(ran: Stage, glueprint: Glueprint) -> None:
    """Running, Stopping, Stopped (docs/facts/workflows.md#stop)."""
    ran.glue.runs["wr_1"] = [run_frame(status, {}) for status in ("RUNNING", "STOPPING", "STOPPED")]
    result = glueprint("stop", "nightly")
    assert (result.exit_code, result.stdout) == (0, "nightly wr_1 STOPPED\n")
    assert ran.glue.sent("StopWorkflowRun") == [{"Name": "nightly", "RunId": "wr_1"}]


def test_stop_ends_a_job_run_by_its_id(stage: Stage, glueprint: Glueprint) -> None:
    """BatchStopJobRun wants the job's name too: it is looked up."""
    stage.glue.job_runs["jr_9"] = {"Id": "jr_9", "JobName": "alone", "JobRunState": "RUNNING"}
    assert glueprint("stop", "jr_9").stdout == "jr_9 STOPPED\n"
    assert stage.glue.sent("BatchStopJobRun") == [{"JobName": "alone", "JobRunIds": ["jr_9"]}]


def test_explain_shows_what_the_run_reports_about_missing_input(stage: Stage, glueprint: Glueprint) -> None:
    """A run that file_presence stopped has its reason in a run property (reference of file_presence)."""
    marker = {"file_presence": "false", "file_presence.reason": "1 of at least 2 files are there"}
    stopped = run_frame(
        "STOPPED", {"look": ("STOPPED", "the workflow run was stopped")}, WorkflowRunProperties=marker
    )
    stage.glue.runs["wr_1"] = [stopped]
    stage.glue.workflows["nightly"]["LastRun"] = stopped
    expected = (
        "The input of the run was missing: 1 of at least 2 files are there (run property file_presence.reason)"
    )
    assert glueprint("explain", "nightly").stdout.splitlines()[1] == expected
    assert glueprint("explain", "nightly", "load").stdout.splitlines()[-1] == expected
    assert (
        json.loads(glueprint("explain", "nightly", "--json").stdout)["files_missing"]
        == marker["file_presence.reason"]
    )
    marker["file_presence"] = "true"
    assert expected not in glueprint("explain", "nightly").stdout


def test_env_prints_lines_that_a_shell_can_eval(stage: Stage, glueprint: Glueprint) -> None:
    """One export a line, and unset lines for what would override them."""
    lines = glueprint("env").stdout.splitlines()
    keys = stage.data.keys
    assert lines[:4] == [
        f"export AWS_ENDPOINT_URL={stage.url}",
        f"export AWS_ACCESS_KEY_ID={keys.access_key}",
        f"export AWS_SECRET_ACCESS_KEY={keys.secret_key}",
        "export AWS_DEFAULT_REGION=us-east-1",
    ]
    assert {"unset AWS_SESSION_TOKEN", "unset AWS_PROFILE", "unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"} <= set(
        lines
    )
    assert json.loads(glueprint("env", "--json").stdout)["AWS_ENDPOINT_URL"] == stage.url


def test_env_prints_airflows_connection(stage: Stage, glueprint: Glueprint) -> None:
    """AIRFLOW_CONN_AWS_DEFAULT as JSON, also for a container that has another name for this machine."""
    [line] = glueprint("env", "--airflow").stdout.splitlines()
    variable, _, text = shlex.split(line)[1].partition("=")
    connection = json.loads(text)
    assert (variable, connection["conn_type"]) == ("AIRFLOW_CONN_AWS_DEFAULT", "aws")
    assert connection["login"] == stage.data.keys.access_key
    assert connection["extra"]["service_config"]["sts"]["endpoint_url"] == stage.url
    assert connection["extra"]["config_kwargs"]["retries"]["total_max_attempts"] > 5
    other = glueprint("env", "--airflow", "--json", "--endpoint-host", "host.docker.internal")
    port = stage.url.rpartition(":")[2]
    assert json.loads(other.stdout)["extra"]["endpoint_url"] == f"http://host.docker.internal:{port}"
