"""Blueprints: the list, one blueprint with its files, adding one, deleting one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from starlette.responses import Response

from glueprint.client.blueprints import BlueprintView, blueprint_runs
from glueprint.client.blueprints import blueprint as request_blueprint
from glueprint.client.errors import GlueprintError, InvalidArgument, NotFound, is_not_found
from glueprint.client.names import did_you_mean
from glueprint.client.objects import Location, write_bytes
from glueprint.client.waiting import TimedOut, wait_until
from glueprint.console.blueprint_zips import (
    MAX_ZIP_BYTES,
    Zip,
    bucket_for_zips,
    folder_zip,
    shipped_names,
    shipped_zip,
    stored_archive,
    stored_versions,
    uploaded_zip,
)
from glueprint.console.listing import page_of_names
from glueprint.console.text import badge
from glueprint.console.visits import Family, Visit, or_reason
from glueprint.deploy.repository.registered import installed_version
from glueprint.deploy.repository.settings import read_settings

_READ_SECONDS = 20.0
"""How long a form waits until Glue has read a blueprint; then the page shows that it is being read."""
_RUNS = 25


def blueprints(visit: Visit) -> Response:
    """List the blueprints, and those that come with Glueprint and are not registered."""
    names = visit.console.names.of("blueprint")
    page = page_of_names(names, visit.query("q"), visit.query("page"))
    found = {}
    if page.names:
        answer = visit.glue.batch_get_blueprints(Names=list(page.names), IncludeParameterSpec=True)
        found = {one["Name"]: BlueprintView.from_wire(one) for one in answer["Blueprints"]}
    return visit.page(
        "blueprints.html",
        rows=[(found[name], badge(found[name].status)) for name in page.names if name in found],
        listed=page,
        total=len(names),
        shipped=[name for name in shipped_names() if name not in names],
        needs_bucket=visit.session.is_aws,
        repository=_repository(),
    )


def _repository() -> str | None:
    """Return the address of the organisation's repository; None if there is none, or its setting is wrong."""
    try:
        address = read_settings().address
    except GlueprintError:
        return None
    return None if address is None else address.shown


def find_blueprint(visit: Visit, name: str) -> BlueprintView:
    """Return a blueprint.

    Raises:
        NotFound: there is none of this name.
    """
    try:
        return request_blueprint(visit.glue, name)
    except visit.glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        raise NotFound(
            f"there is no blueprint {name!r}", did_you_mean(name, visit.console.names.of("blueprint"))
        ) from error


def blueprint(visit: Visit) -> Response:
    """Show a blueprint: status, parameters, README, files, runs."""
    view = find_blueprint(visit, visit.required("name"))
    s3, location = visit.session.client("s3"), view.wire.get("BlueprintLocation", "")
    archive, why_no_archive = or_reason(lambda: stored_archive(s3, location))
    versions, why_no_versions = or_reason(lambda: stored_versions(s3, location))
    files = sorted(archive.files.items()) if archive is not None else []
    runs = _first(blueprint_runs(visit.glue, view.name), _RUNS)
    readme = next((content for path, content in files if PurePosixPath(path).name.lower() == "readme.md"), None)
    return visit.page(
        "blueprint.html",
        live=not view.is_final,
        blueprint=view,
        badge_=badge(view.status),
        parameters=sorted(
            (view.run_parameters or {}).items(), key=lambda one: one[1].get("defaultValue") is not None
        ),
        files=[(path, len(content)) for path, content in files],
        readme=None if readme is None else readme.decode("utf-8", "replace"),
        runs=[(one, badge(one.state)) for one in runs],
        existing=existing_workflows(visit, (one.workflow for one in runs)),
        version=installed_version(visit.session, dict(view.wire)).version,
        versions=versions or [],
        why_not_read=why_no_archive or why_no_versions,
        last_active=view.wire.get("LastActiveDefinition") or {},
    )


def existing_workflows(visit: Visit, names: Iterable[str | None]) -> set[str]:
    """Return those of at most 25 workflows that exist: a blueprint run stays when its workflow is deleted."""
    wanted = sorted({name for name in names if name})
    if not wanted:
        return set()
    return {one["Name"] for one in visit.glue.batch_get_workflows(Names=wanted)["Workflows"]}


def _first(rows: Any, number: int) -> list[Any]:
    return [one for one, _ in zip(rows, range(number), strict=False)]


