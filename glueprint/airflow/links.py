"""The link from a task to its workflow run in the AWS console."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from airflow.providers.amazon.aws.links.base_aws import BASE_AWS_CONSOLE_LINK, BaseAwsLink


class GlueWorkflowRunLink(BaseAwsLink):
    """The page of a workflow run. A Glue that is not AWS has no console: the link is then empty."""

    name = "AWS Glue workflow run"
    key = "glue_workflow_run"
    format_str = (
        BASE_AWS_CONSOLE_LINK
        + "/glue/home?region={region_name}#/v2/etl-configuration/workflows/run/{workflow}?runId={run_id}"
    )

    @classmethod
    def store(cls, context: Any, operator: Any, hook: Any, workflow: str, run_id: str) -> None:
        """Store what the link is made of, if the hook's Glue is AWS."""
        if not is_aws(hook.conn.meta.endpoint_url):
            return
        cls.persist(
            context=context,
            operator=operator,
            region_name=hook.conn_region_name,
            aws_partition=hook.conn_partition,
            workflow=quote(workflow, safe=""),
            run_id=run_id,
        )


def is_aws(endpoint_url: str) -> bool:
    """Return whether an endpoint is one of AWS's own."""
    host = urlsplit(endpoint_url).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))
