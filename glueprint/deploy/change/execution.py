"""Carrying out single changes: each is one to three requests, and may be repeated."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from botocore import xform_name

from glueprint.blueprint.aws_calls import AwsCall
from glueprint.client.errors import error_code, is_not_found
from glueprint.deploy.change.changes import STATE_MEMBER, Action, Change
from glueprint.deploy.change.plan import Upload
from glueprint.deploy.change.requests import EXISTS_CODES, Account
from glueprint.deploy.change.state import STATE_TAG, VERSION_TAG, StateStore
from glueprint.deploy.definitions.model import Definition, Key, Kind
from glueprint.deploy.definitions.recording import lookup_of
from glueprint.facts.defaults import (
    DEFAULT_DELETE_BEHAVIOR,
    DEFAULT_RECRAWL_BEHAVIOR,
    DEFAULT_UPDATE_BEHAVIOR,
)

Progress = Callable[[str], None]
"""Called with a sentence before each change."""

_EMPTY_CRAWLER: Mapping[str, Any] = {
    "Description": "",
    "DatabaseName": "",
    "TablePrefix": "",
    "Classifiers": [],
    "Configuration": "",
    "CrawlerSecurityConfiguration": "",
    "Schedule": "",
    "SchemaChangePolicy": {
        "UpdateBehavior": DEFAULT_UPDATE_BEHAVIOR,
        "DeleteBehavior": DEFAULT_DELETE_BEHAVIOR,
    },
    "RecrawlPolicy": {"RecrawlBehavior": DEFAULT_RECRAWL_BEHAVIOR},
    "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
    "LakeFormationConfiguration": {"UseLakeFormationCredentials": False},
}
"""What removes a member: UpdateCrawler keeps members that a request does not have (service model)."""
_EMPTY_WORKFLOW: Mapping[str, Any] = {"Description": "", "DefaultRunProperties": {}}
_TRIGGER_UPDATE = ("Description", "Schedule", "Actions", "Predicate", "EventBatchingCondition")
_NOT_IN_UPDATE = ("WorkflowName", "Type", STATE_MEMBER)


class Executor:
    """Carries out changes of one workflow.

    Args:
        account: where.
        store: the workflow's state, for its tags.
        progress: is notified of each change.
    """

    def __init__(self, account: Account, store: StateStore, progress: Progress) -> None:
        self._account = account
        self._glue = account.glue
        self._store = store
        self._progress = progress
        self.sent_calls: list[AwsCall] = []

    def upload(self, upload: Upload, content: bytes) -> None:
        """Write an object."""
        target = upload.target
        self._progress(f"upload {target.location}")
        request = {"Bucket": target.bucket, "Key": target.key, "Body": content, **target.options}
        self._account.send(self._account.s3.put_object, request)

    def call(self, call: AwsCall) -> None:
        """Send a call that the layout made; what it creates may exist by now."""
        self._progress(f"{call.service} {call.operation}")
        method = getattr(self._account.session.client(call.service), xform_name(call.operation))
        self.sent_calls.append(call)
        try:
            self._account.send(method, call.parameters)
        except self._glue.exceptions.ClientError as error:
            code = error_code(error)
            if code not in EXISTS_CODES and not code.endswith(("AlreadyExists", "AlreadyOwnedByYou")):
                raise
            self.sent_calls.remove(call)

    def undo_call(self, call: AwsCall) -> bool:
        """Delete what a call has created; return False if no operation is known for that."""
        lookup = lookup_of(call)
        if lookup is None:
            return False
        noun = call.operation.removeprefix("Create")
        method = getattr(self._account.session.client(call.service), xform_name(f"Delete{noun}"), None)
        if method is None:
            return False
        try:
            self._account.send(method, lookup.parameters)
        except self._glue.exceptions.ClientError as error:
            return is_not_found(error)
        return True

    def make(self, change: Change) -> None:
        """Carry out a change of a definition."""
        self._progress(f"{change.action} {change.key}")
        if change.action is Action.CREATE:
            assert change.wanted is not None
            self._create(change.wanted)
        elif change.action is Action.UPDATE:
            self._update(change)
        elif change.action is Action.REPLACE:
            assert change.wanted is not None
            wanted = self._with_other_tags(change.wanted, change)
            self._delete(change.key)
            self._create(wanted)
        else:
            self._delete(change.key)

    def mark(self, workflow: str, number: int | None) -> None:
        """Tag the workflow with where its state is and its version; None removes these tags."""
        arn = self._account.arn(Key(Kind.WORKFLOW, workflow))
        if number is None:
            request: dict[str, Any] = {"ResourceArn": arn, "TagsToRemove": [STATE_TAG, VERSION_TAG]}
            self._account.send(self._glue.untag_resource, request)
        else:
            request = {"ResourceArn": arn, "TagsToAdd": self._own_tags(number)}
            self._account.send(self._glue.tag_resource, request)

    def pause(self, trigger: str) -> None:
        """Stop a trigger."""
        self._progress(f"pause trigger {trigger}")
        self._account.send(self._glue.stop_trigger, {"Name": trigger})

    def _own_tags(self, number: int) -> dict[str, str]:
        return {STATE_TAG: self._store.tag, VERSION_TAG: str(number)}

    def _create(self, wanted: Definition) -> None:
        request = wanted.request()
        if wanted.kind is Kind.WORKFLOW:
            # An apply that is killed right here leaves a workflow whose state can be found.
            request["Tags"] = {**wanted.tags, **self._own_tags(0)}
        method = getattr(self._glue, f"create_{wanted.kind}")
        self._account.send(method, request, creates=True)

    def _update(self, change: Change) -> None:
        wanted = change.wanted
        assert wanted is not None
        members = {one.member for one in change.differences} - {"Tags", STATE_MEMBER}
        if members:
            self._account.send(*_update_request(self._glue, wanted, members))
        if wanted.kind is Kind.TRIGGER and any(one.member == STATE_MEMBER for one in change.differences):
            method = self._glue.start_trigger if wanted.members.get(STATE_MEMBER) else self._glue.stop_trigger
            self._account.send(method, {"Name": wanted.name})
        self._update_tags(change)

    def _with_other_tags(self, wanted: Definition, change: Change) -> Definition:
        """Return a definition with the tags that others have given to the resource that it replaces."""
        found = self._glue.get_tags(ResourceArn=self._account.arn(change.key)).get("Tags", {})
        removed = {one.path[1] for one in change.differences if one.member == "Tags"}
        others = {name: one for name, one in found.items() if name not in removed and not name.startswith("aws:")}
        return replace(wanted, tags={**others, **wanted.tags})

    def _update_tags(self, change: Change) -> None:
        tags = [one for one in change.differences if one.member == "Tags"]
        added = {one.path[1]: one.wanted for one in tags if one.wanted is not None}
        removed = [one.path[1] for one in tags if one.wanted is None]
        arn = self._account.arn(change.key)
        if added:
            self._account.send(self._glue.tag_resource, {"ResourceArn": arn, "TagsToAdd": added})
        if removed:
            self._account.send(self._glue.untag_resource, {"ResourceArn": arn, "TagsToRemove": removed})

    def _delete(self, key: Key) -> None:
        member = "JobName" if key.kind is Kind.JOB else "Name"
        with self._unless_gone():
            self._account.send(getattr(self._glue, f"delete_{key.kind}"), {member: key.name})
        if key.kind is Kind.TRIGGER:
            self._account.wait_until_gone(key.name)

    @contextlib.contextmanager
    def _unless_gone(self) -> Iterator[None]:
        try:
            yield
        except self._glue.exceptions.ClientError as error:
            if not is_not_found(error):  # DeleteCrawler refuses a name that does not exist, the others do not
                raise


def _update_request(glue: Any, wanted: Definition, members: set[str]) -> tuple[Any, dict[str, Any]]:
    """Return the Update* operation for a definition, and its request.

    Args:
        glue: the client.
        wanted: the wanted definition.
        members: those that differ: the empty ones of them must be removed.
    """
    given = {name: one for name, one in wanted.members.items() if name not in _NOT_IN_UPDATE}
    if wanted.kind is Kind.JOB:
        return glue.update_job, {"JobName": wanted.name, "JobUpdate": given}
    if wanted.kind is Kind.TRIGGER:
        update = {name: given[name] for name in _TRIGGER_UPDATE if name in given}
        return glue.update_trigger, {"Name": wanted.name, "TriggerUpdate": update}
    empty = _EMPTY_WORKFLOW if wanted.kind is Kind.WORKFLOW else _EMPTY_CRAWLER
    removed = {name: empty[name] for name in members if name in empty and name not in given}
    method = glue.update_workflow if wanted.kind is Kind.WORKFLOW else glue.update_crawler
    return method, {"Name": wanted.name, **removed, **given}
