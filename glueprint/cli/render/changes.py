"""A plan as lines: what is created, changed in place, replaced, deleted, uploaded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from rich.text import Text

from glueprint.check.job_requests import is_secret
from glueprint.cli.render.words import count
from glueprint.deploy.change.changes import NODE_KINDS, Action, Change, by_action
from glueprint.deploy.change.plan import Plan, Upload
from glueprint.deploy.definitions.comparison import Difference
from glueprint.deploy.definitions.model import Definition, Key

HIDDEN = "********"
_SIGNS = {
    Action.CREATE: ("+", "green"),
    Action.UPDATE: ("~", "yellow"),
    Action.REPLACE: ("-/+", "bold red"),
    Action.DELETE: ("-", "red"),
}
_WORDS = {
    Action.CREATE: "is created",
    Action.UPDATE: "is changed in place",
    Action.REPLACE: "is replaced",
    Action.DELETE: "is deleted",
}
_DRIFT_WORDS = {
    Action.CREATE: "is gone",
    Action.UPDATE: "was changed",
    Action.REPLACE: "was changed",
    Action.DELETE: "was added",
}
_COUNTED = {
    Action.CREATE: "to create",
    Action.UPDATE: "to change in place",
    Action.REPLACE: "to replace",
    Action.DELETE: "to delete",
}
MAX_VALUE_LENGTH = 200


def plan_lines(plan: Plan) -> Iterator[Text]:
    """Return a plan as lines."""
    for note in plan.notes:
        yield Text(f"note: {note}", "cyan")
    for upload in plan.uploads:
        yield _upload(upload)
    for call in plan.calls:
        yield Text.assemble(
            ("  ! ", "magenta"), f"{call.service} {call.operation} {_named(call.parameters)}".rstrip()
        )
    logical = {Key(key.kind, name): key.name for key, name in plan.target.names.items()}
    for change in plan.changes:
        yield from _change(change, logical)
    lost = sum(bool(one.drift) for one in plan.changes) + sum(one.is_drift for one in plan.uploads)
    if lost:
        text = f"what others changed since version {plan.base} is lost in {count(lost, 'place')}, marked (!)"
        yield Text(f"note: {text}; `glueprint drift {plan.workflow}` shows all of it", "magenta")
    yield _summary(plan)


def drift_lines(plan: Plan) -> Iterator[Text]:
    """Return what others have changed since a version was applied, as lines."""
    for note in plan.notes:
        yield Text(f"note: {note}", "cyan")
    for upload in plan.uploads:
        what = "is gone" if upload.present is None else "was changed"
        yield Text.assemble(("  ~ ", "yellow"), (upload.target.location, "bold"), f" {what}")
    for change in plan.changes:
        sign, style = _SIGNS[_OPPOSITE.get(change.action, change.action)]
        yield Text.assemble((f"{sign:>3} ", style), (str(change.key), "bold"), f" {_DRIFT_WORDS[change.action]}")
        for one in change.differences:
            yield _difference(Difference(one.path, one.wanted, one.deployed))


_OPPOSITE = {Action.CREATE: Action.DELETE, Action.DELETE: Action.CREATE, Action.REPLACE: Action.UPDATE}


def _change(change: Change, logical: dict[Key, str]) -> Iterator[Text]:
    sign, style = _SIGNS[change.action]
    line = Text.assemble((f"{sign:>3} ", style), (str(change.key), "bold"))
    name = logical.get(change.key)
    if name is not None and name != change.key.name and change.key.kind in NODE_KINDS:
        line.append(f" ({name})", "dim")
    line.append(f" {_WORDS[change.action]}")
    if change.reason:
        line.append(f": {change.reason}")
    if () in change.drift:
        line.append(_BY_OTHERS.format("deleted" if change.action is Action.CREATE else "added"), "magenta")
    yield line
    if change.action is Action.CREATE and change.wanted is not None:
        yield from _members(change.wanted)
    for one in change.differences:
        shown = _difference(one)
        if one.path in change.drift:
            shown.append(_BY_OTHERS.format("changed"), "magenta")
        yield shown


_BY_OTHERS = " (!) {} by others"


def _members(wanted: Definition) -> Iterator[Text]:
    tags = {"Tags": wanted.tags} if wanted.tags else {}
    for name, value in sorted({**wanted.members, **tags}.items()):
        if name != "WorkflowName":
            yield Text(f"      {name}: {_value((name,), value)}", "dim")


def _difference(one: Difference) -> Text:
    return Text.assemble(
        f"      {_path(one.path)}: ",
        (_value(one.path, one.deployed), "red"),
        " -> ",
        (_value(one.path, one.wanted), "green"),
    )


def _path(path: Iterable[str]) -> str:
    return ".".join(part if part.isidentifier() else json.dumps(part) for part in path)


def _value(path: tuple[str, ...], value: Any) -> str:
    if value is None:
        return "(none)"
    text = json.dumps(_hidden(path[-1], value), default=str, ensure_ascii=False)
    return text if len(text) <= MAX_VALUE_LENGTH else f"{text[:MAX_VALUE_LENGTH]} ..."


def _hidden(name: str, value: Any) -> Any:
    """Return a value without the contents of members that are named like secrets."""
    if isinstance(value, dict):
        return {key: _hidden(key, one) for key, one in value.items()}
    return HIDDEN if isinstance(value, str) and is_secret(name, value) else value


def _upload(upload: Upload) -> Text:
    what = "is uploaded" if upload.present is None else "is uploaded again: its content differs"
    line = Text.assemble(("  ^ ", "magenta"), (upload.target.location, "bold"), f" {what}")
    if upload.is_drift:
        line.append(_BY_OTHERS.format("deleted" if upload.present is None else "changed"), "magenta")
    return line


def _named(parameters: Any) -> str:
    """Return what a call is about: its first text."""
    for value in parameters.values():
        found = value if isinstance(value, str) else _named(value) if isinstance(value, dict) else ""
        if found:
            return found
    return ""


def _summary(plan: Plan) -> Text:
    parts = [f"{number} {_COUNTED[action]}" for action, number in by_action(plan.changes)]
    if plan.uploads:
        parts.append(count(len(plan.uploads), "upload"))
    if plan.calls:
        parts.append(count(len(plan.calls), "call"))
    what = ", ".join(parts) or "nothing changes"
    versions = f"version {plan.base} -> {plan.target.number}" if plan.base else f"version {plan.target.number}"
    if plan.is_empty and not plan.records:
        versions = f"version {plan.base}"
    elif plan.is_empty:
        what = f"nothing changes; applying it {plan.records}"
    return Text.assemble(("workflow ", "bold"), (plan.workflow, "bold"), f": {what} ({versions})")
