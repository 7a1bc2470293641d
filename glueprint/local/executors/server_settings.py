"""What jobs and layouts get to know of the local Glue: never the user's own credentials."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ServerSettings:
    """Where the local Glue answers, with which keys, and where its files are.

    ``class_archive``: where Spark's class-data archive is once it has been made; None: no archive is used.
    """

    endpoint_url: str
    access_key: str
    secret_key: str
    region: str
    account_id: str
    s3_root: Path
    logs_root: Path
    class_archive: Path | None = None

    @property
    def modules_cache(self) -> Path:
        """Where Python modules are kept that were installed for one job run, for the next."""
        return self.s3_root.parent / "modules"

    @property
    def driver_folder(self) -> Path:
        """Where users put JARs of JDBC drivers for all jobs and crawls; AWS has its own drivers."""
        return self.s3_root.parent / "jdbc-drivers"

    def drivers(self) -> tuple[Path, ...]:
        """Return the JARs in the folder of drivers."""
        return tuple(sorted(self.driver_folder.absolute().glob("*.jar")))

    def environment(self) -> dict[str, str]:
        """Return the environment variables with which the AWS clients of a child reach the local Glue only."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }
