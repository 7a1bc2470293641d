"""``glueprint pull``: a blueprint from the organisation's repository."""

from __future__ import annotations

from pathlib import Path

import click

from glueprint.cli.output import echo, print_json
from glueprint.cli.render.words import count
from glueprint.cli.repositories import opened_repository, pulled_version, with_repository
from glueprint.cli.target import with_target
from glueprint.client.session import Target
from glueprint.deploy.repository.pulling import parse_reference
from glueprint.deploy.repository.settings import Settings
from glueprint.deploy.repository.unpacking import sources_of, write_files


@click.command()
@click.argument("reference", metavar="NAME[@VERSION]")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Directory.  [default: this one]",
)
@click.option("--unpack", is_flag=True, help="Write the sources into a project, to change them.")
@click.option("--force", is_flag=True, help="Overwrite files that have another content.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@with_repository
@with_target
def pull(
    reference: str, out: Path, unpack: bool, force: bool, as_json: bool, settings: Settings, target: Target
) -> None:
    """Write the zip of a published blueprint to NAME.zip, after its SHA-256 digest has been checked.

    VERSION is a version (1.4.0, 2.0.0-rc.1), the first numbers of one (1 or 1.4: the newest release that starts
    so), a range ('>=1.2,<2'), or latest, which is the default. A prerelease must be named exactly.

    --unpack writes the sources, as they are in a project: blueprints/NAME/, layouts/NAME.py, glue_jobs/NAME/.
    Shared helpers are part of the files that use them.

    Exit codes: 0 written; 1 not found, not what was published, or not written; 2 a mistake in the arguments.

    \b
    Examples:
      glueprint pull orders
      glueprint pull orders@1.4 --out downloads
      glueprint pull 'orders@>=1.2,<2' --unpack
    """
    name, _ = parse_reference(reference)
    with opened_repository(settings, target) as store:
        pulled = pulled_version(store, reference, settings)
    entry = pulled.entry
    files = sources_of(name, pulled.archive) if unpack else {f"{name}.zip": pulled.content}
    try:
        written = write_files(out, files, force=force)
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename}: {error.strerror}") from error
    if as_json:
        facts = {"Signer": pulled.signer, "Files": [str(one) for one in written]}
        print_json({"Name": name, **entry.to_wire(), **facts})
        return
    what = count(len(written), "file") if unpack else str(written[0])
    proof = f"signed by {pulled.signer}" if pulled.signer else f"sha256 {entry.sha256[:12]}"
    echo(f"pulled {name} {entry.version} ({proof}): {what}")
    if unpack:
        for path in written:
            echo(f"  {path}")
