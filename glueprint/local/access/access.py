"""What happens before a call is answered: it is recorded if it is a run's, and refused if it is not allowed."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glueprint.compat import UTC
from glueprint.iam.arns import Location
from glueprint.iam.calls import SERVICES, authorizations
from glueprint.iam.evaluation import Request, decide, trusts
from glueprint.iam.messages import access_denied
from glueprint.iam.problems import PolicyError
from glueprint.local.access.call_record import CallRecord
from glueprint.local.access.principals import Principal, Principals
from glueprint.local.access.query_groups import with_work_groups
from glueprint.local.access.run_keys import Run, RunKeys, RunKind, run_of
from glueprint.local.store import Database
from glueprint.local.store.database import Connection

JOB_SESSION = "GlueJobRunnerSession"
CRAWLER_SESSION = "AWS-Crawler"
LAYOUT_SESSION = "GlueBlueprintRun"
"""Names of the sessions in which Glue uses a role; that of a blueprint run is not documented."""

GLUE = "glue.amazonaws.com"


class AccessDenied(Exception):
    """A call is not allowed; the message is AWS's."""


@dataclass(frozen=True)
class AccessOptions:
    """Of one server.

    Attributes:
        root_key: the data directory's access key, which may do everything.
        enforces: whether calls that are not allowed are refused.
        load_iam: makes moto's IAM ready; called before policies are read.
    """

    root_key: str
    root_secret: str
    calls: Path
    account_id: str
    region: str
    enforces: bool = False
    load_iam: Callable[[], object] = lambda: None


