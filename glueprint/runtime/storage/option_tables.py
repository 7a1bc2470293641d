"""The documented options of connections and formats, and a note in the log for those that have no effect.

Sources: DG:aws-glue-programming-etl-connect and its pages of the connection types,
DG:aws-glue-programming-etl-format and its pages of the formats. An option that is in no table is most likely
misspelt: a source or sink that ignored it silently would read or write something else than the script states.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from glueprint.runtime.storage import spark_options
from glueprint.runtime.storage.errors import print_note


@dataclass(frozen=True)
class KnownOptions:
    """Options of one kind of source or sink.

    Attributes:
        supported: they do what the guide states.
        harmless: they only concern speed, cost, or services of AWS: nothing is different without them.
        ignored: documented, but without effect here: a note is printed, with the reason.
        prefixes: of names that are supported.
    """

    supported: frozenset[str] = frozenset()
    harmless: frozenset[str] = frozenset()
    ignored: Mapping[str, str] | None = None
    prefixes: tuple[str, ...] = ()

    def __or__(self, other: KnownOptions) -> KnownOptions:
        return KnownOptions(
            self.supported | other.supported,
            self.harmless | other.harmless,
            {**(self.ignored or {}), **(other.ignored or {})},
            self.prefixes + other.prefixes,
        )

    def notes(self, names: Iterable[str], of: str) -> list[str]:
        """Return a note for each option without effect; ``of`` names what the options belong to."""
        ignored = {name.lower(): reason for name, reason in (self.ignored or {}).items()}
        known = {name.lower(): name for name in (*self.supported, *self.harmless, *(self.ignored or ()))}
        found = []
        for name in names:
            if name in _OF_THE_PACKAGE or name.startswith(self.prefixes):
                continue
            if reason := ignored.get(name.lower()):
                found.append(f"option {name!r} of {of} has no effect here: {reason}")
            elif name.lower() not in known:
                close = difflib.get_close_matches(name.lower(), known, n=1)
                hint = f"; did you mean {known[close[0]]!r}?" if close else ""
                found.append(f"option {name!r} of {of} is not known and has no effect{hint}")
        return found


_OF_THE_PACKAGE = frozenset({"callSite"})
"""Options that Amazon's package adds itself."""
_ATTACHED = frozenset({"attachFilename", "attachTimestamp"})
_OPTIMIZED = frozenset({"optimizePerformance", "strictCheckForQuoting"})

FORMATS: Mapping[str, KnownOptions] = {
    "csv": KnownOptions(
        _ATTACHED
        | {
            *("separator", "escaper", "quoteChar", "multiLine", "withHeader", "writeHeader", "skipFirst"),
            "encoding",
        },
        _OPTIMIZED,
    ),
    "json": KnownOptions(
        _ATTACHED | {"jsonPath", "multiLine"},
        _OPTIMIZED,
        {"withSchema": "the types are those of the records"},
    ),
    "xml": KnownOptions(
        _ATTACHED
        | {
            *("rowTag", "encoding", "excludeAttribute", "treatEmptyValuesAsNulls", "attributePrefix", "valueTag"),
            "ignoreSurroundingSpaces",
        },
        _OPTIMIZED,
        {"withSchema": "the types are those of the records"},
    ),
    "parquet": KnownOptions(
        _ATTACHED | {"compression", "blockSize", "pageSize"}, frozenset({"useGlueParquetWriter"})
    ),
    "orc": KnownOptions(_ATTACHED | {"compression"}),
    "avro": KnownOptions(_ATTACHED | {"compression"}, frozenset({"version"})),
}

