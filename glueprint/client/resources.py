"""Finding what a name means if it may be a workflow, a job, a crawler or a trigger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from glueprint.client.errors import NotFound
from glueprint.client.lookup import Lookup
from glueprint.client.names import did_you_mean, only_match, with_prefix

KINDS = ("workflow", "job", "crawler", "trigger")
"""In order of precedence: the names of a blueprint's jobs often start with the name of its workflow."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind (of :data:`KINDS`, or ``job run``) and a full name or id."""

    kind: str
    name: str


def find_resource(lookup: Lookup, text: str, notify: Callable[[str], None]) -> Resource:
    """Return what ``text`` names: ``KIND/NAME``, a job run (``jr_...``), a full name, or a prefix of one.

    Full names take precedence over prefixes, and kinds over the kinds after them.

    Raises:
        NotFound: it matches nothing.
        Ambiguous: it matches several names of one kind.
    """
    kind, slash, rest = text.partition("/")
    if slash and kind in KINDS:
        return Resource(kind, _only(lookup, kind, rest, notify))
    if text.startswith("jr_"):
        return Resource("job run", text)
    names = {}
    for kind in KINDS:
        names[kind] = lookup.names_of(kind)
        if text in names[kind]:
            return Resource(kind, text)
    for kind in KINDS:
        if matches := with_prefix(text, names[kind]):
            return Resource(kind, only_match(text, matches, notify))
    everything = [name for kind in KINDS for name in names[kind]]
    raise NotFound(
        f"there is neither a workflow nor a job, crawler or trigger {text!r}", did_you_mean(text, everything)
    )


def _only(lookup: Lookup, kind: str, name: str, notify: Callable[[str], None]) -> str:
    names = lookup.names_of(kind)
    if name in names:
        return name
    matches = with_prefix(name, names)
    if not matches:
        raise NotFound(f"there is no {kind} {name!r}", did_you_mean(name, names))
    return only_match(name, matches, notify)
