"""The errors of the client room, and what botocore's errors become."""

from __future__ import annotations

import subprocess
import sys

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, NoRegionError

from glueprint.client.errors import GlueprintError, error_code, from_botocore, is_not_found


def test_an_error_reads_as_its_message_and_its_remedy() -> None:
    """A front end may show both in one line, or each in its place."""
    assert str(GlueprintError("no workflow 'a'")) == "no workflow 'a'"
    error = GlueprintError("no workflow 'a'", "did you mean b?")
    assert (str(error), error.message, error.remedy) == (
        "no workflow 'a'; did you mean b?",
        "no workflow 'a'",
        "did you mean b?",
    )


def test_a_refused_request_keeps_its_operation_and_code() -> None:
    """ClientError carries both (botocore, "Error handling")."""
    answer = {"Error": {"Code": "EntityNotFoundException", "Message": "Job x not found."}}
    error = ClientError(answer, "GetJob")  # type: ignore[arg-type]
    found = from_botocore(error)
    assert found is not None
    assert (found.operation, found.code) == ("GetJob", "EntityNotFoundException")
    assert str(found) == "GetJob: Job x not found. (EntityNotFoundException)"
    assert is_not_found(error)
    assert from_botocore(ZeroDivisionError()) is None
    assert error_code(ZeroDivisionError()) == ""


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (NoCredentialsError(), "no AWS credentials"),
        (NoRegionError(), "no AWS region"),
        (EndpointConnectionError(endpoint_url="http://x"), 'Could not connect to the endpoint URL: "http://x"'),
    ],
)
def test_what_botocore_raises_before_a_request_is_translated(error: Exception, text: str) -> None:
    """None of these is a ClientError."""
    assert text in str(from_botocore(error))


def test_translating_an_error_does_not_import_botocore() -> None:
    """A mistake in the arguments of a command must not cost that import."""
    code = (
        "import sys\nfrom glueprint.client import errors, session\nerrors.from_botocore(ValueError())\n"
        "print(sorted({'boto3', 'botocore', 'click', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
