"""``glueprint demo``: the main job on real data, from a zip to a table that can be queried."""

from glueprint.cli.demo.command import demo

__all__ = ["demo"]
