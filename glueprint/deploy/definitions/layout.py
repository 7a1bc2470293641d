"""What a blueprint's layout makes with given parameters, without side effects.

Jobs and crawlers have the names that the layout gave them (their *logical* names): Glue adds a random suffix to
them in each blueprint run, so names alone do not tell what belongs together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from glueprint.blueprint.aws_calls import AnswerCall, AwsCall
from glueprint.blueprint.layout_host import LayoutError, run_layout
from glueprint.blueprint.layout_result import LayoutResult
from glueprint.blueprint.spec import ParameterErrors
from glueprint.check.empty_account import ACCOUNT_ID, EmptyAccount, is_read
from glueprint.check.process_ahead import REGION
from glueprint.check.subject import Subject
from glueprint.client.blueprint_parameters import ParametersRefused
from glueprint.client.errors import GlueprintError
from glueprint.client.names import listed
from glueprint.deploy.definitions.model import (
    Definition,
    Key,
    Kind,
    UploadedObject,
    WorkflowDefinition,
    with_nodes_renamed,
)
from glueprint.facts.findings import Finding

LAYOUT_SUFFIX = "logical"
"""Given to the layout in place of Glue's random suffix, and removed from the names again."""


class LayoutFailed(GlueprintError):
    """A blueprint cannot be read, or its layout does not return a workflow."""


@dataclass(frozen=True, slots=True)
class LaidOut:
    """What a layout made.

    Attributes:
        definition: the workflow; jobs, crawlers and triggers have logical names.
        uploads: the objects that it would upload, the last content of each.
        calls: its other calls that would change something, in their order.
        warnings: what was dropped of what it described.
        output: what it printed.
    """

    definition: WorkflowDefinition
    uploads: tuple[UploadedObject, ...] = ()
    calls: tuple[AwsCall, ...] = ()
    warnings: tuple[Finding, ...] = ()
    output: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """The workflow's name."""
        return self.definition.name

    def named(self, suffix: str, names: Mapping[Key, str] | None = None) -> WorkflowDefinition:
        """Return the workflow as it is deployed.

        Args:
            suffix: goes to the end of the names of jobs and crawlers.
            names: names of single resources by logical name; they take precedence.
        """
        return named(self.definition, deployed_names(self.definition, suffix, names or {}))


def deployed_names(logical: WorkflowDefinition, suffix: str, names: Mapping[Key, str]) -> dict[Key, str]:
    """Return the name of each job, crawler and trigger when it is deployed, by its logical name.

    Args:
        logical: the workflow with logical names.
        suffix: of names that are not given.
        names: names that are given.
    """
    found = {one.key: names.get(one.key, f"{one.name}_{suffix}") for one in logical.nodes}
    for trigger in logical.triggers:
        started = _node_of_name(logical.name, trigger)
        default = (
            trigger.name if started is None else _trigger_name(logical.name, found.get(started, started.name))
        )
        found[trigger.key] = names.get(trigger.key, default)
    return found


def named(logical: WorkflowDefinition, names: Mapping[Key, str]) -> WorkflowDefinition:
    """Return a workflow whose jobs, crawlers and triggers have these names."""
    nodes = (replace(one, name=names[one.key]) for one in logical.nodes)
    triggers = (replace(with_nodes_renamed(one, names), name=names[one.key]) for one in logical.triggers)
    return WorkflowDefinition.of(logical.workflow, (*nodes, *triggers))


