"""Look for the files to load, lock the workflow against a second run, freeze the files' list, write the marker.

Python shell. Nothing is written to the table here, and when files are missing nothing ever is.
"""

import sys

from glue_jobs.common.file_look import run_file_look


def main() -> None:
    """Look, lock, freeze, mark; then act if files are missing."""
    run_file_look(sys.argv, "s3_to_dynamodb", "lock_folder")


if __name__ == "__main__":
    main()
