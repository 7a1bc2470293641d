"""`glueprint publish`, `list`, `pull`, and `register` from a repository."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from harness.scripted_glue import Stage

from glueprint.cli.main import cli
from glueprint.local.protocol import ApiError

Glueprint = Callable[..., Result]

CFG = {"layoutGenerator": "tally.layout.generate_layout", "parameterSpec": {"WorkflowName": {"type": "String"}}}
LAYOUT = '''"""Tally."""

from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow


def generate_layout(user_params, system_params):
    """One job."""
    job = Job(
        Name="tally",
        Role="arn:aws:iam::123456789012:role/Tally",
        Command={"Name": "pythonshell", "ScriptLocation": "s3://scripts/tally.py", "PythonVersion": "3.9"},
    )
    return Workflow(Name=user_params["WorkflowName"], Entities=Entities(Jobs=[job]))
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the blueprint ``tally``, and a directory for the repository."""
    (tmp_path / "blueprints" / "tally").mkdir(parents=True)
    (tmp_path / "blueprints" / "tally" / "blueprint.cfg").write_text(json.dumps(CFG))
    (tmp_path / "blueprints" / "tally" / "README.md").write_text("# tally\n\nCounts lines.\n")
    (tmp_path / "blueprints" / "tally" / "parameters.example.json").write_text('{"WorkflowName": "w"}')
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "tally.py").write_text(LAYOUT)
    (tmp_path / "share").mkdir()
    (tmp_path / "glueprint.ini").write_text("[repository]\naddress = share\n")
    monkeypatch.delenv("GLUEPRINT_REPOSITORY", raising=False)
    monkeypatch.setenv("GLUEPRINT_PUBLISHER", "anna@example.com")
    return tmp_path


def change(project: Path, text: str) -> None:
    """Another version of the sources."""
    (project / "blueprints" / "tally" / "README.md").write_text(f"# tally\n\n{text}\n")


def as_json(result: Result) -> Any:
    """What a command printed."""
    return json.loads(result.stdout)


def test_from_the_sources_to_a_newer_registered_version(stage: Stage, glueprint: Glueprint, project: Path) -> None:
    """The life of a blueprint: publish, register, publish, see that one is newer, register again."""
    published = glueprint("publish", "tally", "--bump", "major", "--notes", "first")
    assert published.exit_code == 0, published.output
    assert "published: tally 0.1.0 (sha256 " in published.stdout
    assert "register it: glueprint register tally@0.1.0" in published.stdout
    assert glueprint("register", "tally@0.1.0").exit_code == 0
    change(project, "Counts words.")
    assert "published: tally 1.0.0" in glueprint("publish", "tally", "--bump", "major").stdout
    assert "unchanged: tally 1.0.0" in glueprint("publish", "tally", "--bump", "major").stdout
    (row,) = as_json(glueprint("list", "--registered", "--json"))["Blueprints"]
    assert row == {
        "Name": "tally",
        "Status": "ACTIVE",
        "Source": "tally",
        "Version": "0.1.0",
        "Newest": "1.0.0",
        "IsOutdated": True,
        "IsWithdrawn": False,
    }
    assert "newer: glueprint register tally@1.0.0" in glueprint("list", "--registered").stdout
    glueprint("register", "tally@latest")
    assert not as_json(glueprint("list", "--registered", "--json"))["Blueprints"][0]["IsOutdated"]
    first, second = stage.s3.objects.values()
    assert first != second == (project / "dist" / "tally.zip").read_bytes()


