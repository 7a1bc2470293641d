"""What is wrong with a connection, when a request through it fails."""

from __future__ import annotations

from botocore.exceptions import ConnectionError as ConnectionFailed
from botocore.exceptions import HTTPClientError, NoCredentialsError, NoRegionError, PartialCredentialsError

from glueprint.client.errors import RequestFailed, error_code, from_botocore

_WRONG_KEYS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""Codes with which AWS refuses a request's keys, whatever is requested (IAM, "Common errors")."""
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


def explained(error: Exception, aws_conn_id: str | None) -> RequestFailed:
    """Return an error of botocore as one message, with what to look at in the Airflow connection.

    Args:
        error: what a request raised, or the making of its client.
        aws_conn_id: the connection; None is boto3's own search for credentials, which Airflow then uses.
    """
    known = from_botocore(error) or RequestFailed(str(error))
    name = "boto3's default credentials" if aws_conn_id is None else f"connection {aws_conn_id}"
    return RequestFailed(known.message, _remedy(error, name), operation=known.operation, code=known.code)


def _remedy(error: Exception, name: str) -> str | None:
    code = error_code(error)
    if code in _WRONG_KEYS:
        return f"check the access key, secret key and session token of {name}, and its endpoint_url"
    if code in _DENIED:
        return f"allow it to the user or role of {name}, or take another one"
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return f"{name} has none, or Airflow does not know it: set its login and password, or a role"
    if isinstance(error, NoRegionError):
        return f"set region_name in the extra of {name}, or in the task"
    if isinstance(error, (ConnectionFailed, HTTPClientError)):
        return f"check endpoint_url and region_name of {name}, and that Glue answers there"
    return None
