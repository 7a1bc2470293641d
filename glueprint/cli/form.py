"""The dialogue of ``glueprint create``: first what is required, then a look at everything, with changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from rich.text import Text

from glueprint.blueprint.parameter_types import ParameterType
from glueprint.cli.asking import Asker, Question, asker
from glueprint.cli.output import echo, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import count
from glueprint.client.names import did_you_mean
from glueprint.client.parameter_form import ParameterForm, as_text

Buckets = Callable[[], Iterable[str]]
"""Returns the names of the buckets that can be offered."""


class Dialogue:
    """Fills in a form on a terminal.

    Args:
        form: the parameters and the values given so far, which it changes.
        buckets: for parameters that are buckets or paths.
        ask: prompts for a line; None chooses for this terminal.
    """

    def __init__(self, form: ParameterForm, buckets: Buckets, ask: Asker | None = None) -> None:
        self._form = form
        self._buckets = buckets
        self._ask = ask or asker()

    def fill_in(self, blueprint: str) -> dict[str, Any]:
        """Ask for everything that is missing or wrong, then show all values and let the user change them.

        Returns:
            the values by parameter; those that are left out have their default.

        Raises:
            click.Abort: the user has cancelled.
        """
        questions = self._form.open_questions()
        rest = len(self._form.names) - len(questions)
        echo(f"{blueprint} requires {count(len(questions), 'more value')}; Ctrl-C cancels.", err=True)
        for name in questions:
            self._ask_for(name)
        if rest:
            self._show()
        return self._reviewed()

    def after_failure(self, message: str) -> dict[str, Any]:
        """Show why a run failed, and let the user change values for the next one.

        Raises:
            click.Abort: the user has cancelled.
        """
        echo(f"Error: {message}", err=True)
        return self._reviewed()

    def _reviewed(self) -> dict[str, Any]:
        """Let the user change parameters by name, until an empty line."""
        names = self._form.names
        question = Question(
            "Parameter to change (Enter: create the workflow)",
            hint="Enter creates the workflow; a name changes that parameter; * shows all; Ctrl-C cancels",
            choices=names,
            fault=lambda text: self._unknown(text.strip()),
        )
        while answer := self._ask(question).strip():
            if answer == "*":
                self._show()
            else:
                self._ask_for(answer)
        return dict(self._form.values)

    def _unknown(self, text: str) -> str | None:
        if text in ("", "*") or text in self._form.names:
            return None
        return did_you_mean(text, self._form.names) or "there is no such parameter"

    def _ask_for(self, name: str) -> None:
        parameter = self._form.parameter(name)
        kind = f"list of {parameter.type}" if parameter.collection else str(parameter.type)
        if parameter.description:
            show(Text(parameter.description, "dim"), stderr=True)
        if name in self._form.values and (problem := self._form.problem(name)):
            echo(f"{name}: {problem}", err=True)
        if parameter.collection:
            self._ask_for_items(name, kind)
            return
        current = self._form.current(name)
        default = as_text(current) if self._form.problem(name) is None else ""
        answer = self._ask(
            self._question(name, f"{name} ({kind})", default, lambda text: self._form.fault(name, text))
        )
        self._form.set_text(name, answer)

    def _ask_for_items(self, name: str, kind: str) -> None:
        items: list[str] = []
        while True:
            hint = "one item a line; an empty line ends the list"
            label = f"{name} ({kind}), item {len(items) + 1}"
            question = self._question(name, label, "", lambda text: self._item_fault(name, text, items), hint)
            answer = self._ask(question)
            if not answer:
                break
            items.append(answer)
        self._form.set_items(name, items)

    def _item_fault(self, name: str, text: str, items: list[str]) -> str | None:
        if text:
            return self._form.fault(name, text)
        if items or self._form.parameter(name).default == []:
            return None
        return "enter at least one item"

    def _question(
        self, name: str, label: str, default: str, fault: Callable[[str], str | None], hint: str = ""
    ) -> Question:
        parameter = self._form.parameter(name)
        choices = self._form.choices(name)
        if not choices and parameter.type is ParameterType.S3_BUCKET:
            choices = list(self._buckets())
        elif not choices and parameter.type is ParameterType.S3_URI:
            choices = [f"s3://{bucket}/" for bucket in self._buckets()]
        hints = [parameter.wants, hint]
        return Question(label, default, "; ".join(filter(None, hints)), choices, fault)

    def _show(self) -> None:
        rows = []
        for name in self._form.names:
            is_default = name not in self._form.values
            shown = Text(as_text(self._form.current(name)), "dim" if is_default else "")
            rows.append((Text(name), Text("default" if is_default else ""), shown))
        show(plain_table(("PARAMETER", "", "VALUE"), rows), stderr=True)
