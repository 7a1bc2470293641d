"""moto's own test suites against `glueprint serve --ephemeral --no-auth`; `make moto` runs this.

The suites come with moto's source distribution, which the Makefile unpacks next to the environment they run in
(.venv-moto); they are never committed. What may fail is committed, with a reason each:

* ``corrections.toml``: inputs of moto's tests that AWS would refuse, and what is sent in their place, so that the
  rest of those tests still runs.
* ``exceptions_glue.toml``, ``exceptions_s3.toml``: tests that do not pass, because they test something that
  Glueprint refuses, or because moto differs from the documentation.

A failure that is not listed is reported, and so is a listed test that passes or does not exist.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ENVIRONMENT = ROOT / ".venv-moto"
SHARED = ("__init__.py", "conftest.py", "markers.py")
"""What moto's test packages import from the folder above them."""

sys.path.insert(0, str(ROOT / "tests"))
from harness.local_server import Server  # noqa: E402


@dataclass(frozen=True)
class Suite:
    """A folder of moto's tests, and the files of it that are run."""

    name: str
    folder: str
    files: tuple[str, ...]


SUITES = (
    Suite("glue", "test_glue", ("",)),
    Suite(
        "s3",
        "test_s3",
        (
            "test_s3.py",
            "test_s3_conditionals.py",
            "test_s3_content_encoding.py",
            "test_s3_copyobject.py",
            "test_s3_custom_endpoint.py",
            "test_s3_list_objects.py",
            "test_s3_metadata.py",
            "test_s3_multipart.py",
            "test_s3_object_attributes.py",
            "test_s3_presigned_url.py",
            "test_s3_response_headers.py",
            "test_s3_tagging.py",
        ),
    ),
)


@dataclass(frozen=True)
class Expected:
    """A test that may fail.

    Attributes:
        may_pass: it depends on chance or time: passing is no news.
    """

    reason: str
    may_pass: bool


@dataclass(frozen=True)
class Report:
    """The outcomes of a suite, by test id."""

    outcomes: Mapping[str, str]
    expected: Mapping[str, Expected]

    @property
    def failed(self) -> list[str]:
        """Failures without a reason."""
        return sorted(one for one, how in self.outcomes.items() if how == "failed" and one not in self.expected)

    @property
    def passed_after_all(self) -> list[str]:
        """Exceptions that pass."""
        return sorted(
            one for one, why in self.expected.items() if self.outcomes.get(one) == "passed" and not why.may_pass
        )

    @property
    def unknown(self) -> list[str]:
        """Exceptions for tests that were not run."""
        return sorted(one for one in self.expected if self.outcomes.get(one) not in ("passed", "failed"))

    @property
    def is_as_expected(self) -> bool:
        """Whether the suite went as expected."""
        return not (self.failed or self.passed_after_all or self.unknown)


class SuiteProblem(Exception):
    """The suites cannot be run; the message has the reason."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suites; 0: as expected, 1: not, 2: they could not be run."""
    parser = argparse.ArgumentParser(description="moto's own tests against the local Glue")
    parser.add_argument("suites", nargs="*", default=[one.name for one in SUITES], help="glue, s3 (default: both)")
    parser.add_argument("-k", dest="selection", default="", help="as pytest's; nothing is compared then")
    options = parser.parse_args(arguments)
    try:
        source = _source()
        with tempfile.TemporaryDirectory(prefix="glueprint-moto-") as scratch:
            reports = [
                _run(suite, source, Path(scratch), options.selection)
                for suite in SUITES
                if suite.name in options.suites
            ]
    except SuiteProblem as problem:
        sys.stderr.write(f"make moto: {problem}\n")
        return 2
    return 0 if options.selection or all(report.is_as_expected for report in reports) else 1


def _source() -> Path:
    """Return the folder of the unpacked source distribution."""
    found = sorted((ENVIRONMENT / "src").glob("moto-*/tests"))
    if not found:
        raise SuiteProblem("no .venv-moto/src/moto-*/tests: `make moto` makes it")
    return found[-1]


