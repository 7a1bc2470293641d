"""`glueprint create` on a terminal: what is missing is entered (docs/tutorial-analyst.md)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from harness.scripted_glue import Stage
from harness.terminal import CTRL_C, CTRL_U, ENTER, TAB, Terminal

from glueprint.cli import asking
from glueprint.cli.asking import Question, ask_plainly
from glueprint.cli.form import Dialogue
from glueprint.client.parameter_form import ParameterForm

Glueprint = Callable[..., Result]
Start = Callable[..., Terminal]

PARAMETERS: dict[str, Any] = {
    "WorkflowName": {"type": "String", "description": "Name of the workflow.", "defaultValue": None},
    "Rows": {"type": "Integer", "defaultValue": None},
    "Share": {"type": "Double", "defaultValue": 0.5},
    "Strict": {"type": "Boolean", "defaultValue": False},
    "Source": {"type": "S3Uri", "defaultValue": None},
    "Scripts": {"type": "S3Bucket", "defaultValue": None},
    "Role": {"type": "IAMRoleArn", "defaultValue": None},
    "RoleName": {"type": "IAMRoleName", "defaultValue": "Etl"},
    "Mode": {"type": "String", "allowedValues": ["skip", "fail"], "defaultValue": None},
    "Columns": {"type": "String", "collection": True, "defaultValue": None},
}
ROLE = "arn:aws:iam::123456789012:role/Etl"
VALUES = {
    "WorkflowName": "orders",
    "Rows": 3,
    "Source": "s3://lake/in/",
    "Scripts": "lake",
    "Role": ROLE,
    "Mode": "skip",
    "Columns": ["a", "b"],
}


class Script:
    """Answers questions as a user would: after a wrong answer, again."""

    def __init__(self, answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.labels: list[str] = []
        self.faults: list[str] = []
        self.questions: list[Question] = []

    def __call__(self, question: Question) -> str:
        while True:
            self.labels.append(question.label)
            self.questions.append(question)
            answer = self._answers.pop(0)
            fault = question.fault(answer)
            if fault is None:
                return answer
            self.faults.append(fault)


def test_all_types_are_entered_until_they_are_right() -> None:
    """Each required parameter with its type; wrong answers are refused with the reason; then everything is
    shown."""
    answers = [
        "",
        "orders",
        "three",
        "3",
        "lake/in",
        "s3://lake/in/",
        "s3://lake",
        "lake",
        "Etl",
        ROLE,
        "stop",
        "skip",
    ]
    script = Script(
        [*answers, "", "a", "b", "", "Share", "lots", "0.25", "strict", "Strict", "maybe", "yes", "*", ""]
    )
    form = ParameterForm(PARAMETERS, {})
    values = Dialogue(form, lambda: ["lake"], script).fill_in("orders")
    assert values == {**VALUES, "Share": 0.25, "Strict": True}
    assert len(script.faults) == 10
    assert script.labels[0] == "WorkflowName (String)"
    assert "Columns (list of String), item 2" in script.labels
    offered = {question.label.partition(" ")[0]: list(question.choices) for question in script.questions}
    assert offered["Mode"] == ["skip", "fail"]
    assert offered["Strict"] == ["true", "false"]
    assert (offered["Scripts"], offered["Source"]) == (["lake"], ["s3://lake/"])


def test_what_was_given_is_not_requested_and_what_is_wrong_is() -> None:
    """Flags and files count; only the rest is requested."""
    script = Script(["7", ""])
    form = ParameterForm(PARAMETERS, {**VALUES, "Rows": "many"})
    assert Dialogue(form, list, script).fill_in("orders") == {**VALUES, "Rows": 7}
    assert script.labels[0] == "Rows (Integer)"


@pytest.fixture
def start(stage: Stage, tmp_path: Path) -> Iterator[Start]:
    """Starts a command on a terminal."""
    stage.glue.parameters = PARAMETERS
    stage.glue.blueprints["orders"] = {"Name": "orders"}
    opened: list[Terminal] = []

    def started(command: str, *arguments: str, **environment: str) -> Terminal:
        program = [sys.executable, "-m", "glueprint.cli", command, "--data-dir", str(stage.data.path), *arguments]
        opened.append(Terminal(program, environment, str(tmp_path)))
        return opened[-1]

    yield started
    for one in opened:
        one.close()


def given(*left_out: str) -> list[str]:
    """``--param`` options for all required parameters but some."""
    options = []
    for name, value in VALUES.items():
        if name not in left_out:
            shown = value if isinstance(value, str) else json.dumps(value)
            options += ["--param", f"{name}={shown}"]
    return options


def test_a_form_on_a_real_terminal(stage: Stage, start: Start, tmp_path: Path) -> None:
    """What is wrong is shown while it is typed, Enter does not accept it; choices are completed; the values are
    saved and sent; standard output has only the result."""
    terminal = start("create", "orders", "--save", "orders.json", *given("WorkflowName", "Rows", "Mode"))
    terminal.expect(
        "orders requires 3 more values; Ctrl-C cancels.", "Name of the workflow.", "WorkflowName (String):"
    )
    terminal.type("orders", ENTER)
    terminal.expect("Rows (Integer):")
    terminal.type("three")
    terminal.expect('got "three" (a string), wants Integer')
    terminal.type(ENTER, CTRL_U, "3", ENTER)
    terminal.expect("Mode (String):")
    terminal.type("sk")
    terminal.expect('got "sk" (a string)')
    terminal.settle()
    terminal.type(TAB)
    terminal.settle()
    terminal.type(ENTER)
    terminal.expect("PARAMETER", "Share", "default", "0.5", "Parameter to change")
    terminal.type("Share", ENTER)
    terminal.expect("Share (Double):")
    terminal.type(CTRL_U, "0.75", ENTER)
    terminal.expect("Parameter to change")
    terminal.type(ENTER)
    status, output = terminal.end()
    assert status == 0, terminal.shown
    assert output.startswith("created workflow nightly: ")
    (request,) = stage.glue.sent("StartBlueprintRun")
    assert json.loads(request["Parameters"]) == {**VALUES, "Share": 0.75}
    assert json.loads((tmp_path / "orders.json").read_text()) == {**VALUES, "Share": 0.75}


def test_a_form_can_be_cancelled(stage: Stage, start: Start) -> None:
    """Nothing is started, and the exit code is not 0."""
    terminal = start("create", "orders", *given("Rows"))
    terminal.expect("Rows (Integer):")
    terminal.type(CTRL_C)
    status, output = terminal.end()
    assert (status, output) == (1, "")
    assert "Aborted!" in terminal.shown
    assert stage.glue.sent("StartBlueprintRun") == []


def test_after_a_failed_run_values_can_be_changed(stage: Stage, start: Start) -> None:
    """The reason is shown, one value changed, and the run repeated."""
    stage.glue.blueprint_run = {"State": "FAILED", "ErrorMessage": "Rows must be even"}
    terminal = start("create", "orders", *given("Rows"))
    terminal.expect("Rows (Integer):")
    terminal.type("3", ENTER)
    terminal.expect("Parameter to change")
    terminal.type(ENTER)
    terminal.expect("Error: blueprint run br_1 failed: Rows must be even", "Parameter to change")
    stage.glue.blueprint_run = {"State": "SUCCEEDED", "WorkflowName": "nightly"}
    terminal.type("Rows", ENTER)
    terminal.expect("Rows (Integer):")
    terminal.type(CTRL_U, "4", ENTER)
    terminal.expect("Parameter to change")
    terminal.type(ENTER)
    assert terminal.end()[0] == 0
    sent = [json.loads(one["Parameters"])["Rows"] for one in stage.glue.sent("StartBlueprintRun")]
    assert sent == [3, 4]


def test_a_plain_terminal_has_plain_prompts(stage: Stage, start: Start) -> None:
    """TERM=dumb, as in editors and for screen readers: lines, and no movements of the cursor."""
    terminal = start("create", "orders", *given("Rows", "Mode"), TERM="dumb")
    terminal.expect("Rows (Integer):")
    terminal.type("three\n")
    terminal.expect('got "three"', "Rows (Integer):")
    terminal.type("3\n")
    terminal.expect("one of: skip, fail", "Mode (String):")
    terminal.type("skip\n")
    terminal.expect("Parameter to change")
    terminal.type("\n")
    assert terminal.end()[0] == 0
    (request,) = stage.glue.sent("StartBlueprintRun")
    assert json.loads(request["Parameters"]) == VALUES


def test_scripts_have_no_prompts(stage: Stage, start: Start, glueprint: Glueprint) -> None:
    """Without a terminal, and with --no-input on one, missing parameters are an error."""
    terminal = start("create", "orders", "--no-input", *given("Rows"))
    status, _ = terminal.end()
    assert status == 1
    assert "got nothing, wants Integer" in terminal.shown
    result = glueprint("create", "orders", *given("Rows"))
    assert (result.exit_code, stage.glue.sent("StartBlueprintRun")) == (1, [])
    assert glueprint("create", "orders", "--interactive").exit_code == 2


def test_values_are_saved_without_a_terminal(
    stage: Stage, start: Start, glueprint: Glueprint, tmp_path: Path
) -> None:
    """--save keeps what a run was started with, as --params reads it; a place that cannot be written is an error
    before anything is started."""
    assert glueprint("create", "orders", "--save", "saved.json", *given()).exit_code == 0
    assert json.loads((tmp_path / "saved.json").read_text()) == VALUES
    assert glueprint("create", "orders", "--params", "saved.json").exit_code == 0
    stage.glue.requests.clear()
    refused = glueprint("create", "orders", "--save", "no/such/folder.json", *given())
    assert "cannot write no/such/folder.json" in refused.stderr
    assert stage.glue.sent("StartBlueprintRun") == []


def test_a_plain_question_ends_with_its_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-D ends the command, not the question only."""

    @click.command()
    def command() -> None:
        ask_plainly(Question("Name"))

    assert CliRunner().invoke(command, input="").exit_code == 1
    monkeypatch.setenv("TERM", "dumb")
    assert asking.asker() is ask_plainly
