"""Runs the public scripts of docs/upgrade-to-6.md in Glue 5.1 and 6.0, and compares how they end with the page.

A program, not a test: git fetches the scripts from GitHub once (into ``.venv-public``), at the commits that were
tried. Both runtimes must be installed (``glueprint runtime ls``); two samples need PostgreSQL (``make
databases``). Run it with ``make upgrade``, ``make upgrade SCRIPTS="encoding csv-frame"`` for some, or
``COPIES=DIR`` with copies that are there.

It prints a line for each script: how it ended in each version, and whether the page agrees. The results of
Amazon's samples are compared with Amazon's documents, the data of the other scripts between the versions. The exit
status is 1 if a script ends in another way than the page states, or data differ.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path += [str(folder) for folder in Path(__file__).parents[:2]]  # this folder, and that of harness

import amazon_scripts
import public_scripts
from public_copies import DEFAULT_FOLDER, Copies
from upgrade_results import RESULTS, SAMPLE, result_of

from glueprint.cli.job.compare import checked_versions
from glueprint.client.job_comparison import compare

VERSIONS = ("5.1", "6.0")
NAMES = tuple(name for one in RESULTS for name in one.names)
_MAX_SHOWN = 60
_MAX_ERROR = 2000


@dataclass(frozen=True)
class Ended:
    """A script ended.

    Attributes:
        name: the script.
        errors: by GlueVersion, what it failed with; empty if it did not.
    """

    name: str
    errors: Mapping[str, str]

    @property
    def disagreements(self) -> list[str]:
        """What the page states otherwise."""
        result = result_of(self.name)
        found = []
        for version, error in self.errors.items():
            expected = result.expected_error(version)
            if error and not expected:
                found.append(f"{version} fails: {error}")
            elif expected not in error:
                found.append(f"{version} does not fail with {expected}: {error or 'it succeeds'}")
        return found

    def line(self) -> str:
        """Return its line of the table."""
        result = result_of(self.name)
        cells = []
        for version in VERSIONS:
            error, expected = self.errors[version], result.expected_error(version)
            shown = expected if expected and expected in error else " ".join(error.split())[:_MAX_SHOWN]
            cells.append(f"fails: {shown}" if error else result.success)
        verdict = "DIFFERS FROM THE PAGE" if self.disagreements else "as on the page"
        return f"{self.name:26} {cells[0]:16} {cells[1]:40} {verdict}"


def samples(names: Sequence[str], copies: Copies) -> list[Ended]:
    """Run samples of Amazon: each on a new server for each version."""
    return [
        Ended(name, {version: amazon_scripts.difference(name, copies, version) for version in VERSIONS})
        for name in names
    ]


def scripts(names: Sequence[str], copies: Copies) -> tuple[list[Ended], list[str]]:
    """Run other scripts, all in one job for each version; also return how the data differ that they wrote."""
    trials = [public_scripts.run_all(version, names, copies) for version in VERSIONS]
    errors = [public_scripts.errors(trial, names) for trial in trials]
    ended = [Ended(name, dict(zip(VERSIONS, (each[name] for each in errors), strict=True))) for name in names]
    places = compare(*trials).data
    problems = [f"{place.location}: {problem}" for place in places for problem in place.problems]
    _say(f"{len(places)} data sets written in both versions, {len(problems)} differences of rows or schema")
    return ended, problems


def main() -> int:
    """Run the scripts that the command line names; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=Path, default=DEFAULT_FOLDER, help="where the repositories are")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(NAMES):
        parser.error(f"there is no script {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    checked_versions(",".join(VERSIONS))
    names = [name for name in NAMES if name in (chosen.names or NAMES)]
    copies = Copies(chosen.copies)
    ended: list[Ended] = []
    problems: list[str] = []
    for name in names:
        if result_of(name).success == SAMPLE:
            ended += samples([name], copies)
            _print(ended[-1:])
    if others := [name for name in names if result_of(name).success != SAMPLE]:
        found, problems = scripts(others, copies)
        _print(found)
        for problem in problems:
            _say(f"DIFFERS: {problem}")
        ended += found
    differ = [one.name for one in ended if one.disagreements]
    as_stated = f"{len(ended) - len(differ)} as on the page, {len(differ)} not"
    _say(f"{len(ended)} scripts in {' and '.join(VERSIONS)}: {as_stated}")
    return 1 if differ or problems else 0


def _print(ended: Sequence[Ended]) -> None:
    for one in ended:
        _say(one.line())
        for disagreement in one.disagreements:
            _say(f"    {disagreement[:_MAX_ERROR]}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
