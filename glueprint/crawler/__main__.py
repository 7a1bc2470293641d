"""A crawl as a process: ``python -m glueprint.crawler SPEC.json RESULT.json``.

The result appears by a rename, so that it is never incomplete. Exit status 0 means that there is a result (which
may contain an error of the crawl); any other status means that there is none.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .crawl import crawl
from .specification import CrawlSpec
from .statements import log_line


def main(arguments: list[str]) -> int:
    """Run one crawl.

    Args:
        arguments: the specification's and the result's path.

    Returns:
        The exit status.
    """
    if len(arguments) != 2:
        print("usage: python -m glueprint.crawler SPEC.json RESULT.json", file=sys.stderr)  # noqa: T201
        return 2
    spec_path, result_path = map(Path, arguments)
    spec = CrawlSpec.from_json(spec_path.read_text(encoding="utf-8"))
    result = crawl(spec)
    errors = () if result.error is None else (result.error,)
    for level, lines in (("INFO", result.messages), ("WARN", result.warnings), ("ERROR", errors)):
        for line in lines:
            print(log_line(spec.crawl_id, level, line))  # noqa: T201 - the process's output is the crawl's log
    partial = result_path.with_name(f"{result_path.name}.{os.getpid()}.part")
    partial.write_text(result.to_json(), encoding="utf-8")
    partial.replace(result_path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
