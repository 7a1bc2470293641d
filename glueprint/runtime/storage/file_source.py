"""Reads files: lists them, applies exclusions, bookmark and bounds, then reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pyspark.sql import DataFrame

from glueprint.compat import strict_zip
from glueprint.runtime.frames import types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.s3objects import S3Object
from glueprint.runtime.storage.chosen_files import DataFile, FileFact, FileSet
from glueprint.runtime.storage.endpoints import Services
from glueprint.runtime.storage.errors import StorageError, print_note
from glueprint.runtime.storage.file_options import FileOptions
from glueprint.runtime.storage.formats.registry import UnsupportedFormat, file_format
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.s3_paths import S3Path, is_s3, list_objects, list_places, spark_uri
from glueprint.runtime.storage.spark_options import SparkReading

_ATTACHING = {"attachFilename": FileFact.PATH, "attachTimestamp": FileFact.MODIFIED}
"""Options of every format whose value is the name of a column to attach."""


@dataclass(frozen=True)
class SourceFolder:
    """A path and the values of its partition columns."""

    path: str
    values: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class CatalogColumns:
    """The columns of a source in the catalog.

    Attributes:
        columns: the table's columns.
        keys: its partition keys.
        table: its name, for messages.
    """

    columns: types.Struct
    keys: types.Struct
    table: str

    @property
    def all_columns(self) -> types.Struct:
        """The columns of a DataFrame without rows."""
        return types.Struct((*self.columns.fields, *self.keys.fields))


@dataclass
class FileSource:
    """A source of files in S3 or on this machine.

    Attributes:
        places: the paths, in order.
        identity: what is read and how, for the bookmark.
        options: ``connection_options`` or ``additional_options``.
        given: the same as the script gave them, of which Spark's reader gets some.
        ctx: the ``transformation_ctx``.
        format_name: the format; set by the script or by the table.
        description: the columns in the catalog; None outside the catalog.
        discovers: whether folders ``key=value`` below a path are partition columns, as for Spark's own reader.
    """

    services: Services
    places: Sequence[SourceFolder]
    identity: str
    options: FileOptions
    ctx: str = ""
    format_name: str = ""
    format_options: Options = field(default_factory=Options)
    description: CatalogColumns | None = None
    discovers: bool = False
    given: Options = field(default_factory=Options)

    def frame(self, partitions: int | None = None) -> Frame:
        """Read the files of this run.

        Args:
            partitions: the number of the frame's Spark partitions; None: what suits the files.

        Returns:
            The records. Without files, a frame without columns, for a table, too: Glue takes the schema from the
            records, not from the catalog (dev.classmethod.jp, 20210707-aws-glue-enable-glue-datacatalog; public
            scripts test ``len(frame.toDF().columns) == 0`` before they replace data).

        Raises:
            StorageError: there is no format, or Spark's own reader gets a path without files.
        """
        found = self._found(partitions)
        return self._without_columns() if found is None else found

    def data_frame(self) -> Frame:
        """Read the files of this run as ``create_data_frame`` does: without files, with the catalog's columns.

        Raises:
            StorageError: as for `frame`.
        """
        found = self._found(None)
        if found is not None:
            return found
        return self._nothing(types.Struct() if self.description is None else self.description.all_columns)

    def _found(self, partitions: int | None) -> Frame | None:
        """Return the records of this run's files; None without files."""
        if not self.format_name:
            raise StorageError("the source has no format: call setFormat, or give format=")
        reader = file_format(self.format_name)
        if isinstance(reader, UnsupportedFormat):
            reader.refuse()
        reading = SparkReading.of(self.given, self.format_name)
        files, found_any = self._chosen(reading)
        declared = None if self.description is None else self.description.columns
        if not files:
            if not found_any and not self.options.recurse and not reading.is_recursive:
                self._report_folders()
            return None
        frame = reader.read(self.services.spark, files, self.format_options, declared)
        wanted = partitions or self._groups(files)
        if wanted is None:
            return frame
        return frame.repartition(wanted) if partitions else frame.coalesce(wanted, shuffle=False)

    def _report_folders(self) -> None:
        for place in self.places:
            paths = [place.path]
            if any(list_objects(lambda: self.services.s3, paths, recurse=True)):
                print_note(f'no file directly in {place.path}; its folders are read with "recurse": True')

    def _chosen(self, reading: SparkReading) -> tuple[FileSet, bool]:
        """Return the files of this run, and whether there are any, read by earlier runs or not."""
        found: dict[S3Object, int] = {}
        recurse = self.options.recurse or reading.is_recursive
        listings = list_places(lambda: self.services.s3, [one.path for one in self.places], recurse=recurse)
        is_excluded = self.options.is_excluded()
        for at, (place, objects) in enumerate(strict_zip(self.places, listings)):
            chosen = self._of_place(place, objects, reading, is_excluded)
            found.update((one, at) for one in chosen if one not in found)
        discovers = self.discovers and not reading.is_recursive
        if self.discovers and not found:
            raise StorageError(
                f"Unable to infer schema for {self.format_name.capitalize()}. It must be specified manually. "
                f"(Spark's own reader finds no file at {', '.join(one.path for one in self.places)}; it passes "
                "over folders that are not key=value)"
            )
        fresh = self.services.bookmarks.new_objects(
            self.ctx,
            self.identity,
            list(found),
            self.options.max_band_ms,
            self.options.max_files_in_band,
            self.options.bounds.limit if self.options.bounds else list,
        )
        files = tuple(DataFile(spark_uri(one), one.size, found[one]) for one in fresh)
        keys = () if self.description is None else self.description.keys.fields
        values = tuple(place.values for place in self.places) if keys else ()
        starts = (reading.base_path,) if reading.base_path else tuple(one.path for one in self.places)
        below = starts if discovers else ()
        return FileSet(files, keys, values, below, self._attached(), reading.passed), bool(found)

    def _attached(self) -> dict[str, FileFact]:
        """Return the columns that the format options attach (DG:aws-glue-programming-etl-format)."""
        chosen = {option: self.format_options.text(option) for option in _ATTACHING}
        return {name: _ATTACHING[option] for option, name in chosen.items() if name}

    def _of_place(
        self,
        place: SourceFolder,
        objects: Iterable[S3Object],
        reading: SparkReading,
        is_excluded: Callable[[S3Object, str], bool],
    ) -> Iterator[S3Object]:
        skips_plain_folders = self.discovers and not reading.is_recursive
        folder = S3Path.parse(place.path).prefix if is_s3(place.path) else place.path.lstrip("/") + "/"
        for one in objects:
            below = one.key.removeprefix(folder)
            if is_excluded(one, below) or (skips_plain_folders and _in_plain_folder(below)):
                continue
            if reading.is_chosen(one):
                yield one

    def _groups(self, files: FileSet) -> int | None:
        """Return the number of Spark partitions by ``groupFiles`` and ``groupSize``; None: Spark decides."""
        cores = self.services.spark.sparkContext.defaultParallelism
        return self.options.groups(len(files.files), files.size, cores)

    def _without_columns(self) -> Frame:
        if self.description is not None:
            print_note(
                f"{self.description.table}: no file to read in this run (none there, none new to the bookmark, or "
                "none chosen by the predicate), so the frame has no columns: Glue takes them from the records"
            )
        return self._nothing(types.Struct())

    def _nothing(self, schema: types.Struct) -> Frame:
        spark = self.services.spark
        physical = types.physical_struct(schema)
        java_rows = spark._jvm.java.util.ArrayList()
        # Not createDataFrame([], ...), which starts a job and Python workers without need.
        java = spark._jsparkSession.createDataFrame(java_rows, spark._jsparkSession.parseDataType(physical.json()))
        return Frame(DataFrame(java, spark), schema)


def _in_plain_folder(below: str) -> bool:
    """Whether a file is in a folder that is not ``key=value``, which Spark's own reader skips."""
    return any("=" not in folder for folder in below.split("/")[:-1])
