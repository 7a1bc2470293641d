"""All special parameters of Glue and what the local Glue does with each: the table behind ``docs/parameters.md``.

Names and meanings: DG:aws-glue-programming-etl-glue-arguments, DG:add-job-python. A parameter that is not in the
table is the script's own. All parameters reach the script unchanged, including those in the table.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.Enum):
    """What the local Glue does with a parameter."""

    HONOURED = "honoured"
    WITHOUT_EFFECT = "accepted without effect"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Special:
    """One parameter: its name in AWS's documentation, its kind, and what the local Glue does with it."""

    name: str
    kind: Kind
    description: str


_DOES, _NOTHING, _NO = Kind.HONOURED, Kind.WITHOUT_EFFECT, Kind.REFUSED

SPECIAL = (
    Special(
        "--additional-python-modules",
        _DOES,
        "pip installs the modules before the script starts, for driver and workers: names, wheels and "
        "`.gluewheels.zip` archives in S3. Python shell: names only, pip's options after them; S3 "
        "paths are refused. Modules with a fixed version and wheels are installed once and kept in "
        "`<data-dir>/modules`.",
    ),
    Special(
        "--python-modules-installer-option",
        _DOES,
        "Options for pip, such as `--no-index`; with `-r` a requirements file in S3. Python shell: no "
        "effect; the error log contains a note.",
    ),
    Special(
        "--extra-py-files",
        _DOES,
        "`.py`, `.whl` (installed without its dependencies), and for Spark `.zip` and `.egg`. On the "
        "module path of script and workers. Folders are refused.",
    ),
    Special(
        "--extra-files",
        _DOES,
        "Copied to the script's working directory. Refused in Python shell jobs, as on AWS.",
    ),
    Special("--extra-jars", _DOES, "On the class path of Spark's JVM. Such a job starts cold."),
    Special("--user-jars-first", _DOES, "`true` puts the JARs before Spark's own."),
    Special(
        "--datalake-formats",
        _DOES,
        "`hudi`, `delta`, `iceberg`: the libraries are not part of the local Glue; refused, with the "
        "JAR's name, unless they are in `--extra-jars`.",
    ),
    Special(
        "--conf",
        _DOES,
        "Spark properties, `k=v --conf k2=v2`. Such a job starts cold. Those about memory, cores, "
        "master, S3 access and Java's flags (except `-D`) have no effect; the error log contains a note.",
    ),
    Special("--TempDir", _DOES, "Reaches the script unchanged; the run fails if its bucket does not exist."),
    Special(
        "--enable-glue-datacatalog",
        _DOES,
        "Spark SQL finds the tables of the Data Catalog. On if present, unless the value is `false`.",
    ),
    Special("--job-bookmark-option", _DOES, "`job-bookmark-enable`, `-disable`, `-pause`."),
    Special("--job-bookmark-from", _DOES, "With `job-bookmark-pause`: a run id."),
    Special("--job-bookmark-to", _DOES, "With `job-bookmark-pause`: a run id."),
    Special("--scriptLocation", _DOES, "Runs this script instead of the job's."),
    Special(
        "--customer-driver-env-vars",
        _DOES,
        "Variables for the driver; only names with the prefix `CUSTOMER_` count.",
    ),
    Special("--customer-executor-env-vars", _DOES, "The same for Spark's Python workers."),
    Special(
        "library-set",
        _DOES,
        "Python shell: the modules are those that are installed here. If a script imports one that "
        "`analytics` or `none` has in another version on AWS, or not at all, the error log contains a note.",
    ),
    Special("--job-language", _NO, "`scala` is refused; only `python` runs."),
    Special("--class", _NOTHING, "Names a Scala class; refused with `--job-language scala`."),
    Special("--JOB_NAME", _NO, "Set by Glue, as are `--debug` and `--mode`: StartJobRun refuses them."),
    Special(
        "--enable-metrics",
        _NOTHING,
        "No metrics go to CloudWatch. Time and peak memory of each run are in the stream "
        "`RUN_ID-summary` of the output group.",
    ),
    Special("--enable-observability-metrics", _NOTHING, "See `--enable-metrics`."),
    Special(
        "--enable-job-insights",
        _NOTHING,
        "Recognised failures are explained at the end of the error log anyway; there are no streams of "
        "insights.",
    ),
    Special("--enable-continuous-cloudwatch-log", _NOTHING, "Logs are always there while a job runs."),
    Special("--enable-continuous-log-filter", _NOTHING, "Messages of Spark below WARN are never written."),
    Special("--continuous-log-logGroup", _NOTHING, "Logs stay in Glue's default groups."),
    Special("--continuous-log-logStreamPrefix", _NOTHING, "Streams are named after the run's id."),
    Special("--continuous-log-conversionPattern", _NOTHING, "Log4j's lines have Glueprint's pattern."),
    Special("--custom-logGroup-prefix", _NOTHING, "Logs stay in Glue's default groups."),
    Special("--custom-logStream-prefix", _NOTHING, "Streams are named after the run's id."),
    Special("--enable-spark-ui", _NOTHING, "There is no Spark UI, since it would cost each start half a second."),
    Special("--spark-event-logs-path", _NOTHING, "No event logs are written."),
    Special(
        "--enable-auto-scaling",
        _NOTHING,
        "Every run takes its share of this machine. DPUSeconds is set, as on AWS.",
    ),
    Special("--auto-scale-within-microbatch", _NOTHING, "For streaming jobs, which are refused."),
    Special("--enable-s3-parquet-optimized-committer", _NOTHING, "Objects are files, and a rename is one step."),
    Special("--enable-rename-algorithm-v2", _NOTHING, "See `--enable-s3-parquet-optimized-committer`."),
    Special("--write-shuffle-files-to-s3", _NOTHING, "Shuffles stay on this machine's disk."),
    Special("--write-shuffle-spills-to-s3", _NOTHING, "See `--write-shuffle-files-to-s3`."),
    Special(
        "--use-postgres-driver",
        _NOTHING,
        "The driver is the one of `--extra-jars`, of a connection or in `jdbc-drivers/`.",
    ),
    Special("--encryption-type", _NOTHING, "Nothing is encrypted."),
)
