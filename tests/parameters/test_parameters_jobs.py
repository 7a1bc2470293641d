"""Parameters in real processes: what the script finds, and what is reported if it cannot."""

from __future__ import annotations

import importlib.util
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from harness.runtime_jobs import launch_of, run_job
from parameters_files import archive, text, wheel

from glueprint.runtime.launch.jobs import JobLaunch
from glueprint.runtime.parameters.s3_files import files_to_fetch, public_bucket_advice

NOWHERE = "http://127.0.0.1:9/simple/"
"""A package index that refuses connections, as there is none offline."""


def with_files(launch: JobLaunch, files: Mapping[str, Path]) -> JobLaunch:
    """``launch`` with the files of these S3 paths, and a place for installed modules."""
    cache = launch.work_dir.parent / "modules"
    return replace(launch, fetched=files, host=replace(launch.host, modules_cache=cache))


def test_python_shell_finds_modules_and_wheels(tmp_path: Path) -> None:
    """--extra-py-files: a module, an installed wheel, in the order given
    (DG:aws-glue-programming-python-libraries)."""
    script = """
import helper, own, importlib.metadata
print(helper.WHO, own.WHO, importlib.metadata.version("own"))
"""
    given = tmp_path / "given"
    files = {
        "s3://data/helper.py": text(given / "1" / "helper.py", "WHO = 'module'"),
        "s3://data/own.whl": wheel(given / "3", "own", "WHO = 'wheel'", requires="absent-elsewhere"),
    }
    launch = launch_of(tmp_path, "pythonshell", script, {"--extra-py-files": ",".join(files)})
    ended, out, err = run_job(with_files(launch, files))
    assert (ended.error, out) == (None, "module wheel 1.0\n")
    assert err.splitlines()[-1].startswith("glueprint: --extra-py-files: installed ")


def test_additional_modules_are_installed_once_for_runs_that_ask_for_the_same(tmp_path: Path) -> None:
    """--additional-python-modules by pip, here from a folder of wheels; pinned, so kept
    (docs/decisions/job-parameters.md)."""
    wheels = tmp_path / "wheels"
    wheel(wheels, "needed", "WHO = 'needed'")
    wheel(wheels, "own", "import needed", requires="needed==1.0")
    value = f"own==1.0 --no-index --find-links {wheels}"
    for number in ("first", "second"):
        (tmp_path / number).mkdir()
        arguments = {"--additional-python-modules": value}
        launch = launch_of(tmp_path / number, "pythonshell", "import own; print(own.needed.WHO)", arguments)
        ended, out, err = run_job(replace(launch, host=replace(launch.host, modules_cache=tmp_path / "modules")))
        assert (ended.error, out) == (None, "needed\n")
        assert ("installed own==1.0" in err, err == "") == (number == "first", number == "second")
        for file in wheels.glob("*.whl"):
            file.unlink()  # the second run does not ask for them
    assert len(list((tmp_path / "modules").iterdir())) == 1


def test_offline_the_module_is_named_and_a_way_out(tmp_path: Path) -> None:
    """A module that cannot be had fails the run before its script, in words (a clear error offline)."""
    value = f"no-such-module==1.0 --index-url {NOWHERE} --retries 0"
    launch = launch_of(tmp_path, "pythonshell", "print('ran')", {"--additional-python-modules": value})
    ended, out, err = run_job(with_files(launch, {}))
    assert (ended.exit_status, out) == (1, "")
    assert ended.failure is not None
    assert ended.failure.startswith("--additional-python-modules: pip could not install no-such-module==1.0")
    assert err.splitlines()[-1] == ended.failure
    assert not (tmp_path / "modules").exists() or not list((tmp_path / "modules").iterdir())


def test_a_module_that_is_different_on_aws_is_reported_when_it_is_imported(tmp_path: Path) -> None:
    """Not before, so that jobs which do not use it have a clean log."""
    script = "print('ran', flush=True)\nimport requests, requests.sessions\n"
    launch = launch_of(tmp_path, "pythonshell", script, {"library-set": "analytics"})
    ended, out, err = run_job(launch)
    assert (ended.succeeded, out) == (True, "ran\n")
    assert err.startswith("library-set analytics on AWS has requests 2.27.1; here it is ")
    assert len(err.splitlines()) == 1


