"""The command line as a whole: fast help, errors and bugs, and the choice of the Glue."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result
from harness.scripted_glue import Stage

from glueprint.cli.env import shell_lines
from glueprint.cli.main import COMMANDS, cli
from glueprint.cli.target import open_session
from glueprint.client import session
from glueprint.client.aws_environment import AIRFLOW_VARIABLE, overriding
from glueprint.client.servers import running_server
from glueprint.client.session import Target
from glueprint.local.datadir import DataDirectory

Glueprint = Callable[..., Result]


def test_help_imports_neither_boto3_nor_rich() -> None:
    """`glueprint --help` is instant: commands are imported only to run them."""
    code = (
        "import sys\nfrom glueprint.cli.main import cli\ncli(['--help'], standalone_mode=False)\n"
        "print(sorted({'boto3', 'botocore', 'rich', 'uvicorn', 'moto'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    """Every command has --help, with examples that can be typed: options in them exist."""
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Usage: cli {name}")
    _, _, rest = result.output.partition("Examples:\n")
    examples = [line for line in rest.splitlines() if line.strip().startswith(("glueprint ", "eval "))]
    assert examples
    options = rest.partition("Options:\n")[2]
    used = {word.strip(')"') for line in examples for word in line.split() if word.startswith("--")}
    assert not [option for option in used if option not in options]


def test_an_unknown_command_is_a_usage_mistake() -> None:
    """Exit code 2 for mistakes in the arguments."""
    assert CliRunner().invoke(cli, ["frobnicate"]).exit_code == 2


def test_a_bug_stays_a_traceback(monkeypatch: pytest.MonkeyPatch, stage: Stage, glueprint: Glueprint) -> None:
    """Only an error that the user can fix becomes one line; a hidden bug could not be reported."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("glueprint.cli.status._show_workflows", broken)
    with pytest.raises(ZeroDivisionError):
        glueprint("status")


def test_a_closed_pipe_is_no_error(stage: Stage) -> None:
    """`glueprint status --json | head -1` must not end in a traceback."""
    stage.glue.workflows = {f"w{i}": {"Name": f"w{i}", "Description": "x" * 5000} for i in range(100)}
    command = f"{sys.executable} -m glueprint.cli status --json --data-dir {stage.data.path} | head -c 10"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ('{\n  "Workf', "")


