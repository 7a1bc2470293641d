"""The package index that the user has configured, for the installer that is used.

pip reads its own variables and files. uv does not read pip's, so they are translated for it: a company's index
that only pip's settings name must count, too.
"""

from __future__ import annotations

import configparser
import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

_NOT_INHERITED = frozenset(
    {
        *("PIP_CONSTRAINT", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_ROOT", "PIP_TARGET", "PIP_USER"),
        *("PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE", "VIRTUAL_ENV", "CONDA_PREFIX"),
        *("UV_CONSTRAINT", "UV_OVERRIDE", "UV_PYTHON", "UV_PROJECT_ENVIRONMENT", "UV_SYSTEM_PYTHON", "UV_TARGET"),
        *("UV_PRERELEASE", "UV_RESOLUTION", "UV_EXCLUDE_NEWER", "UV_NO_INSTALLER_METADATA"),
    }
)
"""Settings of the user's own environments, which would change what is installed here, or where."""
_INDEXES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
}
_CONNECTION = {
    "cert": "SSL_CERT_FILE",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "trusted-host": "UV_INSECURE_HOST",
}
_OLDER_NAMES = {"UV_DEFAULT_INDEX": "UV_INDEX_URL", "UV_INDEX": "UV_EXTRA_INDEX_URL"}


def installer_environment(environ: Mapping[str, str], *, uv: bool) -> dict[str, str]:
    """Return the variables for pip, or for uv: the user's, without those that concern other environments."""
    kept = {name: value for name, value in environ.items() if name not in _NOT_INHERITED}
    if not uv:
        # Empty, so that a constraint of a configuration file has no effect either.
        return {**kept, "PIP_CONSTRAINT": "", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    settings = pip_settings(environ)
    indexes = {variable: settings[key] for key, variable in _INDEXES.items() if settings.get(key)}
    translated = {variable: settings[key] for key, variable in _CONNECTION.items() if settings.get(key)}
    if proxy := settings.get("proxy"):
        translated |= {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy}
    if not any(name in kept for variable in indexes for name in (variable, _OLDER_NAMES.get(variable, ""))):
        if "UV_FIND_LINKS" in indexes:
            indexes["UV_FIND_LINKS"] = ",".join(indexes["UV_FIND_LINKS"].split())
        if indexes:
            # pip takes the best version of all indexes, uv that of the first that has the package.
            translated |= {"UV_INDEX_STRATEGY": "unsafe-best-match", **indexes}
    return {**translated, **kept, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}


def pip_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return pip's settings, by the names that its files use; the environment counts before files."""
    settings: dict[str, str] = {}
    for file in _configuration_files(environ):
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, configparser.Error):
            continue
        for section in ("global", "install"):
            if parser.has_section(section):
                settings |= {
                    key.replace("_", "-"): " ".join(value.split()) for key, value in parser.items(section)
                }
    for name, value in environ.items():
        if name.startswith("PIP_"):
            settings[name[4:].lower().replace("_", "-")] = " ".join(value.split())
    return settings


def _configuration_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield pip's files in the order in which it reads them (pip documentation, "Configuration")."""
    chosen = environ.get("PIP_CONFIG_FILE", "")
    if chosen == os.devnull:
        return
    home = Path(environ.get("HOME") or Path.home())
    for folder in environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep):
        yield Path(folder, "pip", "pip.conf")
    if sys.platform == "darwin":
        yield Path("/Library/Application Support/pip/pip.conf")
        yield home / "Library" / "Application Support" / "pip" / "pip.conf"
    yield Path("/etc/pip.conf")
    yield home / ".pip" / "pip.conf"
    yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf"
    if chosen:
        yield Path(chosen)


def without_passwords(text: str) -> str:
    """Return an installer's output without the passwords of ``https://user:password@index``."""
    parts = text.split("://")
    for at, part in enumerate(parts[1:], 1):
        authority, slash, rest = part.partition("/")
        if "@" in authority and " " not in authority:
            parts[at] = "***@" + authority.rpartition("@")[2] + slash + rest
    return "://".join(parts)


def command_text(argv: list[str]) -> str:
    """Return a command as a user would type it."""
    return without_passwords(shlex.join(argv))
