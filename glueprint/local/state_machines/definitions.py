"""What a definition may call here, and the faults of one in the words of the service."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from botocore.model import ServiceModel

from glueprint.local.glue.served_by_moto import SERVED_BY_MOTO
from glueprint.local.protocol import ApiError
from glueprint.local.protocol.requests import service_model
from glueprint.statemachine import diagnostics as codes
from glueprint.statemachine.definition import ABSENT, StateMachine, Task
from glueprint.statemachine.diagnostics import Diagnostic
from glueprint.statemachine.parsing import parse
from glueprint.statemachine.resources import Operations

S3_OPERATIONS = frozenset(
    [
        "AbortMultipartUpload",
        "CopyObject",
        "CreateBucket",
        "DeleteBucket",
        "DeleteObject",
        "DeleteObjects",
        "GetBucketLocation",
        "GetBucketTagging",
        "GetObject",
        "GetObjectAttributes",
        "GetObjectTagging",
        "HeadBucket",
        "HeadObject",
        "ListBuckets",
        "ListObjectVersions",
        "ListObjects",
        "ListObjectsV2",
        "PutObject",
        "PutObjectTagging",
        "DeleteObjectTagging",
    ]
)
"""Operations of S3 that a state machine can call here."""
SNS_OPERATIONS = frozenset({"Publish", "PublishBatch", "ListTopics", "GetTopicAttributes"})
SQS_OPERATIONS = frozenset({"SendMessage", "SendMessageBatch", "GetQueueUrl", "GetQueueAttributes", "ListQueues"})


def callable_operations(glue: Collection[str]) -> Operations:
    """Return what AWS SDK integrations can call; ``glue``: the operations that this Glue has."""
    served = {
        "glue": frozenset(glue) | frozenset(SERVED_BY_MOTO),
        "s3": S3_OPERATIONS,
        "sns": SNS_OPERATIONS,
        "sqs": SQS_OPERATIONS,
    }
    known: Mapping[str, Collection[str]] = {
        service: frozenset(service_model(service).operation_names) for service in served
    }
    return Operations(served, known)


def check(text: str, operations: Operations) -> tuple[StateMachine | None, list[Diagnostic]]:
    """Return a state machine, or None, and what is wrong with its definition."""
    machine, found = parse(text, operations)
    if machine is not None:
        found = [*found, *_unknown_parameters(machine)]
        if codes.errors(found):
            machine = None
    return machine, found


def refusal(found: Sequence[Diagnostic], operation: str) -> ApiError:
    """Return the error for a definition: InvalidDefinition, or what AWS accepts and is not supported here."""
    faults = codes.errors(found)
    wrong = [one for one in faults if one.code != codes.UNSUPPORTED]
    if wrong:
        listed = ", ".join(str(one) for one in wrong)
        return ApiError("InvalidDefinition", f"Invalid State Machine Definition: '{listed}'")
    listed = "; ".join(f"{one.location}: {one.message}" for one in faults)
    return ApiError(
        "UnsupportedOperationException", f"{operation}: this local Step Functions cannot run it: {listed}"
    )


def _unknown_parameters(machine: StateMachine) -> Iterator[Diagnostic]:
    """Yield parameters of tasks that the operation does not have, as Step Functions refuses them."""
    for state in machine.states.values():
        if not isinstance(state, Task) or state.parameters is ABSENT or not isinstance(state.parameters, dict):
            continue
        model: ServiceModel = service_model(state.resource.service)
        shape = model.operation_model(state.resource.operation).input_shape
        members = {name[:1].upper() + name[1:] for name in (shape.members if shape is not None else ())}
        for name in state.parameters:
            if name.removesuffix(".$") not in members:
                text = f"The field '{name.removesuffix('.$')}' is not supported by Step Functions"
                yield Diagnostic(codes.SCHEMA, text, f"/States/{state.name}/Parameters")
