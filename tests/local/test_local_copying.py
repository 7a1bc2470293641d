"""`serve --ephemeral --copy-of DIR`: a trial on a copy, and what a job run has written there."""

from __future__ import annotations

from pathlib import Path

from harness.local_server import Server

from glueprint.client.written_data import snapshot, written_since
from glueprint.local.assembly import MIGRATIONS
from glueprint.local.copying import COPIED_TABLES
from glueprint.local.store import Database

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
ROWS = b"n,t\n1,a\n2,b\n"


def test_a_copy_has_the_data_and_starts_nothing(tmp_path: Path) -> None:
    """Objects, tables and jobs are there; workflows, triggers and runs are not; the original stays as it is.

    What is written on the copy is found with its rows and columns; partition folders belong to one data set.
    """
    with Server(tmp_path / "data") as original:
        glue, s3 = original.client("glue"), original.client("s3")
        original.put_job("once", "print('ran')\n")
        original.finished_job_run("once", glue.start_job_run(JobName="once")["JobRunId"])
        s3.put_object(Bucket="scripts", Key="in/a.csv", Body=ROWS)
        glue.create_database(DatabaseInput={"Name": "db"})
        glue.create_table(DatabaseName="db", TableInput={"Name": "t"})
        glue.create_workflow(Name="flow")
        often = {"Type": "SCHEDULED", "Schedule": "cron(*/5 * * * ? *)", "StartOnCreation": True}
        glue.create_trigger(Name="often", Actions=[{"JobName": "once"}], **often)
        with Server(tmp_path / "trial", "--ephemeral", "--copy-of", str(original.data_dir)) as copy:
            glue2, s3_2 = copy.client("glue"), copy.client("s3")
            assert glue2.get_table(DatabaseName="db", Name="t")["Table"]["Name"] == "t"
            assert s3_2.get_object(Bucket="scripts", Key="in/a.csv")["Body"].read() == ROWS
            assert glue2.list_jobs()["JobNames"] == ["once"]
            assert glue2.get_job_runs(JobName="once")["JobRuns"] == []
            assert (glue2.list_workflows()["Workflows"], glue2.list_triggers()["TriggerNames"]) == ([], [])
            before = snapshot(s3_2)
            for day in ("k=1", "k=2"):
                s3_2.put_object(Bucket="scripts", Key=f"out/{day}/part.csv", Body=ROWS)
            s3_2.put_object(Bucket="scripts", Key="out/_SUCCESS", Body=b"")
            s3_2.put_object(Bucket="scripts", Key="bad/x.parquet", Body=b"no parquet")
            bad, out = written_since(s3_2, before, "other")
        assert (out.location, out.format, out.objects, out.rows) == ("s3://scripts/out/", "csv", 2, 4)
        assert out.schema == {"n": "int64", "t": "string"}
        assert out.content == {"n=1, t='a'": 2, "n=2, t='b'": 2}
        assert (bad.rows, bool(bad.problem)) == (None, True)
        assert "Contents" not in s3.list_objects_v2(Bucket="scripts", Prefix="out/")
        assert glue.list_triggers()["TriggerNames"] == ["often"]


def test_every_table_of_the_state_is_copied_or_starts_something(tmp_path: Path) -> None:
    """A table that a later migration adds must be put on one side: else copies lack data, or run jobs."""
    database = Database(tmp_path / "state.sqlite", MIGRATIONS)
    names = database.read(lambda tx: [row["name"] for row in tx.execute(_TABLES)])
    database.close()
    assert set(names) >= COPIED_TABLES
    assert sorted(set(names) - COPIED_TABLES) == [
        *("athena_query", "blueprint_run", "crawl", "event_rule", "event_target", "event_window", "execution"),
        *("execution_branch", "execution_event", "execution_task", "fired_trigger", "held_event", "invocation"),
        *("job_run", "missed_time", "owed", "quality_result", "quality_run", "run_property", "s3_parts"),
        *("s3_uploads", "standing_end", "state_machine_definition", "submission", "timer", "workflow_run"),
    ]
