"""Control characters of layouts, logs and names never reach a terminal (Unicode TR 36; ECMA-48)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.table import Table

import glueprint
from glueprint.cli.output import echo, show
from glueprint.client.printable import printable

HOSTILE = "a\x1b[2Jb\x1b]0;title\x07c\x00d\x9b31me\u202efg\u2066h\ri\x7f"
SHOWN = "a␛[2Jb␛]0;title␇c␀d\ufffd31me\ufffdfg\ufffdh␍i␡"


def test_each_control_character_becomes_a_visible_one() -> None:
    """ESC, OSC, NUL, C1, right-to-left overrides, carriage returns; text, tabs, line ends and emoji stay."""
    assert printable(HOSTILE) == SHOWN
    assert printable("täglich\t名前 👍🏽\n") == "täglich\t名前 👍🏽\n"


def test_lines_and_tables_are_printed_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Both ways by which commands print, the cells of tables included."""
    echo(HOSTILE)
    assert capsys.readouterr().out == f"{SHOWN}\n"
    table = Table("NAME")
    table.add_row(HOSTILE)
    show(table)
    out = capsys.readouterr().out
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", out)
    assert "␛]0;title" in out


def test_commands_print_in_no_other_way() -> None:
    """Only the module of output, and commands that print nothing of others, call click's echo."""
    folder = Path(glueprint.__file__).parent / "cli"
    direct = {path.name for path in folder.glob("*.py") if "click.echo(" in path.read_text("utf-8")}
    assert direct <= {"output.py", "main.py", "serve.py"}
