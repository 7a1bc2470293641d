"""What Airflow's provider manager reads (entry point ``apache_airflow_provider``)."""

from __future__ import annotations

from typing import Any


def get_provider_info() -> dict[str, Any]:
    """Return the package's description (provider_info.schema.json of Airflow)."""
    return {
        "package-name": "glueprint",
        "name": "Glueprint",
        "description": "AWS Glue workflows and blueprints.",
        "integrations": [
            {
                "integration-name": "AWS Glue workflows",
                "external-doc-url": "https://docs.aws.amazon.com/glue/latest/dg/workflows_overview.html",
                "tags": ["aws"],
            }
        ],
        "operators": [
            {
                "integration-name": "AWS Glue workflows",
                "python-modules": ["glueprint.airflow.operators"],
            }
        ],
        "sensors": [
            {"integration-name": "AWS Glue workflows", "python-modules": ["glueprint.airflow.sensors"]}
        ],
        "hooks": [{"integration-name": "AWS Glue workflows", "python-modules": ["glueprint.airflow.hooks"]}],
        "triggers": [
            {"integration-name": "AWS Glue workflows", "python-modules": ["glueprint.airflow.triggers"]}
        ],
        "extra-links": ["glueprint.airflow.links.GlueWorkflowRunLink"],
    }
