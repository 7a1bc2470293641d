"""Small layouts and what tests of changes look at."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from random_layouts import STATE

from glueprint.client.session import Session
from glueprint.deploy.change.names import stable_suffix
from glueprint.deploy.change.plan import Plan
from glueprint.deploy.change.planning import open_state
from glueprint.deploy.change.requests import Account
from glueprint.deploy.change.state import StateStore

SHELL = {"Name": "pythonshell", "PythonVersion": "3.9", "ScriptLocation": "s3://scripts/a.py"}
SUFFIX = stable_suffix("w")


def job(name: str = "load", *after: str, **members: Any) -> dict[str, Any]:
    """A job of a layout."""
    return {"kind": "job", "name": name, "members": {"Command": SHELL, **members}, "after": list(after)}


def crawler(name: str = "crawl", *after: str, **members: Any) -> dict[str, Any]:
    """A crawler of a layout."""
    given = {"Targets": {"S3Targets": [{"Path": "s3://scripts/x/"}]}, **members}
    return {"kind": "crawler", "name": name, "members": given, "after": list(after)}


def store_of(session: Session) -> StateStore:
    """The state of the workflow."""
    return open_state(Account.of(session), "w", STATE)


def summary(plan: Plan) -> list[tuple[str, str]]:
    """The changes of a plan."""
    return [(one.action.value, str(one.key)) for one in plan.changes]


def failing(code: str, operation: str, times: int = 1) -> Any:
    """Let an operation fail with an error code, some times."""
    left = [times]

    def on_change(service: str, name: str, is_done: bool) -> None:
        if name == operation and not is_done and left[0]:
            left[0] -= 1
            raise ClientError({"Error": {"Code": code, "Message": "busy"}}, name)

    return on_change
