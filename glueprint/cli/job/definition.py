"""The job that stands for a script: its definition, its files in S3."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from glueprint.client.errors import error_code
from glueprint.client.session import Session
from glueprint.facts.defaults import DEFAULT_SHELL_CAPACITY

BUCKET = "glueprint-job-run"
"""Of the local Glue: where scripts and their files are put."""
DESCRIPTION = "Made by `glueprint job run`."
"""How a job that may be replaced is told from one that somebody made."""
ROLE = "arn:aws:iam::123456789012:role/glueprint-job-run"
_TAKE_FILES = ("--extra-py-files", "--extra-files", "--extra-jars", "--additional-python-modules")
"""Parameters whose value may name files (AWS Glue guide, "Using job parameters in AWS Glue jobs")."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What kind of job a script is run as."""

    name: str
    script: Path
    command: str
    glue_version: str
    worker_type: str
    workers: int

    def members(self, location: str) -> dict[str, Any]:
        """The members that CreateJob and UpdateJob share."""
        is_shell = self.command == "pythonshell"
        command = {"Name": self.command, "ScriptLocation": location, "PythonVersion": "3.9" if is_shell else "3"}
        common = {"Description": DESCRIPTION, "Role": ROLE, "Command": command, "MaxRetries": 0}
        if is_shell:
            return {**common, "MaxCapacity": DEFAULT_SHELL_CAPACITY}
        spark = {"WorkerType": self.worker_type, "NumberOfWorkers": self.workers}
        return {**common, "GlueVersion": self.glue_version, **spark}


def put_job(session: Session, definition: Definition) -> None:
    """Create the job, or replace the one that an earlier run of the script left.

    Raises:
        click.ClickException: there is a job of that name that somebody else made.
    """
    glue = session.glue
    members = definition.members(_upload(session, definition.script))
    try:
        found = glue.get_job(JobName=definition.name)["Job"]
    except glue.exceptions.ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        glue.create_job(Name=definition.name, **members)
        return
    if found.get("Description") != DESCRIPTION:
        raise click.ClickException(f"there is a job {definition.name} already: give this one another --name")
    glue.update_job(JobName=definition.name, JobUpdate=members)


def arguments_of(session: Session, given: Mapping[str, str]) -> dict[str, str]:
    """The job's arguments: names with their dashes, local files as the S3 paths that they were uploaded to."""
    named = {name if name.startswith("--") else f"--{name}": value for name, value in given.items()}
    return {
        name: ",".join(_remote(session, entry) for entry in value.split(",")) if name in _TAKE_FILES else value
        for name, value in named.items()
    }


def _remote(session: Session, entry: str) -> str:
    path = Path(entry)
    return _upload(session, path) if "://" not in entry and path.is_file() else entry


def _upload(session: Session, file: Path) -> str:
    """Put a file into S3 under a key that carries its content's hash; its location."""
    content = file.read_bytes()
    key = f"{hashlib.sha256(content).hexdigest()[:16]}/{file.name}"
    s3 = session.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=key, Body=content)
    return f"s3://{BUCKET}/{key}"