def _run(suite: Suite, source: Path, scratch: Path, selection: str) -> Report:
    tests = _copied(suite, source, scratch / suite.name)
    started = time.monotonic()
    with Server(scratch / f"data-{suite.name}", "--ephemeral", "--no-auth") as server:
        _correct(suite, tests / suite.folder, server.url)
        outcomes = _outcomes(suite, tests, server.url, selection)
    report = Report(outcomes, _exceptions(suite))
    _print_report(suite, report, time.monotonic() - started, compare=not selection)
    return report


def _copied(suite: Suite, source: Path, target: Path) -> Path:
    tests = target / "tests"
    shutil.copytree(source / suite.folder, tests / suite.folder)
    for name in SHARED:
        shutil.copy(source / name, tests / name)
    return tests


def _correct(suite: Suite, folder: Path, url: str) -> None:
    """Put the corrected inputs into the copy.

    Raises:
        SuiteProblem: a text that should be corrected is not there: moto changed.
    """
    for correction in _read("corrections.toml").get(suite.name, []):
        path = folder / correction["file"]
        text = path.read_text()
        if correction["was"] not in text:
            raise SuiteProblem(f"corrections.toml: {correction['file']} does not hold {correction['was']!r}")
        path.write_text(text.replace(correction["was"], correction["becomes"].replace("{url}", url)))


def _outcomes(suite: Suite, tests: Path, url: str, selection: str) -> dict[str, str]:
    results = tests.parent / "results.xml"
    command = [str(ENVIRONMENT / "bin" / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["--tb=short" if selection else "--tb=no", "--no-header", "-o", "junit_family=xunit1"]
    command += [f"--junitxml={results}", *(["-k", selection] if selection else ["--no-summary"])]
    command += [str(tests / suite.folder / name) for name in suite.files]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "TEST_SERVER_MODE": "true",
        "TEST_SERVER_MODE_ENDPOINT": url,
        "PYTHONPATH": str(tests.parent),
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(command, cwd=tests.parent, env=environment, check=False)
    if done.returncode not in (0, 1):
        raise SuiteProblem(f"pytest ended with status {done.returncode} in {suite.folder}")
    return dict(_outcome(case) for case in ElementTree.parse(results).iter("testcase"))


def _outcome(case: ElementTree.Element) -> tuple[str, str]:
    file = Path(case.attrib["file"])
    module = ".".join(file.with_suffix("").parts)
    inside = case.attrib["classname"].removeprefix(module).strip(".")
    name = "::".join(part for part in (file.name, inside, case.attrib["name"]) if part)
    if case.find("failure") is not None or case.find("error") is not None:
        return name, "failed"
    return name, "skipped" if case.find("skipped") is not None else "passed"


def _exceptions(suite: Suite) -> dict[str, Expected]:
    found: dict[str, Expected] = {}
    for group in _read(f"exceptions_{suite.name}.toml")["exception"]:
        for test in group["tests"]:
            if test in found:
                raise SuiteProblem(f"exceptions_{suite.name}.toml: {test} is there twice")
            found[test] = Expected(group["reason"], group.get("may_pass", False))
    return found


def _read(name: str) -> dict[str, list[dict[str, str]]]:
    with (HERE / name).open("rb") as file:
        return tomllib.load(file)


def _print_report(suite: Suite, report: Report, seconds: float, *, compare: bool) -> None:
    counts = Counter(report.outcomes.values())
    outcomes = ", ".join(f"{count} {how}" for how, count in sorted(counts.items()))
    lines = [f"moto's {suite.folder}: {outcomes}; {len(report.expected)} exceptions; {seconds:.0f} s"]
    for what, tests in (
        ("fails, and is not an exception", report.failed),
        ("passes, but is an exception", report.passed_after_all),
        ("is an exception, but was not run", report.unknown),
    ):
        if compare:
            lines += [f"  {what}: {test}" for test in tests]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
