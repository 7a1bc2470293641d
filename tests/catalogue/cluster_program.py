"""The job scripts of three blueprints on one Spark; ``test_catalogue_cluster.py`` runs it for each of several.

The scripts are those of the blueprints' zips, run as ``__main__``: executors have no module of this repository.
The first argument is Spark's master, or ``none``: then the tasks run here, one after another. S3 is the one of
AWS_ENDPOINT_URL. Prints the rows, the files and how many tasks each executor did, of each blueprint.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "catalogue"), str(ROOT / "tests")]

MARK = "RESULT "
SMALL = {"TASK_COST": 1, "MIN_TASK_BYTES": 1, "MIN_SPLIT_BYTES": 1, "MIN_MERGE_BYTES": 1, "MIN_GROUP_BYTES": 1}
"""Sizes below which files share a task, in whichever script has them: the test's files are small."""
QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
GIVEN = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


class Unpatched:
    """In place of pytest's monkeypatch: the scripts make their own clients."""

    def setattr(self, *names: Any) -> None:
        """Do nothing."""


def one_by_one(task: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
    """Tasks without Spark."""
    return [task(item) for item in items]


def script(blueprint: str, job: str) -> dict[str, Any]:
    """The names of a job's script as it is in the blueprint's zip."""
    from glueprint.blueprint.bundler import bundle

    names: dict[str, Any] = {"__name__": "__main__"}
    text = bundle(ROOT, blueprint)[f"{blueprint}/scripts/{job}.py"].decode()
    exec(compile(text.partition('if __name__ == "__main__":')[0], f"{job}.py", "exec"), names)
    names.update({name: size for name, size in SMALL.items() if name in names})
    return names


def conversion(s3: Any, options: dict[str, Any]) -> list[Any]:
    """Ten CSV files to Parquet."""
    from conversion_world import ConversionWorld

    world = ConversionWorld(s3, Unpatched())
    for number in range(10):
        lines = "".join(f"{number},{line}\n" for line in range(300))
        world.put(f"{number}.csv", f"file,line\n{lines}")
    assert world.look("r1").present
    script("conversion", "convert")["convert"](
        s3, world.glue, {**world.arguments, "WORKFLOW_RUN_ID": "r1"}, **options
    )
    return world.rows()


def compaction(s3: Any, options: dict[str, Any]) -> list[Any]:
    """Six partitions of five files each, in place."""
    from compaction_world import CompactionWorld

    world = CompactionWorld()
    world.s3 = s3
    world.fill(days=6, files=5, rows=20)
    world.later(hours=1)  # the files are not too new
    assert world.look("r1").present
    script("compaction", "compact")["compact"](
        s3, world.glue, {**world.arguments, "WORKFLOW_RUN_ID": "r1"}, **options
    )
    return world.rows()


def partitioning(s3: Any, options: dict[str, Any]) -> list[Any]:
    """Eight files of rows of three carriers and of none."""
    import test_catalogue_partitioning as cases
    from compaction_world import parquet

    world = cases.PartitioningWorld()
    world.s3 = s3
    rows = cases.rows(400)
    for number in range(8):
        world.put(f"{number}.parquet", parquet(rows[number::8], cases.SCHEMA))
    assert world.look("r1").present
    script("partitioning", "partition")["partition"](
        s3, world.glue, {**world.arguments, "WORKFLOW_RUN_ID": "r1"}, **options
    )
    return world.rows()


BLUEPRINTS = (conversion, compaction, partitioning)


def tasks_of_executors(context: Any) -> dict[str, int]:
    """Spark's own count of the tasks that each executor has completed."""
    context._jsc.sc().listenerBus().waitUntilEmpty()
    found = context._jsc.sc().statusStore().executorList(True)
    executors = [found.apply(number) for number in range(found.size())]
    return {one.id(): one.completedTasks() for one in executors if one.id() != "driver"}


def cluster_context(master: str) -> Any:
    """Spark with two executors of one core each, both there before the first task."""
    from pyspark import SparkConf, SparkContext

    conf = SparkConf().setMaster(master).setAppName("cluster")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.liveUpdate.period": "0",  # so that no count waits for the next event
        "spark.executor.memory": "512m",
        "spark.executor.cores": "1",
        "spark.executor.extraJavaOptions": QUICK_START,
        "spark.cores.max": "2",
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",
        "spark.scheduler.maxRegisteredResourcesWaitingTime": "120s",
        **{f"spark.executorEnv.{name}": os.environ[name] for name in GIVEN},
    }
    return SparkContext(conf=conf.setAll(list(settings.items())))


def main() -> None:
    """Run the scripts and print what they made."""
    import boto3

    master = sys.argv[1]
    s3 = boto3.client("s3", region_name="us-east-1")
    context = None if master == "none" else cluster_context(master)
    options: dict[str, Any] = {} if context else {"run_tasks": one_by_one}
    results, before = {}, {}
    for blueprint in BLUEPRINTS:
        for bucket in ("landing", "lake", "scripts"):
            s3.create_bucket(Bucket=bucket)
        rows = sorted(json.dumps(row, default=str) for row in blueprint(s3, options))
        listed = [one["Key"] for one in s3.list_objects_v2(Bucket="lake")["Contents"]]
        tasks = tasks_of_executors(context) if context else {}
        done = [count - before.get(name, 0) for name, count in tasks.items()]
        before = tasks
        results[blueprint.__name__] = [rows, listed, done]
        for key in listed:
            s3.delete_object(Bucket="lake", Key=key)
        for entry in s3.list_objects_v2(Bucket="scripts").get("Contents", []):
            s3.delete_object(Bucket="scripts", Key=entry["Key"])
    sys.stdout.write(MARK + json.dumps(results) + "\n")
    if context:
        context.stop()


if __name__ == "__main__":
    main()
