"""Look for the files to convert, lock the destination, freeze their list, and write the presence marker.

Python shell. Nothing but the lock is written to the destination here, and when files are missing not even that.
"""

import sys

from glue_jobs.common.file_look import run_file_look


def main() -> None:
    """Look, lock, freeze, mark; then act if files are missing."""
    run_file_look(sys.argv, "conversion", "destination")


if __name__ == "__main__":
    main()
