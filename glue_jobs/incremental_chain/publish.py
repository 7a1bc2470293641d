"""Publish the batch: one PutObject that adds its rows and its input files, then the table. Python shell.

No row is read here, so Spark is not needed. The last job: it releases the lock.
"""

import sys
from typing import Any

from glue_jobs.common.appended_table import AppendedTable
from glue_jobs.common.appending import AppendedRun, append_run, retire_unpublished
from glue_jobs.common.arguments import read_arguments
from glue_jobs.common.batches import (
    BatchGone,
    BatchResult,
    ChainRun,
    begin_job,
    data_files,
    read_result,
    read_staged_batch,
    refuse_loaded_files,
)
from glue_jobs.common.clients import aws_client
from glue_jobs.common.loaded_files import read_ledger
from glue_jobs.common.presence import put_counts
from glue_jobs.common.run_lock import check_lock, release_lock
from glue_jobs.common.workflow_run import get_properties, put_properties

REQUIRED = ("WORKFLOW_NAME", "WORKFLOW_RUN_ID", "aws_region", "destination", "database", "table")
BLUEPRINT = "incremental_chain"


class ResultDamaged(Exception):
    """The result is not there as it was written."""


def refuse_damaged_result(s3: Any, chain: ChainRun, result: BatchResult) -> None:
    """Make sure that the run's folder contains exactly the files of the result.

    Raises:
        ResultDamaged: it does not.
    """
    folder = chain.destination.folder(chain.batch)
    if sorted(data_files(s3, folder)) != sorted(result.parts):
        raise ResultDamaged(
            "The files below {} are not those that were written; nothing was published. Resume the run at the job "
            "transform.".format(folder)
        )


def publish_batch(s3: Any, glue: Any, arguments: "dict[str, str]") -> None:
    """Publish the batch, or finish what an earlier attempt has started."""
    chain = begin_job(s3, glue, arguments)
    if chain is None:
        return
    workflow, run = arguments["WORKFLOW_NAME"], arguments["WORKFLOW_RUN_ID"]
    table = AppendedTable(glue, chain.destination, arguments["database"], arguments["table"])
    result = read_result(s3, chain.staging)
    columns = result.columns if result else ()
    table.check(columns)
    appended = chain.appended
    if not chain.is_published:
        batch = read_staged_batch(s3, chain.staging)
        if batch is None or result is None:
            raise BatchGone("The result of {} was deleted; start the workflow again.".format(chain.batch))
        refuse_loaded_files(s3, chain, batch.files)
        refuse_damaged_result(s3, chain, result)
        check_lock(s3, chain.destination.location, workflow, run)
        ledger = read_ledger(s3, appended.ledger).added(batch.files, chain.batch)
        published = AppendedRun(chain.batch, result.rows, len(batch.files), len(result.parts))
        appended = append_run(s3, chain.destination, appended, published, ledger)
    table.show(appended, columns)
    this = next(one for one in appended.runs if one.run == chain.batch)
    counts = {
        "rows": this.rows,
        "files_out": this.files_out,
        "table_rows": sum(one.rows for one in appended.runs),
    }
    put_counts(glue, workflow, run, counts, BLUEPRINT)
    # A resumed run may have inherited what notify wrote; so may a run whose retry has repaired a failed attempt.
    properties = get_properties(glue, workflow, run)
    stale = {key: "" for key in properties if key.startswith(BLUEPRINT + ".failed") and properties[key]}
    if stale:
        put_properties(glue, workflow, run, stale)
    print(
        "{:,} rows of {:,} files: {}.{}".format(
            this.rows, this.files_in, arguments["database"], arguments["table"]
        )
    )
    for retired in retire_unpublished(s3, chain.destination, appended):
        print("Deleted what the run {} had written, which was never published.".format(retired))
    release_lock(s3, chain.destination.location, workflow, run)


def main() -> None:
    """Publish the batch."""
    arguments = read_arguments(sys.argv, REQUIRED)
    region = arguments["aws_region"]
    publish_batch(aws_client("s3", region), aws_client("glue", region), arguments)


if __name__ == "__main__":
    main()
