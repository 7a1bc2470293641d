"""``glueprint check``: its forms, its exit codes, and the descriptions of the rules."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from broken import layout, sound, write
from click.testing import CliRunner

from glueprint.blueprint.archive import write_archive
from glueprint.check.catalogue import RULES
from glueprint.check.checking import Checked
from glueprint.check.reports import to_sarif
from glueprint.cli.main import cli
from glueprint.facts.findings import Finding, Place

ROOT = Path(__file__).parents[2]


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A blueprint with one error and one warning."""
    files = sound()
    layout("        WorkerType=", "        MaxCapacity=2.0,\n        WorkerType=")(files)
    layout('        GlueVersion="5.1",\n', "")(files)
    return write(tmp_path, files)


def run(*arguments: str) -> tuple[int, str]:
    """Run the command; return exit code and output."""
    done = CliRunner().invoke(cli, ["check", *arguments])
    return done.exit_code, done.output


def test_text(broken: Path) -> None:
    """Each finding has place, severity, message, remedy and rule; the last line counts them (docs/check.md)."""
    status, output = run(str(broken))
    assert status == 1
    flat = " ".join(output.split())
    assert "layout.py:41: Job 'orders_second': error: Please do not set Max Capacity" in flat.replace(
        f"{broken}/", ""
    )
    assert "[capacity-with-workers]" in flat
    assert flat.endswith("demo: 1 error, 1 warning")


def test_json_sarif_and_github_have_the_same_findings(broken: Path) -> None:
    """The forms for programs agree on rule, severity, file and line (SARIF 2.1.0; GitHub's workflow commands)."""
    (found,) = json.loads(run(str(broken), "--format", "json")[1])
    rows = [(one["rule"], one["severity"], one["path"], one["line"]) for one in found["findings"]]
    assert [row[:2] for row in rows] == [("capacity-with-workers", "error"), ("glue-version-missing", "warning")]
    (sarif,) = json.loads(run(str(broken), "--format", "sarif")[1])["runs"]
    places = [one["locations"][0]["physicalLocation"] for one in sarif["results"]]
    assert rows == [
        (one["ruleId"], one["level"], place["artifactLocation"]["uri"], place["region"]["startLine"])
        for one, place in zip(sarif["results"], places, strict=True)
    ]
    assert {one["id"] for one in sarif["tool"]["driver"]["rules"]} == {row[0] for row in rows}
    github = run(str(broken), "--format", "github")[1].splitlines()
    assert [re.match(r"::(\w+) file=(.+),line=(\d+),", line).groups() for line in github] == [  # type: ignore[union-attr]
        (row[1], row[2], str(row[3])) for row in rows
    ]


def test_sarif_has_uris() -> None:
    """A path in a SARIF log is a URI reference: what has another meaning there is encoded (SARIF 2.1.0, 3.4.3)."""
    finding = Finding("layout-error", Place("my blueprints/50%#1.py", 3), "x")
    (run,) = to_sarif([Checked("demo", (finding,), layout_ran=True)])["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "my%20blueprints/50%25%231.py"


def test_exit_codes(tmp_path: Path) -> None:
    """0 without errors, 1 with warnings and --strict, 2 if there is nothing to check (docs/check.md)."""
    files = sound()
    layout('        GlueVersion="5.1",\n', "")(files)
    folder = str(write(tmp_path, files))
    assert run(folder)[0] == 0
    assert run(folder, "--strict")[0] == 1
    status, output = run(str(tmp_path / "nothing"))
    assert (status, "neither a blueprint, nor a zip, nor a folder" in output) == (2, True)


def test_zips_and_broken_zips(tmp_path: Path) -> None:
    """A zip is checked as it is; a file that is not a zip is one finding, not a traceback."""
    good = tmp_path / "demo.zip"
    good.write_bytes(write_archive({f"demo/{name}": text.encode() for name, text in sound().items()}))
    assert run(str(good)) == (0, "demo: nothing to report\n")
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"no zip")
    status, output = run(str(bad))
    assert (status, "[archive]" in output) == (1, True)


def test_shipped_blueprints_are_found_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a directory without sources, the name of a blueprint that Glueprint ships is that blueprint, as it is for
    `register`; a folder of that name takes precedence."""
    monkeypatch.chdir(tmp_path)
    assert run("compaction") == (0, "compaction: nothing to report\n")
    (write(tmp_path, sound())).rename(tmp_path / "compaction")
    assert "No module named 'demo'" in run("compaction")[1]
    status, output = run("compaktion")
    assert (status, "did you mean compaction?" in output) == (2, True)


def test_rules_are_described() -> None:
    """--explain prints why and remedy; an unknown rule names similar ones; --rules lists all of them."""
    assert "Please do not set Max Capacity" in " ".join(run("--explain", "capacity-with-workers")[1].split())
    status, output = run("--explain", "capacity-with-worker")
    assert (status, "did you mean capacity-with-workers" in output) == (2, True)
    assert set(RULES) <= set(run("--rules")[1].split())


def test_every_rule_of_a_finding_is_in_the_catalogue() -> None:
    """No part reports a rule that --explain does not know: the names in the sources are those of the catalogue."""
    used = set()
    for path in (*(ROOT / "glueprint/blueprint").rglob("*.py"), ROOT / "glueprint/workflow/analyse.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "Finding",
                "_Fault",
                "layout_warning",
            ):
                names = [one for one in node.args[:2] if isinstance(one, ast.Constant)]
                used |= {one.value for one in names if isinstance(one.value, str) and "-" in one.value}
            if isinstance(node, ast.ClassDef) and node.name == "Rule":
                used |= {
                    one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and "-" in str(one.value)
                }
    used = {name for name in used if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", str(name))}
    assert (
        used
        - set(RULES)
        - {"missing-parameter", "parameters-not-json", "unknown-parameter", "wrong-parameter-value"}
        == set()
    )