def lay_out(
    subject: Subject,
    parameters: Mapping[str, Any],
    *,
    answer: AnswerCall | None = None,
    region: str = REGION,
    account_id: str = ACCOUNT_ID,
) -> LaidOut:
    """Run a blueprint's layout, and return what it makes.

    Args:
        subject: the blueprint.
        parameters: its parameters; defaults are added.
        answer: answers its AWS calls; None: an empty account in memory.
        region: of the layout's system parameters.
        account_id: of the layout's system parameters.

    Raises:
        LayoutFailed: the blueprint has errors, or its layout fails.
        ParametersRefused: it does not accept the parameters.
    """
    archive, config = subject.archive, subject.config
    if archive is None or config is None:
        problems = [f"{one.place}: {one.message}" if str(one.place) else one.message for one in subject.findings]
        raise LayoutFailed(
            f"blueprint {subject.name} cannot be read: {listed(problems)}", "`glueprint check` lists all"
        )
    try:
        values = config.spec.resolve(parameters)
    except ParameterErrors as failure:
        raise ParametersRefused(subject.name, failure.findings) from failure
    calls = _Accepted(answer or EmptyAccount().answer)
    try:
        result = run_layout(
            archive,
            config,
            values,
            {"region": region, "accountId": account_id},
            environment={"AWS_DEFAULT_REGION": region},
            suffix=LAYOUT_SUFFIX,
            answer_call=calls.answer,
        )
    except LayoutError as failure:
        where = f" (at {failure.where})" if failure.where else ""
        raise LayoutFailed(
            f"the layout of {subject.name} failed: {failure.aws_message}{where}", failure.hint
        ) from failure
    return LaidOut(
        logical_definition(result),
        calls.uploads(),
        calls.others(),
        result.warnings,
        result.output,
    )


def logical_definition(result: LayoutResult) -> WorkflowDefinition:
    """Return the workflow that a layout returned, with logical names."""
    requests = result.requests
    workflow = Definition.of_request(Kind.WORKFLOW, requests.workflow)
    nodes = [
        *(Definition.of_request(Kind.JOB, one) for one in requests.jobs),
        *(Definition.of_request(Kind.CRAWLER, one) for one in requests.crawlers),
    ]
    names = {one.key: one.name.removesuffix(f"_{LAYOUT_SUFFIX}") for one in nodes}
    parts = [replace(one, name=names[one.key]) for one in nodes]
    for request in requests.triggers:
        trigger = Definition.of_request(Kind.TRIGGER, request)
        started = _node_of_name(workflow.name, trigger)
        name = trigger.name if started is None else _trigger_name(workflow.name, names.get(started, started.name))
        parts.append(replace(with_nodes_renamed(trigger, names), name=name))
    repeated = sorted(str(key) for key, number in Counter(one.key for one in parts).items() if number > 1)
    if repeated:
        raise LayoutFailed(f"the layout makes more than one {listed(repeated)}", "give each its own Name")
    return WorkflowDefinition.of(workflow, tuple(parts))


def _trigger_name(workflow: str, node: str) -> str:
    """Return the name that the layout classes give to the trigger of a job or crawler
    (docs/facts/blueprints.md#generated-names)."""
    return f"{workflow}_{node}_trigger"


def _node_of_name(workflow: str, trigger: Definition) -> Key | None:
    """Return the job or crawler that a trigger is named after; None for starting triggers."""
    for action in trigger.members.get("Actions", ()):
        for member, kind in (("JobName", Kind.JOB), ("CrawlerName", Kind.CRAWLER)):
            if action.get(member) and trigger.name == _trigger_name(workflow, action[member]):
                return Key(kind, action[member])
    return None


class _Accepted:
    """The calls of a layout that were accepted."""

    def __init__(self, answer: AnswerCall) -> None:
        self._answer = answer
        self._calls: list[AwsCall] = []

    def answer(self, call: AwsCall) -> Mapping[str, Any]:
        """Answer a call, and keep it unless it is refused."""
        result = self._answer(call)
        self._calls.append(call)
        return result

    def uploads(self) -> tuple[UploadedObject, ...]:
        """Return the objects that were put."""
        found = {}
        for call in self._calls:
            if _is_upload(call):
                given = dict(call.parameters)
                bucket, key, body = given.pop("Bucket"), given.pop("Key"), given.pop("Body", b"")
                content = body.encode() if isinstance(body, str) else bytes(body)
                found[bucket, key] = UploadedObject(bucket, key, content, given)
        return tuple(found.values())

    def others(self) -> tuple[AwsCall, ...]:
        """Return the other calls that change something."""
        return tuple(one for one in self._calls if not is_read(one) and not _is_upload(one))


def _is_upload(call: AwsCall) -> bool:
    return (call.service, call.operation) == ("s3", "PutObject")
