"""Copies of public repositories, each at the commit that was tried.

They are not part of the project because of their licences. ``Copies`` finds them as bare git directories
``OWNER+NAME/repo`` below a folder, and fetches what is not there from GitHub.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_MUSIC = "Kwame842/Music-Streaming-ETL-Pipeline-with-AWS-Glue-DynamoDB-MWAA"
COMMITS: Mapping[str, str] = {
    "aws-samples/aws-glue-samples": "4fc5c2f7879650ce8da0d84f77ee49522874a210",
    "awslabs/aws-glue-blueprint-libs": "c929aae17e7ea20383abf74119c3a1d4538cfcb1",
    "PacktPublishing/Serverless-ETL-and-Analytics-with-AWS-Glue": "091dfd9471bf81b159baaae89ee5e34b8ed597c7",
    "lcalcagni/aws-glue-sensor-data-lakehouse": "001c7f5a482a2afa4ad10121927aa32e789d8e67",
    _MUSIC: "51a52500616de7ee60dbacea87a603a778380bc5",
    "weronikajedrzejewska/aws-glue-ecommerce-events": "2b3e6ca70ecd94cd12a499ba96727aeb10dc8a22",
}
DEFAULT_FOLDER = Path(__file__).parents[2] / ".venv-public"


@dataclass(frozen=True)
class Copies:
    """Repositories below ``root``."""

    root: Path

    def text(self, repository: str, path: str) -> str:
        """Return a file, unchanged."""
        return self._git(repository, "show", f"{COMMITS[repository]}:{path}").decode()

    def archive(self, repository: str, folder: str, name: str) -> bytes:
        """Return a zip of what is in ``folder/name``, with paths from ``name``."""
        return self._git(repository, "archive", "--format=zip", f"{COMMITS[repository]}:{folder}", name)

    def _git(self, repository: str, *command: str) -> bytes:
        git_dir = self.root / repository.replace("/", "+") / "repo"
        if not git_dir.exists():
            _fetch(repository, git_dir)
        return subprocess.run(["git", f"--git-dir={git_dir}", *command], check=True, capture_output=True).stdout


def _fetch(repository: str, git_dir: Path) -> None:
    """Fetch the one commit; the directory is there only if that has worked."""
    unfinished = git_dir.with_name("unfinished")
    subprocess.run(["git", "init", "--quiet", "--bare", str(unfinished)], check=True)
    source = f"https://github.com/{repository}"
    fetch = ["fetch", "--quiet", "--depth=1", source, COMMITS[repository]]
    subprocess.run(["git", f"--git-dir={unfinished}", *fetch], check=True)
    unfinished.rename(git_dir)