def file(visit: Visit) -> Response:
    """Show a file of a blueprint's zip."""
    view = find_blueprint(visit, visit.required("name"))
    path = visit.required("file")
    archive = stored_archive(visit.session.client("s3"), view.wire.get("BlueprintLocation", ""))
    content = archive.files.get(path)
    if content is None:
        raise NotFound(f"the zip of {view.name} has no file {path!r}")
    return visit.page(
        "blueprint_file.html",
        blueprint=view,
        file=path,
        size=len(content),
        text=content.decode("utf-8", "replace"),
    )


def add(visit: Visit) -> Response:
    """Register a blueprint from an uploaded zip or folder, or one that comes with Glueprint."""
    return visit.redirect("/blueprint", name=register(visit, _added(visit)))


def register(visit: Visit, added: Zip) -> str:
    """Upload and register a zip, and wait until Glue has read it; return the blueprint's name.

    The form's fields ``name``, ``bucket`` and ``description`` are used.
    """
    name = visit.field("name").strip() or added.stem
    s3 = visit.session.client("s3")
    bucket = bucket_for_zips(s3, visit.field("bucket").strip(), is_aws=visit.session.is_aws)
    write_bytes(s3, added.content, Location(bucket, added.key))
    request = {"Name": name, "BlueprintLocation": f"s3://{bucket}/{added.key}"}
    if description := visit.field("description").strip():
        request["Description"] = description
    try:
        visit.glue.create_blueprint(**request)
        done = "Registered"
    except visit.glue.exceptions.AlreadyExistsException:
        visit.glue.update_blueprint(**request)
        done = "Updated"
    _wait_until_read(visit, name, done)
    return name


def _wait_until_read(visit: Visit, name: str, done: str) -> None:
    try:
        view = wait_until(
            lambda: request_blueprint(visit.glue, name),
            lambda found: found.is_final,
            poll_seconds=visit.session.poll_seconds,
            timeout_seconds=_READ_SECONDS,
        )
    except TimedOut:
        visit.notice(f"Glue is still reading blueprint {name}", "busy")
        return
    if view.status == "FAILED":
        visit.notice(f"Blueprint {name} is FAILED: {view.error or 'no reason is given'}", "bad")
    else:
        visit.notice(f"{done} blueprint {name}")


def _added(visit: Visit) -> Zip:
    if shipped := visit.field("shipped"):
        return shipped_zip(shipped)
    folder = [one for one in visit.uploads("folder") if one.filename]
    if folder:
        if sum(one.size or 0 for one in folder) > MAX_ZIP_BYTES:
            raise InvalidArgument("the folder is too large for a blueprint", "choose the folder of one blueprint")
        return folder_zip((one.filename or "", one.file.read()) for one in folder)
    zips = visit.uploads("zip")
    if not zips:
        raise InvalidArgument("choose a zip or a folder", "nothing was registered")
    if (zips[0].size or 0) > MAX_ZIP_BYTES:
        raise InvalidArgument(f"{zips[0].filename} is too large for a blueprint", "nothing was registered")
    return uploaded_zip(zips[0].filename or "", zips[0].file.read())


def register_again(visit: Visit) -> Response:
    """Register an earlier zip of a blueprint again."""
    view = find_blueprint(visit, visit.field("name"))
    stored = stored_versions(visit.session.client("s3"), view.wire.get("BlueprintLocation", ""))
    chosen = next((one for one in stored if one.digest == visit.field("digest")), None)
    if chosen is None:
        raise NotFound(f"{view.name} has no version {visit.field('digest')!r}", "its page lists them")
    request = {"Name": view.name, "BlueprintLocation": str(chosen.location)}
    if description := view.wire.get("Description"):
        request["Description"] = description
    visit.glue.update_blueprint(**request)
    _wait_until_read(visit, view.name, "Updated")
    return visit.redirect("/blueprint", name=view.name)


def delete(visit: Visit) -> Response:
    """Delete a blueprint; its workflows stay."""
    name = visit.field("name")
    visit.glue.delete_blueprint(Name=name)
    visit.notice(f"Deleted blueprint {name}; its workflows stay")
    return visit.redirect("/blueprints")


FAMILY = Family(
    pages=(("/blueprints", blueprints), ("/blueprint", blueprint), ("/blueprint/file", file)),
    forms=(("/blueprint/add", add), ("/blueprint/version", register_again), ("/blueprint/delete", delete)),
)
