"""What parameters mean, decided without a process: merge order, lists, refusals, properties, library sets."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parameters_files import archive, text, wheel

from glueprint.runtime.parameters import (
    jars,
    library_set,
    python_modules,
    s3_files,
    spark_conf,
)
from glueprint.runtime.parameters.arguments import RunArguments, is_on, merge_arguments
from glueprint.runtime.parameters.checks import check_parameters
from glueprint.runtime.parameters.jars import class_path
from glueprint.runtime.parameters.s3_files import FileToFetch, files_to_fetch
from glueprint.runtime.parameters.special import SPECIAL, Kind

NAMES = st.sampled_from(["--a", "--b", "--c", "--d"])
ARGUMENTS = st.dictionaries(NAMES, st.text(max_size=3))
KEYS = st.from_regex(r"spark\.[a-z]{1,8}\.[a-zA-Z]{1,8}", fullmatch=True)
VALUES = st.text(st.characters(categories=["L", "N"], include_characters="=.,:/_"), max_size=12)


@given(ARGUMENTS, ARGUMENTS, ARGUMENTS)
def test_non_overridable_arguments_win_over_the_runs_and_these_over_defaults(
    defaults: dict[str, str], run: dict[str, str], fixed: dict[str, str]
) -> None:
    """Each name has the value of the strongest place that names it
    (DG:aws-glue-programming-etl-glue-arguments, accessing job parameters)."""
    found = merge_arguments(defaults, run, fixed)
    assert set(found) == {*defaults, *run, *fixed}
    for name, value in found.items():
        assert value == next(place[name] for place in (fixed, run, defaults) if name in place)


@pytest.mark.parametrize(("value", "on"), [("", True), ("true", True), ("1", True), ("false", False)])
def test_a_switch_is_on_by_its_presence(value: str, on: bool) -> None:
    """Older pages want only the key, newer ones ``true``: both work, ``false`` is off
    (DG:aws-glue-programming-etl-glue-arguments)."""
    assert is_on({"--enable-glue-datacatalog": value}, "--enable-glue-datacatalog") is on
    assert not is_on({}, "--enable-glue-datacatalog")


def test_what_must_come_from_s3_is_named_with_its_parameter() -> None:
    """Every S3 path of the parameters that take files, not modules' names
    (DG:aws-glue-programming-etl-glue-arguments)."""
    arguments = {
        "--extra-py-files": "s3://b/a.py, s3://b/lib.zip",
        "--additional-python-modules": "pandas==2.0,s3://b/own.whl",
        "--extra-jars": "s3://b/folder/",
        "--other": "s3://b/x",
    }
    assert list(files_to_fetch("glueetl", arguments)) == [
        FileToFetch("--extra-py-files", "s3://b/a.py"),
        FileToFetch("--extra-py-files", "s3://b/lib.zip"),
        FileToFetch("--additional-python-modules", "s3://b/own.whl"),
    ]
    assert [one.parameter for one in files_to_fetch("pythonshell", arguments)] == ["--extra-py-files"] * 2


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_several_properties_are_written_into_one_conf(properties: dict[str, str]) -> None:
    """``k=v --conf k2=v2`` yields each property; those that nothing holds back reach Spark."""
    value = " --conf ".join(f"{name}={text}" for name, text in properties.items())
    assert spark_conf.spark_conf(RunArguments("glueetl", {"--conf": value})).properties == properties
    assert list(spark_conf.problems(RunArguments("glueetl", {"--conf": value}))) == []


def test_properties_of_the_machine_are_dropped_with_a_note() -> None:
    """Memory, cores and S3's file system depend on the machine; a note reports what is dropped."""
    value = "spark.driver.memory=20g --conf spark.hadoop.fs.s3a.endpoint=x --conf spark.sql.x=1 --conf hive.y=2"
    found = spark_conf.spark_conf(RunArguments("glueetl", {"--conf": value}))
    assert found.properties == {"spark.sql.x": "1"}
    assert [note.split(" has no effect: ")[0] for note in found.notes] == [
        "--conf hive.y",
        "--conf spark.driver.memory",
        "--conf spark.hadoop.fs.s3a.endpoint",
    ]


def test_of_javas_options_only_system_properties_and_the_compiler_count() -> None:
    """A job with flags for Glue's machines runs here, and notes report what has no effect
    (docs/decisions/job-parameters.md)."""
    options = "spark.driver.extraJavaOptions=-Da=1 -XX:+UseG1GC '-Db=two words' -XX:TieredStopAtLevel=4"
    value = f"{options} --conf spark.driver.extraClassPath=/x"
    found = spark_conf.spark_conf(RunArguments("glueetl", {"--conf": value}))
    assert found.java_options == ("-Da=1", "-Db=two words", "-XX:TieredStopAtLevel=4")
    assert [note.partition(" has no effect: ")[0] for note in found.notes] == [
        "--conf spark.driver.extraClassPath",
        "--conf spark.driver.extraJavaOptions: -XX:+UseG1GC",
    ]
    open_quote = RunArguments("glueetl", {"--conf": "spark.executor.extraJavaOptions=-Da='1"})
    assert spark_conf.spark_conf(open_quote).java_options == ()
    assert "spark.executor.extraJavaOptions has a quote" in check_parameters(open_quote)[0]


