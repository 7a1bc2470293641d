"""Runs public scripts in two GlueVersions and compares what they print and write.

A program, not a test: the scripts are fetched copies that the project does not contain (`public_copies`). For
each version there is a new server with one job that executes all scripts in turn, in one Spark session, because
some read what others wrote, and because starting Spark takes longer than most of them. Run it with::

    python tests/standin/public_scripts.py [--copies DIR] [--glue-version A,B] [NAME ...]

``make upgrade`` does so with Glue 5.1 and 6.0 (`upgrade`).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path += [str(folder) for folder in Path(__file__).parents[:2]]  # this folder, and that of harness

import public_data
from public_copies import DEFAULT_FOLDER, Copies

from glueprint.cli.job.compare import compare_with_first, show_trials, trial
from glueprint.cli.job.definition import Definition
from glueprint.client.job_comparison import Trial
from glueprint.client.servers import start_server
from glueprint.client.session import Session

PACKT = "PacktPublishing/Serverless-ETL-and-Analytics-with-AWS-Glue"
SENSORS = "lcalcagni/aws-glue-sensor-data-lakehouse"
MUSIC = "Kwame842/Music-Streaming-ETL-Pipeline-with-AWS-Glue-DynamoDB-MWAA"
SHOP = "weronikajedrzejewska/aws-glue-ecommerce-events"
ARGUMENTS = {"project_name": "sensors"}
ONE_SESSION = {"SparkContext()": "SparkContext.getOrCreate()", "spark.stop()": "pass"}


@dataclass(frozen=True)
class Script:
    """A public script.

    Attributes:
        repository, path: where it is.
        changes: placeholders of its author, and what takes their place.
    """

    repository: str
    path: str
    changes: Mapping[str, str] = field(default_factory=dict)


def _packt(path: str, name: str, **changes: str) -> Script:
    places = {
        "s3://TARGET_BUCKET_NAME/target_prefix/": f"s3://target/{name}/",
        "s3://TARGET/prefix/": f"s3://target/{name}/",
        "s3://s3path/": public_data.ORDERS,
        "<Set the S3 location where you put data.json>": public_data.ORDERS,
        "<Set the S3 location where your Glue Spark job write the data with compression>": f"s3://target/{name}/",
        "[__OUTPUT_FORMAT__]": "json",
        "tableName": "table_name",  # its author's slip: no such parameter
    }
    return Script(PACKT, path, places | changes)


def _sensors(name: str) -> Script:
    return Script(SENSORS, f"glue_jobs/{name}.py")


SCRIPTS: Mapping[str, Script] = {
    "csv-frame": _packt("Chapter03/02_ingestion_from_s3_spark_glue_dyf.py", "csv-frame"),
    "csv-spark": _packt("Chapter03/03_ingestion_from_s3_spark_dataframe.py", "csv-spark"),
    "grouping": _packt("Chapter03/04_ingestion_from_s3_grouping.py", "grouping"),
    "listing": _packt("Chapter03/05_ingestion_from_s3_s3ListImplementation.py", "listing"),
    "bounded-files": _packt("Chapter03/06_ingestion_from_s3_bounded_execution_num_files.py", "bounded-files"),
    "bounded-size": _packt("Chapter03/07_ingestion_from_s3_bounded_execution_volume.py", "bounded-size"),
    "mapping": _packt("Chapter04/01_ApplyMapping.py", "mapping"),
    "relationalize": _packt("Chapter04/02_Relationalize_Join_RenameField.py", "relationalize"),
    "unbox": _packt("Chapter04/03_Unbox.py", "unbox"),
    "errors": _packt("Chapter04/04_ErrorsAsDynamicFrame.py", "errors"),
    "compression": _packt("Chapter05/compression_by_dataframe.py", "compression"),
    "partitions": _packt("Chapter05/partitioning_by_dataframe.py", "partitions"),
    "sensors-customers": _sensors("customer_landing_to_trusted"),
    "sensors-readings": _sensors("accelerometer_landing_to_trusted"),
    "sensors-curated": _sensors("customer_trusted_to_curated"),
    "sensors-steps": _sensors("step_trainer_trusted"),
    "sensors-learning": _sensors("machine_learning_curated"),
    "music-validate": Script(MUSIC, "Music-Streaming-ETL-Pipeline/glue_jobs/validate.py"),
    "music-transform": Script(MUSIC, "Music-Streaming-ETL-Pipeline/glue_jobs/transform.py"),
    "shop-curate": Script(SHOP, "src/glue_jobs/glue_curate_events.py"),
    "shop-carts": Script(SHOP, "src/glue_jobs/glue_build_abandoned_carts.py"),
}


ALL = """
import json, traceback
for name, text in json.loads(TEXTS):
    print("===", name)
    try:
        exec(compile(text, f"{name}.py", "exec"), {"__name__": "__main__"})
    except BaseException as error:
        traceback.print_exc()
        print("===", name, "FAILED", type(error).__name__, str(error)[:300])
    else:
        print("===", name, "SUCCEEDED")
"""


def run_all(version: str, names: Sequence[str], copies: Copies) -> Trial:
    """Run the scripts with one GlueVersion."""
    texts = json.dumps([(name, _text(SCRIPTS[name], copies)) for name in names])
    with tempfile.TemporaryDirectory() as folder, start_server(Path(folder) / "data") as endpoint:
        session = Session(endpoint)
        public_data.put(session)
        file = Path(folder) / "all.py"
        file.write_text(ALL.replace("TEXTS", repr(texts)))
        found = trial(session, Definition("all", file, "glueetl", version, "G.1X", 2), ARGUMENTS)
        session.close()
    return found


def errors(trial: Trial, names: Sequence[str]) -> dict[str, str]:
    """Return by name what a script failed with; empty if it did not."""
    ended = dict.fromkeys(names, trial.error or "it did not end")
    for line in trial.output:
        match line.split(maxsplit=3):
            case ["===", name, "SUCCEEDED"]:
                ended[name] = ""
            case ["===", name, "FAILED", error]:
                ended[name] = error
            case _:
                pass
    return ended


def _text(script: Script, copies: Copies) -> str:
    text = copies.text(script.repository, script.path)
    for old, new in {**script.changes, **ONE_SESSION}.items():
        text = text.replace(old, new)
    return text


def main() -> int:
    """Run the scripts that the command line names; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=Path, default=DEFAULT_FOLDER, help="where the repositories are")
    parser.add_argument("--glue-version", default="5.1,6.0", help="two or more (default: 5.1,6.0)")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SCRIPTS))
    chosen = parser.parse_args()
    names = chosen.names or list(SCRIPTS)
    if unknown := set(names) - set(SCRIPTS):
        parser.error(f"there is no script {', '.join(sorted(unknown))}; there are {', '.join(SCRIPTS)}")
    trials = [run_all(one, names, Copies(chosen.copies)) for one in chosen.glue_version.split(",")]
    comparisons = compare_with_first(trials)
    show_trials(trials, comparisons)
    same = all(one.is_same for one in comparisons)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
