"""A Glue job as a process: what Glue would start, as argv, environment and files."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from glueprint.runtime.launch import environment, module_setup, spark_settings
from glueprint.runtime.parameters import library_set, python_modules, spark_conf
from glueprint.runtime.parameters.arguments import RunArguments, is_on
from glueprint.runtime.parameters.checks import check_parameters
from glueprint.runtime.parameters.jars import class_path
from glueprint.runtime.parameters.jars import notes as jar_notes
from glueprint.runtime.parameters.s3_files import extra_files
from glueprint.runtime.processes.process import ProcessSpec
from glueprint.runtime.processes.programs import own_program
from glueprint.runtime.shared import instructions, shell_instructions

_RETIRED = frozenset({"0.9", "1.0", "2.0"})
_SPARK_VERSIONS = {"3.0": "3.1", "4.0": "3.3"}
"""GlueVersion to its Spark, if that is not the local one (AWS Glue release notes)."""
_INSTRUCTIONS_FILE = ".glueprint-job"


class UnsupportedJob(Exception):
    """The local Glue cannot run this job; the message contains the reason."""


@dataclass(frozen=True, slots=True)
class JobLaunch:
    """One attempt of a job run: everything that its process depends on.

    Attributes:
        script: a local copy of the script.
        arguments: the merged arguments, names with their dashes.
        s3_root: has a directory for each of ``buckets``.
        work_dir: becomes the process's working directory and home.
        fetched: a local file for each S3 path that the parameters name (``s3_files.files_to_fetch``).
        modules_cache: keeps what pip installed for one run for the next (None: nothing is kept).
        class_archive: a class-data archive for the JVM of a Spark job.
        drivers: JARs of JDBC drivers for a Spark job: those of its connections and of the data directory.
    """

    command: str
    job_name: str
    job_run_id: str
    script: Path
    arguments: Mapping[str, str]
    glue_version: str | None
    python_version: str | None
    worker_type: str | None
    number_of_workers: int | None
    endpoint_url: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    account_id: str
    s3_root: Path
    buckets: tuple[str, ...]
    work_dir: Path
    stdout: Path
    stderr: Path
    fetched: Mapping[str, Path] = field(default_factory=dict)
    modules_cache: Path | None = None
    class_archive: Path | None = None
    drivers: tuple[Path, ...] = ()

    @property
    def run_arguments(self) -> RunArguments:
        """The run's arguments, as the parameters are read from them."""
        return RunArguments(self.command, self.arguments, frozenset(self.buckets), self.fetched)


def job_process(launch: JobLaunch) -> ProcessSpec:
    """Return the process that runs ``launch``. Prepares the work directory; may be repeated.

    Raises:
        UnsupportedJob: the local Glue cannot run such a job.
        OSError: the work directory cannot be written.
    """
    try:
        describe = _COMMANDS[launch.command]
    except KeyError:
        raise UnsupportedJob(
            f"job {launch.job_name!r}: jobs of type {launch.command!r} are not supported locally; "
            f"supported are {', '.join(sorted(_COMMANDS))}"
        ) from None
    if wrong := check_parameters(launch.run_arguments):
        raise UnsupportedJob(f"job {launch.job_name!r}: {'; '.join(wrong)}")
    launch = replace(
        launch,  # the process has another working directory than this one
        script=launch.script.absolute(),
        s3_root=launch.s3_root.absolute(),
        work_dir=launch.work_dir.absolute(),
        fetched={location: file.absolute() for location, file in launch.fetched.items()},
        modules_cache=launch.modules_cache and launch.modules_cache.absolute(),
        drivers=tuple(jar.absolute() for jar in launch.drivers),
    )
    (launch.work_dir / "tmp").mkdir(parents=True, exist_ok=True, mode=0o700)
    access = environment.Access(launch.endpoint_url, launch.region, launch.access_key, launch.secret_key)
    return describe(launch, environment.base_environment(access, launch.work_dir, launch.arguments))


def _python_shell(launch: JobLaunch, base: Mapping[str, str]) -> ProcessSpec:
    if launch.python_version not in (None, "3", "3.9"):
        raise UnsupportedJob(
            f"job {launch.job_name!r}: Python shell jobs run Python 3.9; "
            f"PythonVersion is {launch.python_version!r}"
        )
    run = launch.run_arguments
    todo = module_setup.module_setup_of(run, launch.work_dir, launch.modules_cache)
    shell_instructions.write(
        str(_instructions_file(launch)),
        str(launch.script),
        _pairs(launch.arguments),
        list(python_modules.notes(run)),
        library_set.import_notices(run),
        module_setup.write_module_setup(todo, launch.work_dir),
    )
    process = _process(launch, "shell", base)
    return replace(process, waits_at_gate=True, shell_instructions=_instructions_file(launch))


