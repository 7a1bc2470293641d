"""Shell completion of names: those of the local Glue that runs; none is started for it."""

from __future__ import annotations

from collections.abc import Callable

import click

from glueprint.client.data_dirs import find_data_dir
from glueprint.client.lookup import Lookup
from glueprint.client.servers import running_server
from glueprint.client.session import Session

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def names_of(*kinds: str) -> Complete:
    """Return the completion of names of these kinds: workflow, job, crawler, trigger."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        try:
            endpoint = running_server(context.params.get("data_dir") or find_data_dir())
            if endpoint is None:
                return []
            session = Session(endpoint)
            try:
                lookup = Lookup(session)
                names = [name for kind in kinds for name in lookup.names_of(kind)]
            finally:
                session.close()
        except Exception:  # noqa: BLE001 - a completion that fails completes nothing, and prints nothing
            return []
        return sorted({name for name in names if name.startswith(incomplete)})

    return complete
