"""Check the packages of an environment for known vulnerabilities, with three clear outcomes.

    python scripts/audit.py PIP_AUDIT SITE_PACKAGES

* exit status 0: every package was checked, and none has a known vulnerability;
* 1: vulnerabilities were found; they are listed;
* 2: nothing, or not everything, was checked: no advisory source could be reached, or it does not know a package.

pip-audit alone does not distinguish these: it ends with 1 in two of the cases, and with 0 and "No known
vulnerabilities found" if it found no package in the source, as with a mirror that has no advisories.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CLEAN, VULNERABLE, NOT_CHECKED = 0, 1, 2
PROBE = "pip==24.0"
"""A package that every source has; it is looked up first, so that a source without advisories gets one request."""
_EDITABLE = "distribution marked as editable"
_SHOWN = 10


def main(pip_audit: str, site_packages: str) -> int:
    """Print one outcome, and return it as exit status."""
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder) / "probe.txt"
        probe.write_text(f"{PROBE}\n")
        found, problem = _run(pip_audit, "--requirement", str(probe), "--no-deps", "--disable-pip")
    if found is None or _unchecked(found):
        return _not_checked(problem or f"the package index has no advisories (a mirror?), not even on {PROBE}")
    found, problem = _run(pip_audit, "--skip-editable", "--path", site_packages)
    if found is None:
        return _not_checked(problem)
    vulnerable = [one for one in found if one.get("vulns")]
    for one in vulnerable:
        for vulnerability in one["vulns"]:
            fixed = ", ".join(vulnerability["fix_versions"]) or "no version yet"
            _print(f"{one['name']} {one['version']}: {vulnerability['id']}, fixed in {fixed}")
    unchecked, checked = _unchecked(found), sum("vulns" in one for one in found)
    if vulnerable:
        _print(f"audit: {len(vulnerable)} of {checked} packages have known vulnerabilities")
    if unchecked:
        names = ", ".join(sorted(unchecked)[:_SHOWN]) + (", ..." if len(unchecked) > _SHOWN else "")
        _print(f"audit: {len(unchecked)} packages were not checked: the source does not know them: {names}")
    if vulnerable:
        return VULNERABLE
    if unchecked or not checked:
        _print(f"audit: INCOMPLETE: {checked} packages were checked and have no known vulnerability")
        return NOT_CHECKED
    _print(f"audit: {checked} packages were checked, no known vulnerability")
    return CLEAN


def _run(pip_audit: str, *arguments: str) -> tuple[list[dict[str, Any]] | None, str]:
    """Return what pip-audit found for each package; or None, and its last line, if it could not check."""
    command = [pip_audit, "--format", "json", "--progress-spinner", "off", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(ended.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        lines = [line for line in ended.stderr.splitlines() if line.strip()]
        last = lines[-1].strip() if lines else f"it ended with status {ended.returncode}"
        return None, f"pip-audit cannot reach its advisory source: {last}"
    return found, ""


def _unchecked(found: list[dict[str, Any]]) -> list[str]:
    """Return the packages that the source does not know; what is installed from a folder is not among them."""
    return [one["name"] for one in found if one.get("skip_reason", _EDITABLE) != _EDITABLE]


def _not_checked(problem: str) -> int:
    _print(f"audit: NOTHING WAS CHECKED: {problem}")
    return NOT_CHECKED


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a program of its own


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