def test_a_closed_output_is_no_error(stage: Stage) -> None:
    """A scheduler may start programs with stdout or stderr closed; Python's streams are None then."""
    command = f"{sys.executable} -m glueprint.cli status --data-dir {stage.data.path}"
    done = subprocess.run(["bash", "-c", f"{command} >&-"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    done = subprocess.run(["bash", "-c", f"{command} 2>&-"], capture_output=True, text=True, check=False)
    assert (done.returncode, "nightly" in done.stdout) == (0, True)


def test_a_full_disk_is_one_line(stage: Stage) -> None:
    """`glueprint status > FILE` on a full disk: /dev/full answers every write with ENOSPC (full(4))."""
    command = f"{sys.executable} -m glueprint.cli status --data-dir {stage.data.path} > /dev/full"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "Error: cannot write: No space left on device\n")


def test_the_users_aws_settings_are_left_out(
    stage: Stage, glueprint: Glueprint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing touches a real account by accident: profiles, keys, proxies are left out."""
    config = tmp_path / "config"
    config.write_text("[default]\nendpoint_url = http://127.0.0.1:1\nuse_fips_endpoint = true\n")
    hostile = {
        "AWS_PROFILE": "missing",
        "AWS_CONFIG_FILE": str(config),
        "AWS_ENDPOINT_URL_GLUE": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_SESSION_TOKEN": "token",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_CA_BUNDLE": "/nowhere",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
    }
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)
    session._shared_session.cache_clear()
    assert "nightly" in glueprint("status").stdout
    assert os.environ["AWS_PROFILE"] == "missing", "hidden only while a client is made"
    session._shared_session.cache_clear()


def test_an_endpoint_in_the_environment_is_found_when_nothing_runs_here(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After `eval "$(glueprint env)"` the commands find that Glue from any directory."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", stage.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", stage.data.keys.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", stage.data.keys.secret_key)
    with open_session(Target()) as opened:
        assert not opened.is_aws
        assert opened.glue.list_workflows()["Workflows"] == ["nightly"]


def test_a_named_endpoint_takes_the_data_directorys_keys_when_it_is_the_same(stage: Stage) -> None:
    """--endpoint-url of the server that runs here needs no keys in the environment."""
    with open_session(Target(stage.url, data_dir=stage.data.path)) as opened:
        assert opened.glue.list_workflows()["Workflows"] == ["nightly"]


def test_aws_and_an_endpoint_exclude_each_other(glueprint: Glueprint) -> None:
    """Which Glue is meant must never be a guess."""
    result = glueprint("status", "--aws", "--endpoint-url", "http://x")
    assert (result.exit_code, "exclude each other" in result.stderr) == (2, True)


@pytest.mark.parametrize("url", ["localhost:4577", "127.0.0.1", "http://", "http://[", "ftp://x"])
def test_an_endpoint_that_is_no_address_is_named(glueprint: Glueprint, url: str) -> None:
    """botocore says only "Invalid endpoint", as a ValueError."""
    result = glueprint("status", "--endpoint-url", url)
    assert (result.exit_code, f"not {url!r}" in result.stderr) == (2, True)


def test_aws_needs_what_only_the_user_can_choose(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On AWS neither a bucket nor a role is made up (docs/facts/blueprints.md#script-buckets, script buckets)."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    (tmp_path / "x.zip").write_bytes(b"")
    result = CliRunner().invoke(cli, ["register", "--aws", "--region", "us-east-1", "x.zip"])
    assert (result.exit_code, "--bucket" in result.stderr) == (2, True)
    unsigned = CliRunner().invoke(cli, ["status", "--aws", "--region", "us-east-1"])
    assert (unsigned.exit_code, "no AWS credentials" in unsigned.stderr) == (1, True)


def test_a_stale_endpoint_file_is_no_server(tmp_path: Path) -> None:
    """A server that was killed leaves its endpoint.json; only one that answers counts."""
    (tmp_path / "endpoint.json").write_text(
        json.dumps(
            {"url": "http://127.0.0.1:1", "access_key": "a", "secret_key": "b", "region": "r", "account_id": "1"}
        )
    )
    result = CliRunner().invoke(cli, ["env", "--data-dir", str(tmp_path)])
    assert (result.exit_code, "glueprint serve" in result.stderr) == (1, True)


@pytest.mark.parametrize(("options", "variable"), [((), "AWS_ENDPOINT_URL"), (("--airflow",), AIRFLOW_VARIABLE)])
def test_without_a_server_the_lines_of_env_direct_clients_nowhere(
    tmp_path: Path, options: tuple[str, ...], variable: str
) -> None:
    """A shell that evaluates them goes on with its next command, which must not reach the user's own account
    (AWS SDKs and Tools Reference Guide: AWS_ENDPOINT_URL, credentials in variables before those of a profile)."""
    result = CliRunner().invoke(cli, ["env", *options, "--data-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert f"export {variable}=" in result.stdout
    assert "http://127.0.0.1:9" in result.stdout
    assert "no local Glue is running" in result.stderr
    assert CliRunner().invoke(cli, ["env", "--json", *options, "--data-dir", str(tmp_path)]).stdout == ""


def test_env_lines_survive_any_value() -> None:
    """A shell evaluates them: every value is quoted."""
    lines = shell_lines({"A": "it's; $(x) `y` \\"}, ["B"])
    done = subprocess.run(
        ["sh", "-c", "\n".join([*lines, 'printf "%s|%s" "$A" "${B-unset}"'])],
        env={"B": "set", "PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "it's; $(x) `y` \\|unset"
    assert "AWS_ENDPOINT_URL_S3" in overriding({"AWS_ENDPOINT_URL_S3": "x"})


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--host", "0.0.0.0"], "--allow-remote"),
        (["--host", "example.org"], "--allow-remote"),
        (["--host", "0.0.0.0", "--allow-remote", "--no-auth"], "--no-auth works on loopback only"),
    ],
)
def test_serve_listens_beyond_loopback_only_with_a_flag_and_a_key(arguments: list[str], expected: str) -> None:
    """Loopback only unless a flag and a key say otherwise."""
    result = CliRunner().invoke(cli, ["serve", *arguments])
    assert (result.exit_code, expected in result.stderr) == (2, True)


def test_serve_refuses_a_taken_port_and_a_taken_data_directory_in_one_line(tmp_path: Path) -> None:
    """A port in use, a second server, no disk: one clear line, non-zero exit."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(cli, ["serve", "--port", port, "--data-dir", str(tmp_path / "a")])
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert port in result.stderr
    with DataDirectory.open(tmp_path / "b"):
        result = CliRunner().invoke(cli, ["serve", "--port", "0", "--data-dir", str(tmp_path / "b")])
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert f"pid {os.getpid()}" in result.stderr
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(cli, ["serve", "--port", "0", "--data-dir", str(tmp_path / "file")])
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


def test_a_command_starts_a_glue_for_its_own_duration(tmp_path: Path) -> None:
    """When none is up, one is started for the command's own duration, and nothing is left."""
    before = set(psutil.Process().children(recursive=True))
    with DataDirectory.open(tmp_path / "data"):
        pass
    result = CliRunner().invoke(cli, ["status", "--data-dir", str(tmp_path / "data")])
    assert result.exit_code == 0, result.output
    assert "starting one for this command" in result.stderr
    assert "no workflows yet" in result.stdout
    assert set(psutil.Process().children(recursive=True)) <= before
    assert not (tmp_path / "data" / "endpoint.json").exists()


def test_a_command_whose_glue_cannot_start_says_why(tmp_path: Path) -> None:
    """In the server's own words, in one line."""
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(cli, ["status", "--data-dir", str(tmp_path / "file")])
    assert result.exit_code == 1
    assert "the local Glue could not start: data directory" in result.stderr
    assert "is a file" in result.stderr


def test_serve_is_ready_when_it_prints_ready_and_ends_with_its_parent(tmp_path: Path) -> None:
    """Ready: the line is printed and GET /health answers 200; a child server never outlives us."""
    data_dir = tmp_path / "data"
    command = [sys.executable, "-m", "glueprint.cli", "serve", "--port", "0", "--data-dir", str(data_dir)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*command, "--exit-with-parent"], text=True, **pipes) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        line = server.stdout.readline()
        running = running_server(data_dir)
        assert running is not None
        assert line == f"ready {running.url}\n"
        server.stdin.close()
        server.stdin = None
        _, notes = server.communicate(timeout=120)
    assert "not durable: other services" in notes
    assert server.returncode in (0, -signal.SIGTERM)
    assert not (data_dir / "endpoint.json").exists()
