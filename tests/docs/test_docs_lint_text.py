"""``docs/lint_text.py`` reports a planted fault of each kind with its place and a remedy, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from lint_text import GLOSSARY, SOURCES, Linter, anchors, glossary, main, tracked

ROOT = Path(__file__).parents[2]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small repository: a glossary, a key to the sources, a page of facts, a page that is linked to."""
    words = "| Write | For | Replaces |\n|---|---|---|\n| reported | news | `told`, `so many`, `Cell` |\n"
    pages = "`DG:page` is a page.\n\n`DG:`\n\n- `add-classifier`\n\n`KC:`\n\n- `detect-schema`\n"
    written(tmp_path, GLOSSARY, words)
    written(tmp_path, SOURCES, pages)
    written(tmp_path, "docs/facts/crawlers.md", "# Crawlers\n\n## Table names\n\n## Table names\n\n## `a`, b\n")
    return tmp_path


def written(root: Path, path: str, text: str) -> str:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ('"""See docs/facts/none.md."""', "the file does not exist", "cite one that does"),
        ("# docs/facts/crawlers.md#names", "the page has no such heading", "cite one of its headings"),
        ("# docs/decisions/131", "'decisions/131' does not exist", "docs/decisions"),
        ("# Decision 131 has it", "'Decision 131' does not exist", "docs/decisions"),
        ("# DG:add-clasifier", "'DG:add-clasifier' is not a known page", SOURCES),
        ("# DG22:add-classifier", "'DG22:add-classifier' is not a known page", SOURCES),
        ("# glue-facts 6.7", "'glue-facts' is not in the repository", SOURCES),
        ("# DESIGN, Safety", "'DESIGN' is not in the repository", SOURCES),
        ("# shared/local-server.md", "'local-server.md' is not in the repository", SOURCES),
        ("# (users.md)", "'users.md' is not in the repository", SOURCES),
        ("# It is so (the brief).", "'the brief' is not in the repository", SOURCES),
        ("# models-to-read, habit 4", "'models-to-read' is not in the repository", SOURCES),
        ("# It is so (issue 2, item 7).", "'issue 2' has no repository", "owner/repo#N"),
        ("# The user is told", "'told' is a word to avoid", "write: reported"),
        ("was_told = 1", "'told' is a word to avoid", "write: reported"),
        ("# There are so\n# many, or so\nmany", "'so many' is a word to avoid", "write: reported"),
        ("class Cell: ...", "'Cell' is a word to avoid", "write: reported"),
    ],
)
def test_a_fault_is_reported_with_its_place_and_a_remedy(
    repository: Path, text: str, message: str, remedy: str
) -> None:
    """Each kind of fault, in a Python file, on the line where it starts."""
    path = written(repository, "glueprint/module.py", f"first = 1\n{text}\nlast = 1\n")
    found = [finding for finding in Linter(repository).findings(path) if message in finding.message]
    assert len(found) == 1
    assert re.match(r"glueprint/module\.py:[23]: ", str(found[0]))
    assert remedy in found[0].remedy


@pytest.mark.parametrize("target", ["none.md", "facts/crawlers.md#names", "#nothing", "../lost/"])
def test_a_broken_link_of_a_page_is_reported(repository: Path, target: str) -> None:
    """Relative links lead to files, folders and headings."""
    path = written(repository, "docs/page.md", f"# Page\n\nSee [there]({target}).\n")
    (finding,) = Linter(repository).findings(path)
    assert (finding.line, target in finding.message) == (3, True)


@pytest.mark.parametrize(
    "text",
    [
        "docs/facts/crawlers.md#table-names and docs/facts/crawlers.md#table-names-1 and docs/facts/crawlers.md.",
        "[a](facts/crawlers.md#a-b), [b](#page), [c](https://example.com/none.md), [d](facts/), `[e](none.md)`",
        "```\n[f](none.md)\n```",
        "DG:add-classifier, KC:detect-schema",
        "boto3 issue 3229, aws-glue-libs issue 76, data-collection, issue 463, moto issue 2320, owner/repo#12",
        "re-designed, a DESIGNER; other/docs/none.md; an untold story; cell; so few; many",
    ],
)
def test_what_is_right_is_not_reported(repository: Path, text: str) -> None:
    """Existing targets, addresses on the web, code, public issues, and parts of other words."""
    path = written(repository, "docs/page.md", f"# Page\n\n{text}\n")
    assert Linter(repository).findings(path) == []


def test_the_glossary_may_contain_the_words_that_it_replaces(repository: Path) -> None:
    """Only its tables' last column: its text is checked like any other."""
    assert Linter(repository).findings(GLOSSARY) == []
    written(repository, GLOSSARY, (repository / GLOSSARY).read_text("utf-8") + "\nThe user is told.\n")
    assert [finding.line for finding in Linter(repository).findings(GLOSSARY)] == [5]


def test_the_words_are_those_of_the_repositorys_glossary() -> None:
    """Each word in code font in a last column ``Replaces``, with the term of its row."""
    terms = {word.text: word.term for word in glossary()}
    assert terms["led_here"] == "ancestors"
    assert terms["nobody"].startswith("anyone, no one")


def test_anchors_are_githubs(repository: Path) -> None:
    """Lower case, hyphens for blanks, no punctuation, a number for a heading that is there twice."""
    assert anchors(repository / "docs/facts/crawlers.md") == {"crawlers", "table-names", "table-names-1", "a-b"}


def test_text_files_under_version_control_are_checked(tmp_path: Path) -> None:
    """Python, Markdown, configuration, shell, the Makefile; no data, no ignored file, nothing elsewhere."""
    for path in ("a.py", "b/c.md", "Makefile", "d.csv", "ignored.py", "e.toml"):
        written(tmp_path, path, "")
    written(tmp_path, ".gitignore", "ignored.py\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert tracked(tmp_path) == ["Makefile", "a.py", "b/c.md", "e.toml"]
    assert tracked(tmp_path, ["b"]) == ["b/c.md"]


def test_findings_are_counted_by_directory(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 0 when nothing is found; paths limit what is looked at."""
    assert main([str(ROOT / "docs" / "lint_text.py"), str(ROOT / "docs" / "facts" / "protocol.md")]) == 0
    assert capsys.readouterr().out == ""


def test_a_planted_fault_fails_the_program(tmp_path: Path) -> None:
    """The exit status is 1, as ``make lint-text`` needs it."""
    program = ROOT / "docs" / "lint_text.py"
    for path in (GLOSSARY, SOURCES):
        written(tmp_path, path, (ROOT / path).read_text("utf-8"))
    written(tmp_path, "docs/lint_text.py", program.read_text("utf-8"))
    written(tmp_path, "glueprint/a.py", "# glue-facts 1\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    command = [sys.executable, "docs/lint_text.py", "glueprint"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 1
    assert ran.stdout.splitlines()[0].startswith("glueprint/a.py:1: 'glue-facts' is not in the repository")
    assert ran.stdout.splitlines()[-1].split() == ["1", "glueprint"]
