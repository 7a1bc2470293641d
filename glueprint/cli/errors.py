"""The one place where errors become what the user sees: one line and an exit code.

The same kind of error has the same code in all commands: 2 for arguments that cannot be used, 1 for any other.
"""

from __future__ import annotations

import click

from glueprint.client.errors import InvalidArgument, as_shown
from glueprint.client.printable import printable

EXIT_SUCCEEDED = 0
EXIT_FAILED = 1
EXIT_STOPPED = 3
EXIT_DIFFERENT = 4
"""What was compared differs: ``drift``, ``plan --exit-code``."""


def as_click_error(error: Exception) -> click.ClickException | None:
    """Return the click exception for an error that the user can fix; None for any other, which is a bug."""
    problem = as_shown(error)
    if problem is None:
        return None
    shown = click.UsageError if isinstance(problem, InvalidArgument) else click.ClickException
    return shown(printable(str(problem)))
