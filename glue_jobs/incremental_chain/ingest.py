"""Read the run's new files into the staging folder, with a job bookmark. Spark.

The bookmark decides what Glue reads; the manifest decides what counts. Files that the bookmark passes over
although they are new (they appeared late) are read by name; files that it reads again (its commit was lost, or it
was reset) are not in the manifest and are left out. The bookmark is committed last, after the staged batch is
complete.
"""

import json
import sys
from typing import Any, Callable, Dict, List, Sequence, Tuple
from urllib.parse import quote

from awsglue.utils import getResolvedOptions

from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.batches import (
    StagedBatch,
    begin_job,
    clear_folder,
    read_staged_batch,
    refuse_loaded_files,
    write_staged_batch,
)
from glue_jobs.common.clients import aws_client
from glue_jobs.common.input_files import choose
from glue_jobs.common.locations import list_objects, split_folder
from glue_jobs.common.manifest import Manifest, read_manifest
from glue_jobs.common.observed_rows import ObservedRows
from glue_jobs.common.presence import put_counts
from glue_jobs.common.publishing import claim

REQUIRED = (
    "JOB_NAME",
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "aws_region",
    "location",
    "file_pattern",
    "input_format",
    "delimiter",
    "destination",
)
BLUEPRINT = "incremental_chain"
CONTEXT = "input"
"""The ``transformation_ctx``: the bookmark's name of the source. Another name would read everything again."""
INPUT_FILE = "input_file"
ATTACHED_FILE = "glueprint_input_file"
GLOB_CHARACTERS = frozenset("*?[]{}\\,")
MAX_EXCLUSIONS = 1000

ReadInput = Callable[[Manifest, str, Sequence[str]], Tuple[Dict[str, int], int]]
"""Reads a manifest's files into a folder, apart from some other objects; returns rows by key, and late files."""


class InputChanged(Exception):
    """A file of the manifest was changed or deleted while it was read."""


class UnusableInput(Exception):
    """The input cannot be read completely; nothing was staged."""


def ingest(s3: Any, glue: Any, arguments: "dict[str, str]", read: ReadInput) -> None:
    """Stage the run's input, unless an earlier attempt has."""
    chain = begin_job(s3, glue, arguments)
    if chain is None:
        return
    if chain.is_published:
        print("The batch {} is published already.".format(chain.batch))
        return
    manifest = read_manifest(s3, chain.marker.manifest)
    refuse_loaded_files(s3, chain, manifest.files)
    batch = read_staged_batch(s3, chain.staging)
    if batch is None:
        claim(s3, chain.destination, chain.batch)
        clear_folder(s3, chain.staging)
        rows, late = read(manifest, chain.staging, other_objects(s3, manifest, arguments["file_pattern"]))
        refuse_changed_files(s3, manifest)
        batch = StagedBatch(chain.batch, manifest.files, rows, late)
        write_staged_batch(s3, chain.staging, batch)
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    counts = {"files_in": len(batch.files), "files_late": batch.late, "rows_in": sum(batch.rows.values())}
    put_counts(glue, workflow, run, counts, BLUEPRINT)
    print(", ".join("{}={}".format(name, count) for name, count in counts.items()))


def other_objects(s3: Any, manifest: Manifest, pattern: str) -> List[str]:
    """Objects in the location that are not input files, but that Glue's reader would open: their addresses.

    Raises:
        UnusableInput: there are too many of them.
    """
    bucket, prefix = split_folder(manifest.location)
    entries = [
        entry
        for entry in list_objects(s3, bucket, prefix)
        if not any(part[:1] in ("_", ".") for part in entry["Key"][len(prefix) :].split("/"))
        and not entry["Key"].endswith("/")
    ]
    chosen = {file.key for file in choose(entries, prefix, pattern)}
    others = ["s3://{}/{}".format(bucket, entry["Key"]) for entry in entries if entry["Key"] not in chosen]
    if len(others) > MAX_EXCLUSIONS:
        raise UnusableInput(
            "{} contains {} objects that are empty or do not match {}, such as {}. Move them elsewhere: at most "
            "{} can be left out.".format(manifest.location, len(others), pattern, others[0], MAX_EXCLUSIONS)
        )
    return others


def refuse_changed_files(s3: Any, manifest: Manifest) -> None:
    """Make sure, after they were read, that the files are still the ones that were found.

    Raises:
        InputChanged: one is not.
    """
    bucket, prefix = split_folder(manifest.location)
    there = {entry["Key"]: (entry["ETag"].strip('"'), entry["Size"]) for entry in list_objects(s3, bucket, prefix)}
    changed = [file.key for file in manifest.files if there.get(file.key) != (file.etag, file.size)]
    if changed:
        raise InputChanged(
            "{} files were changed or deleted after they were found, such as {}; nothing was published. Start the "
            "workflow again.".format(len(changed), changed[0])
        )


def file_names(manifest: Manifest) -> Dict[str, str]:
    """The addresses by which a reader may name the files, plain or percent-encoded, and the key of each.

    Raises:
        UnusableInput: one name may mean two files.
    """
    names = {"s3://{}/{}".format(manifest.bucket, file.key): file.key for file in manifest.files}
    for file in manifest.files:
        encoded = "s3://{}/{}".format(manifest.bucket, quote(file.key, safe="/=-_.~!$&'()*+,;:@"))
        strictly = "s3://{}/{}".format(manifest.bucket, quote(file.key))
        for name in (encoded, strictly):
            if names.setdefault(name, file.key) != file.key:
                raise UnusableInput(
                    "The files {} and {} have the same name once it is encoded; rename one of them.".format(
                        file.key, names[name]
                    )
                )
    return names


