"""``glueprint bucket``: buckets and objects in S3, without code."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from glueprint.cli.output import echo, print_json, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import count
from glueprint.cli.target import open_session, with_target
from glueprint.client import objects
from glueprint.client.errors import InvalidArgument, NotFound
from glueprint.client.objects import Location, StoredObject
from glueprint.client.session import Target


@click.group()
def bucket() -> None:
    """Create buckets; store, list, read and delete objects in S3.

    A LOCATION is s3://BUCKET/KEY or BUCKET/KEY. A folder ends with a slash.

    \b
    Examples:
      glueprint bucket create shop scripts
      glueprint bucket put orders.csv shop/orders/
      glueprint bucket ls shop/orders/
    """


@bucket.command()
@click.argument("names", nargs=-1, required=True, metavar="BUCKET...")
@click.option("--events", is_flag=True, help="Send the buckets' events to EventBridge; by default S3 sends none.")
@click.option("--json", "as_json", is_flag=True, help="Print the buckets as JSON.")
@with_target
def create(names: tuple[str, ...], events: bool, as_json: bool, target: Target) -> None:
    """Create buckets. One that you own already is not an error.

    With --events, rules of EventBridge receive "Object Created" and "Object Deleted" of the buckets, also of those
    that exist already.

    \b
    Examples:
      glueprint bucket create shop scripts
      glueprint bucket create landing --events
      glueprint bucket create my-company-scripts --aws --region eu-central-1
    """
    buckets = {name: Location.parse(name).bucket for name in names}  # before any is created
    with open_session(target) as session:
        s3 = session.client("s3")
        made = {name: objects.create_bucket(s3, one) for name, one in buckets.items()}
        for one in buckets.values() if events else ():
            objects.send_events(s3, one)
    if as_json:
        print_json({"Buckets": [{"Name": name, "Created": is_new} for name, is_new in made.items()]})
        return
    for name, is_new in made.items():
        sends = "; it sends events to EventBridge" if events else ""
        echo(f"created bucket {name}{sends}" if is_new else f"bucket {name} exists already{sends}")


@bucket.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.argument("location")
@click.option("--json", "as_json", is_flag=True, help="Print the objects as JSON.")
@with_target
def put(files: tuple[str, ...], location: str, as_json: bool, target: Target) -> None:
    """Store each FILE at LOCATION: a folder, or the key of a single file. A FILE of "-" is standard input.

    Of a directory, all files below it are stored, with their relative paths, except hidden ones.

    \b
    Examples:
      glueprint bucket put orders.csv returns.csv shop/in/
      glueprint bucket put data/ shop/in/
      echo 'id,item' | glueprint bucket put - shop/in/empty.csv
    """
    destination = Location.parse(location)
    sources = list(_sources(files, destination))
    with open_session(target) as session:
        s3 = session.client("s3")
        for file, place in sources:
            if file is None:
                objects.write_bytes(s3, sys.stdin.buffer.read(), place)
            else:
                objects.write_file(s3, file, place)
    if as_json:
        print_json({"Objects": [{"Bucket": place.bucket, "Key": place.key} for _, place in sources]})
        return
    for _, place in sources:
        echo(f"stored {place}")


def _sources(files: tuple[str, ...], destination: Location) -> Iterator[tuple[Path | None, Location]]:
    """Return each file, None for standard input, with its location.

    Raises:
        click.UsageError: a file does not exist, or the location cannot contain it.
    """
    for given in files:
        file = Path(given)
        if given == "-":
            if destination.is_folder:
                raise click.UsageError("standard input has no name: give the complete key, such as shop/in/a.csv")
            yield None, destination
        elif file.is_dir():
            if not destination.is_folder:
                raise click.UsageError(f"{given} is a directory: end the location with a slash, {destination}/")
            below = sorted(path for path in file.rglob("*") if path.is_file())
            for path in below:
                relative = path.relative_to(file)
                if not any(part.startswith(".") for part in relative.parts):
                    yield path, Location(destination.bucket, destination.key + relative.as_posix())
        elif file.is_file():
            if not destination.is_folder and len(files) > 1:
                raise click.UsageError(f"several files need a folder, which ends with a slash: {destination}/")
            key = destination.key + file.name if destination.is_folder else destination.key
            yield file, Location(destination.bucket, key)
        else:
            raise click.UsageError(f"there is no file {given}")


@bucket.command()
@click.argument("location", required=False)
@click.option("--recursive", "-r", is_flag=True, help="Show all objects below it, with their keys.")
@click.option("--json", "as_json", is_flag=True, help="Print the buckets, folders and objects as JSON.")
@with_target
def ls(location: str | None, recursive: bool, as_json: bool, target: Target) -> None:
    """List all buckets, or what is directly below LOCATION.

    \b
    Examples:
      glueprint bucket ls
      glueprint bucket ls shop/orders/
      glueprint bucket ls shop --recursive --json
    """
    with open_session(target, existing=True) as session:
        s3 = session.client("s3")
        if location is None:
            _list_buckets(s3, as_json=as_json)
            return
        place = Location.parse(location)
        folders, found = _below(s3, place, recursive=recursive)
        if not folders and not found:
            objects.read_object(s3, place).close() if place.key else next(objects.listing(s3, place), None)
    if as_json:
        print_json(
            {
                "Folders": [folder.key for folder in folders],
                "Objects": [
                    {"Key": one.location.key, "Size": one.size, "LastModified": one.modified} for one in found
                ],
            }
        )
        return
    rows: list[tuple[Text, str, Text]] = [(Text(""), "", Text(folder.key)) for folder in folders]
    rows += [(Text(f"{one.size:,}"), _time(one.modified), Text(one.location.key)) for one in found]
    show(plain_table(("SIZE", "MODIFIED", "KEY"), rows))


def _below(s3: Any, place: Location, *, recursive: bool) -> tuple[list[Location], list[StoredObject]]:
    if recursive:
        return [], list(objects.listing(s3, place))
    folders, found = objects.folder_listing(s3, place)
    folder = Location(place.bucket, f"{place.key}/")
    if not place.is_folder and not found and folders == [folder]:
        return objects.folder_listing(s3, folder)
    return folders, found


def _list_buckets(s3: Any, *, as_json: bool) -> None:
    found = objects.buckets(s3)
    if as_json:
        print_json({"Buckets": [{"Name": name, "CreationDate": created} for name, created in found]})
    else:
        show(plain_table(("BUCKET", "CREATED"), [(Text(name), _time(created)) for name, created in found]))


@bucket.command()
@click.argument("location")
@click.argument("file", required=False)
@with_target
def get(location: str, file: str | None, target: Target) -> None:
    """Copy the object at LOCATION to FILE, to a directory, or without FILE to standard output.

    If LOCATION is a folder, FILE is a directory, and all objects below the folder are copied into it.

    \b
    Examples:
      glueprint bucket get shop/in/orders.csv
      glueprint bucket get shop/in/orders.csv orders.csv
      glueprint bucket get shop/in/ in
    """
    place = Location.parse(location)
    with open_session(target, existing=True) as session:
        s3 = session.client("s3")
        if not place.is_folder:
            body = objects.read_object(s3, place)
            if file is None:
                shutil.copyfileobj(body, sys.stdout.buffer)
                sys.stdout.buffer.flush()
                return
            path = Path(file) / place.key.rpartition("/")[2] if Path(file).is_dir() else Path(file)
            _copy(body, path)
            echo(f"wrote {path}", err=True)
            return
        if file is None:
            raise click.UsageError(f"{place} is a folder: give a directory to copy its objects into")
        found = list(objects.listing(s3, place))
        if not found:
            raise NotFound(f"there is no object below {place}")
        for one in found:
            if not one.location.is_folder:
                _copy(objects.read_object(s3, one.location), path_inside(Path(file), one.location.key, place.key))
    echo(f"wrote {count(len(found), 'file')} into {file}", err=True)


def path_inside(directory: Path, key: str, prefix: str) -> Path:
    """Return the path of an object below ``directory``; a key such as ``a/../../b`` must not leave it."""
    path = directory / key.removeprefix(prefix)
    if not path.resolve().is_relative_to(directory.resolve()):
        raise InvalidArgument(f"the key {key!r} leads out of {directory}")
    return path


def _copy(body: Any, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            shutil.copyfileobj(body, file)
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror}") from error


@bucket.command()
@click.argument("location")
@click.option("--recursive", "-r", is_flag=True, help="Delete all objects below it; of a bucket, the bucket too.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@with_target
def rm(location: str, recursive: bool, yes: bool, target: Target) -> None:
    """Delete an object; with --recursive a folder or a bucket. An empty bucket needs no --recursive.

    \b
    Examples:
      glueprint bucket rm shop/in/orders.csv
      glueprint bucket rm shop/in/ --recursive
      glueprint bucket rm shop --recursive --yes
    """
    place = Location.parse(location)
    with open_session(target, existing=True) as session:
        s3 = session.client("s3")
        if not place.is_folder and not recursive:
            objects.read_object(s3, place).close()
            s3.delete_object(Bucket=place.bucket, Key=place.key)
            echo(f"deleted {place}")
            return
        folder = Location(place.bucket, place.key if place.is_folder else f"{place.key}/")
        found = list(objects.listing(s3, folder))
        if found and not recursive:
            raise click.UsageError(f"{folder} contains {count(len(found), 'object')}: delete it with --recursive")
        if not found and folder.key:
            raise NotFound(f"there is no object below {folder}")
        if found and not yes:
            _confirm(folder, len(found))
        problems = objects.delete_objects(s3, found)
        if problems:
            raise click.ClickException("not deleted: " + "\n".join(problems))
        if not folder.key:
            s3.delete_bucket(Bucket=folder.bucket)
    echo(f"deleted {count(len(found), 'object')} below {folder}" if folder.key else f"deleted {folder}")


def _confirm(folder: Location, number: int) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("this deletes without a terminal to confirm it: give --yes")
    click.confirm(f"Delete {count(number, 'object')} below {folder}?", abort=True, err=True)


def _time(moment: Any) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
