"""``glueprint list``: what the organisation's repository contains, and what is registered of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from glueprint.cli.output import console, echo, print_json, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import state_text
from glueprint.cli.repositories import opened_repository, pulled_version, with_repository
from glueprint.cli.target import open_session, with_target
from glueprint.client.session import Target
from glueprint.deploy.repository.index import Entry, Index
from glueprint.deploy.repository.publishing import plain_text, readme_of
from glueprint.deploy.repository.pulling import Pulled, parse_reference
from glueprint.deploy.repository.registered import Installed, installed
from glueprint.deploy.repository.settings import Settings, required_address

_NONE = "-"


@click.command("list")
@click.argument("reference", required=False, metavar="[NAME[@VERSION]]")
@click.option("--readme", is_flag=True, help="Print the README of NAME.")
@click.option("--registered", is_flag=True, help="List what is registered, and what is newer in the repository.")
@click.option("--json", "as_json", is_flag=True, help="Print the versions as JSON.")
@with_repository
@with_target
def list_blueprints(
    reference: str | None, readme: bool, registered: bool, as_json: bool, settings: Settings, target: Target
) -> None:
    """List the blueprints of the organisation's repository, or the versions of NAME.

    --registered compares the repository with a Glue: which version of each blueprint is registered there, and
    which is the newest. A blueprint that was not registered from a repository has no version.

    \b
    Examples:
      glueprint list
      glueprint list orders
      glueprint list orders@1.4 --readme
      glueprint list --registered --aws
    """
    if readme and reference is None:
        raise click.UsageError("--readme needs the NAME of a blueprint")
    if registered and (reference or readme):
        raise click.UsageError("--registered lists all blueprints: leave out NAME and --readme")
    address = required_address(settings)
    if registered:
        with open_session(target, existing=True) as session, opened_repository(settings, target) as store:
            index = Index.parse(store.snapshot().data)
            found = installed(session)
        if as_json:
            print_json({"Blueprints": _compared(found, index)})
        elif not found:
            echo("no blueprint is registered: `glueprint register NAME@VERSION` registers one", err=True)
        else:
            show(_registered_table(found, index))
        return
    with opened_repository(settings, target) as store:
        if reference is not None and readme:
            _print_readme(pulled_version(store, reference, settings), as_json)
            return
        index = Index.parse(store.snapshot().data)
    if reference is not None:
        name, selector = parse_reference(reference)
        entries = index.versions(name)
        if "@" in reference:
            entries = [index.select(name, selector)]
        if as_json:
            print_json({"Name": name, "Versions": [one.to_wire() for one in entries]})
        else:
            show(_versions_table(entries))
        return
    newest = [index.newest(name) or index.versions(name)[0] for name in sorted(index.entries)]
    if as_json:
        blueprints = [
            {"Name": one.name, "Versions": [each.to_wire() for each in index.versions(one.name)]} for one in newest
        ]
        print_json({"Repository": address.shown, "Blueprints": blueprints})
    elif not newest:
        echo(f"{address.shown} has no blueprints yet: `glueprint publish` adds one", err=True)
    else:
        show(_blueprints_table(newest, index))


def _print_readme(pulled: Pulled, as_json: bool) -> None:
    text = readme_of(pulled.entry.name, pulled.archive)
    if text is None:
        raise click.ClickException(f"{pulled.entry.name} {pulled.entry.version} has no README.md")
    if as_json:
        print_json({"Name": pulled.entry.name, "Version": str(pulled.entry.version), "Readme": text})
    elif console().is_terminal:
        show(Markdown(text, hyperlinks=False))
    else:
        echo(text.rstrip())


def _version(entry: Entry) -> str:
    return f"{entry.version} (withdrawn)" if entry.withdrawn else str(entry.version)


def _blueprints_table(newest: Iterable[Entry], index: Index) -> Table:
    return plain_table(
        ("BLUEPRINT", "NEWEST", "VERSIONS", "PUBLISHED", "BY", "SUMMARY"),
        [
            (
                Text(one.name),
                Text(_version(one)),
                str(len(index.entries[one.name])),
                Text(one.published_at[:10]),
                Text(one.published_by),
                Text(plain_text(one.summary)),
            )
            for one in newest
        ],
    )


def _versions_table(entries: Iterable[Entry]) -> Table:
    return plain_table(
        ("VERSION", "PUBLISHED", "BY", "SIGNED", "SHA-256", "NOTES"),
        [
            (
                Text(_version(one)),
                Text(one.published_at),
                Text(one.published_by),
                "yes" if one.signature else "no",
                one.sha256[:12],
                Text(str(one.withdrawn) if one.withdrawn else one.notes),
            )
            for one in entries
        ],
    )


def _compared(found: Iterable[Installed], index: Index) -> list[dict[str, Any]]:
    rows = []
    for one in found:
        source = one.source or one.name
        newest = index.newest(source)
        entry = index.entries.get(source, {}).get(one.version) if one.version else None
        rows.append(
            {
                "Name": one.name,
                "Status": one.status,
                "Source": one.source,
                "Version": str(one.version) if one.version else None,
                "Newest": str(newest.version) if newest else None,
                "IsOutdated": bool(one.version and newest and newest.version > one.version),
                "IsWithdrawn": bool(entry and entry.withdrawn),
            }
        )
    return rows


def _registered_table(found: Iterable[Installed], index: Index) -> Table:
    rows = []
    for one in _compared(found, index):
        source = one["Source"] or one["Name"]
        other_name = "" if source == one["Name"] else f" --name {one['Name']}"
        note = f"newer: glueprint register {source}@{one['Newest']}{other_name}" if one["IsOutdated"] else ""
        if one["IsWithdrawn"]:
            note = f"withdrawn: `glueprint list {source}` shows why{'; ' if note else ''}{note}"
        if one["Version"] is None and one["Newest"]:
            note = "not registered from the repository"
        newest = one["Newest"] or _NONE
        rows.append((Text(one["Name"]), state_text(one["Status"]), one["Version"] or _NONE, newest, Text(note)))
    return plain_table(("BLUEPRINT", "STATUS", "REGISTERED", "NEWEST", ""), rows)
