"""All special parameters of Glue, and what becomes of each here: the table behind ``docs/parameters.md``.

Names and meanings: DG:aws-glue-programming-etl-glue-arguments, DG:add-job-python. A parameter that is not here is
the script's own; it reaches
the script as it is, as every one of these does too.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.Enum):
    """What is done about a parameter."""

    HONOURED = "honoured"
    WITHOUT_EFFECT = "accepted without effect"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Special:
    """One parameter: its name as
    DG:aws-glue-programming-etl-glue-arguments has it, what becomes of it, in words."""

    name: str
    kind: Kind
    description: str


_DOES, _NOTHING, _NO = Kind.HONOURED, Kind.WITHOUT_EFFECT, Kind.REFUSED

SPECIAL = (
    Special(
        "--additional-python-modules",
        _DOES,
        "pip installs the modules before the script starts, for driver and workers: names, wheels and "
        "`.gluewheels.zip` archives in S3. Python shell: names only, pip's options behind them; S3 "
        "paths are refused. Modules with a fixed version and wheels are installed once and kept in "
        "`<data-dir>/modules`.",
    ),
    Special(
        "--python-modules-installer-option",
        _DOES,
        "Options for pip, such as `--no-index`; with `-r` a requirements file in S3. Python shell: no "
        "effect, and said.",
    ),
    Special(
        "--extra-py-files",
        _DOES,
        "`.py`, `.whl` (installed without what it depends on), and for Spark `.zip` and `.egg`. On the "
        "module path of script and workers. Folders are refused.",
    ),
    Special(
        "--extra-files",
        _DOES,
        "Copied to the script's working directory. Refused in Python shell jobs, as on AWS.",
    ),
    Special("--extra-jars", _DOES, "On the class path of Spark's JVM. Such a job starts cold."),
    Special("--user-jars-first", _DOES, "`true` puts the JARs in front of Spark's own."),
    Special(
        "--datalake-formats",
        _DOES,
        "`hudi`, `delta`, `iceberg`: the libraries are not part of the local Glue; refused, with the "
        "JAR's name, unless they are among `--extra-jars`.",
    ),
    Special(
        "--conf",
        _DOES,
        "Spark properties, `k=v --conf k2=v2`. Such a job starts cold. Those about memory, cores, "
        "master, S3 access and Java's flags (but `-D`) have no effect, and that is said in the error log.",
    ),
    Special("--TempDir", _DOES, "Reaches the script as it is; the run fails when its bucket does not exist."),
    Special(
        "--enable-glue-datacatalog",
        _DOES,
        "Spark SQL finds the tables of the Data Catalog. Its presence counts; `false` is off.",
    ),
    Special("--job-bookmark-option", _DOES, "`job-bookmark-enable`, `-disable`, `-pause`."),
    Special("--job-bookmark-from", _DOES, "With `job-bookmark-pause`: a run's id."),
    Special("--job-bookmark-to", _DOES, "With `job-bookmark-pause`: a run's id."),
    Special("--scriptLocation", _DOES, "Runs this script instead of the job's."),
    Special("--customer-driver-env-vars", _DOES, "Variables for the driver; only names with `CUSTOMER_` count."),
    Special("--customer-executor-env-vars", _DOES, "The same for Spark's Python workers."),
    Special(
        "library-set",
        _DOES,
        "Python shell: the modules are those that are installed here; when a script imports one that "
        "`analytics` or `none` has in another version on AWS, or not at all, the error log says so.",
    ),
    Special("--job-language", _NO, "`scala` is refused, `python` is what runs."),
    Special("--class", _NOTHING, "Names a Scala class; refused with `--job-language scala`."),
    Special("--JOB_NAME", _NO, "Set by Glue, as are `--debug` and `--mode`: StartJobRun refuses them."),
    Special(
        "--enable-metrics",
        _NOTHING,
        "No metrics go to CloudWatch. Time and peak memory of every run stand in the stream "
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
    Special("--enable-continuous-log-filter", _NOTHING, "What Spark says below WARN is never written."),
    Special("--continuous-log-logGroup", _NOTHING, "Logs stay in the groups that Glue has by default."),
    Special("--continuous-log-logStreamPrefix", _NOTHING, "Streams have the run's id."),
    Special("--continuous-log-conversionPattern", _NOTHING, "Log4j's lines have a pattern of ours."),
    Special("--custom-logGroup-prefix", _NOTHING, "Logs stay in the groups that Glue has by default."),
    Special("--custom-logStream-prefix", _NOTHING, "Streams have the run's id."),
    Special("--enable-spark-ui", _NOTHING, "There is no Spark UI, since it costs every start half a second."),
    Special("--spark-event-logs-path", _NOTHING, "No event logs are written."),
    Special(
        "--enable-auto-scaling",
        _NOTHING,
        "Every run takes its share of this machine. DPUSeconds is set, as on AWS.",
    ),
    Special("--auto-scale-within-microbatch", _NOTHING, "Of streaming jobs, which are refused."),
    Special("--enable-s3-parquet-optimized-committer", _NOTHING, "Objects are files, and a rename is one step."),
    Special("--enable-rename-algorithm-v2", _NOTHING, "See `--enable-s3-parquet-optimized-committer`."),
    Special("--write-shuffle-files-to-s3", _NOTHING, "Shuffles stay on this machine's disk."),
    Special("--write-shuffle-spills-to-s3", _NOTHING, "See `--write-shuffle-files-to-s3`."),
    Special("--use-postgres-driver", _NOTHING, "JDBC drivers come with `--extra-jars`."),
    Special("--encryption-type", _NOTHING, "Nothing is encrypted."),
)
