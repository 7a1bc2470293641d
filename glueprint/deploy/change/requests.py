"""Requests of an account, repeated while Glue throttles them or is busy with another change of the workflow."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.client.errors import REFUSED_FOR_NOW_CODES, UNKNOWN_OUTCOME_CODES, error_code, is_not_found
from glueprint.client.session import Session
from glueprint.deploy.definitions.model import Definition, Key, Kind
from glueprint.deploy.definitions.reading import GONE_STATE, arn_of, batches, definition_of, owner, read_nodes

MAX_ATTEMPTS = 10
MAX_PAUSE_SECONDS = 20.0
MAX_WAIT_SECONDS = 180.0
REPEATED_CODES = REFUSED_FOR_NOW_CODES | UNKNOWN_OUTCOME_CODES | {"CrawlerStoppingException"}
"""Errors after which the same request is sent again."""
EXISTS_CODES = frozenset({"AlreadyExistsException", "IdempotentParameterMismatchException"})
GRACE_SECONDS = 1.0
"""Between two looks whether something is gone."""


def no_check() -> None:
    """Check nothing: the default of :attr:`Account.check`."""


@dataclass
class Account:
    """A session with what every part of a change needs.

    Attributes:
        session: clients.
        account_id: the account.
        check: called before each request that changes something; raises an error if it must not be sent.
    """

    session: Session
    account_id: str
    check: Callable[[], None] = field(default=no_check)

    @classmethod
    def of(cls, session: Session) -> Account:
        """Return the account of a session."""
        return cls(session, owner(session))

    @property
    def glue(self) -> Any:
        """The Glue client."""
        return self.session.glue

    @property
    def s3(self) -> Any:
        """The S3 client."""
        return self.session.client("s3")

    @property
    def region(self) -> str:
        """The region of the session."""
        return str(self.glue.meta.region_name)

    def arn(self, key: Key) -> str:
        """Return a resource's ARN."""
        return arn_of(self.glue, self.account_id, key)

    def send(self, method: Callable[..., Any], request: Mapping[str, Any], *, creates: bool = False) -> Any:
        """Send a request that changes something, again if Glue is busy.

        Args:
            method: of a boto3 client.
            request: its arguments.
            creates: it creates something that did not exist: that it exists after a lost answer is success.

        Raises:
            ClientError: the service refused it, or was busy at every attempt.
        """
        for attempt in range(1, MAX_ATTEMPTS + 1):
            self.check()
            try:
                return method(**request)
            except self.glue.exceptions.ClientError as error:
                code = error_code(error)
                if creates and attempt > 1 and code in EXISTS_CODES:
                    return {}
                if code not in REPEATED_CODES or attempt == MAX_ATTEMPTS:
                    raise
                self._pause(attempt)
        raise AssertionError("unreachable")

    def _pause(self, attempt: int) -> None:
        seconds = min(self.session.poll_seconds * 2 ** (attempt - 1), MAX_PAUSE_SECONDS)
        time.sleep(seconds * random.uniform(0.5, 1.0))

    def read_triggers(self, names: list[str]) -> list[Mapping[str, Any]]:
        """Return the triggers that exist of these, as Glue shows them."""
        return batches(names, lambda some: self.glue.batch_get_triggers(TriggerNames=some)["Triggers"])

    def existing(self, keys: frozenset[Key]) -> list[Definition]:
        """Return the jobs, crawlers and triggers that exist of these; without tags."""
        triggers = self.read_triggers(sorted(key.name for key in keys if key.kind is Kind.TRIGGER))
        there = [definition_of(Kind.TRIGGER, one) for one in triggers if one.get("State") != GONE_STATE]
        return [*read_nodes(self.glue, keys), *there]

    def workflow(self, name: str) -> Mapping[str, Any] | None:
        """Return a workflow as GetWorkflow shows it, without its graph; None if there is none."""
        try:
            return self.glue.get_workflow(Name=name)["Workflow"]  # type: ignore[no-any-return]
        except self.glue.exceptions.ClientError as error:
            if not is_not_found(error):
                raise
            return None

    def wait_until_gone(self, name: str) -> None:
        """Wait until a trigger that was deleted is gone: it is DELETING for a while (service model).

        Raises:
            TimeoutError: it is still there.
        """
        deadline = time.monotonic() + MAX_WAIT_SECONDS
        while self.read_triggers([name]):
            if time.monotonic() > deadline:
                raise TimeoutError(f"trigger {name} is still being deleted after {MAX_WAIT_SECONDS:.0f} s")
            time.sleep(min(self.session.poll_seconds, GRACE_SECONDS))