class Access:
    """Records and checks calls.

    Attributes:
        keys: of runs.
        record: of the calls of runs.
        enforces: whether calls that are not allowed are refused.
    """

    def __init__(self, database: Database, options: AccessOptions) -> None:
        self._database = database
        self._options = options
        self._principals: Principals | None = None
        self._roles: dict[Run, str] = {}
        self.keys = RunKeys(options.root_secret)
        self.record = CallRecord(options.calls)
        self.enforces = options.enforces

    def observe(
        self, access_key: str | None, service: str, operation: str, parameters: Mapping[str, Any], region: str
    ) -> None:
        """Record a call if a run makes it."""
        run = run_of(access_key) if access_key is not None else None
        if run is None or service not in SERVICES:
            return
        names = ("Bucket", "Key", "Prefix", "CopySource", "Tagging")
        what = tuple(str(parameters.get(name)) for name in names)
        is_comparable = service == "s3" and "Delete" not in parameters
        if not is_comparable or not self.record.is_repeated(run.run_id, (operation, *what)):
            self.record.add(run.run_id, service, operation, self._requests(service, operation, parameters, region))

    def observe_json(self, access_key: str | None, service: str, operation: str, body: bytes, region: str) -> None:
        """Record a call with a JSON body if a run makes it."""
        run = run_of(access_key) if access_key is not None else None
        if run is not None and not self.record.is_repeated(run.run_id, (service, operation, body)):
            self.observe(access_key, service, operation, _members(body), region)

    def check_json(self, access_key: str | None, service: str, operation: str, body: bytes, region: str) -> None:
        """Refuse a call with a JSON body that is not allowed.

        Raises:
            AccessDenied: it is not.
        """
        if service in SERVICES:
            self.check(access_key, service, operation, _members(body), region)

    def check(
        self, access_key: str | None, service: str, operation: str, parameters: Mapping[str, Any], region: str
    ) -> None:
        """Refuse a call that is not allowed; the server must enforce.

        Raises:
            AccessDenied: it is not.
        """
        if access_key is None or access_key == self._options.root_key:
            return
        try:
            principal = self._principal(access_key)
            self._check(principal, self._requests(service, operation, parameters, region), region)
        except PolicyError as error:
            raise _not_evaluated(error) from error

    def check_role(self, role: str, session_name: str, requests: Sequence[Request]) -> None:
        """Refuse what Glue does itself in the name of a role, if the role does not allow it.

        Raises:
            AccessDenied: the role does not exist, or does not trust Glue, or does not allow it.
        """
        if not self.enforces:
            return
        try:
            self.check_trust(role)
            principal = self._iam().of_role(role, session_name)
            assert principal is not None
            self._check(principal, requests, self._options.region)
        except PolicyError as error:
            raise _not_evaluated(error) from error

    def check_trust(self, role: str) -> None:
        """Refuse a role that Glue cannot assume.

        Raises:
            AccessDenied: it does not exist, or its trust policy does not let Glue assume it.
        """
        if not self.enforces:
            return
        try:
            trust = self._iam().trust_policy(role)
            context = {"aws:sourceaccount": (self._options.account_id,)}
            if trust is None or not trusts(trust, GLUE, context):
                raise AccessDenied(
                    f"Role {self.location.role(role)} should be given assume role permissions for Glue Service."
                )
        except PolicyError as error:
            raise _not_evaluated(error) from error

    @property
    def location(self) -> Location:
        """The account and region of this Glue."""
        return Location(self._options.account_id, self._options.region)

    def requests_of(self, operation: str, parameters: Mapping[str, Any]) -> list[Request]:
        """Return what an operation of Glue requires."""
        return self._requests("glue", operation, parameters, self._options.region)

    def identity(self, access_key: str) -> tuple[str, str] | None:
        """Return user id and ARN of who signs with a run's key; None for any other key.

        The id of the role is made from its name: without enforcement, the role need not exist.
        """
        run = run_of(access_key)
        if run is None:
            return None
        name, session = self._role_of(run).rpartition("/")[2], _session(run)
        digest = hashlib.sha256(name.encode()).digest()
        role_id = "AROA" + base64.b32encode(digest).decode()[:17]
        return f"{role_id}:{session}", f"arn:aws:sts::{self._options.account_id}:assumed-role/{name}/{session}"

    def _check(self, principal: Principal, requests: Sequence[Request], region: str) -> None:
        now = time.time()
        common = {
            **principal.context,
            "aws:requestedregion": (region,),
            "aws:resourceaccount": (self._options.account_id,),
            "s3:resourceaccount": (self._options.account_id,),
            "aws:securetransport": ("true",),  # as on AWS: the same policy must mean the same here
            "aws:viaawsservice": ("false",),
            "aws:epochtime": (str(int(now)),),
            "aws:currenttime": (_iso(now),),
        }
        for request in requests:
            full = Request(request.action, request.resource, {**common, **request.context})
            refusal = decide(principal.policies, full, principal.limits)
            if refusal is not None:
                raise AccessDenied(access_denied(principal.arn, full, refusal))

    def _principal(self, access_key: str) -> Principal:
        run = run_of(access_key)
        if run is None:
            found = self._iam().of_access_key(access_key)
            if found is None:
                raise AccessDenied(f"the access key {access_key} belongs to no user and no role")
            return found
        role = self._role_of(run)
        found = self._iam().of_role(role, _session(run))
        if found is None:
            raise AccessDenied(
                f"Role {self.location.role(role)} should be given assume role permissions for Glue Service."
            )
        glue = {"glue:credentialissuingservice": (GLUE,), "glue:roleassumedby": (GLUE,)}
        return Principal(found.arn, found.policies, found.limits, {**found.context, **glue})

    def _role_of(self, run: Run) -> str:
        role = self._roles.get(run)
        if role is None:
            role = self._roles[run] = self._database.read(lambda tx: _role_of(tx, run)) or ""
        return role

    def _iam(self) -> Principals:
        if self._principals is None:
            self._options.load_iam()
            self._principals = Principals(self._options.account_id)
        return self._principals

    def _requests(self, service: str, operation: str, parameters: Mapping[str, Any], region: str) -> list[Request]:
        location = Location(self._options.account_id, region)
        if service == "athena":
            parameters = self._database.read(lambda tx: with_work_groups(tx, parameters))
        return list(authorizations(service, operation, parameters, location))


def _role_of(tx: Connection, run: Run) -> str | None:
    """Return the role of a run, by name or ARN."""
    if run.kind is RunKind.LAYOUT:
        row = tx.execute("SELECT body FROM blueprint_run WHERE run_id = ?", (run.run_id,)).fetchone()
        return None if row is None else str(json.loads(row["body"]).get("RoleArn", ""))
    row = tx.execute(
        "SELECT resource.body AS body FROM job_run JOIN resource ON resource.kind = 'job'"
        " AND resource.name = job_run.job_name WHERE job_run.id = ?",
        (run.run_id,),
    ).fetchone()
    return None if row is None else str(json.loads(row["body"]).get("Role", ""))


def _session(run: Run) -> str:
    return JOB_SESSION if run.kind is RunKind.JOB else LAYOUT_SESSION


def _members(body: bytes) -> Mapping[str, Any]:
    """Return the members of a request; none if the body is not JSON: the service refuses it then."""
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return members if isinstance(members, dict) else {}


def _not_evaluated(error: PolicyError) -> AccessDenied:
    return AccessDenied(f"the local Glue cannot evaluate the caller's policies: {error}")


def _iso(seconds: float) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
