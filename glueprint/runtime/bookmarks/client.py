"""The way to the server that keeps bookmarks: the private route of one job run, signed like a call to AWS.

A call is repeated for longer than a restart of the server takes; the server answers a repeated one as it did, or
would have done, the first time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session

from glueprint.runtime.bookmarks.service import Beginning, BookmarkOptions, BookmarkRefused

SIGNING_NAME = "glueprint"
"""The service in a signature's scope: it is how the server knows its own route from a bucket of S3."""

PATIENCE_SECONDS = 90.0
"""How long a server may be away; as long as boto3's calls in a job try (``environment.MAX_ATTEMPTS``)."""

_LONGEST_PAUSE_SECONDS = 2.0
_ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class RunRoute:
    """The private route of one job run (:class:`BookmarkService`).

    Attributes:
        url: of the server.
        run_id: the job run's id.
        patience: seconds for which a server that does not answer is asked again.
    """

    url: str
    run_id: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    patience: float = PATIENCE_SECONDS

    @classmethod
    def of_environment(cls, environment: Mapping[str, str], run_id: str) -> Self | None:
        """From the environment of a job's process; None when it names no server."""
        names = ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        found = [environment.get(name) for name in names]
        if not all(found):
            return None
        url, region, access_key, secret_key = (one or "" for one in found)
        return cls(url, run_id, region, access_key, secret_key)

    def begin(self, job_name: str, options: BookmarkOptions) -> Beginning:
        """See :class:`BookmarkService`."""
        told = self._call(
            "bookmark/begin",
            {
                "JobName": job_name,
                "Option": options.option.value,
                "FromRunId": options.from_run,
                "ToRunId": options.to_run,
            },
        )
        return Beginning(told["Version"], told["Run"], told["State"], told["Until"], tuple(told["Notes"]))

    def commit(self, job_name: str, version: int, state: str) -> int:
        """See :class:`BookmarkService`."""
        told = self._call("bookmark/commit", {"JobName": job_name, "Version": version, "State": state})
        stored: int = told["Version"]
        return stored

    def _call(self, what: str, members: Mapping[str, object]) -> dict[str, Any]:
        url = f"{self.url}/glueprint/v1/job-runs/{quote(self.run_id, safe='')}/{what}"
        body = json.dumps(members).encode()
        deadline, pause = time.monotonic() + self.patience, 0.05
        session = URLLib3Session(timeout=_ANSWER_SECONDS)
        try:
            while True:
                status, answer = self._ask(session, url, body)
                if status == 200:
                    told: dict[str, Any] = json.loads(answer)
                    return told
                if 400 <= status < 500:
                    raise BookmarkRefused(_words(answer))
                if time.monotonic() + pause > deadline:
                    raise BookmarkRefused(
                        f"the local Glue at {self.url} did not take the job's bookmark within "
                        f"{self.patience:.0f} s: {_words(answer)}"
                    )
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        finally:
            session.close()

    def _ask(self, session: URLLib3Session, url: str, body: bytes) -> tuple[int, str]:
        """One try: status and text; status 0 when no server answered."""
        request = AWSRequest("POST", url, headers={"Content-Type": "application/json"}, data=body)
        # Signed anew for each try: a signature is good for some minutes only.
        SigV4Auth(Credentials(self.access_key, self.secret_key), SIGNING_NAME, self.region).add_auth(request)
        try:
            answer = session.send(request.prepare())
            return answer.status_code, answer.text
        except BotoCoreError as error:
            return 0, str(error)


def _words(answer: str) -> str:
    """What an answer that is an error says."""
    try:
        told = json.loads(answer)
        return str(told["message"])
    except (ValueError, KeyError, TypeError):
        return answer
