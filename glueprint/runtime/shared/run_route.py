"""The private route of one job run to the local Glue, signed like a call to AWS.

A call is retried for longer than a restart of the server takes. The server returns the same response to a repeated
call.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session

from glueprint.compat import Self

SIGNING_NAME = "glueprint"
"""The service in a signature's scope: it distinguishes the private route from a bucket of S3."""

MAX_RETRY_SECONDS = 90.0
"""How long calls are retried; as long as boto3 retries in a job (``environment.MAX_ATTEMPTS``)."""

_MAX_PAUSE_SECONDS = 2.0
_RESPONSE_TIMEOUT_SECONDS = 30.0


class CallRefused(Exception):
    """The server refused a call, or did not answer; the message is why."""


@dataclass(frozen=True)
class RunRoute:
    """Calls of one job run.

    Attributes:
        url: of the server.
        run_id: the job run's id.
        retry_seconds: how long a call is retried while the server does not respond.
    """

    url: str
    run_id: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    retry_seconds: float = MAX_RETRY_SECONDS

    @classmethod
    def of_environment(cls, environment: Mapping[str, str], run_id: str) -> Self | None:
        """Return the route for the environment of a job's process, or None if it contains no endpoint."""
        names = ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        found = [environment.get(name) for name in names]
        if not all(found):
            return None
        url, region, access_key, secret_key = (one or "" for one in found)
        return cls(url, run_id, region, access_key, secret_key)

    def call(self, call: str, members: Mapping[str, object], what: str) -> dict[str, Any]:
        """Send a request and return the members of the response.

        Args:
            call: the end of its path.
            what: what is sent, for the message if no server accepts it.

        Raises:
            CallRefused: the server refused it, or did not respond.
        """
        url = f"{self.url}/glueprint/v1/job-runs/{quote(self.run_id, safe='')}/{call}"
        body = json.dumps(members).encode()
        deadline, pause = time.monotonic() + self.retry_seconds, 0.05
        session = URLLib3Session(timeout=_RESPONSE_TIMEOUT_SECONDS)
        try:
            while True:
                status, answer = self._send(session, url, body)
                if status == 200:
                    response: dict[str, Any] = json.loads(answer)
                    return response
                if 400 <= status < 500:
                    raise CallRefused(_error_message(answer))
                if time.monotonic() + pause > deadline:
                    raise CallRefused(
                        f"the local Glue at {self.url} did not accept {what} within "
                        f"{self.retry_seconds:.0f} s: {_error_message(answer)}"
                    )
                time.sleep(pause)
                pause = min(2 * pause, _MAX_PAUSE_SECONDS)
        finally:
            session.close()

    def _send(self, session: URLLib3Session, url: str, body: bytes) -> tuple[int, str]:
        """Send the request once; return status and text, or status 0 if no server responded."""
        request = AWSRequest("POST", url, headers={"Content-Type": "application/json"}, data=body)
        # Signed for each attempt: a signature is valid for a few minutes only.
        SigV4Auth(Credentials(self.access_key, self.secret_key), SIGNING_NAME, self.region).add_auth(request)
        try:
            answer = session.send(request.prepare())
            return answer.status_code, answer.text
        except BotoCoreError as error:
            return 0, str(error)


def _error_message(answer: str) -> str:
    """Return the message of an error response."""
    try:
        response = json.loads(answer)
        return str(response["message"])
    except (ValueError, KeyError, TypeError):
        return answer
