"""Why an installer failed, in plain words, from its output."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_TAIL_LINES = 15


class CreationError(Exception):
    """An environment could not be made. The message is complete: cause, remedy and the end of the output."""


@dataclass(frozen=True, slots=True)
class _Cause:
    """A kind of failure, and what its output contains."""

    pattern: re.Pattern[str]
    message: str
    remedy: str


def _cause(pattern: str, message: str, remedy: str) -> _Cause:
    return _Cause(re.compile(pattern, re.IGNORECASE), message, remedy)


_CAUSES = (
    _cause(
        r"no space left on device|disk quota exceeded|\bENOSPC\b|errno 28\b",
        "the disk is full",
        "free space, or set XDG_CACHE_HOME to a directory on another disk",
    ),
    _cause(
        r"certificate.verify.failed|invalid peer certificate|unknownissuer|self.signed certificate",
        "the package index has a certificate that this machine does not trust",
        "set SSL_CERT_FILE (uv) or PIP_CERT (pip) to the certificates of your network",
    ),
    _cause(
        r"\b401 (client error|unauthorized)|\b403 (client error|forbidden)|\b407 |proxy authentication required",
        "the package index refused access",
        "check the user and password in the index's address, or the proxy's",
    ),
    _cause(
        r"temporary failure in name resolution|name or service not known|nodename nor servname|dns error"
        r"|failed to lookup address|connection refused|connection reset|network is unreachable|no route to host"
        r"|timed out|connecttimeout|failed to establish a new connection|error sending request|proxyerror"
        r"|could not connect|tunnel connection failed",
        "the package index cannot be reached",
        "check the network and the proxy (HTTPS_PROXY), or name your own index: PIP_INDEX_URL, UV_DEFAULT_INDEX",
    ),
    _cause(
        r"ensurepip is not available|no module named '?(ensurepip|venv)",
        "this Python cannot make virtual environments",
        "install what it lacks (Debian, Ubuntu: apt-get install python{python}-venv), or install uv",
    ),
    _cause(
        r"failed building wheel|failed to build|could not build wheels|error: command '.*(cc|gcc|g\+\+|clang)'",
        "a package has no wheel for this machine, and it could not be built",
        "install a C compiler and what the output names, or use a machine that has wheels (Linux x86-64)",
    ),
    _cause(
        r"from versions: none\)",
        "the package index offers no version of a package: it cannot be reached, or it is incomplete",
        "check the network, the proxy (HTTPS_PROXY) and the index (PIP_INDEX_URL)",
    ),
    _cause(
        r"no solution found|resolutionimpossible|no matching distribution found|could not find a version"
        r"|was not found in the package registry|no versions of",
        "the package index does not have one of the pinned versions",
        "if it is your own index, check that it mirrors PyPI completely",
    ),
    _cause(
        r"permission denied|read-only file system|operation not permitted",
        "files cannot be written",
        "set XDG_CACHE_HOME to a directory that you own",
    ),
)
"""In this order: a resolver also complains when the index cannot be reached."""


def explain(runtime: str, python: str, status: int, output: str, *, free_bytes: int | None = None) -> str:
    """Return what to print when the installer of a runtime ended with ``status``.

    Args:
        runtime: its name.
        python: its minor version, as text.
        status: of the installer's process; negative if a signal ended it.
        output: of the installer.
        free_bytes: what is left on the disk.
    """
    found = next((cause for cause in _CAUSES if cause.pattern.search(output)), None)
    if found:
        message, remedy = found.message, found.remedy.format(python=python)
    elif status < 0:
        message, remedy = f"the installer was ended by signal {-status}", "try again"
    else:
        message, remedy = f"the installer ended with status {status}", "its last lines show the reason"
    if found is _CAUSES[0] and free_bytes is not None:
        message += f" ({free_bytes // 1_000_000:,} MB are free)"
    lines = [f"runtime {runtime} was not installed: {message}", remedy]
    if last := tail(output):
        lines += ["last lines of the installer:", *(f"  {line}" for line in last)]
    return "\n".join(lines)


def tail(output: str) -> list[str]:
    """Return the last lines that are not empty."""
    return [line.rstrip() for line in output.splitlines() if line.strip()][-MAX_TAIL_LINES:]