def test_all_problems_of_a_spark_job_are_reported_at_once() -> None:
    """One message names every parameter that cannot be met, and what to do."""
    problems = check_parameters(
        RunArguments(
            "glueetl",
            {
                "--job-language": "scala",
                "--TempDir": "s3://absent/tmp/",
                "--extra-py-files": "s3://b/folder/,s3://b/lib.tar",
                "--extra-files": "/etc/passwd",
                "--extra-jars": "b/x.jar",
                "--datalake-formats": "iceberg,lance",
                "--additional-python-modules": "<2,s3://b/x.tar.gz",
                "--conf": "spark.x",
            },
            frozenset({"b"}),
        )
    )
    assert [line.split(":")[0] for line in problems] == [
        "--job-language scala is not supported locally; only python is",
        "--TempDir",
        "--extra-py-files",
        "--extra-py-files",
        "--extra-py-files",
        "--extra-files",
        "--extra-jars",
        "--datalake-formats",
        "--datalake-formats",
        "--additional-python-modules",
        "--additional-python-modules",
        "--conf",
    ]


@pytest.mark.parametrize("command", ["glueetl", "pythonshell"])
@pytest.mark.parametrize("entry", ["s3fs", "s3fs==2024.6.1", "s3transfer", "s3-tools>=1", "https://x.org/a-1.whl"])
def test_modules_whose_names_start_like_an_s3_path_are_modules(command: str, entry: str) -> None:
    """An S3 path is recognised by its scheme: ``s3fs`` is a module (DG:add-job-python lists it)."""
    run = RunArguments(command, {"--additional-python-modules": entry})
    assert check_parameters(run) == []
    assert python_modules.python_modules(run).requirements == (entry,)
    assert check_parameters(RunArguments("glueetl", {"--additional-python-modules": "S3://b/x.whl"}))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"--extra-py-files": "s3://b/x.egg"}, "does not accept .egg files; build a .whl"),
        ({"--extra-py-files": "s3://b/x.zip"}, "does not accept .zip files; build a .whl"),
        ({"--extra-files": "s3://b/x.txt"}, "cannot be used in Python shell jobs"),
        ({"--additional-python-modules": "s3://b/x.whl"}, "accept no S3 paths"),
        ({"--library-set": "everything"}, "'everything' is not one of analytics, none"),
    ],
)
def test_what_python_shell_3_9_does_not_take_is_refused(arguments: dict[str, str], words: str) -> None:
    """Eggs, zips, --extra-files, modules in S3 (DG:add-job-python, Limitations and Providing your own library)."""
    (problem,) = check_parameters(RunArguments("pythonshell", arguments, frozenset({"b"})))
    assert words in problem


def test_a_file_that_would_take_our_place_is_refused() -> None:
    """The directory for temporary files stands where an object of that name would be copied to (AWS: silent)."""
    arguments = {"--extra-files": "s3://b/x/tmp,s3://b/tmp/x,s3://b/.fetched"}
    problems = check_parameters(RunArguments("glueetl", arguments, frozenset({"b"})))
    assert [line.split(": ")[1] for line in problems] == ["s3://b/x/tmp", "s3://b/.fetched"]


@pytest.mark.parametrize("command", ["glueetl", "pythonshell"])
@pytest.mark.parametrize("arguments", [{"--customer-driver-env-vars": "CUSTOMER_A=\0"}, {"--a\0b": ""}])
def test_what_no_program_can_be_given_is_refused(command: str, arguments: dict[str, str]) -> None:
    """execve(2): arguments and environment end at NUL. A clear message replaces a traceback in the error log."""
    (problem,) = check_parameters(RunArguments(command, arguments))
    assert problem.endswith("cannot contain the character NUL")
    assert "\0" not in problem


def test_a_table_format_is_there_when_its_jar_is(tmp_path: Path) -> None:
    """``--datalake-formats`` works with the library among --extra-jars, else names the JAR."""
    jar = archive(tmp_path / "any-name.jar", {"org/apache/iceberg/spark/SparkCatalog.class": ""})
    arguments = {
        "--datalake-formats": "iceberg",
        "--extra-jars": "s3://b/any-name.jar",
        "--user-jars-first": "true",
    }
    run = RunArguments("glueetl", arguments, frozenset({"b"}), {"s3://b/any-name.jar": jar})
    assert check_parameters(run) == []
    assert (class_path(run).jars, class_path(run).first) == ((jar,), True)
    (problem,) = check_parameters(RunArguments("glueetl", {"--datalake-formats": "delta"}))
    assert "delta-spark_2.12 and delta-storage" in problem


def test_what_is_no_jar_is_refused(tmp_path: Path) -> None:
    """A file that Java cannot open is reported before Spark starts, with its path."""
    file = text(tmp_path / "x.jar", "no")
    run = RunArguments("glueetl", {"--extra-jars": "s3://b/x.jar"}, fetched={"s3://b/x.jar": file})
    assert check_parameters(run) == ["--extra-jars: s3://b/x.jar is not a JAR file"]


