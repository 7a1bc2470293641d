"""READMEs as HTML. HTML in them is text, images are their descriptions, and links lead only to the web."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

from glueprint.client.printable import printable

MAX_LENGTH = 500_000
"""Characters of a README that are rendered; a longer one is shown as text."""
_SCHEMES = ("http://", "https://", "mailto:")


class _Renderer(RendererHTML):
    """Renders images as text: the page loads nothing from elsewhere."""

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """Return the description of an image."""
        return str(escape(f"[image: {tokens[idx].content or tokens[idx].attrs.get('src', '')}]"))

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: Mapping[str, Any], env: MutableMapping[str, Any]
    ) -> str:
        """Return the start of a link that leads away, or of no link if it is relative."""
        href = str(tokens[idx].attrs.get("href", ""))
        if not href.lower().startswith(_SCHEMES):
            return "<a>"
        return f'<a href="{escape(href)}" rel="noopener noreferrer nofollow" target="_blank">'


def render(text: str) -> Markup:
    """Return a README as HTML that can be put into a page."""
    shown = printable(text)
    if len(shown) > MAX_LENGTH:
        return Markup("<pre>{}</pre>").format(shown[:MAX_LENGTH])
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}, renderer_cls=_Renderer).enable("table")
    return Markup(parser.render(shown))
