"""What the stand-ins of one process share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class JobSession:
    """One per process: what the run is, where its data are.

    ``s3_root`` holds a directory per bucket; ``bookmarks_wanted`` says that the run has job bookmarks enabled.
    """

    s3_root: Path
    bookmarks_wanted: bool = False
