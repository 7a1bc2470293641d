"""``glueprint register``: upload blueprint zips and register them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from glueprint.blueprint.bundler import catalogue_names
from glueprint.cli.build import bring_up_to_date, build_problems_told
from glueprint.cli.output import print_json, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import state_text
from glueprint.cli.target import open_session, with_target
from glueprint.cli.waiting import wait_until
from glueprint.client.errors import error_code
from glueprint.client.session import Session, Target
from glueprint.facts.states import FINAL_BLUEPRINT_STATUSES

_LOCAL_BUCKET = "glueprint-blueprints"


@dataclass(frozen=True, slots=True)
class _Zip:
    """A blueprint zip, read. ``stem`` names the folder in it, and so must the object
    (docs/facts/blueprints.md#zip-layout)."""

    stem: str
    content: bytes

    @property
    def key(self) -> str:
        """Carries the content's hash: a new version never replaces what a registration still reads."""
        return f"blueprints/{hashlib.sha256(self.content).hexdigest()[:16]}/{self.stem}.zip"


@click.command()
@click.argument("zips", nargs=-1, required=True, metavar="ZIP...")
@click.option("--name", help="Name of the blueprint; without it, the zip's. For one ZIP only.")
@click.option("--bucket", help=f"Bucket to upload to; on a local Glue {_LOCAL_BUCKET} is made when missing.")
@click.option("--description", help="Description of the blueprint.")
@click.option("--json", "as_json", is_flag=True, help="Print the blueprints as JSON.")
@with_target
def register(
    zips: tuple[str, ...],
    name: str | None,
    bucket: str | None,
    description: str | None,
    as_json: bool,
    target: Target,
) -> None:
    """Upload each ZIP and register it as a blueprint, or as the new version of one that exists.

    ZIP is a file, or a name: of a blueprint in this directory's blueprints/, whose zip is built anew when its
    sources have changed; of a zip in dist/; or of a blueprint that comes with glueprint.

    \b
    Examples:
      glueprint register file_presence
      glueprint register downloads/file_presence.zip --name file_presence_2
      glueprint register file_presence --aws --region eu-central-1 --bucket my-blueprints
    """
    if name is not None and len(zips) > 1:
        raise click.UsageError("--name is for one ZIP only")
    read = [_read(given) for given in zips]
    with open_session(target) as session:
        bucket = bucket or _local_bucket(session)
        registered = [_register(session, one, name or one.stem, bucket, description) for one in read]
    if as_json:
        print_json({"Blueprints": registered})
    else:
        show(
            plain_table(
                ("BLUEPRINT", "STATUS", "PARAMETERS"),
                [(Text(one["Name"]), state_text(one["Status"]), Text(_parameters(one))) for one in registered],
            )
        )
    failed = [one for one in registered if one["Status"] == "FAILED"]
    if failed:
        reasons = [f"{one['Name']}: {one.get('ErrorMessage', 'no reason was given')}" for one in failed]
        raise click.ClickException("not registered: " + "\n".join(reasons))


def _read(given: str) -> _Zip:
    """The zip that ``given`` names. A path means that very file; a name means what its sources say now.

    Raises:
        click.UsageError: there is no such zip.
        click.ClickException: it cannot be built, or not be read.
    """
    if given in catalogue_names(Path()) and not Path(given).is_file():
        with build_problems_told():
            written = bring_up_to_date(Path(), given)
        if written is not None:
            click.echo(f"built {written} from its sources", err=True)
    for path in (Path(given), Path("dist") / f"{given}.zip"):
        if path.is_file():
            try:
                return _Zip(path.stem, path.read_bytes())
            except OSError as error:
                raise click.ClickException(f"cannot read {path}: {error.strerror}") from error
    shipped = resources.files("glueprint") / "catalogue" / f"{given}.zip"
    if shipped.is_file():
        return _Zip(given, shipped.read_bytes())
    if Path(given).is_dir():
        raise click.UsageError(
            f"{given} is a directory: give a zip, or the name of a blueprint, such as file_presence"
        )
    raise click.UsageError(
        f"no zip {given!r}: neither a file, nor in blueprints/, nor dist/{given}.zip, nor one that glueprint ships"
    )


def _local_bucket(session: Session) -> str:
    """On AWS a bucket's name is the user's to choose: one that can be guessed can be taken by somebody else."""
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


def _register(session: Session, one: _Zip, name: str, bucket: str, description: str | None) -> dict[str, Any]:
    s3 = session.client("s3")
    try:
        s3.put_object(Bucket=bucket, Key=one.key, Body=one.content)
    except s3.exceptions.NoSuchBucket as error:
        raise click.ClickException(
            f"there is no bucket {bucket}: make it first, or give another --bucket"
        ) from error
    request = {"Name": name, "BlueprintLocation": f"s3://{bucket}/{one.key}"}
    if description is not None:
        request["Description"] = description
    glue = session.glue
    try:
        glue.create_blueprint(**request)
    except glue.exceptions.AlreadyExistsException:
        glue.update_blueprint(**request)
    return wait_until(
        lambda: dict(glue.get_blueprint(Name=name, IncludeParameterSpec=True)["Blueprint"]),
        lambda found: found["Status"] in FINAL_BLUEPRINT_STATUSES,
        poll_seconds=session.poll_seconds,
        told=f"Glue reads blueprint {name}",
    )


def _parameters(blueprint: dict[str, Any]) -> str:
    """The names of the parameters; the ones that must be given first, the others in brackets."""
    spec = json.loads(blueprint.get("ParameterSpec") or "{}")
    needed = [name for name, one in spec.items() if one.get("defaultValue") is None]
    optional = [f"[{name}]" for name, one in spec.items() if one.get("defaultValue") is not None]
    return " ".join(needed + optional)
