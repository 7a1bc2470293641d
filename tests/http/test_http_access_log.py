"""The access log: a line for each request, with who called what and how it ended."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import UTC, datetime
from typing import Any

from glueprint.local.http.access_log import AccessLog

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def _log_of(path: str, status: int, headers: dict[str, str], answer: dict[str, str]) -> list[dict[str, Any]]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        found = [(name.encode(), value.encode()) for name, value in answer.items()]
        await send({"type": "http.response.start", "status": status, "headers": found})

    async def send(message: Any) -> None:
        pass

    file = io.StringIO()
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(AccessLog(app, file, lambda: NOW)(scope, None, send))  # type: ignore[arg-type]
    return [json.loads(line) for line in file.getvalue().splitlines()]


def test_a_call_is_logged_with_its_caller_and_its_error() -> None:
    """As CloudTrail's records have them: eventName, accessKeyId, userAgent, errorCode (CloudTrail User Guide)."""
    credential = "AKIDEXAMPLE/20261130/us-east-1/glue/aws4_request"
    headers = {
        "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0",
        "x-amz-target": "AWSGlue.StartWorkflowRun",
        "user-agent": "Boto3/1.43 Apache-Airflow/3.3.1 Caller/GlueWorkflowRunOperator",
    }
    (line,) = _log_of("/", 400, headers, {"x-amzn-errortype": "EntityNotFoundException:http://x"})
    assert line.pop("seconds") >= 0
    assert line == {
        "time": "2026-11-30T12:00:00.000+00:00",
        "access_key": "AKIDEXAMPLE",
        "service": "glue",
        "operation": "StartWorkflowRun",
        "status": 400,
        "error": "EntityNotFoundException",
        "user_agent": headers["user-agent"],
    }


def test_requests_without_an_operation_and_health() -> None:
    """S3's operations are methods and paths; an unsigned request has no caller; health checks are left out."""
    (line,) = _log_of("/lake/orders/a.csv", 200, {}, {})
    assert (line["access_key"], line["operation"], line["error"]) == (None, "POST /lake/orders/a.csv", None)
    assert _log_of("/health", 200, {}, {}) == []
