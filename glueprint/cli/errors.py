"""The one place where errors become what the user sees: one line and an exit code."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import click

from glueprint.client.errors import GlueprintError, InvalidArgument, from_botocore
from glueprint.client.printable import printable

EXIT_SUCCEEDED = 0
EXIT_FAILED = 1
EXIT_NO_ANSWER = 2
"""A usage error; for ``explain`` and ``simulate``, where 1 is an answer, also any other error."""
EXIT_STOPPED = 3


class NoAnswer(click.ClickException):
    """Ends a command for which exit code 1 is an answer, if there is no answer."""

    exit_code = EXIT_NO_ANSWER


def as_click_error(error: Exception) -> click.ClickException | None:
    """Return the click exception for an error that the user can fix; None for any other, which is a bug."""
    problem = error if isinstance(error, GlueprintError) else from_botocore(error)
    if problem is None:
        return None
    shown = click.UsageError if isinstance(problem, InvalidArgument) else click.ClickException
    return shown(printable(str(problem)))


@contextlib.contextmanager
def no_answer_on_error() -> Iterator[None]:
    """Turn errors that the user can fix into :class:`NoAnswer`; a usage error has that exit code already."""
    try:
        yield
    except click.UsageError:
        raise
    except click.ClickException as error:
        raise NoAnswer(error.message) from error
    except Exception as error:
        shown = as_click_error(error)
        if shown is None:
            raise
        raise (shown if isinstance(shown, click.UsageError) else NoAnswer(shown.message)) from error
