"""Turns what AWS and boto3 raise into the one line that a user can act on."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

import click


def as_click_error(error: Exception) -> click.ClickException | None:
    """The line for an error that is not a bug of ours; None for any other.

    botocore is looked up only if something has imported it: a mistake in the arguments must not cost its import.
    """
    exceptions = sys.modules.get("botocore.exceptions")
    if exceptions is None:
        return None
    if isinstance(error, exceptions.ClientError):
        told = error.response.get("Error", {})
        operation = error.operation_name
        return click.ClickException(f"{operation}: {told.get('Message') or told.get('Code')} ({told.get('Code')})")
    if isinstance(error, exceptions.NoCredentialsError):
        return click.ClickException("no AWS credentials: configure them, or leave out --aws for the local Glue")
    if isinstance(error, exceptions.NoRegionError):
        return click.ClickException("no AWS region: give --region, or set AWS_DEFAULT_REGION")
    if isinstance(error, exceptions.BotoCoreError):
        return click.ClickException(" ".join(str(error).split()))
    return None


class Unanswered(click.ClickException):
    """What ends a command whose exit code 1 is an answer, when there is no answer."""

    exit_code = 2


@contextlib.contextmanager
def unanswered() -> Iterator[None]:
    """Turn what a user can mend into :class:`Unanswered`; mistakes in the arguments have that code already."""
    try:
        yield
    except click.UsageError:
        raise
    except click.ClickException as error:
        raise Unanswered(error.message) from error
    except Exception as error:
        told = as_click_error(error)
        if told is None:
            raise
        raise Unanswered(told.message) from error


def error_code(error: Exception) -> str:
    """The code of a ClientError, e.g. ``EntityNotFoundException``; empty for anything else."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""
