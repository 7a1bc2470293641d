"""The plan of a deployed workflow, of any Glue."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from glueprint.client.errors import NotFound
from glueprint.client.session import Session
from glueprint.deploy.definitions.model import Definition
from glueprint.deploy.definitions.reading import read_workflow
from glueprint.deploy.exporting.plan import PROPERTIES_ARGUMENTS, Plan, plan_of

MAX_SCRIPT_BYTES = 2**20
_LOCATION = re.compile(r"s3://([^/]+)/(.+)")
_RUN = re.compile(r"WORKFLOW_RUN_ID|workflow_run_properties", re.IGNORECASE)
"""What scripts have that read or write the workflow run."""
REQUESTS_AT_ONCE = 8


def read_plan(session: Session, name: str, account_id: str) -> Plan:
    """Return the plan of the workflow with this full name.

    A script that cannot be read counts as one that does not read the workflow run; the plan has a warning.

    Raises:
        NotFound: there is no such workflow.
        NotExportable: it has no faithful translation.
    """
    definition = read_workflow(session.glue, name, account_id=account_id, tags=False)
    if definition is None:
        raise NotFound(f"there is no workflow {name!r}")
    s3 = session.client("s3")
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
        scripts = list(pool.map(lambda job: _script(s3, job), definition.jobs))
    pairs = list(zip(definition.jobs, scripts, strict=False))
    readers = {
        job.name: frozenset(one for one in PROPERTIES_ARGUMENTS if re.search(rf"\b{one[2:]}\b", text))
        for job, text in pairs
        if text is not None and _RUN.search(text)
    }
    unread = [job.name for job, text in pairs if text is None]
    plan = plan_of(definition, readers)
    if not unread:
        return plan
    note = f"the scripts of {', '.join(unread)} cannot be read: whether they use the run properties is not known"
    return plan.with_warning(note)


def _script(s3: Any, job: Definition) -> str | None:
    """Return a job's script; None: it cannot be read."""
    found = _LOCATION.fullmatch((job.members.get("Command") or {}).get("ScriptLocation") or "")
    if found is None:
        return None
    try:
        body = s3.get_object(Bucket=found[1], Key=found[2])["Body"].read(MAX_SCRIPT_BYTES)
    except (ClientError, BotoCoreError):
        return None
    return str(body.decode("utf-8", "replace"))
