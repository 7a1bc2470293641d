"""``glueprint register``: upload blueprint zips and register them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from rich.text import Text

from glueprint.cli.output import echo, print_json, show
from glueprint.cli.progress import wait_with_status
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import state_text
from glueprint.cli.repositories import is_reference, opened_repository, pulled_version, with_repository
from glueprint.cli.target import open_session, with_target
from glueprint.cli.zips import BlueprintZip, read_zip
from glueprint.client.blueprints import BlueprintView
from glueprint.client.blueprints import blueprint as request_blueprint
from glueprint.client.errors import NotFound, error_code
from glueprint.client.session import Session, Target
from glueprint.deploy.repository.index import Entry
from glueprint.deploy.repository.pulling import parse_reference
from glueprint.deploy.repository.registered import location_key, record
from glueprint.deploy.repository.settings import Settings, required_address

if TYPE_CHECKING:
    from glueprint.deploy.repository.stores import Store

_LOCAL_BUCKET = "glueprint-blueprints"


@dataclass(frozen=True, slots=True)
class _Source:
    """A zip, and the version of the repository that it is; None if it came from elsewhere."""

    zip: BlueprintZip
    entry: Entry | None = None


@click.command()
@click.argument("zips", nargs=-1, required=True, metavar="ZIP | NAME@VERSION...")
@click.option("--name", help="Name of the blueprint; without it, the zip's. For one ZIP only.")
@click.option("--bucket", help=f"Bucket to upload to; on a local Glue {_LOCAL_BUCKET} by default.")
@click.option("--description", help="Description of the blueprint.")
@click.option("--json", "as_json", is_flag=True, help="Print the blueprints as JSON.")
@with_repository
@with_target
def register(
    zips: tuple[str, ...],
    name: str | None,
    bucket: str | None,
    description: str | None,
    as_json: bool,
    settings: Settings,
    target: Target,
) -> None:
    """Upload each ZIP and register it as a blueprint, or as the new version of one that exists.

    ZIP is a file or a name. A name is looked up in this directory's blueprints/ (the zip is built again if its
    sources have changed), in dist/, and among the blueprints that come with glueprint.

    NAME@VERSION is a version of the repository (see `glueprint publish`), whose digest is checked. VERSION is as
    in `glueprint pull`. The version is recorded in the blueprint's tags: `glueprint list --registered` shows it.

    \b
    Examples:
      glueprint register file_presence
      glueprint register downloads/file_presence.zip --name file_presence_2
      glueprint register file_presence@1.4 --repository /mnt/blueprints
      glueprint register file_presence --aws --region eu-central-1 --bucket my-blueprints
    """
    if name is not None and len(zips) > 1:
        raise click.UsageError("--name is for one ZIP only")
    references = [parse_reference(one) for one in zips if is_reference(one)]
    # A repository in the S3 of the same local Glue is read once that has started; all else before.
    is_in_glue = bool(references) and required_address(settings).is_in_targets_s3
    first = [one for one in zips if not (is_in_glue and is_reference(one))]
    read = _read(first, settings, target)
    with open_session(target) as session:
        read |= _read([one for one in zips if one not in read], settings, target)
        bucket = bucket or _local_bucket(session)
        sources = [read[one] for one in dict.fromkeys(zips)]
        registered = [_register(session, one, name or one.zip.stem, bucket, description) for one in sources]
    if as_json:
        print_json({"Blueprints": [one.wire for one in registered]})
    else:
        show(
            plain_table(
                ("BLUEPRINT", "STATUS", "PARAMETERS"),
                [(Text(one.name), state_text(one.status), Text(_parameters(one))) for one in registered],
            )
        )
    failed = [one for one in registered if one.status == "FAILED"]
    if failed:
        reasons = [f"{one.name}: {one.error or 'no reason was given'}" for one in failed]
        raise click.ClickException("not registered: " + "\n".join(reasons))


def _read(given: Sequence[str], settings: Settings, target: Target) -> dict[str, _Source]:
    """Return what each argument names: a version of the repository, or a zip. All that name nothing are reported.

    Raises:
        click.UsageError: some arguments cannot be used.
        click.ClickException: some name nothing.
    """
    read: dict[str, _Source] = {}
    wrong: list[click.ClickException] = []
    with ExitStack() as opened:
        store: Store | None = None
        for one in given:
            try:
                if not is_reference(one):
                    read[one] = _Source(read_zip(one))
                    continue
                store = store or opened.enter_context(opened_repository(settings, target))
                pulled = pulled_version(store, one, settings)
                read[one] = _Source(BlueprintZip(pulled.entry.name, pulled.content), pulled.entry)
            except click.ClickException as error:
                wrong.append(error)
            except NotFound as error:
                wrong.append(click.ClickException(str(error)))
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        is_usage = any(isinstance(one, click.UsageError) for one in wrong)
        shown = click.UsageError if is_usage else click.ClickException
        raise shown("nothing was registered:\n" + "\n".join(error.format_message() for error in wrong))
    return read


def _local_bucket(session: Session) -> str:
    """Return the default bucket of a local Glue. On AWS the user must choose one: another account could own a
    name that can be guessed."""
    if session.is_aws:
        raise click.UsageError("--aws needs --bucket: where to upload to")
    s3 = session.client("s3")
    try:
        s3.head_bucket(Bucket=_LOCAL_BUCKET)
    except s3.exceptions.ClientError as error:
        if error_code(error) not in ("404", "NoSuchBucket"):
            raise
        s3.create_bucket(Bucket=_LOCAL_BUCKET)
    return _LOCAL_BUCKET


def _register(session: Session, one: _Source, name: str, bucket: str, description: str | None) -> BlueprintView:
    s3 = session.client("s3")
    key = location_key(one.zip.sha256, one.zip.stem)
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=one.zip.content)
    except s3.exceptions.NoSuchBucket as error:
        raise click.ClickException(
            f"there is no bucket {bucket}; create it first, or use another --bucket"
        ) from error
    request = {"Name": name, "BlueprintLocation": f"s3://{bucket}/{key}"}
    if description is not None:
        request["Description"] = description
    glue = session.glue
    try:
        glue.create_blueprint(**request)
    except glue.exceptions.AlreadyExistsException:
        glue.update_blueprint(**request)
    if one.entry is not None:
        problem = record(session, name, one.entry)
        if problem is not None:
            echo(f"warning: the version of {name} was not recorded in its tags: {problem}", err=True)
    return wait_with_status(
        lambda: request_blueprint(glue, name),
        lambda found: found.is_final,
        poll_seconds=session.poll_seconds,
        status=f"Glue reads blueprint {name}",
    )


def _parameters(blueprint: BlueprintView) -> str:
    """Return the names of the parameters: the required ones first, then the optional ones in brackets."""
    parameters = blueprint.parameters or {}
    needed = [name for name, one in parameters.items() if one.get("defaultValue") is None]
    optional = [f"[{name}]" for name, one in parameters.items() if one.get("defaultValue") is not None]
    return " ".join(needed + optional)
