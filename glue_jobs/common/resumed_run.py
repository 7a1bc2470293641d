"""The properties of a workflow run that may have been resumed.

ResumeWorkflowRun makes a new run, in which the jobs before the chosen node do not run again. Whether the new run
has the earlier run's properties is not documented (docs/facts/workflows.md#resume), so a job that needs what an
earlier job has written looks for it in the earlier runs, too.
"""

from typing import Any

from glue_jobs.common.workflow_run import get_properties, put_properties

MAX_RESUMED_RUNS = 100


def inherit_properties(glue: Any, workflow: str, run: str, wanted: str) -> "dict[str, str]":
    """The run's properties; those of the runs that it resumes are copied into it if it lacks the wanted one.

    Args:
        glue: a boto3 Glue client.
        workflow: the workflow.
        run: its run.
        wanted: the key of a property that an earlier job has written.
    """
    properties = get_properties(glue, workflow, run)
    earlier = run
    for _ in range(MAX_RESUMED_RUNS):
        if wanted in properties:
            break
        earlier = glue.get_workflow_run(Name=workflow, RunId=earlier)["Run"].get("PreviousRunId", "")
        if not earlier:
            return properties
        inherited = get_properties(glue, workflow, earlier)
        missing = {key: value for key, value in inherited.items() if key not in properties}
        properties.update(missing)
        if wanted in missing:
            put_properties(glue, workflow, run, properties)
    return properties
