"""What a failed request says about the Airflow connection, without Airflow."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, NoRegionError
from fake_runs import refusal

from glueprint.airflow.runs.connection import explained


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            refusal("UnrecognizedClientException", "GetWorkflowRuns"),
            "GetWorkflowRuns: ... (UnrecognizedClientException); check the access key, secret key and session "
            "token of connection orders, and its endpoint_url",
        ),
        (
            refusal("AccessDeniedException", "StartWorkflowRun"),
            "StartWorkflowRun: ... (AccessDeniedException); allow it to the user or role of connection orders, or "
            "take another one",
        ),
        (
            EndpointConnectionError(endpoint_url="http://glue"),
            'Could not connect to the endpoint URL: "http://glue"; check endpoint_url and region_name of '
            "connection orders, and that Glue answers there",
        ),
        (
            NoCredentialsError(),
            "no AWS credentials were found; connection orders has none, or Airflow does not know it: set its "
            "login and password, or a role",
        ),
        (
            NoRegionError(),
            "no AWS region is set; set region_name in the extra of connection orders, or in the task",
        ),
        (refusal("InvalidInputException", "StartWorkflowRun"), "StartWorkflowRun: ... (InvalidInputException)"),
    ],
    ids=["keys", "denied", "endpoint", "credentials", "region", "another"],
)
def test_a_wrong_connection_is_one_message(error: Exception, message: str) -> None:
    """It names the connection, and what to change in it; other errors are not blamed on the connection."""
    assert str(explained(error, "orders")) == message


def test_without_a_connection_the_credentials_are_boto3s() -> None:
    """``aws_conn_id=None`` is boto3's own search (AwsGenericHook)."""
    assert "the access key, secret key and session token of boto3's default credentials" in str(
        explained(refusal("InvalidSignatureException", "GetWorkflowRun"), None)
    )