def test_a_version_is_withdrawn(stage: Stage, glueprint: Glueprint, project: Path) -> None:
    """A version is withdrawn with a reason, which lists show; what is registered of it is marked, and its exact
    version is still pulled, with a warning (docs/repository.md#withdraw-a-version)."""
    glueprint("publish", "tally", "--version", "1.0.0")
    change(project, "Counts words.")
    glueprint("publish", "tally", "--version", "1.1.0")
    glueprint("register", "tally@1.1.0")
    assert "exact version" in glueprint("publish", "--withdraw", "tally@1.1").stderr
    withdrawn = glueprint("publish", "--withdraw", "tally@1.1.0", "--notes", "loses rows", "--publisher", "bert")
    assert withdrawn.stdout == "withdrawn: tally 1.1.0; what is registered or deployed of it stays as it is\n"
    assert "was withdrawn on" in glueprint("publish", "--withdraw", "tally@1.1.0").stdout
    listed = glueprint("list", "tally").stdout
    assert "1.1.0 (withdrawn)" in listed
    assert "by bert: loses rows" in listed
    assert "withdrawn: `glueprint list tally`" in glueprint("list", "--registered").stdout
    assert "pulled tally 1.0.0" in glueprint("pull", "tally", "--force").stdout
    exact = glueprint("pull", "tally@1.1.0", "--force")
    assert "pulled tally 1.1.0" in exact.stdout
    assert "warning: tally 1.1.0 was withdrawn on" in exact.stderr


def test_what_is_listed(stage: Stage, glueprint: Glueprint, project: Path) -> None:
    """All blueprints, the versions of one, its README, and the same as JSON."""
    assert "has no blueprints yet" in glueprint("list").stderr
    assert "no blueprint is registered" in glueprint("list", "--registered").stderr
    glueprint("publish", "tally", "--version", "1.0.0", "--notes", "first")
    change(project, "Counts words.")
    glueprint("publish", "tally", "--version", "2.0.0-rc.1")
    listed = glueprint("list").stdout.splitlines()
    assert listed[1].split()[:3] == ["tally", "1.0.0", "2"]
    assert listed[1].endswith("anna@example.com  Counts lines.")
    assert [line.split()[0] for line in glueprint("list", "tally").stdout.splitlines()[1:]] == [
        "2.0.0-rc.1",
        "1.0.0",
    ]
    assert glueprint("list", "tally", "--readme").stdout == "# tally\n\nCounts lines.\n"
    assert glueprint("list", "tally@2.0.0-rc.1", "--readme").stdout == "# tally\n\nCounts words.\n"
    (found,) = as_json(glueprint("list", "--json"))["Blueprints"]
    assert [one["Version"] for one in found["Versions"]] == ["2.0.0-rc.1", "1.0.0"]


def test_sources_with_errors_are_not_published(stage: Stage, glueprint: Glueprint, project: Path) -> None:
    """`check` decides, unless the user does (docs/repository.md)."""
    (project / "layouts" / "tally.py").write_text(LAYOUT.replace('"3.9"', '"2"'))
    refused = glueprint("publish", "tally", "--version", "1.0.0")
    assert refused.exit_code == 1
    assert "nothing was published; fix the errors, or give --no-check" in refused.stderr
    assert "[python-version" in refused.stderr
    assert not (project / "share" / "index.json").exists()
    assert glueprint("publish", "tally", "--version", "1.0.0", "--no-check").exit_code == 0


def test_the_sources_of_a_version_build_the_same_zip(stage: Stage, glueprint: Glueprint, project: Path) -> None:
    """`pull --unpack` is the way back to a project: what it writes builds the zip that was published."""
    glueprint("publish", "tally", "--version", "1.0.0")
    assert glueprint("pull", "tally", "--out", "zips").exit_code == 0
    assert glueprint("pull", "tally", "--unpack", "--out", "copy").exit_code == 0
    assert (project / "copy" / "layouts" / "tally.py").read_text() == LAYOUT
    assert glueprint_build(project / "copy") == (project / "zips" / "tally.zip").read_bytes()


def glueprint_build(root: Path) -> bytes:
    """The zip of a project's ``tally``."""
    from glueprint.cli.build import build_blueprints

    build_blueprints(root, ["tally"], root / "dist")
    return (root / "dist" / "tally.zip").read_bytes()


