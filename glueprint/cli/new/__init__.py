"""``glueprint new``: your own blueprint project. ``project/`` has its files, with ``__NAME__`` for the name."""

from __future__ import annotations

from glueprint.cli.new.command import new

__all__ = ["new"]
