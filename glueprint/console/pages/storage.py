"""S3: buckets, folders, objects; preview, download, upload."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from glueprint.client.errors import InvalidArgument, NotFound, error_code
from glueprint.client.objects import Location, buckets, create_bucket, read_object
from glueprint.console.visits import Family, Visit

_KEYS = 200
PREVIEW_BYTES = 64 << 10
_BLOCK = 1 << 16
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b")
_MISSING = ("404", "NoSuchKey", "NoSuchBucket")


def browse(visit: Visit) -> Response:
    """List the buckets, or what is in a folder."""
    at = visit.query("at")
    s3 = visit.session.client("s3")
    if not at:
        return visit.page("buckets.html", buckets=buckets(s3))
    place = Location.parse(at)
    if not place.is_folder:
        return visit.redirect("/s3/object", at=str(place))
    folder = read_folder(s3, place, visit.query("after"), _KEYS)
    return visit.page(
        "folder.html",
        place=place,
        crumbs=crumbs_of(place),
        folders=folder.folders,
        objects=folder.objects,
        following=folder.following,
        after=visit.query("after"),
    )


@dataclass(frozen=True, slots=True)
class Folder:
    """One page of a folder.

    Attributes:
        folders: the folders in it: names and locations.
        objects: names, locations, and what the listing has about each.
        following: the token of the next page.
    """

    folders: list[tuple[str, str]]
    objects: list[tuple[str, str, Mapping[str, Any]]]
    following: str | None


def read_folder(s3: Any, place: Location, after: str, most: int) -> Folder:
    """Return one page of a folder.

    Args:
        place: the folder.
        after: the token of the page before; empty for the first.
        most: folders and objects of a page.

    Raises:
        NotFound: there is no such bucket.
    """
    token = {"ContinuationToken": after} if after else {}
    try:
        answer = s3.list_objects_v2(Bucket=place.bucket, Prefix=place.key, Delimiter="/", MaxKeys=most, **token)
    except s3.exceptions.ClientError as error:
        raise _missing(place, error) from error
    return Folder(
        [
            (one["Prefix"][len(place.key) :], str(Location(place.bucket, one["Prefix"])))
            for one in answer.get("CommonPrefixes", ())
        ],
        [
            (one["Key"][len(place.key) :], str(Location(place.bucket, one["Key"])), one)
            for one in answer.get("Contents", ())
            if one["Key"] != place.key
        ],
        answer.get("NextContinuationToken"),
    )


def crumbs_of(place: Location) -> list[tuple[str, str]]:
    """Return the bucket and the folders above an object or folder: names and locations."""
    found = [(place.bucket, f"s3://{place.bucket}/")]
    prefix = ""
    for part in place.key.split("/")[:-1]:
        prefix += f"{part}/"
        found.append((part, f"s3://{place.bucket}/{prefix}"))
    return found


def show(visit: Visit) -> Response:
    """Show an object: what is known about it, and its first bytes if they are text."""
    place = Location.parse(visit.required("at"))
    s3 = visit.session.client("s3")
    try:
        head = s3.head_object(Bucket=place.bucket, Key=place.key)
    except s3.exceptions.ClientError as error:
        raise _missing(place, error) from error
    content = b""
    if head["ContentLength"]:
        last = min(head["ContentLength"], PREVIEW_BYTES) - 1
        content = s3.get_object(Bucket=place.bucket, Key=place.key, Range=f"bytes=0-{last}")["Body"].read()
    return visit.page(
        "object.html",
        place=place,
        name=posixpath.basename(place.key) or place.key,
        crumbs=crumbs_of(place),
        head=head,
        text=text_of(content),
        is_cut=head["ContentLength"] > PREVIEW_BYTES,
    )


def text_of(content: bytes) -> str | None:
    """Return content as text, or None if it is not text."""
    if any(byte < 32 and byte not in _TEXT_CONTROLS for byte in content):
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may have been cut at the end.
        return content[: error.start].decode("utf-8") if error.start > len(content) - 4 else None


def download(visit: Visit) -> Response:
    """Return an object for storing: never as something that the browser would show or run."""
    place = Location.parse(visit.required("at"))
    s3 = visit.session.client("s3")
    body = read_object(s3, place)
    name = posixpath.basename(place.key) or "object"
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return StreamingResponse(_blocks(body), media_type="application/octet-stream", headers=headers)


def _blocks(body: Any) -> Any:
    while block := body.read(_BLOCK):
        yield block


def upload(visit: Visit) -> Response:
    """Store an uploaded file in a folder."""
    place = Location.parse(visit.field("at"))
    if not place.is_folder:
        raise InvalidArgument(f"{place} is not a folder", "nothing was uploaded")
    chosen = visit.uploads("file")
    if not chosen:
        raise InvalidArgument("choose a file", "nothing was uploaded")
    s3 = visit.session.client("s3")
    try:
        s3.head_bucket(Bucket=place.bucket)
    except s3.exceptions.ClientError as error:
        raise _missing(place, error) from error
    for one in chosen:
        name = posixpath.basename((one.filename or "").replace("\\", "/"))
        s3.upload_fileobj(one.file, place.bucket, place.key + name)
    visit.notice(f"Uploaded {', '.join(posixpath.basename(one.filename or '') for one in chosen)} to {place}")
    return visit.redirect("/s3", at=str(place))


def make_bucket(visit: Visit) -> Response:
    """Create a bucket."""
    name = visit.field("name").strip()
    Location.parse(f"s3://{name}/")  # the name is checked
    created = create_bucket(visit.session.client("s3"), name)
    visit.notice(f"Created bucket {name}" if created else f"You own bucket {name} already")
    return visit.redirect("/s3", at=f"s3://{name}/")


def _missing(place: Location, error: Exception) -> Exception:
    if error_code(error) in _MISSING:
        return NotFound(f"there is no {place}", "S3 lists the buckets")
    return error


FAMILY = Family(
    pages=(("/s3", browse), ("/s3/object", show), ("/s3/download", download)),
    forms=(("/s3/upload", upload), ("/s3/bucket", make_bucket)),
)
