"""``glueprint register``: upload blueprint zips and register them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import click
from rich.text import Text

from glueprint.blueprint.bundler import catalogue_names
from glueprint.cli.build import bring_up_to_date, build_problems_printed, print_warning
from glueprint.cli.output import echo, print_json, show
from glueprint.cli.progress import wait_with_status
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import state_text
from glueprint.cli.target import open_session, with_target
from glueprint.client.blueprints import BlueprintView
from glueprint.client.blueprints import blueprint as request_blueprint
from glueprint.client.errors import error_code
from glueprint.client.session import Session, Target

_LOCAL_BUCKET = "glueprint-blueprints"
_ZIP = ".zip"


@dataclass(frozen=True, slots=True)
class _Zip:
    """The content of a blueprint zip. ``stem`` is the name of its folder and must be that of the object
    (docs/facts/blueprints.md#zip-layout)."""

    stem: str
    content: bytes

    @property
    def key(self) -> str:
        """It contains the content's hash: a new version never replaces what a registration still reads."""
        return f"blueprints/{hashlib.sha256(self.content).hexdigest()[:16]}/{self.stem}.zip"


@click.command()
@click.argument("zips", nargs=-1, required=True, metavar="ZIP...")
@click.option("--name", help="Name of the blueprint; without it, the zip's. For one ZIP only.")
@click.option("--bucket", help=f"Bucket to upload to; on a local Glue {_LOCAL_BUCKET} by default.")
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

    ZIP is a file or a name. A name is looked up in this directory's blueprints/ (the zip is built again if its
    sources have changed), in dist/, and among the blueprints that come with glueprint.

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


def _read(given: str) -> _Zip:
    """Return the zip that ``given`` names. A path is a file; a name is the zip of the present sources.

    Raises:
        click.UsageError: there is no such zip.
        click.ClickException: it cannot be built or read.
    """
    if given in catalogue_names(Path()) and not Path(given).is_file():
        with build_problems_printed():
            written = bring_up_to_date(Path(), given, print_warning)
        if written is not None:
            echo(f"built {written} from its sources", err=True)
    for path in (Path(given), Path("dist") / f"{given}.zip"):
        if path.is_file():
            try:
                return _Zip(_stem(path.name), path.read_bytes())
            except OSError as error:
                raise click.ClickException(f"cannot read {path}: {error.strerror}") from error
    if given.endswith(_ZIP) and "/" not in given:
        return _read(_stem(given))
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


def _stem(name: str) -> str:
    """Return the name of a zip without ``.zip``, or without several, as after a download that added one."""
    while name.endswith(_ZIP) and name != _ZIP:
        name = name.removesuffix(_ZIP)
    return name


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


def _register(session: Session, one: _Zip, name: str, bucket: str, description: str | None) -> BlueprintView:
    s3 = session.client("s3")
    try:
        s3.put_object(Bucket=bucket, Key=one.key, Body=one.content)
    except s3.exceptions.NoSuchBucket as error:
        raise click.ClickException(
            f"there is no bucket {bucket}; create it first, or use another --bucket"
        ) from error
    request = {"Name": name, "BlueprintLocation": f"s3://{bucket}/{one.key}"}
    if description is not None:
        request["Description"] = description
    glue = session.glue
    try:
        glue.create_blueprint(**request)
    except glue.exceptions.AlreadyExistsException:
        glue.update_blueprint(**request)
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
