"""A Glue job as a process: what Glue would start, as argv, environment and files."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from glueprint.environments.installed import Environment, normalized
from glueprint.runtime.launch import environment, module_setup, spark_settings
from glueprint.runtime.parameters import library_set, python_modules, spark_conf
from glueprint.runtime.parameters.arguments import RunArguments, is_on
from glueprint.runtime.parameters.checks import check_parameters
from glueprint.runtime.parameters.jars import class_path
from glueprint.runtime.parameters.jars import notes as jar_notes
from glueprint.runtime.parameters.s3_files import extra_files
from glueprint.runtime.processes.process import ProcessSpec
from glueprint.runtime.processes.programs import OWN, Interpreter, other_interpreter, own_program
from glueprint.runtime.shared import instructions, shell_instructions

_INSTRUCTIONS_FILE = ".glueprint-job"


class UnsupportedJob(Exception):
    """The local Glue cannot run this job; the message contains the reason."""


@dataclass(frozen=True, slots=True)
class Host:
    """What all jobs of one local Glue share.

    Attributes:
        access: how jobs reach it.
        s3_root: has a directory for each bucket.
        modules_cache: keeps what pip installed for one run for the next (None: nothing is kept).
        links: a directory in which other Pythons than this one find ``glueprint``; made when it is needed.
    """

    access: environment.Access
    account_id: str
    s3_root: Path
    modules_cache: Path | None = None
    links: Path | None = None

    def absolute(self) -> Host:
        """Return it with absolute paths: processes have other working directories than this one."""
        return replace(
            self,
            s3_root=self.s3_root.absolute(),
            modules_cache=self.modules_cache and self.modules_cache.absolute(),
            links=self.links and self.links.absolute(),
        )


@dataclass(frozen=True, slots=True)
class JobLaunch:
    """One attempt of a job run: everything that its process depends on.

    Attributes:
        host: the local Glue.
        environment: the Python, packages and Java that it runs with; None: the Python that runs this.
        notes: lines for the error log, before anything else.
        script: a local copy of the script.
        arguments: the merged arguments, names with their dashes.
        work_dir: becomes the process's working directory and home.
        fetched: a local file for each S3 path that the parameters name (``s3_files.files_to_fetch``).
        class_archive: a class-data archive for the JVM of a Spark job.
        drivers: JARs of JDBC drivers for a Spark job: those of its connections and of the data directory.
    """

    host: Host
    command: str
    job_name: str
    job_run_id: str
    script: Path
    arguments: Mapping[str, str]
    environment: Environment | None
    python_version: str | None
    worker_type: str | None
    number_of_workers: int | None
    buckets: tuple[str, ...]
    work_dir: Path
    stdout: Path
    stderr: Path
    fetched: Mapping[str, Path] = field(default_factory=dict)
    class_archive: Path | None = None
    drivers: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def interpreter(self) -> Interpreter:
        """The Python of the process."""
        if self.environment is None or self.environment.directory is None:
            return OWN
        assert self.host.links is not None
        return other_interpreter(self.environment.python, self.host.links)

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
        launch,
        host=launch.host.absolute(),
        script=launch.script.absolute(),
        work_dir=launch.work_dir.absolute(),
        fetched={location: file.absolute() for location, file in launch.fetched.items()},
        drivers=tuple(jar.absolute() for jar in launch.drivers),
    )
    (launch.work_dir / "tmp").mkdir(parents=True, exist_ok=True, mode=0o700)
    base = environment.base_environment(launch.host.access, launch.work_dir, launch.arguments, launch.interpreter)
    return describe(launch, base)


def _python_shell(launch: JobLaunch, base: Mapping[str, str]) -> ProcessSpec:
    if launch.python_version not in (None, "3", "3.9"):
        raise UnsupportedJob(
            f"job {launch.job_name!r}: Python shell jobs run Python 3.9; "
            f"PythonVersion is {launch.python_version!r}"
        )
    run = launch.run_arguments
    todo = module_setup.module_setup_of(run, launch.work_dir, _modules_cache(launch))
    shell_instructions.write(
        str(_instructions_file(launch)),
        str(launch.script),
        _pairs(launch.arguments),
        [*launch.notes, *python_modules.notes(run)],
        library_set.import_notices(run, _installed(launch)),
        module_setup.write_module_setup(todo, launch.work_dir),
    )
    process = _process(launch, "shell", base)
    return replace(process, waits_at_gate=True, shell_instructions=_instructions_file(launch))


def _spark(launch: JobLaunch, base: Mapping[str, str]) -> ProcessSpec:
    run = launch.run_arguments
    conf, jars = spark_conf.spark_conf(run), class_path(run)
    setup = module_setup.module_setup_of(run, launch.work_dir, _modules_cache(launch))
    for name, file in extra_files(run).items():
        shutil.copyfile(file, launch.work_dir / name)
    (launch.work_dir / spark_settings.LOG4J_FILE).write_text(spark_settings.log4j(launch.host.s3_root), "utf-8")
    machine, java_home = environment.machine(), _java_home(launch)
    todo = instructions.JobInstructions(
        script=str(launch.script),
        arguments=[*_pairs(launch.arguments), *_pairs(_identity(launch))],
        notes=[*launch.notes, *jar_notes(run), *conf.notes],
        spark=instructions.SparkInstructions(
            java=str(java_home / "bin" / "java"),
            flags=[*_flags(launch, machine), *conf.java_options],
            properties={**_properties(launch, machine, setup.python_path), **conf.properties},
            s3_root=str(launch.host.s3_root),
            glue_catalog=is_on(launch.arguments, "--enable-glue-datacatalog"),
            jars=[str(jar) for jar in (*jars.jars, *launch.drivers)],
            jars_first=jars.first and bool(jars.jars),
            class_archive=None if launch.class_archive is None else str(launch.class_archive),
        ),
        setup=module_setup.write_module_setup(setup, launch.work_dir),
    )
    instructions.write(_instructions_file(launch), todo)
    process = _process(launch, "spark", environment.spark_environment(base, java_home, launch.interpreter))
    return replace(process, spark_instructions=_instructions_file(launch))


def _flags(launch: JobLaunch, machine: spark_settings.Machine) -> list[str]:
    """Return the JVM's flags, without those of ``--conf``."""
    return spark_settings.jvm_flags(heap=spark_settings.heap_bytes(machine), work_dir=launch.work_dir)


