"""The built-in classifiers of log files (DG:add-classifier, "Built-in classifiers in AWS Glue").

That page names them, and states that some use a grok pattern and others the start of a file; it shows no pattern.
Their classifications are the names of well-known grok patterns (``REDISLOG``, ``REDISMONLOG``, ``RUBY_LOGGER``,
``SQUID3``, ``COMMONAPACHELOG``, ``COMBINEDAPACHELOG``), whose forms and fields these follow. ``linux_kernel`` and
``microsoft_log`` are not names of published patterns, and are not supported (docs/fidelity/crawler.md).
"""

from __future__ import annotations

from .grok import GrokClassifier

_HEAD_LINES = 20
"""First lines of a file of which one must match: most text files are not logs, and are rejected early."""

_PATTERNS = r"""
REDISTIMESTAMP %{MONTHDAY} %{MONTH}(?: %{YEAR})? %{TIME}
RUBY_LOGLEVEL (?:DEBUG|FATAL|ERROR|WARN|INFO|UNKNOWN|ANY)
"""
"""In addition to those of DG:custom-classifier; written into the table with the pattern that needs them."""


def _log(classification: str, pattern: str, custom: str = "") -> GrokClassifier:
    wire = {
        "Name": classification,
        "Classification": classification,
        "GrokPattern": pattern,
        "CustomPatterns": custom.strip(),
    }
    return GrokClassifier(wire, head_lines=_HEAD_LINES, anchored=True)


LOGS: tuple[GrokClassifier, ...] = (
    _log("combined_apache", "%{COMBINEDAPACHELOG}"),
    _log("apache", "%{COMMONAPACHELOG}"),
    _log(
        "ruby_logger",
        r"[DFEWIUA], \[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:pid}\] +%{RUBY_LOGLEVEL:loglevel} -- "
        r"+%{DATA:progname}: %{GREEDYDATA:message}",
        _PATTERNS,
    ),
    _log(
        "squid",
        r"%{NUMBER:timestamp}\s+%{NUMBER:duration}\s%{IP:client_address}\s%{WORD:cache_result}/"
        r"%{POSINT:status_code}\s%{NUMBER:bytes}\s%{WORD:request_method}\s%{NOTSPACE:url}\s%{NOTSPACE:user}\s"
        r"%{WORD:hierarchy_code}/%{NOTSPACE:server}\s%{NOTSPACE:content_type}",
    ),
    _log(
        "redismonlog",
        r'%{NUMBER:timestamp} \[%{INT:database} %{IP:client}:%{NUMBER:port}\] "%{WORD:command}"\s?'
        r"%{GREEDYDATA:params}",
    ),
    _log("redislog", r"\[%{POSINT:pid}\] %{REDISTIMESTAMP:timestamp} [*#.-] %{GREEDYDATA:message}", _PATTERNS),
)
"""In the order of the page."""
