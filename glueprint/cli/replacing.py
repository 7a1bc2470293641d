"""Replacing a workflow: ``create --replace``."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any, NoReturn

import click

from glueprint.cli.output import echo
from glueprint.client.errors import GlueprintError, RequestFailed, from_botocore
from glueprint.client.replacement import Replacement, begin, record_name
from glueprint.client.session import Session
from glueprint.client.waiting import TimedOut

NAMING_PARAMETER = "WorkflowName"
_ENDING = (signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def replacing(session: Session, blueprint: str, values: Mapping[str, Any]) -> Iterator[None]:
    """Wrap a blueprint run that replaces a workflow, if there is one of that name.

    The workflow and its triggers are deleted first, because their names would clash; its jobs and crawlers, whose
    names have a random suffix, at the end. If the wrapped run fails, or the command is interrupted (Ctrl-C,
    SIGTERM, a closed terminal), workflow and triggers are created again. After a SIGKILL, the next
    ``create --replace`` does so, or completes the replacement.

    Args:
        session: the Glue.
        blueprint: the blueprint that is run.
        values: its parameters; ``WorkflowName`` names the workflow.

    Raises:
        click.UsageError: there is no such parameter.
    """
    name = values.get(NAMING_PARAMETER)
    if not isinstance(name, str) or not name:
        raise click.UsageError(
            f"--replace needs the parameter {NAMING_PARAMETER}, which names the workflow; "
            "for this blueprint, use `glueprint delete WORKFLOW` first"
        )
    replacement = begin(session, name)
    if replacement is None:
        yield  # there is nothing to replace
        return
    if replacement.is_resumed:
        echo(f"an earlier replacement of {name} was interrupted: this one takes it over", err=True)
    with signals_raise():
        try:
            replacement.delete_old()
            yield
        except BaseException as error:
            _undo(replacement, blueprint, is_interrupted=not isinstance(error, Exception))
            raise
        replacement.finish()
    echo(f"replaced workflow {name}", err=True)


def _undo(replacement: Replacement, blueprint: str, *, is_interrupted: bool) -> None:
    name = replacement.old.workflow
    if is_interrupted:
        echo(f"interrupted: the old workflow {name} is created again ...", err=True)
    with _signals_ignored():
        try:
            is_restored = replacement.undo(blueprint)
        except Exception as error:
            problem = error if isinstance(error, (GlueprintError, TimedOut)) else from_botocore(error)
            if problem is None:
                raise
            raise RequestFailed(
                f"the old workflow {name} was not created again: {problem}",
                f"repeat the command: workflow {record_name(name)} has its definition",
            ) from error
    if is_restored:
        echo(f"the old workflow {name} was created again; it does not refer to its blueprint", err=True)
    else:
        echo(f"the blueprint run succeeded meanwhile: replaced workflow {name}", err=True)


@contextlib.contextmanager
def signals_raise() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the command with an exception, as Ctrl-C does."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    with _handled(_ENDING, end):
        yield


@contextlib.contextmanager
def _signals_ignored() -> Iterator[None]:
    """Let nothing but SIGKILL interrupt what restores the old workflow."""
    with _handled((signal.SIGINT, *_ENDING), signal.SIG_IGN):
        yield


@contextlib.contextmanager
def _handled(numbers: tuple[signal.Signals, ...], handler: Any) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread has signals
        return
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
