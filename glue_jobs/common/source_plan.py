"""What every task that reads the files of a manifest needs to know."""

from dataclasses import dataclass
from typing import Any, Dict

import pyarrow as pa

from glue_jobs.common.csv_dialect import CsvDialect
from glue_jobs.common.hive_types import arrow_type
from glue_jobs.common.row_batches import Target
from glue_jobs.common.row_sources import SourceFormat
from glue_jobs.common.schema_texts import read_schema
from glue_jobs.common.type_merging import ListsWin, Resolve, SplitChoice, refuse_choice, widen_to_text


@dataclass(frozen=True)
class SourcePlan:
    """How files are read.

    Attributes:
        region: AWS region.
        bucket: the bucket of the manifest's files.
        prefix: the key prefix of the searched folder.
        source: how to read the files.
        target: the schema of their rows.
        bad_bucket: where bad records go.
        bad_prefix: the key prefix of this run's folder for them.
        maximum_bad: how many bad records are allowed.
    """

    region: str
    bucket: str
    prefix: str
    source: SourceFormat
    target: Target
    bad_bucket: str
    bad_prefix: str
    maximum_bad: int


def given_target(glue: Any, arguments: "dict[str, str]") -> Target:
    """The schema that the parameters give; one to be inferred without them."""
    choices: Dict[str, Resolve] = {"widen": widen_to_text, "split": SplitChoice(), "fail": refuse_choice}
    resolve = choices[arguments["choice_types"]]
    if arguments["input_format"] == "xml":
        resolve = ListsWin(resolve)
    if arguments["schema"]:
        return Target(read_schema(arguments["schema"]), False, resolve)
    if arguments["schema_table"]:
        database, _, table = arguments["schema_table"].partition(".")
        columns = glue.get_table(DatabaseName=database, Name=table)["Table"]["StorageDescriptor"]["Columns"]
        fields = [(column["Name"].lower(), arrow_type(column["Type"])) for column in columns]
        return Target(pa.schema(fields), False, resolve)
    fixed = read_schema(arguments["column_types"])
    return Target(fixed, True, resolve, frozenset(fixed.names))


def source_format(arguments: "dict[str, str]") -> SourceFormat:
    """How the input files are written."""
    dialect = CsvDialect(
        delimiter=arguments["delimiter"].replace("\\t", "\t") or ",",
        quote="" if arguments["quote"] == "none" else arguments["quote"] or '"',
        escape=arguments["escape"],
        header=arguments["header"] == "true",
        multi_line=arguments["multi_line"] == "true",
        encoding=arguments["encoding"],
        null_text=arguments["null_text"],
    )
    return SourceFormat(arguments["input_format"], dialect, arguments["row_tag"])
