"""What jobs and layouts are told of this Glue, and nothing of the user's own credentials (Safety)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Surroundings:
    """Where this Glue answers, and where its files are.

    ``class_archive``: where Spark's class-data archive is once it has been made; None: none is used.
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
        """Python modules that were installed for one job run and serve the next."""
        return self.s3_root.parent / "modules"

    def environment(self) -> dict[str, str]:
        """Environment variables with which any AWS client of a child reaches this Glue, and only this."""
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