def test_a_version_is_checked_before_it_is_registered(stage: Stage, glueprint: Glueprint, project: Path) -> None:
    """`check NAME@VERSION` checks the published zip, not the sources of this directory."""
    glueprint("publish", "tally", "--version", "1.0.0")
    (project / "layouts" / "tally.py").write_text("broken(")
    result = CliRunner().invoke(cli, ["check", "tally@1.0.0"])
    assert result.exit_code == 0
    assert result.stdout.endswith("tally: 1 warning, 1 note\n")
    assert CliRunner().invoke(cli, ["check", "tally"]).exit_code == 1
    assert "has no version 2 of tally" in CliRunner().invoke(cli, ["check", "tally@2"]).stderr


def test_files_of_the_user_are_not_overwritten(stage: Stage, glueprint: Glueprint, project: Path) -> None:
    """Nothing is written if a file has another content, unless --force."""
    glueprint("publish", "tally", "--version", "1.0.0")
    change(project, "Mine.")
    refused = glueprint("pull", "tally", "--unpack")
    assert refused.exit_code == 1
    assert "content: blueprints/tally/README.md; nothing was written" in refused.stderr
    assert not (project / "glue_jobs").exists()
    assert glueprint("pull", "tally", "--unpack", "--force").exit_code == 0
    assert (project / "blueprints" / "tally" / "README.md").read_text() == "# tally\n\nCounts lines.\n"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("publish", "tally"), "give one of --version and --bump"),
        (("publish", "tally", "--version", "1.0.0", "--bump", "minor"), "give one of --version and --bump"),
        (("publish", "tally", "--version", "v1"), "'v1' is not a version"),
        (("publish", "talley", "--bump", "minor"), "no zip 'talley'"),
        (("pull", "../tally"), "'../tally' cannot name a blueprint"),
        (("pull", "tally@"), "write tally@latest or tally@1.4.0"),
        (("register", "tally@new"), "'new' is not a version"),
        (("list", "--readme"), "--readme needs the NAME"),
        (("list", "tally", "--registered"), "--registered lists all blueprints"),
        (("list", "--repository", "ftp://host/x"), "addresses with ftp:// are not supported"),
        (("publish", "tally", "--bump", "minor", "--sign", "nokey"), "there is no key nokey"),
    ],
)
def test_mistakes_in_the_arguments(
    command: tuple[str, ...], message: str, stage: Stage, glueprint: Glueprint, project: Path
) -> None:
    """Exit code 2, one sentence, and nothing was published or registered."""
    result = glueprint(*command)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (project / "share" / "index.json").exists()
    assert stage.glue.requests == []


def test_what_the_repository_does_not_have(stage: Stage, glueprint: Glueprint, project: Path) -> None:
    """Exit code 1, and what there is."""
    glueprint("publish", "tally", "--version", "1.0.0")
    assert "did you mean tally?" in glueprint("pull", "tallly").stderr
    missing = glueprint("register", "tally@2")
    assert missing.exit_code == 1
    assert "the repository has no version 2 of tally; there are: 1.0.0" in missing.stderr
    assert stage.glue.sent("CreateBlueprint") == []


def test_a_blueprint_from_elsewhere_has_no_version(stage: Stage, glueprint: Glueprint, project: Path) -> None:
    """Tags stay when a definition is updated (UpdateBlueprint has no Tags): they count only for their zip."""
    glueprint("publish", "tally", "--version", "1.0.0")
    glueprint("register", "tally@1.0.0", "--name", "mine")
    assert "mine       ACTIVE  1.0.0       1.0.0" in glueprint("list", "--registered").stdout
    change(project, "Mine.")
    glueprint("register", "tally", "--name", "mine")
    (row,) = as_json(glueprint("list", "--registered", "--json"))["Blueprints"]
    assert (row["Name"], row["Version"], row["IsOutdated"]) == ("mine", None, False)


def test_without_permission_for_tags_the_blueprint_is_registered(
    stage: Stage, glueprint: Glueprint, project: Path
) -> None:
    """glue:TagResource is a permission of its own; without it the version is not recorded, which is reported."""
    glueprint("publish", "tally", "--version", "1.0.0")
    stage.glue.tag_error = ApiError("AccessDeniedException", "not you")
    result = glueprint("register", "tally@1.0.0")
    assert result.exit_code == 0
    assert "warning: the version of tally was not recorded in its tags: TagResource: not you" in result.stderr
