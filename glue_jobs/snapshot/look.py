"""Look for the tables of the source, freeze their list in a manifest, and write the presence marker.

Python shell. The lock is acquired first; nothing is written to the destination here.
"""

import sys

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.table_look import look_for_tables

REQUIRED = (
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "tables",
    "default_schema",
    "destination",
    "on_missing",
    "manifest_folder",
)
OPTIONAL = ("connection_name", "source_database", "exclude_tables")


def main() -> None:
    """Look for the run's tables."""
    look_for_tables(read_arguments(sys.argv, REQUIRED, OPTIONAL))


if __name__ == "__main__":
    main()
