"""Which runs a waiting worker takes, and how many wait: pure decisions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.runtime.launch import spark_settings
from glueprint.runtime.shared.instructions import JobInstructions, SparkInstructions
from glueprint.runtime.shared.spark_changes import can_take, changed_properties
from glueprint.runtime.workers.sizing import IDLE_SECONDS, WORKER_BYTES, Sizing

WAITING, RUN = Path("/data/workers/1/work"), Path("/data/runs/jr_1/work")


def spark_instructions(
    directory: Path, *, heap: int = 1 << 30, buckets: tuple[str, ...] = (), slots: int = 2
) -> SparkInstructions:
    """How Spark is brought up for a job in that directory."""
    return SparkInstructions(
        java="/java",
        flags=spark_settings.jvm_flags(heap=heap, work_dir=directory),
        properties=spark_settings.properties(
            slots=slots, work_dir=directory, s3_root=Path("/data/s3"), buckets=buckets, app_name=str(directory)
        ),
        s3_root="/data/s3",
    )


def job(spark: SparkInstructions, setup: str | None = None) -> JobInstructions:
    """The order of a run with that Spark."""
    return JobInstructions("script.py", [], [], spark, setup)


def with_property(name: str, value: str = "x") -> JobInstructions:
    """The order of a run that sets one property (``--conf``)."""
    spark = spark_instructions(RUN)
    return job(replace(spark, properties={**spark.properties, name: value}))


def test_a_plain_job_fits() -> None:
    """Directories, buckets and the name of the job can be changed while Spark is up."""
    wanted = job(spark_instructions(RUN, buckets=("data",)))
    assert can_take(spark_instructions(WAITING), WAITING, wanted, RUN)
    changed = changed_properties(spark_instructions(WAITING), wanted.spark)
    assert set(changed) == {
        "spark.app.name",
        "spark.hadoop.fs.viewfs.mounttable.data.linkFallback",
        "spark.hadoop.hadoop.tmp.dir",
        "spark.sql.warehouse.dir",
    }


def test_the_same_drivers_fit() -> None:
    """JDBC drivers in the data directory are on the class path of workers, too; other JARs need a new JVM."""
    waiting = replace(spark_instructions(WAITING), jars=["/data/jdbc-drivers/a.jar"])
    same = replace(spark_instructions(RUN), jars=["/data/jdbc-drivers/a.jar"])
    assert can_take(waiting, WAITING, job(same), RUN)
    assert not can_take(waiting, WAITING, job(spark_instructions(RUN)), RUN)
    assert not can_take(waiting, WAITING, job(replace(same, jars_first=True)), RUN)


def test_fewer_slots_fit() -> None:
    """NumberOfWorkers maps to local parallelism: another one is a new context in the same JVM
    (docs/decisions/waiting-workers.md)."""
    assert can_take(spark_instructions(WAITING, slots=8), WAITING, job(spark_instructions(RUN, slots=4)), RUN)


@pytest.mark.parametrize(
    "name", ["spark.sql.shuffle.partitions", "spark.sql.catalogImplementation", "spark.hadoop.fs.defaultFS"]
)
def test_properties_that_spark_takes_at_run_time_fit(name: str) -> None:
    """Such a ``--conf`` needs no cold start."""
    assert can_take(spark_instructions(WAITING), WAITING, with_property(name), RUN)


@pytest.mark.parametrize(
    "wanted",
    [
        with_property("spark.sql.extensions"),
        with_property("spark.sql.catalog.mine"),
        with_property("spark.serializer"),
        with_property("spark.driver.memory", "4g"),
        with_property("spark.executorEnv.CUSTOMER_A"),
        job(spark_instructions(RUN, heap=2 << 30)),
        job(replace(spark_instructions(RUN), jars=["/a.jar"])),
        job(replace(spark_instructions(RUN), java="/another")),
        job(spark_instructions(RUN), setup="/data/runs/jr_1/work/.setup"),
    ],
    ids=["extensions", "catalog", "serializer", "memory", "environment", "heap", "jars", "java", "packages"],
)
def test_static_configuration_does_not_fit(wanted: JobInstructions) -> None:
    """Jobs with static configuration start cold."""
    assert not can_take(spark_instructions(WAITING), WAITING, wanted, RUN)


def test_a_worker_with_more_than_the_run_requires_does_not_fit() -> None:
    """What a worker was given cannot be taken away again."""
    waiting = spark_instructions(WAITING)
    waiting = replace(waiting, properties={**waiting.properties, "spark.sql.ansi.enabled": "true"})
    assert not can_take(waiting, WAITING, job(spark_instructions(RUN)), RUN)


GIB = 1 << 30
machines = st.builds(
    Sizing, st.none(), cores=st.integers(1, 64), memory_bytes=st.integers(1, 256).map(lambda gib: gib * GIB)
)


@given(machines, st.integers(0, 20), st.floats(0, 1), st.floats(0, 2 * IDLE_SECONDS))
def test_workers_never_take_the_memory_of_jobs(sizing: Sizing, waiting: int, share: float, idle: float) -> None:
    """More workers come up only from memory that is left beyond 2 GiB and a quarter of the machine."""
    available = int(sizing.memory_bytes * share)
    target = sizing.target(waiting, available, idle)
    assert 0 <= target <= 5 * sizing.cores
    if target > waiting:
        left = available - (target - waiting) * WORKER_BYTES
        assert left >= max(2 * GIB, sizing.memory_bytes // 4)


@pytest.mark.parametrize(
    ("memory", "cores", "available", "target"),
    [(2, 2, 1, 0), (4, 2, 2, 0), (8, 2, 4, 4), (16, 4, 8, 8), (24, 2, 20, 10), (64, 16, 60, 12)],
)
def test_examples_of_machines(memory: int, cores: int, available: int, target: int) -> None:
    """None on small machines; ten in a row on one with two cores and much memory."""
    assert Sizing(None, cores, memory * GIB).target(0, available * GIB, 0.0) == target


def test_an_idle_pool_shrinks_to_one() -> None:
    """After ten minutes without a job one worker goes on waiting."""
    sizing = Sizing(None, 2, 24 * GIB)
    assert sizing.target(8, 16 * GIB, IDLE_SECONDS + 1) == 1


def test_pools_of_several_sparks_share_what_one_would_have() -> None:
    """Two pools have at most half the workers each, and at least one (docs/decisions/runtimes.md)."""
    sizing = Sizing(None, 2, 64 * GIB)
    most = sizing.target(0, 60 * GIB, 0.0)
    assert [sizing.target(0, 60 * GIB, 0.0, pools) for pools in (1, 2, 100)] == [most, most // 2, 1]


def test_a_pool_under_memory_pressure_shrinks() -> None:
    """When others need the memory, workers go."""
    assert Sizing(None, 2, 8 * GIB).target(4, 1 * GIB, 0.0) == 1


@given(st.integers(0, 64), machines, st.integers(0, 64))
def test_a_number_is_a_number(number: int, machine: Sizing, waiting: int) -> None:
    """``--warm-workers N`` keeps N, whatever the machine (serve's own words)."""
    assert replace(machine, fixed=number).target(waiting, 0, 0.0) == number
