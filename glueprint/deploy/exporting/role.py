"""The documents around a state machine: its role with the least rights, and its logging.

Sources: SFN:glue-iam, SFN:cw-logs (log groups with the prefix ``/aws/vendedlogs/``, actions of log delivery that
have no resources), SFN:concept-create-iam-advanced.
"""

from __future__ import annotations

from typing import Any

from glueprint.deploy.exporting.plan import Plan
from glueprint.deploy.exporting.state_machine import Options

LOG_GROUP_PREFIX = "/aws/vendedlogs/states/"
"""Resource policies of log groups stop at 5,120 characters unless the groups have this prefix (SFN:cw-logs)."""


def policy_of(
    plan: Plan, options: Options, *, account_id: str, region: str, partition: str = "aws"
) -> dict[str, Any]:
    """Return the policy of the state machine's role."""

    def arns(kind: str, names: list[str]) -> list[str]:
        return [f"arn:{partition}:glue:{region}:{account_id}:{kind}/{name}" for name in sorted(names)]

    jobs = [step.node.name for step in plan.steps.values() if step.is_job]
    crawlers = [step.node.name for step in plan.steps.values() if not step.is_job]
    statements: list[dict[str, Any]] = []
    if jobs:
        actions = ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"]
        statements.append(_allow("Jobs", actions, arns("job", jobs)))
    if crawlers:
        statements.append(_allow("Crawlers", ["glue:StartCrawler", "glue:GetCrawler"], arns("crawler", crawlers)))
    if options.passes_properties and options.properties_location is not None:
        place = options.properties_location.removeprefix("s3://")
        statements.append(_allow("RunProperties", ["s3:PutObject"], [f"arn:{partition}:s3:::{place}*"]))
    delivery = [
        "logs:CreateLogDelivery",
        "logs:GetLogDelivery",
        "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:DescribeResourcePolicies",
        "logs:DescribeLogGroups",
    ]
    statements.append(_allow("LogDelivery", delivery, ["*"]))
    return {"Version": "2012-10-17", "Statement": statements}


def trust_of(plan: Plan, *, account_id: str, region: str, partition: str = "aws") -> dict[str, Any]:
    """Return the trust policy of the role: only this state machine can use it."""
    machine = f"arn:{partition}:states:{region}:{account_id}:stateMachine:{machine_name(plan)}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "states.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account_id},
                    "ArnLike": {"aws:SourceArn": machine},
                },
            }
        ],
    }


def logging_of(plan: Plan, *, account_id: str, region: str, partition: str = "aws") -> dict[str, Any]:
    """Return the logging configuration: errors, without data, which may be secret."""
    group = f"arn:{partition}:logs:{region}:{account_id}:log-group:{LOG_GROUP_PREFIX}{machine_name(plan)}:*"
    return {
        "level": "ERROR",
        "includeExecutionData": False,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}],
    }


def machine_name(plan: Plan) -> str:
    """Return the workflow's name as that of a state machine: at most 80 characters, without blanks."""
    allowed = "".join(one if one.isalnum() or one in "-_." else "-" for one in plan.workflow)
    return allowed[:80]


def _allow(name: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Sid": name, "Effect": "Allow", "Action": actions, "Resource": resources}
