"""``glueprint publish``: a version of a blueprint for the organisation's repository."""

from __future__ import annotations

import getpass
import os
import platform
import subprocess
from pathlib import Path

import click

from glueprint.blueprint.archive import ArchiveError
from glueprint.blueprint.bundler import catalogue_names
from glueprint.check.checking import check
from glueprint.check.subject import find_subjects, subject_of_zip
from glueprint.cli.check import report as check_report
from glueprint.cli.output import echo, echo_styled, print_json
from glueprint.cli.render.words import count
from glueprint.cli.repositories import opened_repository, with_repository
from glueprint.cli.target import with_target
from glueprint.cli.zips import BlueprintZip, read_zip
from glueprint.client.session import Target
from glueprint.deploy.repository.index import check_name
from glueprint.deploy.repository.publishing import Draft
from glueprint.deploy.repository.publishing import publish as publish_draft
from glueprint.deploy.repository.publishing import withdraw as withdraw_version
from glueprint.deploy.repository.pulling import parse_reference
from glueprint.deploy.repository.settings import Settings, required_address
from glueprint.deploy.repository.versions import Bump, Version
from glueprint.facts.findings import Severity

_PUBLISHER_VARIABLE = "GLUEPRINT_PUBLISHER"


@click.command()
@click.argument("what", metavar="NAME | ZIP | NAME@VERSION")
@click.option("--version", "version", metavar="VERSION", help="A semantic version, such as 1.4.0 or 2.0.0-rc.1.")
@click.option(
    "--bump",
    type=click.Choice([one.value for one in Bump]),
    help="Raise this number of the newest version instead.",
)
@click.option("--notes", default="", metavar="TEXT", help="What has changed.")
@click.option(
    "--sign",
    "key",
    type=click.Path(path_type=Path),
    envvar="GLUEPRINT_SIGNING_KEY",
    show_envvar=True,
    help="Sign with this SSH key (or a public key that ssh-agent has the private one of).",
)
@click.option(
    "--publisher",
    envvar=_PUBLISHER_VARIABLE,
    show_envvar=True,
    help="Who publishes; without it, git's user.email, or else your login name.",
)
@click.option("--withdraw", is_flag=True, help="Withdraw the version that WHAT names, NAME@VERSION, instead.")
@click.option("--no-check", is_flag=True, help="Publish although `glueprint check` reports errors.")
@click.option("--dry-run", is_flag=True, help="Show what would be published, and publish nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the published version as JSON.")
@with_repository
@with_target
def publish(
    what: str,
    version: str | None,
    bump: str | None,
    notes: str,
    key: Path | None,
    publisher: str | None,
    withdraw: bool,
    no_check: bool,
    dry_run: bool,
    as_json: bool,
    settings: Settings,
    target: Target,
) -> None:
    """Publish a version of a blueprint in the organisation's repository.

    NAME is a blueprint of this directory, which is built first; ZIP is a file. It is checked as `glueprint check`
    does; errors refuse it.

    A published version never changes: the same version with another content is refused, with the same content it
    is left as it is. --bump of a blueprint that has no version publishes 0.1.0; if nothing has changed since the
    newest version, it publishes nothing. Any number of people can publish at the same time.

    --withdraw takes a version back that should not be used any more, with --notes as the reason. It stays in the
    repository, so that what was made from it can be found; `glueprint list NAME` shows it as withdrawn. Ranges
    and `latest` do not select it: only its exact version does.

    The repository is named by --repository, GLUEPRINT_REPOSITORY, or glueprint.ini of this project. It is a
    directory, s3://BUCKET/PREFIX (of the local Glue, unless --aws, --endpoint-url or the address names another:
    s3://BUCKET/PREFIX?aws=true&region=eu-central-1), or a git repository (URL or folder; URL#BRANCH).

    Exit codes: 0 published, or unchanged; 1 refused; 2 a mistake in the arguments.

    \b
    Examples:
      glueprint publish orders --version 1.0.0 --repository /mnt/blueprints
      glueprint publish orders --bump minor --notes "Loads JSON, too"
      glueprint publish dist/orders.zip --version 2.0.0-rc.1 --sign ~/.ssh/id_ed25519
      glueprint publish --withdraw orders@1.4.0 --notes "Loses the last line of a file"
    """
    author = " ".join((publisher or _publisher()).split())
    if withdraw:
        if version is not None or bump is not None or key is not None or no_check or dry_run:
            raise click.UsageError("--withdraw takes only --notes, --publisher and --json")
        _withdraw(what, author, notes, settings, target, as_json=as_json)
        return
    if (version is None) == (bump is None):
        raise click.UsageError("give one of --version and --bump: --bump minor for a new feature, patch for a fix")
    required_address(settings)
    wanted = Version.parse(version) if version is not None else Bump(bump or "")
    read = read_zip(what)
    draft_name = check_name(read.stem)
    if not no_check:
        _check(what, read)
    draft = Draft(draft_name, read.content, wanted, author, notes, key)
    with opened_repository(settings, target, draft.publisher) as store:
        try:
            published = publish_draft(store, draft, dry_run=dry_run)
        except ArchiveError as error:
            raise click.ClickException(f"{what} is not a usable blueprint: {error}") from error
    entry = published.entry
    if as_json:
        print_json({"Name": entry.name, **entry.to_wire(), "IsNew": published.is_new, "Path": entry.path})
        return
    did = "would be published" if dry_run else "published"
    signed = ", signed" if entry.signature else ""
    if published.is_new:
        echo(f"{did}: {entry.name} {entry.version} (sha256 {entry.sha256[:12]}, {entry.size:,} bytes{signed})")
        echo(f"register it: glueprint register {entry.name}@{entry.version}")
    else:
        by = f"{entry.published_at[:10]} by {entry.published_by}"
        echo(f"unchanged: {entry.name} {entry.version} was published on {by} with this content")