class GlueReader:
    """Reads with Glue's own reader and a job bookmark.

    Args:
        arguments: the job's arguments.
        options: all of the job's options as Glue's reader of arguments returns them, which ``Job.init`` requires.
    """

    def __init__(self, arguments: "dict[str, str]", options: Dict[str, Any]) -> None:
        self._arguments = arguments
        self._options = options
        self._context: Any = None
        self._job: Any = None

    def __call__(self, manifest: Manifest, folder: str, others: Sequence[str]) -> Tuple[Dict[str, int], int]:
        """Read the manifest's files; see :data:`ReadInput`."""
        # Imported late: a run without new files ends before it would start Spark.
        from awsglue.context import GlueContext
        from awsglue.job import Job
        from pyspark.context import SparkContext

        self._context = GlueContext(SparkContext.getOrCreate())
        self._job = Job(self._context)
        # With all options: this is how the job learns that bookmarks are enabled.
        self._job.init(self._arguments["JOB_NAME"], self._options)
        names = file_names(manifest)
        rows = self._stage([manifest.location], names, folder + "new/", others, CONTEXT)
        late = [file for file in manifest.files if file.key not in rows]
        if late:
            unnamed = [file.key for file in late if GLOB_CHARACTERS.intersection(file.key)]
            if unnamed:
                raise UnusableInput(
                    "The bookmark has passed over {}, which cannot be read by name because of the characters in "
                    "it; rename it.".format(unnamed[0])
                )
            # Without a transformation_ctx the bookmark is neither used nor changed.
            paths = ["s3://{}/{}".format(manifest.bucket, file.key) for file in late]
            rows.update(self._stage(paths, names, folder + "late/", (), ""))
        return rows, len([file for file in late if file.key in rows])

    def commit(self) -> None:
        """Commit the bookmark, if something was read with it."""
        if self._job is not None:
            self._job.commit()

    def _stage(
        self, paths: List[str], names: Dict[str, str], folder: str, others: Sequence[str], context: str
    ) -> Dict[str, int]:
        """Write the rows of the named files to a folder; returns their number by file."""
        from pyspark.sql import functions

        frame = self._read(paths, others, context)
        rows = self._plain(frame)
        if not rows.columns:
            return {}
        session = self._context.spark_session
        if ATTACHED_FILE not in rows.columns:
            rows = rows.withColumn(ATTACHED_FILE, functions.input_file_name())
        known = session.createDataFrame(sorted(names.items()), "name string, {} string".format(INPUT_FILE))
        plain_name = functions.regexp_replace(rows[ATTACHED_FILE], "^s3[an]:", "s3:")
        wanted = rows.join(functions.broadcast(known), plain_name == known["name"]).drop("name", ATTACHED_FILE)
        observed = ObservedRows()
        observed.watch(wanted).write.mode("overwrite").parquet(folder)
        broken = 0 if self._arguments["input_format"] == "parquet" else frame.errorsCount()
        if broken:
            raise UnusableInput("{} records could not be read; nothing was published.".format(broken))
        written = session.read.parquet(folder).groupBy(INPUT_FILE).count().collect()
        counts = {row[INPUT_FILE]: row["count"] for row in written}
        if observed.differs(sum(counts.values())):
            raise UnusableInput("{} rows are staged, but another number was read.".format(sum(counts.values())))
        return counts

    def _read(self, paths: List[str], others: Sequence[str], context: str) -> Any:
        options: Dict[str, Any] = {"paths": paths, "recurse": True, "groupFiles": "none"}
        if others:
            patterns = ["".join("\\" + c if c in GLOB_CHARACTERS else c for c in name) for name in others]
            options["exclusions"] = json.dumps(patterns)
        form = self._arguments["input_format"]
        attach = {"attachFilename": ATTACHED_FILE}
        reading = {"csv": {"withHeader": True, "separator": self._arguments["delimiter"]}}.get(form, {})
        if form == "parquet":
            options.update(attach)  # Glue's package passes no format options to Spark's own reader
            # All folders, and none of them a column, as for the other formats: a late file, which is read by its
            # name, has no folders. Without this Spark passes over folders that are not key=value.
            options["recursiveFileLookup"] = "true"
        return self._context.create_dynamic_frame.from_options(
            connection_type="s3",
            connection_options=options,
            format=form,
            format_options={**reading, **attach},
            transformation_ctx=context,
        )

    def _plain(self, frame: Any) -> Any:
        """The frame's rows; a column with values of several types becomes text.

        Raises:
            UnusableInput: a column cannot become text, or its name is used for the name of the file.
        """
        from awsglue.gluetypes import ChoiceType

        choices = {f.name: f.dataType for f in frame.schema().fields if isinstance(f.dataType, ChoiceType)}
        for name, choice in choices.items():
            types = sorted(choice.choices)
            if {"array", "map", "struct"}.intersection(types):
                raise UnusableInput("The column {} has values of the types {}.".format(name, ", ".join(types)))
            print("The column {} has values of the types {}: it becomes text.".format(name, ", ".join(types)))
        if choices:
            frame = frame.resolveChoice(choice="cast:string")
        rows = frame.toDF()
        if INPUT_FILE in [name.lower() for name in rows.columns]:
            raise UnusableInput(
                "The input has a column {}, which is the name of the column with each row's file.".format(
                    INPUT_FILE
                )
            )
        return rows


def main() -> None:
    """Stage the new files, then commit the bookmark."""
    arguments = read_arguments(sys.argv, REQUIRED)
    region = arguments["aws_region"]
    reader = GlueReader(arguments, getResolvedOptions(sys.argv, ["JOB_NAME"]))
    ingest(aws_client("s3", region), aws_client("glue", region), arguments, reader)
    # Last: a job that is killed before this line reads the files again, and finds them staged or published.
    reader.commit()


if __name__ == "__main__":
    main()
