"""`make audit` never reports a success for packages that were not checked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

AUDIT = Path(__file__).parents[2] / "scripts" / "audit.py"
SOUND = {"name": "sound", "version": "1", "vulns": []}
HOLED = {"name": "holed", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found on PyPI and could not be audited: unknown (1)"}
OWN = {"name": "glueprint", "skip_reason": "distribution marked as editable"}
FAKE = """#!{python}
import sys
answers, name = {answers!r}, "path" if "--path" in sys.argv else "probe"
text = answers[name]
print(text, file=sys.stderr if text.startswith("!") else sys.stdout)
sys.exit("PYSEC" in text or text.startswith("!"))
"""


def _audit(folder: Path, probe: list[dict[str, Any]] | str, path: list[dict[str, Any]] | str) -> tuple[int, str]:
    """Run the audit with a pip-audit that answers so; exit status and output."""
    shown = {
        name: found if isinstance(found, str) else json.dumps({"dependencies": found, "fixes": []})
        for name, found in (("probe", probe), ("path", path))
    }
    fake = folder / "pip-audit"
    fake.write_text(FAKE.format(python=sys.executable, answers=shown))
    fake.chmod(0o700)
    ended = subprocess.run([sys.executable, AUDIT, fake, folder], capture_output=True, text=True, check=False)
    assert ended.stderr == ""
    return ended.returncode, ended.stdout


@pytest.mark.parametrize(
    ("probe", "path", "status", "last"),
    [
        ([SOUND], [SOUND, OWN], 0, "audit: 1 packages were checked, no known vulnerability"),
        ([SOUND], [SOUND, HOLED, OWN], 1, "audit: 1 of 2 packages have known vulnerabilities"),
        ([HOLED], [SOUND], 0, "audit: 1 packages were checked, no known vulnerability"),
        ([SOUND], [SOUND, UNKNOWN], 2, "audit: INCOMPLETE: 1 packages were checked and have no"),
        ("!no route to host", [SOUND], 2, "audit: NOTHING WAS CHECKED: pip-audit cannot reach its"),
        ([UNKNOWN], [UNKNOWN], 2, "audit: NOTHING WAS CHECKED: the package index has no advisories (a mirror?)"),
        ([SOUND], "!no route to host", 2, "audit: NOTHING WAS CHECKED: pip-audit cannot reach its"),
    ],
)
def test_clean_vulnerable_and_not_checked_are_distinct(
    tmp_path: Path, probe: list[dict[str, Any]] | str, path: list[dict[str, Any]] | str, status: int, last: str
) -> None:
    """Exit status 0, 1 and 2, with a last line that names the outcome (docs/licences.md)."""
    code, output = _audit(tmp_path, probe, path)
    assert (code, output.splitlines()[-1][: len(last)]) == (status, last)
    assert ("holed 2: PYSEC-1, fixed in 3" in output) == (status == 1)
    assert ("the source does not know them: unknown" in output) == ("INCOMPLETE" in output)
