"""The convention by which documents are executed: marks, commands, comparison (docs_console)."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs_console import Command, DocumentError, blocks, commands, difference

DOCUMENT = """# Title

```console
$ not marked
```

<!-- run: spark -->
```console
$ one
first
$ two \\
>   more
> and more
...
```

<!-- file: a/b.txt -->
````text
```
````
"""


def written(directory: Path, text: str) -> Path:
    """A document with this text."""
    document = directory / "page.md"
    document.write_text(text, "utf-8")
    return document


def test_marked_blocks_are_found(tmp_path: Path) -> None:
    """Only marked blocks count, with kind, argument and line (docs_console's docstring)."""
    found = list(blocks(written(tmp_path, DOCUMENT)))
    assert [(one.kind, one.argument, one.where) for one in found] == [
        ("run", "spark", "page.md:8"),
        ("file", "a/b.txt", "page.md:18"),
    ]
    assert found[1].lines == ("```",)


def test_commands_go_on_with_their_mark(tmp_path: Path) -> None:
    """``$`` begins a command, ``>`` goes on with it, the rest is output (docs_console's docstring)."""
    block = next(blocks(written(tmp_path, DOCUMENT)))
    assert commands(block) == [
        Command("one", ("first",), "page.md:9"),
        Command("two \\\n  more\nand more", ("...",), "page.md:11"),
    ]


@pytest.mark.parametrize("text", ["<!-- run -->\n\n```console\n$ x\n```\n", "```console\n$ x\n"])
def test_a_document_that_cannot_be_read_is_an_error(tmp_path: Path, text: str) -> None:
    """A mark that marks nothing would silently test nothing; so would a block without an end."""
    with pytest.raises(DocumentError):
        list(blocks(written(tmp_path, text)))


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (["a", "b"], ["a", "", "b"]),
        (["NAME   STATE"], ["NAME STATE"]),
        (["...", "b"], ["a", "b", "c", "b"]),
        (["a", "...", "c"], ["a", "c"]),
        (["file_presence  ACTIVE  ..."], ["file_presence  ACTIVE  WorkflowName IAMRole"]),
        (["run wr_0123456789ab  COMPLETED  0.3 s"], ["run wr_fedcba987654  COMPLETED  1 min 05 s"]),
        (["job  orders_look_s9awucig"], ["job  orders_look_0a1b2c3d"]),
        (["  0.2 s  job a RUNNING", "  0.4 s  job a SUCCEEDED"], ["  0.3 s  job a SUCCEEDED"]),
        ([], []),
    ],
)
def test_what_differs_from_run_to_run_does_not_count(shown: list[str], printed: list[str]) -> None:
    """Gaps, widths, ids, times and passing states are left out (docs_console's docstring)."""
    assert difference(shown, printed) is None


@pytest.mark.parametrize(
    ("shown", "printed", "reported"),
    [
        (["a", "b", "c"], ["a", "x", "c"], "b"),
        (["a"], ["a", "surprise"], "surprise"),
        ([], ["surprise"], "surprise"),
        (["a", "b"], ["b", "a"], "a"),
        (["job a SUCCEEDED"], ["job a FAILED"], "FAILED"),
        (["file_presence.count 3"], ["file_presence.count 2"], "count 3"),
        (["a"], [], "(nothing)"),
    ],
)
def test_lines_that_were_not_printed_are_reported(shown: list[str], printed: list[str], reported: str) -> None:
    """A document that shows something else than was printed fails; the error names the first line that differs."""
    problem = difference(shown, printed)
    assert problem is not None
    assert reported in problem
