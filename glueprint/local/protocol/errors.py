"""The exception with which an operation refuses a request."""

from __future__ import annotations


class ApiError(Exception):
    """An error answer.

    Args:
        code: the error's name in the service model, e.g. ``EntityNotFoundException``.
        message: what is wrong, and what to do.
        status: HTTP status; AWS's JSON protocols answer 400 for what the client did.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def invalid_input(message: str) -> ApiError:
    """Glue's ``InvalidInputException``."""
    return ApiError("InvalidInputException", message)


def not_found(message: str) -> ApiError:
    """Glue's ``EntityNotFoundException``."""
    return ApiError("EntityNotFoundException", message)


def already_exists(message: str) -> ApiError:
    """Glue's ``AlreadyExistsException``."""
    return ApiError("AlreadyExistsException", message)
