"""The roles of a deployed workflow: its jobs and crawlers as Glue has them, and their scripts from S3."""

from __future__ import annotations

import ast
from typing import Any

from glueprint.client.errors import NotFound, error_code
from glueprint.client.session import Session
from glueprint.deploy.definitions.reading import owner, read_workflow
from glueprint.deploy.permissions.job_roles import JobScript
from glueprint.deploy.permissions.policies import Nodes
from glueprint.facts.source_lines import origin_of, read_map
from glueprint.iam.arns import Location

MAX_SCRIPT_BYTES = 5_000_000
"""A larger script is not read."""


class _NoScript(Exception):
    """A script that cannot be read, and why."""


def read_nodes_of(session: Session, name: str) -> Nodes:
    """Return the jobs and crawlers of a deployed workflow with their scripts. Nothing is changed.

    Raises:
        NotFound: there is no such workflow.
    """
    found = read_workflow(session.glue, name, account_id=owner(session), tags=False)
    if found is None:
        raise NotFound(f"there is no workflow {name}")
    jobs = [one.request() for one in found.jobs]
    scripts: dict[str, JobScript] = {}
    missing: dict[str, str] = {}
    read: dict[str, JobScript] = {}
    for job in jobs:
        command = job.get("Command") or {}
        location = str(command.get("ScriptLocation", ""))
        try:
            if location not in read:
                read[location] = _script(session.client("s3"), location)
            scripts[job["Name"]] = read[location]
        except _NoScript as reason:
            missing[job["Name"]] = str(reason)
    return Nodes(name, jobs, [one.request() for one in found.crawlers], scripts, missing)


def location_of(session: Session) -> Location:
    """Return the account, region and partition of a session."""
    meta = session.glue.meta
    return Location(owner(session), str(meta.region_name), getattr(meta, "partition", "aws"))


def _script(s3: Any, location: str) -> JobScript:
    bucket, _, key = location.removeprefix("s3://").partition("/")
    if not key or not location.startswith("s3://"):
        raise _NoScript(f"its ScriptLocation is {location or 'empty'}")
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
        if answer["ContentLength"] > MAX_SCRIPT_BYTES:
            raise _NoScript(f"its script {location} has {answer['ContentLength']:,} bytes")
        content: bytes = answer["Body"].read()
    except s3.exceptions.ClientError as error:
        raise _NoScript(f"its script {location} cannot be read ({error_code(error)})") from error
    try:
        text = content.decode("utf-8-sig")
        ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise _NoScript(f"its script {location} is not Python") from error
    lines = read_map(content)

    def where(line: int) -> str:
        origin = origin_of(lines, line)
        return f"{location}:{line}" if origin is None else f"{origin[0]}:{origin[1]}"

    return JobScript(text, where)
