"""The names of Glue's own job parameters: a script need not read them.

Sources: DG:aws-glue-programming-etl-glue-arguments, DG:add-job-python (``library-set`` has no dashes there).
"""

from __future__ import annotations

SPECIAL_PARAMETERS = frozenset(
    {
        *("--additional-python-modules", "--auto-scale-within-microbatch", "--class", "--conf"),
        *("--continuous-log-conversionPattern", "--continuous-log-logGroup"),
        *("--continuous-log-logStreamPrefix", "--custom-logGroup-prefix", "--custom-logStream-prefix"),
        *("--customer-driver-env-vars", "--customer-executor-env-vars", "--datalake-formats", "--debug"),
        *("--enable-auto-scaling", "--enable-continuous-cloudwatch-log", "--enable-continuous-log-filter"),
        *("--enable-glue-datacatalog", "--enable-job-insights", "--enable-lakeformation-fine-grained-access"),
        *("--enable-metrics", "--enable-observability-metrics", "--enable-rename-algorithm-v2"),
        *("--enable-s3-parquet-optimized-committer", "--enable-spark-ui", "--encryption-type"),
        *("--extra-files", "--extra-jars", "--extra-py-files", "--job-bookmark-from", "--job-bookmark-option"),
        *("--job-bookmark-to", "--job-language", "--JOB_NAME", "--library-set", "--mode"),
        *("--python-modules-installer-option", "--scriptLocation", "--spark-event-logs-path", "--TempDir"),
        *("--use-postgres-driver", "--user-jars-first", "--write-shuffle-files-to-s3"),
        "--write-shuffle-spills-to-s3",
    }
)
"""With dashes. What the local Glue does with each is in ``runtime.parameters.special``."""