ODD = 'hunter2 = a:b #!\\u0041 "ünï 🎉" $HOME ${spark.master}'
"""A value with all that a file of properties has a meaning for."""
SPARK_SCRIPT = """
import json, os, sys
from pyspark.context import SparkContext
import helper, own
sc = SparkContext.getOrCreate()
loader = sc._jvm.java.lang.Thread.currentThread().getContextClassLoader()
def on_a_worker(n):
    import helper, own, packed.inner
    return helper.WHO, own.WHO, packed.inner.WHO, os.environ["CUSTOMER_X"]
print(json.dumps({
    "worker": sc.parallelize([1], 1).map(on_a_worker).collect()[0],
    "file": open("settings.ini").read(),
    "jar": loader.getResource("a/resource.txt") is not None,
    "first": sc._jvm.java.lang.System.getProperty("java.class.path").split(":")[0].endswith("user.jar"),
    "conf": sc.getConf().get("spark.sql.shuffle.partitions"),
    "odd": sc.getConf().get("spark.odd"),
    "hidden": "hunter2" not in open(f"/proc/{sc._jvm.java.lang.ProcessHandle.current().pid()}/cmdline").read(),
    "java": sc._jvm.java.lang.System.getProperty("own.property"),
    "argv": "--TempDir" in sys.argv,
}))
"""


@pytest.mark.jobs
@pytest.mark.spark
def test_a_spark_job_finds_everything_also_on_its_workers(tmp_path: Path) -> None:
    """Python files and modules on driver and workers, files in the directory, JARs first, properties.
    """
    given = tmp_path / "given"
    packed = {"packed/__init__.py": "", "packed/inner.py": "WHO = 'zip'"}
    files = {
        "s3://data/helper.py": text(given / "1" / "helper.py", "WHO = 'module'"),
        "s3://data/lib.zip": archive(given / "2" / "lib.zip", packed),
        "s3://data/all.gluewheels.zip": given / "all.gluewheels.zip",
        "s3://data/settings.ini": text(given / "4" / "settings.ini", "[a]"),
        "s3://data/user.jar": archive(given / "5" / "user.jar", {"a/resource.txt": "x"}),
    }
    bundled = wheel(given, "own", "WHO = 'wheel'")
    with zipfile.ZipFile(given / "all.gluewheels.zip", "w") as bundle:
        bundle.write(bundled, f"wheels/{bundled.name}")
    arguments = {
        "--extra-py-files": "s3://data/helper.py,s3://data/lib.zip",
        "--additional-python-modules": "s3://data/all.gluewheels.zip",
        "--python-modules-installer-option": "--no-index",
        "--extra-files": "s3://data/settings.ini",
        "--extra-jars": "s3://data/user.jar",
        "--user-jars-first": "true",
        "--conf": "spark.sql.shuffle.partitions=7 --conf spark.driver.memory=90g"
        " --conf spark.driver.extraJavaOptions=-Down.property=set"
        f" --conf spark.odd={ODD}",
        "--TempDir": "s3://data/tmp/",
        "--customer-executor-env-vars": "CUSTOMER_X=1",
    }
    ended, out, err = run_job(with_files(launch_of(tmp_path, "glueetl", SPARK_SCRIPT, arguments), files))
    assert ended.succeeded, err
    assert json.loads(out) == {
        "worker": ["module", "wheel", "zip", "1"],
        "file": "[a]",
        "jar": True,
        "first": True,
        "conf": "7",
        "odd": ODD,
        "hidden": True,
        "java": "set",
        "argv": True,
    }
    assert err.splitlines()[0] == "--conf spark.driver.memory has no effect: it is derived from the machine here."


