"""What jobs and layouts get to know of the local Glue: never the user's own credentials."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from glueprint.local.access.run_keys import RunKeys, RunKind
from glueprint.runtime.launch.environment import Access
from glueprint.runtime.launch.jobs import Host


@dataclass(frozen=True)
class ServerSettings:
    """Where the local Glue answers, with which keys, and where its files are.

    ``class_archives``: whether archives of Spark's classes are used.
    """

    endpoint_url: str
    access_key: str
    secret_key: str
    region: str
    account_id: str
    s3_root: Path
    logs_root: Path
    class_archives: bool = False

    @property
    def host(self) -> Host:
        """What the processes of jobs get to know."""
        data = self.s3_root.parent
        access = Access(self.endpoint_url, self.region, self.access_key, self.secret_key)
        return Host(access, self.account_id, self.s3_root, data / "modules", data / "job-side")

    def host_of(self, job_run_id: str) -> Host:
        """What the process of one job run gets to know: its calls are signed with keys of its own."""
        keys = RunKeys(self.secret_key).keys_of(RunKind.JOB, job_run_id)
        return replace(self.host, access=Access(self.endpoint_url, self.region, *keys))

    @property
    def driver_folder(self) -> Path:
        """Where users put JARs of JDBC drivers for all jobs and crawls; AWS has its own drivers."""
        return self.s3_root.parent / "jdbc-drivers"

    def drivers(self) -> tuple[Path, ...]:
        """Return the JARs in the folder of drivers."""
        return tuple(sorted(self.driver_folder.absolute().glob("*.jar")))

    def layout_environment(self, blueprint_run_id: str) -> dict[str, str]:
        """Return the environment variables with which the AWS clients of a layout reach the local Glue only."""
        return self._environment(*RunKeys(self.secret_key).keys_of(RunKind.LAYOUT, blueprint_run_id))

    def query_environment(self) -> dict[str, str]:
        """Return those of a query's process, which acts for whoever started the query: with the server's keys."""
        return self._environment(self.access_key, self.secret_key)

    def _environment(self, access_key: str, secret_key: str) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": secret_key,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }
