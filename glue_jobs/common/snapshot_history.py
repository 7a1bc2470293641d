"""The snapshots that a folder keeps, and the tables that show them.

A snapshot is the folder of a workflow run with a folder for each table. Its description,
``<destination>/_snapshots/<run>.json``, is written before the snapshot is published, and names those that are kept
with it: so the one object ``_published.json``, which names the run, decides what there is.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Dict, List, Optional, Sequence, Tuple

from glue_jobs.common.catalog_view import OWNER_PARAMETER, CatalogView, TableDefinition
from glue_jobs.common.columns import Columns
from glue_jobs.common.locations import delete_keys, list_objects, split_folder
from glue_jobs.common.publishing import Destination, Part, Publication, read_publication
from glue_jobs.common.storage_formats import SNAPPY_PARQUET

SNAPSHOT_KEY = "snapshot"
LATEST_SUFFIX = "_latest"
FULL = "full"
INCREMENTAL = "incremental"


@dataclass(frozen=True)
class TableSnapshot:
    """One table of a snapshot.

    Attributes:
        name: its name in the Data Catalog.
        source: its name in the source.
        columns: names and Hive types.
        rows: its rows in this snapshot.
        files: keys, rows and bytes of its files.
        high: the greatest value of the incremental column, as text; empty if there is none yet.
    """

    name: str
    source: str
    columns: Columns
    rows: int
    files: Tuple[Tuple[str, int, int], ...]
    high: str = ""

    def parts(self, label: str) -> Tuple[Part, ...]:
        """The files as parts of the partition with this label."""
        return tuple(Part((label,), key, rows, size) for key, rows, size in self.files)


@dataclass(frozen=True)
class Snapshot:
    """A snapshot of all tables of a source.

    Attributes:
        run: the workflow run that made it.
        label: the value of the partition key ``snapshot``.
        mode: ``full``, or ``incremental/<column>``.
        is_consistent: whether all tables were read as they were at one moment.
        tables: its tables.
        kept: the runs whose snapshots are kept with it, oldest first; the last one is its own.
        shown: names of all tables of the Data Catalog that show a snapshot or have shown one.
    """

    run: str
    label: str
    mode: str
    is_consistent: bool
    tables: Tuple[TableSnapshot, ...]
    kept: Tuple[str, ...]
    shown: Tuple[str, ...]

    def table(self, name: str) -> Optional[TableSnapshot]:
        """The table of this name in the Data Catalog."""
        return next((table for table in self.tables if table.name == name), None)


@dataclass(frozen=True)
class TableFolder(Destination):
    """The folder of one table in the snapshots of a destination."""

    table: str

    def folder(self, run: str) -> str:
        """The folder of the table's files in a run's snapshot."""
        return "{}{}/".format(super().folder(run), self.table)


def snapshot_label(checked_at: str) -> str:
    """``2026-11-30T06-00-00Z`` of an ISO time: without characters that Hive would escape."""
    return checked_at[:19].replace(":", "-") + "Z"


def write_snapshot(s3: Any, location: str, snapshot: Snapshot) -> None:
    """Write the description, with one PutObject."""
    bucket, prefix = split_folder(location)
    body = json.dumps(asdict(snapshot), sort_keys=True).encode()
    key = "{}_snapshots/{}.json".format(prefix, snapshot.run)
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")


def read_snapshot(s3: Any, location: str, run: str) -> Snapshot:
    """The description of a run's snapshot."""
    bucket, prefix = split_folder(location)
    answer = s3.get_object(Bucket=bucket, Key="{}_snapshots/{}.json".format(prefix, run))
    data = json.loads(answer["Body"].read())
    tables = []
    for table in data.pop("tables"):
        columns = tuple((name, hive) for name, hive in table.pop("columns"))
        files = tuple((key, rows, size) for key, rows, size in table.pop("files"))
        tables.append(TableSnapshot(columns=columns, files=files, **table))
    return Snapshot(tables=tuple(tables), kept=tuple(data.pop("kept")), shown=tuple(data.pop("shown")), **data)


def kept_snapshots(s3: Any, location: str, run: str) -> List[Snapshot]:
    """The snapshots that are kept with that of a run, oldest first; the last one is the run's."""
    newest = read_snapshot(s3, location, run)
    return [*(read_snapshot(s3, location, older) for older in newest.kept[:-1]), newest]


def published_snapshots(s3: Any, location: str) -> List[Snapshot]:
    """The snapshots that the folder keeps now, oldest first; none before the first one is published."""
    published = read_publication(s3, location)
    return kept_snapshots(s3, location, published.run) if published else []


def history_mode(column: str) -> str:
    """``full``, or ``incremental/<column>``."""
    return "{}/{}".format(INCREMENTAL, column) if column else FULL


def continued(snapshots: Sequence[Snapshot], mode: str) -> Sequence[Snapshot]:
    """The snapshots to which another one of this mode is added.

    An increment belongs to increments by the same column; a full snapshot is complete by itself, so it may follow
    full ones only: increments alone would be parts of tables.
    """
    same = [snapshot for snapshot in snapshots if snapshot.mode == mode]
    return same if len(same) == len(snapshots) else []


