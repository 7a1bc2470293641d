"""Reading the files of a manifest in Spark tasks, again if what a sample of them has shown does not hold."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Callable, FrozenSet, List, Sequence, Tuple, TypeVar

import pyarrow as pa

from glue_jobs.common.bad_records import TooManyBadRecords
from glue_jobs.common.choice_columns import split_schema
from glue_jobs.common.clients import aws_client
from glue_jobs.common.csv_ranges import disagreeing
from glue_jobs.common.locations import delete_below
from glue_jobs.common.manifest import FrozenFile
from glue_jobs.common.pieces import MIN_GROUP_BYTES, Group, group_pieces
from glue_jobs.common.row_batches import Target, merge_schemas
from glue_jobs.common.row_sources import SourceFormat, may_be_cut
from glue_jobs.common.schema_texts import schema_text
from glue_jobs.common.source_plan import SourcePlan
from glue_jobs.common.source_tasks import Findings, SampleResult, sample_group
from glue_jobs.common.type_merging import TypesDiffer, without_nulls

MAX_ROUNDS = 6
MAX_SHOWN = 20

Tasks = Callable[[Callable[[Any], Any], Sequence[Any]], List[Any]]
"""Runs a function for each group, and returns the results in their order."""
AnyPlan = TypeVar("AnyPlan", bound=SourcePlan)


class ReadingFailed(Exception):
    """The files could not be read; nothing was published."""


def on_spark(task: Callable[[Any], Any], groups: Sequence[Any]) -> List[Any]:
    """Run a task for each group on Spark's executors."""
    # Imported late: a run without files ends before it would start Spark.
    from pyspark.context import SparkContext

    context = SparkContext.getOrCreate()
    results: List[Any] = context.parallelize(groups, len(groups)).map(task).collect()
    return results


def fail_with(problems: Sequence[str], what: str) -> None:
    """Raise if there are problems.

    Raises:
        ReadingFailed: their number, and the first of them.
    """
    if problems:
        shown = list(problems[:MAX_SHOWN])
        if len(problems) > MAX_SHOWN:
            shown.append("and {} more".format(len(problems) - MAX_SHOWN))
        raise ReadingFailed("{} {}:\n{}".format(len(problems), what, "\n".join(shown)))


def sampled_plan(plan: AnyPlan, files: Sequence[FrozenFile], run_tasks: Tasks) -> Tuple[AnyPlan, FrozenSet[str]]:
    """The plan with the schema of samples of the files, if it is inferred; and the files that must not be cut.

    Raises:
        ReadingFailed: files that cannot be read, or a choice of types that is refused.
    """
    if not plan.target.is_inferred:
        files = [file for file in files if file.size > MIN_GROUP_BYTES and may_be_cut(plan.source, file)]
    groups = group_pieces(files, lambda file: False)
    results: List[SampleResult] = run_tasks(partial(sample_group, plan), groups) if groups else []
    fail_with([problem for _, problems, _ in results for problem in problems], "files could not be read")
    uncut = frozenset(key for _, _, keys in results for key in keys)
    if not plan.target.is_inferred:
        return plan, uncut
    given = plan.target.schema
    schema = pa.schema([])
    try:
        for found, _, _ in results:
            schema = schema if found is None else merge_schemas(schema, found, plan.target)
    except TypesDiffer as error:
        raise ReadingFailed("The files differ: {}".format(error)) from error
    unknown = sorted(set(given.names) - set(schema.names))
    if unknown:
        raise ReadingFailed(
            "ColumnTypes: {} not a column; there are {}.".format(", ".join(unknown), ", ".join(schema.names))
        )
    types = {field.name: field.type for field in given}
    schema = pa.schema([(field.name, types.get(field.name, without_nulls(field.type))) for field in schema])
    return replace(plan, target=replace(plan.target, schema=schema)), uncut


def is_cut(source: SourceFormat, uncut: FrozenSet[str], file: FrozenFile) -> bool:
    """Whether a file may be cut into ranges of bytes."""
    return file.key not in uncut and may_be_cut(source, file)


@dataclass(frozen=True)
class Reading:
    """What tasks have read.

    Attributes:
        groups: what each task has read.
        results: what each task has returned.
        plan: how they have read it.
        bad: the number of bad records.
    """

    groups: List[Group]
    results: List[Any]
    plan: Any
    bad: int


def read_in_rounds(
    plan: AnyPlan,
    files: Sequence[FrozenFile],
    run_tasks: Tasks,
    task: Callable[[AnyPlan, Group], Tuple[Findings, Any]],
    check: Callable[[AnyPlan], None],
) -> Reading:
    """Run a task for each group of files.

    An inferred schema that is contradicted is replaced by one that fits, and a file whose ranges do not fit
    together is read by one task; then everything is done again.

    Args:
        plan: how to read.
        files: what to read.
        run_tasks: runs the tasks.
        task: reads a group.
        check: raises if the plan's schema cannot be used.

    Raises:
        ReadingFailed: a file cannot be read.
        TooManyBadRecords: more records are bad than are allowed.
    """
    plan, uncut = sampled_plan(plan, files, run_tasks)
    for _ in range(MAX_ROUNDS):
        check(plan)
        print("Schema: {}".format(schema_text(split_schema(plan.target.schema))))
        delete_below(aws_client("s3", plan.region), plan.bad_bucket, plan.bad_prefix)
        groups = group_pieces(files, partial(is_cut, plan.source, uncut))
        results: List[Tuple[Findings, Any]] = run_tasks(partial(task, plan), groups)
        findings = [found for found, _ in results]
        again = frozenset(key for found in findings for key in found[4])
        again |= disagreeing([quotes for found in findings for quotes in found[5]])
        if again:
            # Nothing that was found in a range that starts at the wrong place counts.
            print("Once more: line ends inside of quotes keep {} files from being cut.".format(len(again)))
            uncut |= again
            continue
        fail_with([problem for found in findings for problem in found[0]], "files could not be read")
        better = [found[3] for found in findings if found[3] is not None]
        if better:
            print("Once more: some rows do not fit what a sample of the files has shown.")
            plan = replace(plan, target=replace(plan.target, schema=merged(plan.target, better)))
            continue
        bad = sum(found[1] for found in findings)
        if bad > plan.maximum_bad:
            first = next(found[2] for found in findings if found[2])
            message = (
                "At least {:,} records are bad, and MaximumBadRecords is {:,}; nothing was published. They are in "
                "s3://{}/{}. The first one: {}"
            )
            where = (plan.bad_bucket, plan.bad_prefix)
            raise TooManyBadRecords(message.format(bad, plan.maximum_bad, *where, first), bad)
        return Reading(groups, [result for _, result in results], plan, bad)
    raise ReadingFailed("No schema fits all rows after {} rounds; give one.".format(MAX_ROUNDS))


def merged(target: Target, better: Sequence[pa.Schema]) -> pa.Schema:
    """The target's schema, merged with better ones.

    Raises:
        ReadingFailed: their types cannot be merged.
    """
    schema = target.schema
    try:
        for other in better:
            schema = merge_schemas(schema, other, target)
    except TypesDiffer as error:
        raise ReadingFailed("The files differ: {}".format(error)) from error
    return pa.schema([(field.name, without_nulls(field.type)) for field in schema])
