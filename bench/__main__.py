"""`python -m bench [NAME ...]`: runs all benchmarks, or those that are named."""

from __future__ import annotations

import argparse
import importlib

BENCHMARKS = (
    "hop",
    "orchestrators",
    "fanout",
    "simulate",
    "glue",
    "check",
    "changes",
    "console",
    "crawl",
    "query",
    "jobs",
    "records",
    "small_files",
    "compaction",
    "partitioning",
    "snapshot",
    "conversion",
    "many_files",
)
"""Modules of this package, in the order in which they run; each has a ``main`` that prints the result."""


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}")
    names = parser.parse_args().names
    if unknown := sorted(set(names) - set(BENCHMARKS)):
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    for name in names or BENCHMARKS:
        importlib.import_module(f"bench.{name}").main()
        print(flush=True)


if __name__ == "__main__":
    main()
