"""The workgroups of queries that a request of Athena names by id: permissions are those of the workgroup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from glueprint.local.store.database import Connection


def with_work_groups(tx: Connection, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parameters with ``WorkGroups``: those of the queries that they name, each once."""
    found = {
        group
        for id_ in _ids(parameters, "QueryExecutionId")
        for group, in tx.execute("SELECT work_group FROM athena_query WHERE id = ?", (id_,))
    } | {
        json.loads(body)["WorkGroup"]
        for id_ in _ids(parameters, "NamedQueryId")
        for body, in tx.execute(
            "SELECT body FROM resource WHERE kind = 'athenaNamedQuery' AND name = ?", (id_,)
        )
    }
    return {**parameters, "WorkGroups": sorted(found)}


def _ids(parameters: Mapping[str, Any], member: str) -> list[str]:
    """Return the id of a member, or the ids of the member for several."""
    several = parameters.get(f"{member}s")
    ids = several if isinstance(several, list) else [parameters.get(member)]
    return [one for one in ids if isinstance(one, str)]