def _withdraw(what: str, by: str, reason: str, settings: Settings, target: Target, *, as_json: bool) -> None:
    name, selector = parse_reference(what)
    if selector.exact is None:
        raise click.UsageError("--withdraw needs the exact version: NAME@1.4.0")
    with opened_repository(settings, target, by) as store:
        done = withdraw_version(store, name, selector.exact, by, reason)
    entry = done.entry
    if as_json:
        print_json({"Name": entry.name, **entry.to_wire(), "IsNew": done.is_new, "Path": entry.path})
    elif done.is_new:
        echo(f"withdrawn: {entry.name} {entry.version}; what is registered or deployed of it stays as it is")
    else:
        echo(f"unchanged: {entry.name} {entry.version} was {entry.withdrawn}")


def _check(what: str, read: BlueprintZip) -> None:
    """Check the blueprint; print errors, and the number of warnings, to stderr.

    Raises:
        click.ClickException: there are errors.
    """
    is_source = what in catalogue_names(Path()) and not Path(what).is_file()
    subject = find_subjects(what, Path())[0] if is_source else subject_of_zip(read.content, read.stem, what)
    checked = check(subject)
    if checked.count(Severity.ERROR):
        for line in check_report(checked):
            echo_styled(line, err=True)
        raise click.ClickException("nothing was published; fix the errors, or give --no-check")
    warnings = checked.count(Severity.WARNING)
    if warnings:
        echo(f"{count(warnings, 'warning')}: `glueprint check {what}` lists them", err=True)


def _publisher() -> str:
    """Return who publishes: git's ``user.email``, or else the login name and the machine."""
    try:
        done = subprocess.run(["git", "config", "user.email"], capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip():
            return done.stdout.strip()
    except OSError:
        pass  # git is not installed
    try:
        login = getpass.getuser()
    except (KeyError, OSError):  # a container's user that has no name
        login = str(os.getuid())
    return f"{login}@{platform.node()}"
