"""The built-in classifiers of log files (DG:add-classifier, "Built-in classifiers in AWS Glue").

That page names them and says that some go by a grok pattern and others by a file's beginning; it shows no pattern.
Their classifications are the names of well-known grok patterns (``REDISLOG``, ``REDISMONLOG``, ``RUBY_LOGGER``,
``SQUID3``, ``COMMONAPACHELOG``, ``COMBINEDAPACHELOG``), whose forms and fields these follow. ``linux_kernel`` and
``microsoft_log`` are the name of no published pattern, and are not here (docs/fidelity/crawler.md).
"""

from __future__ import annotations

from .grok import GrokClassifier

_BEGINNING = 20
"""Lines at a file's beginning of which one must match: most text files are no logs, and that is known soon."""

_PATTERNS = r"""
REDISTIMESTAMP %{MONTHDAY} %{MONTH}(?: %{YEAR})? %{TIME}
RUBY_LOGLEVEL (?:DEBUG|FATAL|ERROR|WARN|INFO|UNKNOWN|ANY)
"""
"""Beside the patterns of DG:custom-classifier; written into the table with the pattern that needs them."""


def _log(classification: str, pattern: str, custom: str = "") -> GrokClassifier:
    wire = {
        "Name": classification,
        "Classification": classification,
        "GrokPattern": pattern,
        "CustomPatterns": custom.strip(),
    }
    return GrokClassifier(wire, beginning=_BEGINNING, anchored=True)


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
