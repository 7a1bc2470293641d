"""Every change of the table: importing the modules below adds theirs."""

from __future__ import annotations

import operations_changes_blueprints  # noqa: F401
import operations_changes_catalog  # noqa: F401
import operations_changes_crawling  # noqa: F401
import operations_changes_jobs  # noqa: F401
import operations_changes_quality  # noqa: F401
from operations_changes_table import CHANGES

__all__ = ["CHANGES"]
