"""Pages that are made from the code are up to date, indexes are complete, links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lint_text import anchors
from make_reference import REFRESH, pages

from glueprint.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("blueprints/*/README.md")])
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(document: Path) -> str:
    """The text without its code."""
    return _CODE.sub("", _FENCED.sub("", document.read_text("utf-8")))


def links(document: Path) -> Iterator[str]:
    """Where the document links to, addresses on the web left out."""
    for target in _LINK.findall(prose(document)):
        if "://" not in target:
            yield target


@pytest.mark.parametrize("page", sorted(pages()), ids=str)
def test_a_page_made_from_the_code_is_up_to_date(page: Path) -> None:
    """The generated pages are those that the code makes now."""
    file = ROOT / page
    assert file.exists(), f"{page} is missing: {REFRESH}"
    assert file.read_text("utf-8") == pages()[page], f"{page} is stale: {REFRESH}"


def test_the_number_of_operations_is_in_one_place() -> None:
    """The service model grows with botocore: only the page that is made from it has the number."""
    counted = re.compile(r"\b3\d\d operations\b|\ball \d{3}\b", re.IGNORECASE)
    found = [document.name for document in DOCUMENTS if counted.search(document.read_text("utf-8"))]
    assert [name for name in found if name != "CHANGELOG.md"] == ["reference-operations.md"]


def test_every_command_has_its_section() -> None:
    """No command is missing in the reference."""
    reference = (DOCS / "reference-cli.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"\n## glueprint {name}\n" not in reference] == []


def test_every_blueprint_has_its_reference() -> None:
    """Each blueprint of the catalogue has a page of parameters."""
    names = [config.parent.name for config in ROOT.glob("blueprints/*/blueprint.cfg")]
    assert [name for name in names if not (DOCS / f"reference-{name}.md").exists()] == []


@pytest.mark.parametrize("room", ["decisions", "fidelity"])
def test_indexes_list_all_pages(room: str) -> None:
    """Every decision and every page of fidelity can be found from its index."""
    index = {"decisions": DOCS / "decisions" / "README.md", "fidelity": DOCS / "fidelity.md"}[room]
    listed = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    every = {page.resolve() for page in (DOCS / room).glob("*.md")} - {index.resolve()}
    assert sorted(page.name for page in every - listed) == [], f"not listed in {index.name}; {REFRESH}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    """A relative link names a file that exists, and a heading in it."""
    broken = []
    for link in links(document):
        path, _, anchor = link.partition("#")
        target = document if not path else (document.parent / path)
        is_broken_anchor = anchor and target.suffix == ".md" and target.exists() and anchor not in anchors(target)
        if not target.exists() or is_broken_anchor:
            broken.append(link)
    assert broken == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    """A reader who follows links from the README finds every page of docs/ ("where to read on")."""
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [page.parent / link.partition("#")[0] for link in links(page)]
    assert sorted(page.name for page in DOCS.rglob("*.md") if page.resolve() not in reached) == []


_COMMANDS = re.compile(r"^```(?:console|sh|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_REACHES_AWS = re.compile(r"^(?:\$ )?(?:.*\| )?(?:aws |python -c .*boto3)", re.MULTILINE)
_LOCAL = re.compile(r"glueprint env\)|endpoint_url|--endpoint-url")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_for_aws_reach_the_local_glue(document: Path) -> None:
    """A pasted block never reaches a real account by accident.

    AWS_ENDPOINT_URL is set before the first ``aws`` or boto3 command of a page (AWS SDKs and Tools Reference
    Guide, "Service-specific endpoints").
    """
    before = ""
    for block in _COMMANDS.findall(document.read_text("utf-8")):
        found = _REACHES_AWS.search(block)
        if found:
            line = block[found.start() :].partition("\n")[0]
            assert _LOCAL.search(before + block[: found.start()] + line), line
        before += block
