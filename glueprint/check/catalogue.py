"""Every rule by name: for ``glueprint check --explain`` and for the reference."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from glueprint.check import (
    build_rules,
    checking,
    example,
    job_requests,
    layout_run,
    layout_source,
    script_arguments,
    script_content,
    scripts,
    subject,
    workflow_requests,
)
from glueprint.check.rule import Rule

_MODULES = (
    subject,
    example,
    checking,
    layout_source,
    layout_run,
    job_requests,
    workflow_requests,
    scripts,
    script_arguments,
    script_content,
    build_rules,
)

RULES: Mapping[str, Rule] = {rule.name: rule for module in _MODULES for rule in module.RULES}


class UnknownRule(ValueError):
    """There is no rule of that name; the message contains similar ones."""


def rule(name: str) -> Rule:
    """Return a rule.

    Raises:
        UnknownRule: there is none of that name.
    """
    found = RULES.get(name)
    if found is None:
        similar = difflib.get_close_matches(name, RULES, n=3)
        hint = f"did you mean {', '.join(similar)}?" if similar else "glueprint check --rules lists them"
        raise UnknownRule(f"there is no rule {name}; {hint}")
    return found
