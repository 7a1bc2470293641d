"""What tests of state machines do with a server again and again."""

from __future__ import annotations

import json
from typing import Any

from harness.local_server import ROLE, Server, until

START_JOB = "arn:aws:states:::glue:startJobRun"
RUN_JOB = f"{START_JOB}.sync"


def sdk(service: str, action: str) -> str:
    """The ARN of an AWS SDK integration."""
    return f"arn:aws:states:::aws-sdk:{service}:{action}"


def task(resource: str, parameters: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A Task that ends its branch unless ``members`` has Next."""
    end = {} if "Next" in members else {"End": True}
    return {
        "Type": "Task",
        "Resource": resource,
        "Parameters": parameters,
        "TimeoutSeconds": 300,
        **end,
        **members,
    }


def create(server: Server, name: str, start: str, **states: Any) -> str:
    """Create a state machine; its ARN."""
    definition = json.dumps({"StartAt": start, "States": states})
    answer = server.client("stepfunctions").create_state_machine(name=name, definition=definition, roleArn=ROLE)
    arn: str = answer["stateMachineArn"]
    return arn


def start(server: Server, machine: str, data: Any = None, **members: Any) -> str:
    """Start an execution; its ARN."""
    answer = server.client("stepfunctions").start_execution(
        stateMachineArn=machine, input=json.dumps({} if data is None else data), **members
    )
    arn: str = answer["executionArn"]
    return arn


def ended(server: Server, execution: str) -> dict[str, Any]:
    """The execution once it is over, with its output as data."""
    client = server.client("stepfunctions")

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = client.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    found = until(look)
    return found | ({"data": json.loads(found["output"])} if "output" in found else {})


def run(server: Server, machine: str, data: Any = None) -> dict[str, Any]:
    """Start an execution and return its end."""
    return ended(server, start(server, machine, data))


def history(server: Server, execution: str) -> list[dict[str, Any]]:
    """All events of an execution."""
    pages = server.client("stepfunctions").get_paginator("get_execution_history")
    return [event for page in pages.paginate(executionArn=execution, maxResults=7) for event in page["events"]]
