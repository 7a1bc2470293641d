"""OpenLineage: which data a workflow run read, as far as its run properties state it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from glueprint.client.presence import presence_markers
from glueprint.client.runs import RunView


def input_locations(run: RunView) -> list[str]:
    """Return the S3 locations in which the run's jobs found input, sorted."""
    markers = [one for one in presence_markers(run.properties) if one.is_present]
    found = {one.details.get("location", "") for one in markers}
    return sorted(one for one in found if one.startswith("s3://"))


def lineage_of(run: RunView | None) -> Any:
    """Return an ``OperatorLineage``: locations as input data sets, and the run's id as an external query.

    Only called where the OpenLineage provider is installed.
    """
    from airflow.providers.common.compat.openlineage.facet import Dataset, ExternalQueryRunFacet
    from airflow.providers.openlineage.extractors.base import OperatorLineage

    if run is None:
        return OperatorLineage()
    inputs = []
    for location in input_locations(run):
        parts = urlsplit(location)
        inputs.append(Dataset(namespace=f"s3://{parts.netloc}", name=parts.path.strip("/") or "/"))
    facet = ExternalQueryRunFacet(externalQueryId=run.run_id, source=f"aws-glue-workflow:{run.workflow}")
    return OperatorLineage(inputs=inputs, run_facets={"externalQuery": facet})
