"""What the local Glue answers that AWS has no operation for: requests signed for ``glueprint``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from glueprint.client.servers import Endpoint

_SIGNING_NAME = "glueprint"
_TIMEOUT_SECONDS = 10.0


def read(endpoint: Endpoint, call: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """Send a request, signed as those of job runs are; return the members of the answer.

    An error is not the user's: the answer is then empty.
    """
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    from botocore.exceptions import BotoCoreError
    from botocore.httpsession import URLLib3Session

    headers = {"Content-Type": "application/json"}
    body = json.dumps(members).encode()
    request = AWSRequest("POST", f"{endpoint.url}/glueprint/v1/{call}", headers=headers, data=body)
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