def test_pip_gets_wheels_lists_and_modules_with_their_options(tmp_path: Path) -> None:
    """Wheels, bundles of wheels and with ``-r`` a requirements file, from S3; pip's options too
    (DG:aws-glue-programming-python-libraries)."""
    own, bundle = wheel(tmp_path, "own", ""), archive(tmp_path / "all.gluewheels.zip", {})
    names = text(tmp_path / "requirements.txt", "x==1")
    value = "s3://b/own.whl,s3://b/all.gluewheels.zip,s3://b/requirements.txt,scikit-learn==1.0,pandas [x] >= 2"
    arguments = {"--additional-python-modules": value, "--python-modules-installer-option": "--no-index -r"}
    files = {
        "s3://b/own.whl": own,
        "s3://b/all.gluewheels.zip": bundle,
        "s3://b/requirements.txt": names,
    }
    run = RunArguments("glueetl", arguments, frozenset({"b"}), files)
    assert python_modules.python_modules(run) == python_modules.PythonModules(
        requirements=("scikit-learn==1.0", "pandas [x] >= 2"),
        wheels=(own,),
        wheel_archives=(bundle,),
        requirement_files=(names,),
        options=("--no-index",),
    )
    assert check_parameters(run) == []


def test_in_python_shell_pips_options_stand_behind_the_module() -> None:
    """``scikit-learn==0.21.3 -i URL`` is a module and pip's option; the Spark option is dropped with a note
    (DG:add-job-python, Using PIP).
    """
    value = "scikit-learn==0.21.3 -i http://127.0.0.1:9/simple/"
    arguments = {"--additional-python-modules": value, "--python-modules-installer-option": "--pre"}
    run = RunArguments("pythonshell", arguments)
    found = python_modules.python_modules(run)
    assert (found.requirements, found.options) == (
        ("scikit-learn==0.21.3",),
        ("-i", "http://127.0.0.1:9/simple/"),
    )
    assert [note.split(" has ")[0] for note in python_modules.notes(run)] == ["--python-modules-installer-option"]


def test_only_what_tomorrow_is_the_same_is_kept(tmp_path: Path) -> None:
    """Pinned modules and wheels have a key by their content; open versions are installed again
    (docs/decisions/job-parameters.md)."""
    modules = python_modules.PythonModules
    pinned = modules(requirements=("a==1.0", "b_c[x] == 2"))
    assert pinned.cache_key is not None
    assert pinned.cache_key != modules(requirements=("a==1.1", "b_c[x] == 2")).cache_key
    assert pinned.cache_key != modules(requirements=pinned.requirements, options=("--pre",)).cache_key
    for open_version in ("a", "a>=1", "a==1.*", "a~=1.0", "a @ file:///x"):
        assert modules(requirements=(open_version,)).cache_key is None
    first = modules(wheels=(wheel(tmp_path / "1", "own", "X = 1"),))
    assert first.cache_key == modules(wheels=(wheel(tmp_path / "2", "own", "X = 1"),)).cache_key
    assert first.cache_key != modules(wheels=(wheel(tmp_path / "3", "own", "X = 2"),)).cache_key


def test_a_library_set_reports_what_differs_here() -> None:
    """Versions on AWS and here, where they differ, when the job names the set (DG:add-job-python, libraries)."""
    here = {"boto3": "1.40", "pandas": "1.4.2", "scikit-learn": "1.7", "PyMySQL": "2.0"}
    run = RunArguments("pythonshell", {"library-set": "analytics", "--additional-python-modules": "PyMySQL==2.0"})
    assert library_set.import_notices(run, here.get) == {
        "sklearn": "library-set analytics on AWS has scikit-learn 1.0.2; here it is 1.7.",
    }
    without = RunArguments("pythonshell", {"--library-set": "none"})
    none = library_set.import_notices(without, {"pandas": "1.4.2"}.get)
    assert none == {"pandas": "library-set none on AWS has no pandas; here it is 1.4.2."}
    assert library_set.import_notices(RunArguments("pythonshell", {}), here.get) == {}
    assert library_set.distribution_of("sklearn") == "scikit-learn"
    assert library_set.distribution_of("flask") is None


def test_the_table_of_special_parameters_has_every_one_that_something_is_done_about() -> None:
    """Each parameter once; those that modules read are honoured, as docs/parameters.md lists them."""
    names = [one.name for one in SPECIAL]
    assert len(names) == len(set(names))
    honoured = {one.name for one in SPECIAL if one.kind is Kind.HONOURED}
    read = {
        s3_files.EXTRA_PY_FILES,
        python_modules.PARAMETER,
        python_modules.OPTION,
        s3_files.EXTRA_FILES,
        spark_conf.PARAMETER,
        s3_files.TEMP_DIR,
        jars.JARS,
        jars.FIRST,
        jars.FORMATS,
        library_set.NAMES[-1],
    }
    assert read <= honoured
