"""The job that runs a script: its definition, and its files in S3."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glueprint.client.errors import GlueprintError, InvalidArgument, is_not_found
from glueprint.client.session import Session
from glueprint.facts.defaults import DEFAULT_SHELL_CAPACITY

BUCKET = "glueprint-job-run"
"""The bucket of the local Glue for scripts and their files."""
DESCRIPTION = "Made by `glueprint job run`."
"""The description of jobs that this command may replace."""
ROLE = "arn:aws:iam::123456789012:role/glueprint-job-run"
_MODULES = "--additional-python-modules"
_TAKE_FILES = ("--extra-py-files", "--extra-files", "--extra-jars", _MODULES)
"""Parameters whose values may name files (AWS Glue guide, "Using job parameters in AWS Glue jobs")."""


@dataclass(frozen=True, slots=True)
class Definition:
    """The kind of job that runs a script."""

    name: str
    script: Path
    command: str
    glue_version: str
    worker_type: str
    workers: int

    def members(self, location: str) -> dict[str, Any]:
        """Return the members that CreateJob and UpdateJob share."""
        is_shell = self.command == "pythonshell"
        command = {"Name": self.command, "ScriptLocation": location, "PythonVersion": "3.9" if is_shell else "3"}
        common = {"Description": DESCRIPTION, "Role": ROLE, "Command": command, "MaxRetries": 0}
        if is_shell:
            return {**common, "MaxCapacity": DEFAULT_SHELL_CAPACITY}
        spark = {"WorkerType": self.worker_type, "NumberOfWorkers": self.workers}
        return {**common, "GlueVersion": self.glue_version, **spark}


def put_job(session: Session, definition: Definition) -> None:
    """Create the job, or replace the one that an earlier run of the script created.

    Raises:
        GlueprintError: there is a job of that name that this command did not create.
    """
    glue = session.glue
    members = definition.members(_upload(session, definition.script))
    try:
        found = glue.get_job(JobName=definition.name)["Job"]
    except glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        glue.create_job(Name=definition.name, **members)
        return
    if found.get("Description") != DESCRIPTION:
        raise GlueprintError(f"there is already a job {definition.name}", "use another --name")
    glue.update_job(JobName=definition.name, JobUpdate=members)


def arguments_of(session: Session, given: Mapping[str, str]) -> dict[str, str]:
    """Return the job's arguments: names with dashes, local files replaced by the S3 URIs of their uploads.

    Raises:
        InvalidArgument: there is no such file.
    """
    named = {name if name.startswith("--") else f"--{name}": value for name, value in given.items()}
    for name in named.keys() & set(_TAKE_FILES):
        named[name] = ",".join(_remote(session, name, entry) for entry in named[name].split(","))
    return named


def _remote(session: Session, parameter: str, entry: str) -> str:
    path = Path(entry)
    if "://" in entry or not entry.strip():
        return entry
    if path.is_file():
        return _upload(session, path)
    if parameter != _MODULES or path.suffix == ".whl":
        raise InvalidArgument(
            f"{parameter}: there is no such local file {entry}",
            "give the path of a file on this machine, or an S3 path (s3://bucket/key)",
        )
    return entry  # a module of a package index


def _upload(session: Session, file: Path) -> str:
    """Put a file into S3 under a key that contains the hash of its content, and return its URI."""
    content = file.read_bytes()
    key = f"{hashlib.sha256(content).hexdigest()[:16]}/{file.name}"
    s3 = session.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=key, Body=content)
    return f"s3://{BUCKET}/{key}"
