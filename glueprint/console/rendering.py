"""Templates: jinja2 with everything escaped, and with control characters made visible."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from glueprint.client.printable import printable
from glueprint.compat import UTC
from glueprint.console import markdown, text
from glueprint.console.graph_picture import shortened_name

_PACKAGE = "glueprint.console"
MAX_TEXT = 200_000
"""Characters of one text of a page, whatever its template: more than the values of a blueprint run can have
(service model, ``BlueprintParameters``: 131,072), so no field of a form is cut."""


def _shown(value: Any) -> Any:
    """Return text without characters that reorder or hide what is next to them; called for each ``{{ }}``."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return printable(text.shortened(value, MAX_TEXT))


def _time(when: datetime | None, missing: str = "-") -> Markup:
    """Return a moment as ``<time>``: in UTC, which the script shows in the reader's zone."""
    if when is None:
        return Markup("{}").format(missing)
    return Markup('<time datetime="{}">{}</time>').format(text.iso(when), text.utc(when))


def _ticking(start: datetime | None, end: datetime | None = None) -> Markup:
    """Return a duration; one that has not ended goes on in the browser."""
    seconds = text.seconds_between(start, end, datetime.now(UTC))
    if start is None or seconds is None:
        return Markup("-")
    if end is not None:
        return Markup('<span class="num">{}</span>').format(text.duration(seconds))
    return Markup('<span class="num" data-since="{}">{}</span>').format(text.iso(start), text.duration(seconds))


@cache
def environment() -> jinja2.Environment:
    """Return the environment of all templates."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    found.filters |= {
        "duration": text.duration,
        "markdown": markdown.render,
        "sentence": text.sentence,
        "shortened": text.shortened,
        "size": text.size,
        "time": _time,
    }
    found.globals |= {
        "badge": text.badge,
        "iso": text.iso,
        "short_name": shortened_name,
        "run_badge": text.run_badge,
        "static": static_address,
        "ticking": _ticking,
        "url": text.url,
    }
    return found


def render(template: str, **values: Any) -> str:
    """Return a rendered template."""
    return environment().get_template(template).render(**values)


STATIC = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "picker.js": "text/javascript; charset=utf-8",
    "theme.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""The files that are served as they are, and their types."""


@cache
def static_file(name: str) -> bytes:
    """Return the content of a file of ``static/``."""
    return (resources.files(_PACKAGE) / "static" / name).read_bytes()


@cache
def static_address(name: str) -> str:
    """Return the address of a file of ``static/``; it changes with the content, so browsers may keep it."""
    return f"/static/{name}?v={hashlib.sha256(static_file(name)).hexdigest()[:12]}"
