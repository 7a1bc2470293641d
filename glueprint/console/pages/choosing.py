"""Choosing a bucket, folder or object of S3 for a field of a form: what the dialog of the form shows.

The answer is a part of a page. The form works without it: locations can be typed.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from glueprint.client.errors import as_shown
from glueprint.client.objects import Location, buckets
from glueprint.console.pages.storage import Folder, crumbs_of, read_folder
from glueprint.console.visits import Family, Visit

MAX_KEYS = 100
"""Folders and objects of one page of the dialog."""


def choices(visit: Visit) -> Response:
    """List the buckets, or what is in a folder, each with what choosing it writes into the field.

    A problem is a part of the answer: the dialog stays, and the user goes elsewhere.
    """
    at = visit.query("at")
    try:
        return visit.page("s3_choices.html", **_listed(visit, at))
    except Exception as error:
        shown = as_shown(error)
        if shown is None:
            raise
        return visit.page("s3_choices.html", **_answer(visit, at, problem=str(shown)))


def _listed(visit: Visit, at: str) -> dict[str, Any]:
    s3 = visit.session.client("s3")
    if not at:
        return _answer(visit, at, names=[name for name, _ in buckets(s3)])
    place = Location.parse(at)
    place = Location(place.bucket, place.key[: place.key.rfind("/") + 1])  # what is typed may end in a name
    folder = read_folder(s3, place, visit.query("after"), MAX_KEYS)
    return _answer(visit, str(place), place=place, folder=folder, crumbs=crumbs_of(place))


def _answer(
    visit: Visit,
    at: str,
    *,
    names: list[str] | None = None,
    place: Location | None = None,
    folder: Folder | None = None,
    crumbs: list[tuple[str, str]] | None = None,
    problem: str | None = None,
) -> dict[str, Any]:
    return {
        "at": at,
        "only_buckets": visit.query("kind") == "buckets",
        "buckets": names,
        "place": place,
        "folder": folder,
        "crumbs": crumbs or [],
        "problem": problem,
    }


FAMILY = Family(pages=(("/s3/choices", choices),))