def kept_runs(snapshots: Sequence[Snapshot], run: str, mode: str, keep: int) -> Tuple[str, ...]:
    """The runs that are kept once a run's snapshot is added: the newest ``keep``, of increments all."""
    runs = (*(snapshot.run for snapshot in continued(snapshots, mode)), run)
    return runs if mode != FULL else runs[-keep:]


def highest_value(snapshots: Sequence[Snapshot], name: str, mode: str) -> str:
    """The greatest value of the incremental column that a table has in the kept snapshots; empty for none."""
    for snapshot in reversed(continued(snapshots, mode)):
        table = snapshot.table(name)
        if table is not None and table.high:
            return table.high
    return ""


class SnapshotViews:
    """The tables that show the snapshots: of each table one with all that are kept, and ``<table>_latest``.

    Args:
        s3: a boto3 S3 client.
        glue: a boto3 Glue client.
        destination: the folder of all snapshots.
        database: the tables' database.
        names: the tables' names.
        has_latest: whether the newest snapshot of a table is a complete one, which ``<table>_latest`` shows.
    """

    def __init__(
        self, s3: Any, glue: Any, destination: Destination, database: str, names: Sequence[str], has_latest: bool
    ) -> None:
        self._s3 = s3
        self._glue = glue
        self._destination = destination
        self._database = database
        self._names = tuple(names)
        self._has_latest = has_latest

    def check(self) -> None:
        """See :class:`View`.

        Raises:
            NotOwned: a table was not made by this workflow.
        """
        for name in self._names:
            self._history(name, ()).check()
            if self._has_latest:
                self._latest(name, ()).check()

    def show(self, publication: Publication) -> None:
        """See :class:`View`. First all tables get the new partition; then each ``_latest`` moves, in one step."""
        snapshots = kept_snapshots(self._s3, self._destination.location, publication.run)
        newest = snapshots[-1]
        for name in newest.shown:
            having = [(one.label, table) for one in snapshots for table in one.tables if table.name == name]
            if having:
                parts = tuple(part for label, table in having for part in table.parts(label))
                columns = merged_columns([table.columns for _, table in having])
                shown = replace(publication, rows=sum(part.rows for part in parts), parts=parts)
                self._history(name, columns).show(shown)
            else:
                self._drop(name)
            if not having or not self._has_latest:
                self._drop(name + LATEST_SUFFIX)
        for table in newest.tables if self._has_latest else ():
            shown = replace(publication, rows=table.rows, parts=table.parts(newest.label))
            self._latest(table.name, table.columns).show(shown)

    def _history(self, name: str, columns: Columns) -> CatalogView:
        keys = ((SNAPSHOT_KEY, "string"),)
        return self._view(name, TableDefinition(self._database, name, columns, keys, SNAPPY_PARQUET))

    def _latest(self, name: str, columns: Columns) -> CatalogView:
        return self._view(name, TableDefinition(self._database, name + LATEST_SUFFIX, columns, (), SNAPPY_PARQUET))

    def _view(self, name: str, definition: TableDefinition) -> CatalogView:
        folder = TableFolder(self._destination.workflow, self._destination.location, name)
        return CatalogView(self._glue, folder, definition)

    def _drop(self, name: str) -> None:
        """Delete a table that nothing is left of, if it is the workflow's."""
        try:
            table: Dict[str, Any] = self._glue.get_table(DatabaseName=self._database, Name=name)["Table"]
        except self._glue.exceptions.EntityNotFoundException:
            return
        if table.get("Parameters", {}).get(OWNER_PARAMETER) == self._destination.workflow:
            print("Deleting the table {}.{}: no snapshot that is kept has it.".format(self._database, name))
            self._glue.delete_table(DatabaseName=self._database, Name=name)


def merged_columns(all_columns: Sequence[Columns]) -> Columns:
    """The newest columns, and behind them those that only older snapshots have."""
    merged: Dict[str, str] = {}
    for columns in reversed(all_columns):
        for name, hive in columns:
            merged.setdefault(name, hive)
    return tuple(merged.items())


def retained_runs(s3: Any, location: str, publication: Publication) -> "set[str]":
    """The runs whose snapshots are kept, or were until now: queries may still be reading those."""
    runs = set(read_snapshot(s3, location, publication.run).kept)
    if publication.previous:
        runs |= set(read_snapshot(s3, location, publication.previous).kept)
    return runs


def retained_publication(s3: Any, location: str, publication: Publication) -> Publication:
    """The publication with the files of all snapshots that must not be deleted yet."""
    parts = [
        part
        for run in sorted(retained_runs(s3, location, publication))
        for snapshot in [read_snapshot(s3, location, run)]
        for table in snapshot.tables
        for part in table.parts(snapshot.label)
    ]
    return replace(publication, parts=tuple(parts))


def delete_descriptions(s3: Any, location: str, publication: Publication) -> None:
    """Delete the descriptions of all other snapshots, also of those that were never published."""
    bucket, prefix = split_folder(location)
    folder = prefix + "_snapshots/"
    retained = {"{}{}.json".format(folder, run) for run in retained_runs(s3, location, publication)}
    keys = [entry["Key"] for entry in list_objects(s3, bucket, folder)]
    delete_keys(s3, bucket, [key for key in keys if key not in retained])
