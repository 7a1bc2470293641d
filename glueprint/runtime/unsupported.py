"""What AWS has and the local Glue has not: refused by name, never half done."""

from __future__ import annotations


class NotSupportedLocally(NotImplementedError):
    """A part of Glue, a format, a connection or an option that is not there in the local Glue.

    Args:
        name: what the script asked for.
        advice: what to do instead, if there is something.
    """

    def __init__(self, name: str, advice: str = "") -> None:
        super().__init__(f"not supported locally: {name}" + (f" ({advice})" if advice else ""))