_FILES = KnownOptions(
    frozenset(
        {
            *("paths", "path", "recurse", "exclusions", "groupFiles", "groupSize", "boundedFiles", "boundedSize"),
            *("maxBand", "maxFilesInBand", "partitionKeys", "compression", "enableUpdateCatalog"),
            *("updateBehavior", "useFrameName", "catalogPartitionPredicate", "jobBookmarkKeys"),
        }
    )
    | spark_options.NAMES,
    frozenset(
        {
            *("useS3ListImplementation", "isFailFast", "transactionId", "numberTargetPartitions", "sse_kms_key"),
            *("excludeStorageClasses", "callDeleteObjectsOnCancel", "jobBookmarkKeysSortOrder", "connectionName"),
            *("catalogId", "database", "tableName", "push_down_predicate", "useSparkDataSource", "format"),
        }
    ),
    {
        "compressionType": "the suffix of each file's name decides",
        "useCatalogSchema": "a frame has the types of its format",
    },
    spark_options.PREFIXES,
)
_JDBC = KnownOptions(
    frozenset(
        {
            *("url", "dbtable", "user", "password", "secretId", "connectionName", "database", "query", "bulkSize"),
            *("customJdbcDriverS3Path", "customJdbcDriverClassName", "className", "sampleQuery", "sampleSize"),
            *("hashfield", "hashexpression", "hashpartitions", "enablePartitioningForSampleQuery"),
            *("jobBookmarkKeys", "jobBookmarkKeysSortOrder", "preactions", "postactions", "useFrameName"),
            "filterPredicate",
        }
    ),
    frozenset(
        {
            *("redshiftTmpDir", "aws_iam_role", "aws_iam_user", "TempDir", "useConnectionProperties", "DbUser"),
            *("partitionColumn", "lowerBound", "upperBound", "numPartitions", "fetchsize", "batchsize", "driver"),
            *("extracopyoptions", "tempformat", "sse_kms_key", "transactionId", "catalogId", "tableName"),
            *("forward_spark_s3_credentials", "autopushdown", "autopushdown.s3_result_cache", "unload_s3_format"),
            *("connectionType", "push_down_predicate", "catalog_connection", "redshift_tmp_dir", "port", "host"),
        }
    ),
    {
        "dataTypeMapping": "columns have the types that Spark gives them",
        "csvnullstring": "rows go through JDBC, without files of text",
    },
)
_DYNAMODB = KnownOptions(
    frozenset({"dynamodb.input.tableName", "dynamodb.output.tableName", "dynamodb.export"}),
    frozenset(
        {
            *("dynamodb.throughput.read.percent", "dynamodb.throughput.write.percent", "dynamodb.splits"),
            *("dynamodb.sts.roleArn", "dynamodb.sts.roleSessionName", "dynamodb.sts.region", "dynamodb.region"),
            *("dynamodb.output.numParallelTasks", "dynamodb.output.retry", "dynamodb.tableArn"),
            *("dynamodb.s3.bucket", "dynamodb.s3.prefix", "dynamodb.s3.bucketOwner", "transactionId"),
        }
    ),
    {
        "dynamodb.unnestDDBJson": "it belongs to the export connector",
        "dynamodb.simplifyDDBJson": "it belongs to the export connector",
    },
)
_SPARK_FILES = {name: _FILES | FORMATS[name] for name in ("parquet", "orc")}
CONNECTIONS: Mapping[str, KnownOptions] = {
    "s3": _FILES,
    "file": _FILES,
    "dynamodb": _DYNAMODB,
    **_SPARK_FILES,
}
"""The other connection types that work here are databases."""
CATALOG = _FILES | _JDBC | _DYNAMODB
"""``additional_options`` of a table: which kind of table it is does not show in the script."""


def report_connection_options(kind: str, names: Iterable[str]) -> None:
    """Print a note for each of a connection's options that has no effect."""
    known = CONNECTIONS.get(kind.lower(), _JDBC)
    _print(known.notes(names, f"connection type {kind}"))


def report_catalog_options(names: Iterable[str]) -> None:
    """Print a note for each of a table's ``additional_options`` that has no effect."""
    _print(CATALOG.notes(names, "a table of the Data Catalog"))


def report_format_options(format_name: str, names: Iterable[str]) -> None:
    """Print a note for each of a format's options that has no effect; refused formats have none."""
    name = format_name.lower()
    known = FORMATS.get("parquet" if name == "glueparquet" else name)
    if known is not None:
        _print(known.notes(names, f"format {format_name}"))


def _print(notes: Iterable[str]) -> None:
    for note in notes:
        print_note(note)
