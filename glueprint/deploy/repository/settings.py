"""Where the repository is named: an option, else an environment variable, else the project's ``glueprint.ini``.

.. code-block:: ini

    [repository]
    address = s3://company-blueprints/glue?aws=true&region=eu-central-1
    allowed_signers = keys/allowed_signers

Paths in the file are relative to its directory. The nearest file in or above the working directory counts.
"""

from __future__ import annotations

import configparser
import os
from dataclasses import dataclass
from pathlib import Path

from glueprint.client.errors import InvalidArgument
from glueprint.deploy.repository.address import Address, parse_address

SETTINGS_FILE = "glueprint.ini"
ADDRESS_VARIABLE = "GLUEPRINT_REPOSITORY"
SIGNERS_VARIABLE = "GLUEPRINT_ALLOWED_SIGNERS"
_SECTION = "repository"
_KEYS = ("address", "allowed_signers")


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set about the repository.

    Attributes:
        address: where it is; None if that is named nowhere.
        allowed_signers: a file of allowed signers (``man ssh-keygen``); None: signatures are not required.
    """

    address: Address | None
    allowed_signers: Path | None


NO_REPOSITORY = Settings(None, None)


def read_settings(address: str | None = None, signers: str | None = None, here: Path = Path()) -> Settings:
    """Return the settings.

    Args:
        address: the value of the option ``--repository``.
        signers: the value of the option ``--allowed-signers``.
        here: the working directory.

    Raises:
        InvalidArgument: an address or the file cannot be read.
    """
    file = _file(here)
    section = _section(file) if file else {}
    base = file.parent if file else here
    given = address or os.environ.get(ADDRESS_VARIABLE)
    given_signers = signers or os.environ.get(SIGNERS_VARIABLE)
    found = None
    if given:
        found = parse_address(given, here)
    elif section.get("address"):
        found = parse_address(section["address"], base)
    allowed = None
    if given_signers:
        allowed = here / Path(given_signers).expanduser()
    elif section.get("allowed_signers"):
        allowed = base / Path(section["allowed_signers"]).expanduser()
    return Settings(found, allowed)


def required_address(settings: Settings) -> Address:
    """Return the repository's address.

    Raises:
        InvalidArgument: it is named nowhere.
    """
    if settings.address is None:
        raise InvalidArgument(
            "no repository is named",
            f"give --repository ADDRESS, set {ADDRESS_VARIABLE}, or write into {SETTINGS_FILE}: "
            "[repository] and below it address = ADDRESS",
        )
    return settings.address


def _file(here: Path) -> Path | None:
    start = here.absolute()
    return next((one / SETTINGS_FILE for one in (start, *start.parents) if (one / SETTINGS_FILE).is_file()), None)


def _section(file: Path) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(file.read_text("utf-8"), str(file))
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise InvalidArgument(f"{file} cannot be read: {' '.join(str(error).split())}") from error
    section = dict(parser[_SECTION]) if parser.has_section(_SECTION) else {}
    unknown = [name for name in section if name not in _KEYS]
    if unknown:
        raise InvalidArgument(
            f"{file}: [{_SECTION}] has no setting {', '.join(unknown)}", f"it has {', '.join(_KEYS)}"
        )
    return section