def _properties(launch: JobLaunch, machine: spark_settings.Machine, python_path: Sequence[str]) -> dict[str, str]:
    """Return Spark's properties, without those of ``--conf``; workers find modules where the script does."""
    properties = spark_settings.properties(
        slots=spark_settings.parallelism(machine, launch.worker_type, launch.number_of_workers),
        work_dir=launch.work_dir,
        s3_root=launch.host.s3_root,
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
        argv=own_program(f"jobhost.{host}", str(_instructions_file(launch)), interpreter=launch.interpreter),
        env=env,
        cwd=launch.work_dir,
        stdout=launch.stdout,
        stderr=launch.stderr,
    )


def _java_home(launch: JobLaunch) -> Path:
    """Return the environment's Java, or the user's choice for the Python that runs this."""
    found = launch.environment
    if found is not None and found.directory is not None and found.java_home is not None:
        return found.java_home
    return environment.java_home(os.environ)


def _modules_cache(launch: JobLaunch) -> Path | None:
    """Return the part of the cache for this Python: compiled modules fit one version."""
    cache = launch.host.modules_cache
    if cache is None or launch.interpreter == OWN:
        return cache
    assert launch.environment is not None
    return cache / launch.environment.runtime.name


def _installed(launch: JobLaunch) -> Callable[[str], str | None] | None:
    """Return how to find the version of a distribution in the job's Python; None: as in this one."""
    found = launch.environment
    return None if found is None or found.directory is None else lambda name: found.packages.get(normalized(name))


def _pairs(arguments: Mapping[str, str]) -> list[str]:
    return [part for pair in arguments.items() for part in pair]


def _identity(launch: JobLaunch) -> dict[str, str]:
    """Return the arguments that Glue adds for a Spark script: the job's name, an id of the job, the run's id."""
    host = launch.host
    job = hashlib.sha256(f"{host.account_id}/{host.access.region}/{launch.job_name}".encode()).hexdigest()
    return {"--JOB_NAME": launch.job_name, "--JOB_ID": f"j_{job}", "--JOB_RUN_ID": launch.job_run_id}
