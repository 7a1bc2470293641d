"""``glueprint import``: an existing workflow of any Glue, into the local Glue or a blueprint project."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from glueprint.cli.output import console, echo, print_json
from glueprint.cli.render.words import count
from glueprint.cli.target import open_session, report, with_target
from glueprint.client.errors import GlueprintError
from glueprint.client.lookup import Lookup
from glueprint.client.session import Target
from glueprint.client.session import open_session as open_quietly
from glueprint.deploy.importing.collected import Collected
from glueprint.deploy.importing.collecting import DEFAULT_MAX_BYTES, Sample, collect
from glueprint.deploy.importing.local_copy import Copied, copy
from glueprint.deploy.importing.project import Project, project_of
from glueprint.deploy.importing.read_only import ReadOnly

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@click.command("import")
@click.argument("workflow")
@click.option(
    "--project",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a blueprint project into this new folder, instead of copying into the local Glue.",
)
@click.option(
    "--leave-out", is_flag=True, help="Write the project even if the layout classes cannot say everything."
)
@click.option(
    "--sample", type=click.IntRange(0), default=0, help="Copy that many objects of each table and target."
)
@click.option(
    "--max-bytes",
    type=click.IntRange(1),
    default=DEFAULT_MAX_BYTES,
    show_default=True,
    help="The most that --sample copies in all.",
)
@click.option("--schedules", is_flag=True, help="Activate the schedule of the copy, too.")
@click.option("--profile", help="Profile of your AWS configuration, with --aws.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@with_target
def import_workflow(
    workflow: str,
    project: Path | None,
    leave_out: bool,
    sample: int,
    max_bytes: int,
    schedules: bool,
    profile: str | None,
    as_json: bool,
    target: Target,
) -> None:
    """Import WORKFLOW with its jobs, crawlers, triggers, connections, scripts, databases and tables.

    It is read from AWS (--aws) or another endpoint (--endpoint-url), where nothing is changed, and copied into the
    local Glue of --data-dir under the same names. With --project it becomes a blueprint: a folder with a layout,
    scripts, and parameters that were found by comparing names and values; then it may also be read from the local
    Glue.

    Passwords of connections are never read. Data is copied only with --sample. The copy's schedule is not active
    without --schedules. What Amazon's layout classes cannot say (EVENT triggers, arguments of a trigger's action,
    newer members of jobs) is listed; without --leave-out no project is written then.

    Exit codes: 0 imported; 1 it failed, or something is not expressible, and nothing was created; 2 usage error.

    \b
    Examples:
      glueprint import orders --aws --profile etl --region eu-central-1
      glueprint import orders --aws --sample 3
      glueprint import orders --aws --project orders/
      glueprint import orders --project orders/
    """
    if profile and not target.aws:
        raise click.UsageError("--profile needs --aws")
    is_local = not target.aws and target.endpoint_url is None
    if project is None and is_local:
        raise click.UsageError("name where the workflow is (--aws or --endpoint-url), or --project FOLDER")
    if project is not None:
        _check_folder(project)
    if profile:
        os.environ["AWS_PROFILE"] = profile
    with open_session(target, existing=True) as session, console(stderr=True).status("reading ...") as status:
        source = ReadOnly(session)
        name = Lookup(session).workflow(workflow).name
        collected = collect(source, name, sample=Sample(sample, max_bytes), notify=_shown_on(status))
    if project is not None:
        _write(project, collected, leave_out=leave_out, as_json=as_json)
        return
    local = replace(target, aws=False, endpoint_url=None)
    with open_quietly(local, notify=report) as session, console(stderr=True).status("copying ...") as status:
        copied = copy(collected, session, schedules=schedules, notify=_shown_on(status))
    _show_copied(collected, copied, as_json=as_json)


def _shown_on(status: Any) -> Any:
    return lambda line: status.update(f"{line} ...")


def _check_folder(folder: Path) -> None:
    name = folder.resolve().name
    if not _NAME.fullmatch(name):
        raise click.UsageError(
            f"the folder's name becomes the blueprint's: letters, digits, _ and -, starting with a letter; "
            f"not {name!r}"
        )
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty; nothing was written")


def _write(folder: Path, collected: Collected, *, leave_out: bool, as_json: bool) -> None:
    made = project_of(collected, folder.resolve().name)
    if made.lost and not leave_out:
        found = "".join(f"\n  {one}" for one in made.lost)
        raise GlueprintError(
            f"Amazon's layout classes cannot say this of workflow {collected.name}:{found}\nnothing was written",
            "--leave-out writes the project without it; without --project everything is copied",
        )
    try:
        for path, content in made.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename}: {error.strerror}") from error
    if as_json:
        print_json(_project_json(folder, collected, made))
        return
    nodes = [count(len(collected.definition.jobs), "job"), count(len(collected.definition.crawlers), "crawler")]
    echo(f"wrote {folder}: workflow {collected.name}, {', '.join(nodes)}")
    echo(f"parameters: {', '.join(f'{one.name}={one.value}' for one in made.parameters)}")
    _notes(collected.notes)
    _notes(f"not in the layout: {one}" for one in made.gaps)
    same = "" if made.gaps else ", which makes the same workflow"
    echo(f"the layout was run with parameters.example.json{same}")
    echo(f"check it: glueprint check {folder}")


def _project_json(folder: Path, collected: Collected, made: Project) -> dict[str, Any]:
    return {
        "Workflow": collected.name,
        "Directory": str(folder),
        "Files": sorted(made.files),
        "Parameters": {one.name: one.value for one in made.parameters},
        "Gaps": [{"Resource": str(one.key), "Member": one.member, "Reason": one.reason} for one in made.gaps],
        "Notes": list(collected.notes),
    }


def _show_copied(collected: Collected, copied: Copied, *, as_json: bool) -> None:
    notes = (*collected.notes, *copied.notes)
    if as_json:
        print_json(
            {
                "Workflow": collected.name,
                "Created": list(copied.created),
                "Unchanged": list(copied.unchanged),
                "Notes": list(notes),
            }
        )
        return
    for one in copied.created:
        echo(f"created {one}")
    if copied.unchanged:
        echo(f"left as it was: {', '.join(copied.unchanged)}")
    _notes(notes)
    echo(f"start it: glueprint run {collected.name}")


def _notes(notes: Iterable[str]) -> None:
    for one in notes:
        echo(one, label="note: ")