PIP = """
import os, subprocess, sys
options = ["--no-index", "--find-links", {wheels!r}, "--quiet"]
subprocess.check_call([sys.executable, "-m", "pip", "install", "--user", *options, "own"])
import own
os.system("pip install " + " ".join(options) + " other")
import other
subprocess.check_call([sys.executable, "-m", "pip", "uninstall", "-y", "boto3"])
import boto3
print(own.WHO, other.WHO, "work/" in own.__file__)
"""


def test_what_a_script_installs_stays_in_its_run(tmp_path: Path) -> None:
    """``pip install`` in a script is common on AWS, where each run has its machine: the modules can be imported at
    once, and the Python that runs Glueprint is not changed."""
    wheels = tmp_path / "wheels"
    for name in ("own", "other"):
        wheel(wheels, name, f"WHO = {name!r}")
    launch = launch_of(tmp_path, "pythonshell", PIP.format(wheels=str(wheels)))
    ended, out, err = run_job(launch)
    assert ended.error is None, err
    assert out == "own other True\n"
    assert "pip uninstall has no effect" in err
    assert importlib.util.find_spec("own") is None


AGAIN = """
import subprocess
for wheel in {wheels!r}:
    subprocess.check_call(["pip", "install", "--no-index", "--quiet", wheel])
print(subprocess.check_output(["own"], text=True), end="")
"""


def test_a_script_installs_another_version(tmp_path: Path) -> None:
    """As with pip on AWS: the later version replaces the earlier one, and its program can be started."""
    versions = ("1.0", "2.0")
    wheels = [str(wheel(tmp_path, "own", f"def main(): print({one!r})", version=one)) for one in versions]
    ended, out, err = run_job(launch_of(tmp_path, "pythonshell", AGAIN.format(wheels=wheels)))
    assert ended.error is None, err
    assert out == "2.0\n"


@pytest.mark.jobs
@pytest.mark.spark
def test_what_a_script_installs_is_there_for_sparks_workers(tmp_path: Path) -> None:
    """Functions that Spark calls import the modules, too, as on AWS with ``--additional-python-modules``."""
    wheels = tmp_path / "wheels"
    wheel(wheels, "own", "WHO = 'own'")
    wheel(wheels, "other", "WHO = 'other'")
    more = """
from pyspark.context import SparkContext
def who(_):
    import own
    return own.WHO
print(SparkContext.getOrCreate().parallelize([1]).map(who).collect())
"""
    ended, out, err = run_job(launch_of(tmp_path, "glueetl", PIP.format(wheels=str(wheels)) + more))
    assert ended.error is None, err
    assert out == "own other True\n['own']\n"


@pytest.mark.jobs
@pytest.mark.spark
def test_a_jar_of_awss_public_bucket_is_left_out(tmp_path: Path) -> None:
    """The SerDe JAR that AWS's documentation names (DG:aws-glue-programming-etl-glue-data-catalog-hive) is not
    needed here; a bucket of that name that exists is used."""
    location = "s3://crawler-public/json/serde/json-serde.jar"
    arguments = {"--extra-jars": location}
    assert list(files_to_fetch("glueetl", arguments, ["data"])) == []
    assert len(list(files_to_fetch("glueetl", arguments, ["crawler-public"]))) == 1
    assert list(files_to_fetch("glueetl", {"--extra-jars": "s3://other/json-serde.jar"}))
    ended, out, err = run_job(launch_of(tmp_path, "glueetl", "print('ran')", arguments))
    assert (ended.error, out) == (None, "ran\n")
    assert f"--extra-jars: {location} is in a bucket of AWS" in err


def test_other_objects_of_awss_buckets_are_named_with_a_remedy() -> None:
    """Glue Studio adds files of AWS's buckets to ``--extra-py-files``."""
    location = "s3://aws-glue-studio-transforms-244479516193-prod-us-east-1/gs_common.py"
    advice = public_bucket_advice(location)
    assert f"aws s3 cp {location} ." in advice
    assert "with your own AWS credentials, in a shell without the settings of `glueprint env`" in advice
    assert public_bucket_advice("s3://my-bucket/gs_common.py") == ""
