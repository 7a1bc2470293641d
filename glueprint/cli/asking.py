"""Prompts for one line on a terminal: with completion and checks while it is typed, or plain ones.

The first needs prompt_toolkit, which ``glueprint[local]`` and ``glueprint[form]`` install, and a terminal that can
move its cursor. Questions go to stderr: stdout is for results.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import click

from glueprint.cli.output import echo
from glueprint.client.printable import printable


@dataclass(frozen=True, slots=True)
class Question:
    """One line that the user enters.

    Attributes:
        label: what is entered.
        default: what is in the line already; the user can edit it.
        hint: describes what is expected.
        choices: texts that are offered.
        fault: what is wrong with a text, or None.
    """

    label: str
    default: str = ""
    hint: str = ""
    choices: Sequence[str] = ()
    fault: Callable[[str], str | None] = lambda text: None


class Asker(Protocol):
    """Prompts until an answer is right."""

    def __call__(self, question: Question) -> str:
        """Return the answer.

        Raises:
            click.Abort: Ctrl-C or Ctrl-D.
        """


def is_terminal() -> bool:
    """Return whether a person sees questions and types answers."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def asker() -> Asker:
    """Return what prompts on this terminal."""
    if os.environ.get("TERM", "dumb") != "dumb":
        with contextlib.suppress(ImportError):
            return _EditedLine()
    return ask_plainly


def ask_plainly(question: Question) -> str:
    """Ask with a plain prompt: for terminals and screen readers that cannot do more."""
    if question.hint:
        echo(question.hint, err=True)
    if question.choices:
        echo(f"one of: {', '.join(question.choices)}", err=True)
    while True:
        default = question.default or None
        answer = click.prompt(
            printable(question.label), default=default or "", show_default=bool(default), err=True
        )
        fault = question.fault(answer)
        if fault is None:
            return str(answer)
        echo(fault, err=True)


class _EditedLine:
    """Asks with prompt_toolkit.

    Raises:
        ImportError: it is not installed.
    """

    def __init__(self) -> None:
        from prompt_toolkit.output import create_output
        from prompt_toolkit.shortcuts import PromptSession

        self._session: PromptSession[str] = PromptSession(output=create_output(sys.stderr))

    def __call__(self, question: Question) -> str:
        """Ask; what is wrong is shown while the line is typed, and Enter is refused until it is right."""
        from prompt_toolkit.completion import WordCompleter
        from prompt_toolkit.validation import ValidationError, Validator

        class Check(Validator):
            def validate(self, document: object) -> None:
                fault = question.fault(str(getattr(document, "text", "")))
                if fault is not None:
                    raise ValidationError(message=printable(" ".join(fault.split())))

        choices = [printable(one) for one in question.choices]
        completer = WordCompleter(choices, sentence=True, ignore_case=True) if choices else None
        try:
            return self._session.prompt(
                f"{printable(question.label)}: ",
                default=question.default,
                completer=completer,
                complete_while_typing=True,
                validator=Check(),
                validate_while_typing=True,
                bottom_toolbar=printable(" ".join(question.hint.split())) or None,
            )
        except (KeyboardInterrupt, EOFError) as error:
            raise click.Abort from error
