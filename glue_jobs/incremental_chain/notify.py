"""Report a job of the chain that has failed or timed out: as run properties, and to an SNS topic. Python shell.

The failure branch. It changes no data, and the run can be resumed at the job that has failed.
"""

import sys
from dataclasses import dataclass
from typing import Any, List, Mapping

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.clients import aws_client
from glue_jobs.common.workflow_run import put_properties

REQUIRED = ("WORKFLOW_NAME", "WORKFLOW_RUN_ID", "aws_region")
BLUEPRINT = "incremental_chain"
FAILED_STATES = ("FAILED", "TIMEOUT")
MAX_SUBJECT = 100
MAX_REASON = 2000


@dataclass(frozen=True)
class FailedNode:
    """A job that did not succeed.

    Attributes:
        node_id: the node's id in the graph, for ResumeWorkflowRun.
        job: the job.
        state: ``FAILED`` or ``TIMEOUT``.
        reason: its error.
        job_run: the job run.
    """

    node_id: str
    job: str
    state: str
    reason: str
    job_run: str


def failed_nodes(run: Mapping[str, Any]) -> List[FailedNode]:
    """The jobs of a run, as GetWorkflowRun describes it with its graph, whose newest run has failed."""
    found = []
    for node in run.get("Graph", {}).get("Nodes", []):
        runs = (node.get("JobDetails") or {}).get("JobRuns") or []
        newest = max(runs, key=lambda one: (str(one.get("StartedOn", "")), one.get("Attempt", 0)), default=None)
        if newest is not None and newest["JobRunState"] in FAILED_STATES:
            reason = newest.get("ErrorMessage", "")[:MAX_REASON]
            found.append(FailedNode(node["UniqueId"], node["Name"], newest["JobRunState"], reason, newest["Id"]))
    return found


def message(workflow: str, run: str, failed: List[FailedNode]) -> str:
    """What is sent: which job failed, why, and how to go on."""
    lines = ["Workflow {}, run {}".format(workflow, run), ""]
    for node in failed:
        lines += ["{} {}: {}".format(node.job, node.state, node.reason or "no reason is given"), node.job_run, ""]
    nodes = " ".join(node.node_id for node in failed)
    lines += [
        "Nothing of this run is visible in the table unless the job publish had already published it.",
        "Correct the cause, then resume the run, or start the workflow again:",
        "aws glue resume-workflow-run --name '{}' --run-id {} --node-ids {}".format(workflow, run, nodes),
    ]
    return "\n".join(lines)


def notify(glue: Any, sns: Any, workflow: str, run: str, topic: str) -> None:
    """Write the run properties and publish the message.

    Args:
        glue: a boto3 Glue client.
        sns: a boto3 SNS client.
        workflow: the workflow.
        run: its run.
        topic: ARN of the topic; empty for none.
    """
    failed = failed_nodes(glue.get_workflow_run(Name=workflow, RunId=run, IncludeGraph=True)["Run"])
    text = message(workflow, run, failed)
    print(text)
    properties = {
        BLUEPRINT + ".failed": ",".join(node.job for node in failed),
        BLUEPRINT + ".failed_state": ",".join(node.state for node in failed),
        BLUEPRINT + ".failed_reason": "; ".join(node.reason for node in failed),
    }
    put_properties(glue, workflow, run, properties)
    if topic:
        subject = "Glue workflow {}: {} failed".format(workflow, ", ".join(node.job for node in failed) or "a job")
        plain = "".join(c if 32 <= ord(c) < 127 else "?" for c in subject)
        sns.publish(TopicArn=topic, Subject=plain[:MAX_SUBJECT], Message=text)


def main() -> None:
    """Report the failure."""
    arguments = read_arguments(sys.argv, REQUIRED, optional=("topic",))
    region, topic = arguments["aws_region"], arguments["topic"]
    # A topic's messages are accepted in its own region, which is part of its ARN.
    sns = aws_client("sns", topic.split(":")[3]) if topic else None
    notify(aws_client("glue", region), sns, arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"], topic)


if __name__ == "__main__":
    main()
