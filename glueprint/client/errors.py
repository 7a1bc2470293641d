"""The errors of the client room, and the translation of botocore's errors into them."""

from __future__ import annotations

import sys
from collections.abc import Sequence


class GlueprintError(Exception):
    """A problem that the user can fix. ``str()`` is the message, followed by the remedy if there is one.

    Attributes:
        message: what is wrong.
        remedy: what the user can do about it, or None.
    """

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message if remedy is None else f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy


class InvalidArgument(GlueprintError):
    """A value that the caller passed cannot be used. Nothing was requested or changed."""


class NotFound(GlueprintError):
    """There is no resource of that name or id."""


class Ambiguous(GlueprintError):
    """A name prefix matches more than one resource.

    Attributes:
        names: the names that it matches.
    """

    def __init__(self, message: str, remedy: str | None, names: Sequence[str]) -> None:
        super().__init__(message, remedy)
        self.names = tuple(names)


class ServerUnavailable(GlueprintError):
    """A local server could not be started, found or reached."""


class NoData(GlueprintError):
    """There is no data directory to read; nothing was started or created."""


class RequestFailed(GlueprintError):
    """Glue, or another service, refused a request or could not be reached.

    Attributes:
        operation: the API operation, or None if no request was sent.
        code: the service's error code, or an empty string.
    """

    def __init__(
        self, message: str, remedy: str | None = None, *, operation: str | None = None, code: str = ""
    ) -> None:
        super().__init__(message, remedy)
        self.operation = operation
        self.code = code


def error_code(error: BaseException) -> str:
    """Return the code of a botocore ``ClientError``, such as ``EntityNotFoundException``; else an empty string."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


REFUSED_FOR_NOW_CODES = frozenset(
    {
        "ConcurrentModificationException",  # aws-cloudformation/cloudformation-coverage-roadmap#2103
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Codes of requests that were certainly not carried out, and may be repeated (service model; general error codes
of AWS)."""
UNKNOWN_OUTCOME_CODES = frozenset(
    {
        "InternalFailure",
        "InternalServiceException",
        "OperationTimeoutException",
        "RequestTimeout",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
"""Codes after which it is not known whether the request was carried out."""


def is_refused_for_now(error: BaseException) -> bool:
    """Return whether a request was not carried out, but may be repeated: throttling, another change."""
    return error_code(error) in REFUSED_FOR_NOW_CODES


def is_not_found(error: BaseException) -> bool:
    """Return whether Glue reported that an entity does not exist."""
    return error_code(error) == "EntityNotFoundException"


def as_shown(error: BaseException) -> GlueprintError | None:
    """Return an error as it is shown to a user: our own as it is, botocore's translated; None for a defect."""
    return error if isinstance(error, GlueprintError) else from_botocore(error)


def from_botocore(error: BaseException) -> RequestFailed | None:
    """Translate an error of botocore; return None for any other exception.

    botocore is not imported here: if nothing else has imported it, the error is not one of botocore's.
    """
    exceptions = sys.modules.get("botocore.exceptions")
    if exceptions is None:
        return None
    if isinstance(error, exceptions.ClientError):
        details, code = error.response.get("Error", {}), error_code(error)
        operation = error.operation_name
        text = f"{operation}: {details.get('Message') or code} ({code})"
        return RequestFailed(text, operation=operation, code=code)
    if isinstance(error, exceptions.NoCredentialsError):
        return RequestFailed("no AWS credentials were found", "configure them, or use the local Glue")
    if isinstance(error, exceptions.NoRegionError):
        return RequestFailed("no AWS region is set", "set AWS_DEFAULT_REGION, or name a region")
    if isinstance(error, exceptions.BotoCoreError):
        return RequestFailed(" ".join(str(error).split()))
    return None
