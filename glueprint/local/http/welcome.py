"""The page that a browser shows at the server's URL: what this is, and how to use it. It contains no secrets."""

from __future__ import annotations

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp

from glueprint.local.http.wire import WireRequest

_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Glueprint: a local AWS Glue</title>
<style>
  body { font: 16px/1.5 sans-serif; max-width: 44em; margin: 3em auto; padding: 0 1em }
  pre { background: #8882; padding: .8em; overflow-x: auto }
</style>
<h1>A local AWS Glue</h1>
<p>This is the endpoint of <code>glueprint serve</code>. AWS clients use it in place of AWS: Glue, S3,
CloudWatch Logs, EventBridge and other services. It has no pages; there is nothing else to see in a browser.</p>
<p>In a terminal, in the directory where the server was started or below it:</p>
<pre>glueprint status            # workflows and their last runs
glueprint status --failed   # what failed, and why
glueprint register file_presence
glueprint create file_presence --describe
glueprint --help</pre>
<p>To point boto3, the AWS CLI and other clients here:</p>
<pre>eval "$(glueprint env)"
aws glue list-workflows</pre>
<p>Whether the server is ready: <a href="/health">/health</a>.</p>
</html>
"""

PAGE: ASGIApp = HTMLResponse(_PAGE, headers=_HEADERS)


def is_browser(request: WireRequest, path: bytes) -> bool:
    """Return whether a request is a browser's, for the server's URL: unsigned, without a query, for HTML."""
    return (
        request.method in ("GET", "HEAD")
        and path == b"/"
        and not request.query
        and request.header("authorization") is None
        and "text/html" in (request.header("accept") or "").lower()
    )