def _spark(launch: JobLaunch, base: Mapping[str, str]) -> ProcessSpec:
    notes, run = _version_notes(launch), launch.run_arguments
    conf, jars = spark_conf.spark_conf(run), class_path(run)
    setup = module_setup.module_setup_of(run, launch.work_dir, launch.modules_cache)
    for name, file in extra_files(run).items():
        shutil.copyfile(file, launch.work_dir / name)
    (launch.work_dir / spark_settings.LOG4J_FILE).write_text(spark_settings.LOG4J, encoding="utf-8")
    machine, java_home = environment.machine(), environment.java_home(os.environ)
    todo = instructions.JobInstructions(
        script=str(launch.script),
        arguments=[*_pairs(launch.arguments), *_pairs(_identity(launch))],
        notes=[*notes, *jar_notes(run), *conf.notes],
        spark=instructions.SparkInstructions(
            java=str(java_home / "bin" / "java"),
            flags=[*_flags(launch, machine), *conf.java_options],
            properties={**_properties(launch, machine, setup.python_path), **conf.properties},
            s3_root=str(launch.s3_root),
            glue_catalog=is_on(launch.arguments, "--enable-glue-datacatalog"),
            jars=[str(jar) for jar in (*jars.jars, *launch.drivers)],
            jars_first=jars.first and bool(jars.jars),
            class_archive=None if launch.class_archive is None else str(launch.class_archive),
        ),
        setup=module_setup.write_module_setup(setup, launch.work_dir),
    )
    instructions.write(_instructions_file(launch), todo)
    process = _process(launch, "spark", environment.spark_environment(base, java_home))
    return replace(process, spark_instructions=_instructions_file(launch))


def _flags(launch: JobLaunch, machine: spark_settings.Machine) -> list[str]:
    """Return the JVM's flags, without those of ``--conf``."""
    return spark_settings.jvm_flags(heap=spark_settings.heap_bytes(machine), work_dir=launch.work_dir)


def _properties(
    launch: JobLaunch, machine: spark_settings.Machine, python_path: Sequence[str]
) -> dict[str, str]:
    """Return Spark's properties, without those of ``--conf``; workers find modules where the script does."""
    properties = spark_settings.properties(
        slots=spark_settings.parallelism(machine, launch.worker_type, launch.number_of_workers),
        work_dir=launch.work_dir,
        s3_root=launch.s3_root,
        buckets=launch.buckets,
        app_name=launch.job_name,
    )
    variables = environment.customer_variables(launch.arguments.get("--customer-executor-env-vars", ""))
    if python_path:
        variables["PYTHONPATH"] = os.pathsep.join(python_path)
    return {**properties, **{f"spark.executorEnv.{name}": value for name, value in variables.items()}}


_COMMANDS: dict[str, Callable[[JobLaunch, Mapping[str, str]], ProcessSpec]] = {
    "glueetl": _spark,
    "pythonshell": _python_shell,
}


def _instructions_file(launch: JobLaunch) -> Path:
    return launch.work_dir / _INSTRUCTIONS_FILE


def _process(launch: JobLaunch, host: str, env: Mapping[str, str]) -> ProcessSpec:
    return ProcessSpec(
        argv=own_program(f"jobhost.{host}", str(_instructions_file(launch))),
        env=env,
        cwd=launch.work_dir,
        stdout=launch.stdout,
        stderr=launch.stderr,
    )


def _version_notes(launch: JobLaunch) -> list[str]:
    """Return what to print about the job's GlueVersion before it runs.

    Raises:
        UnsupportedJob: this version cannot be run locally.
    """
    version = launch.glue_version
    if version is None or version in ("5.0", "5.1"):
        return []
    if version in _RETIRED:
        return [f"AWS would refuse this: Glue {version} reached its end of life. Here it runs on Spark 3.5."]
    if spark := _SPARK_VERSIONS.get(version):
        python = platform.python_version()
        return [f"Glue {version} has Spark {spark}; here it runs on Spark 3.5 and Python {python}."]
    raise UnsupportedJob(
        f"job {launch.job_name!r}: GlueVersion {version} is not supported locally: "
        f"Glue 6.0 is Spark 4.1, and here is Spark 3.5; use 5.1"
    )


def _pairs(arguments: Mapping[str, str]) -> list[str]:
    return [part for pair in arguments.items() for part in pair]


def _identity(launch: JobLaunch) -> dict[str, str]:
    """Return the arguments that Glue adds for a Spark script: the job's name, an id of the job, the run's id."""
    job = hashlib.sha256(f"{launch.account_id}/{launch.region}/{launch.job_name}".encode()).hexdigest()
    return {"--JOB_NAME": launch.job_name, "--JOB_ID": f"j_{job}", "--JOB_RUN_ID": launch.job_run_id}
