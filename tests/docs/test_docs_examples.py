"""The examples of the documents are executed, top to bottom, and print what the documents show."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs_console import blocks
from docs_shell import AWS_CLI, ROOT, Workspace
from harness.postgresql import DRIVER, running_postgres

WITHOUT_SPARK = (
    "docs/tutorial-developer.md",
    "docs/tutorial-admin.md",
    "docs/tutorial-analyst.md",
    "docs/tutorial-operator.md",
    "docs/zip-blueprints.md",
)
WITHOUT_CLONE = ("docs/tutorial-developer.md",)
"""What it builds must not need anything of the repository's directory."""


@pytest.mark.examples
@pytest.mark.parametrize("name", WITHOUT_SPARK)
def test_a_tutorial_prints_what_it_shows(name: str, tmp_path: Path) -> None:
    """Every marked block up to the first that needs Spark does what the page shows ("real output")."""
    execute(name, tmp_path, spark=False)


@pytest.mark.examples
@pytest.mark.spark
def test_the_five_minutes_of_the_readme(tmp_path: Path) -> None:
    """The whole of the README's tour, files loaded by Spark included (a README with its real output)."""
    execute("README.md", tmp_path, spark=True)


@pytest.mark.examples
@pytest.mark.spark
def test_the_page_about_bookmarks(tmp_path: Path) -> None:
    """Two runs of a Spark job, the second of which reads one new file, and what the bookmark then is."""
    execute("docs/bookmarks.md", tmp_path, spark=True)


@pytest.mark.catalogue
@pytest.mark.spark
def test_the_tutorial_of_incremental_chain(tmp_path: Path) -> None:
    """The tutorial of the blueprint's README, with its Spark jobs."""
    execute("blueprints/incremental_chain/README.md", tmp_path, spark=True)


@pytest.mark.catalogue
@pytest.mark.spark
def test_the_tutorial_of_file_presence(tmp_path: Path) -> None:
    """The tutorial of the blueprint's README: a file a day, its date, its checksum, each loaded once."""
    execute("blueprints/file_presence/README.md", tmp_path, spark=True)


@pytest.mark.catalogue
def test_the_tutorial_of_crawl_locations(tmp_path: Path) -> None:
    """The tutorial of the blueprint's README, with its crawls."""
    execute("blueprints/crawl_locations/README.md", tmp_path, spark=False)


@pytest.mark.catalogue
@pytest.mark.spark
@pytest.mark.parametrize("name", ["compaction", "conversion", "partitioning", "s3_to_dynamodb", "snapshot"])
def test_the_tutorials_of_blueprints_for_files(name: str, tmp_path: Path) -> None:
    """The tutorials of the blueprints' READMEs, with their Spark jobs."""
    execute(f"blueprints/{name}/README.md", tmp_path, spark=True)


@pytest.mark.catalogue
@pytest.mark.spark
@pytest.mark.skipif(not DRIVER.exists(), reason="scripts/databases.sh installs PostgreSQL and its driver")
@pytest.mark.parametrize("name", ["jdbc_to_s3", "s3_to_jdbc"])
def test_the_tutorials_of_blueprints_for_databases(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tutorials of the blueprints' READMEs, with a PostgreSQL and their Spark jobs."""
    with running_postgres() as server:
        for variable, value in {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "glue"}.items():
            monkeypatch.setenv(variable, value)
        execute(f"blueprints/{name}/README.md", tmp_path, spark=True)


@pytest.mark.soak
@pytest.mark.spark
def test_the_whole_of_the_analysts_tutorial(tmp_path: Path) -> None:
    """The analyst's tutorial to its end, with its load by Spark: a second one is too much for every test run."""
    execute("docs/tutorial-analyst.md", tmp_path, spark=True)


@pytest.mark.soak
def test_the_documents_can_be_followed_in_one_data_directory(tmp_path: Path) -> None:
    """README, then each tutorial, as a person does who does not start over: no name of one clashes with another's,
    and each prints what it shows. Up to the first block of each that needs Spark."""
    workspace = Workspace(tmp_path)
    try:
        for name in ("README.md", *WITHOUT_SPARK):
            workspace.type(f"cd '{tmp_path}'")
            follow(name, workspace, spark=False)
    finally:
        workspace.close()


@pytest.mark.soak
@pytest.mark.spark
def test_the_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    """The first screen shows the demo's real output; the demo itself is tested with the catalogue."""
    workspace = Workspace(tmp_path)
    try:
        (shown,) = (block for block in blocks(ROOT / "README.md") if block.kind == "output")
        workspace.execute(shown)
    finally:
        workspace.close()


def execute(name: str, directory: Path, *, spark: bool) -> None:
    """Run a document's marked blocks, up to the first that needs Spark if there is to be none."""
    workspace = Workspace(directory, clone=name not in WITHOUT_CLONE)
    try:
        follow(name, workspace, spark=spark)
    finally:
        workspace.close()


def follow(name: str, workspace: Workspace, *, spark: bool) -> None:
    """Run a document's marked blocks in a workspace."""
    for block in blocks(ROOT / name):
        if block.argument == "spark" and not spark:
            return
        if block.kind == "output":
            continue
        if block.argument == "awscli" and not AWS_CLI.is_dir():
            continue  # `make test` makes it; a test in tests/local fails when it is missing
        workspace.execute(block)
