"""Times of schedules that passed while no server ran. Only the local Glue has any: AWS is never down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from glueprint.client.servers import Endpoint
from glueprint.client.session import Session
from glueprint.compat import UTC

_SIGNING_NAME = "glueprint"
_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class MissedTimes:
    """The missed times of one schedule.

    Attributes:
        kind: trigger or crawler.
        name: the trigger's or crawler's.
        count: how many there are; they are kept for 365 days.
        noticed: when a server found the latest one, which is when it started.
    """

    kind: str
    name: str
    count: int
    first: datetime
    latest: datetime
    noticed: datetime

    def to_json(self) -> dict[str, Any]:
        """Return them as plain data (docs/json-output.md)."""
        return {
            "kind": self.kind,
            "name": self.name,
            "count": self.count,
            "first": self.first,
            "latest": self.latest,
            "noticed": self.noticed,
        }


Missed = Mapping[tuple[str, str], MissedTimes]
"""The missed times by kind and name, the latest first."""


def missed_times(session: Session) -> Missed:
    """Return the missed times of all schedules; empty for AWS, and for a Glue that does not report them."""
    if session.endpoint is None:
        return {}
    found = [_missed(one) for one in _request(session.endpoint).get("MissedTimes", ())]
    return {(one.kind, one.name): one for one in found}


def _missed(shape: Mapping[str, Any]) -> MissedTimes:
    kind, _, name = shape["Subject"].partition("/")
    first, latest, noticed = (datetime.fromtimestamp(shape[at], UTC) for at in ("First", "Latest", "Noticed"))
    return MissedTimes(kind, name, shape["Count"], first, latest, noticed)


def _request(endpoint: Endpoint) -> dict[str, Any]:
    """Send the request, signed as those of job runs are; an error is not the user's: the answer is then empty."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    from botocore.exceptions import BotoCoreError
    from botocore.httpsession import URLLib3Session

    headers = {"Content-Type": "application/json"}
    request = AWSRequest("POST", f"{endpoint.url}/glueprint/v1/missed-times", headers=headers, data=b"{}")
    keys = Credentials(endpoint.access_key, endpoint.secret_key)
    SigV4Auth(keys, _SIGNING_NAME, endpoint.region).add_auth(request)
    http = URLLib3Session(timeout=_TIMEOUT_SECONDS)
    try:
        answer = http.send(request.prepare())
        found = json.loads(answer.text) if answer.status_code == 200 else {}
    except (BotoCoreError, ValueError):
        return {}
    finally:
        http.close()
    return found if isinstance(found, dict) else {}
