"""Blueprints with one fault each: the check finds it with the right rule, at the right line, and nothing else.

What the rules promise is in their own sources (``glueprint check --explain RULE``).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from broken import Broken, Files, add, both, config, layout, marked, parameter, sound, swap, write

from glueprint.check.checking import Checked, check
from glueprint.check.subject import find_subjects
from glueprint.facts.findings import Severity

_FIRST_COMMAND = 'code + "first.py", "PythonVersion": "3.9"},\n'
_SECOND_COMMAND = 'code + "second.py", "PythonVersion": "3"},\n'
_ARGUMENTS = '            "--table": "orders",\n'
_BOOKMARK = '            "--job-bookmark-option": "job-bookmark-enable",  # <-\n'


def _enable_bookmark(files: Files) -> None:
    layout(_ARGUMENTS, _ARGUMENTS + _BOOKMARK)(files)


def _without_commit(files: Files) -> None:
    _enable_bookmark(files)
    swap("scripts/second.py", "job.commit()\n", "")(files)


def _without_context(files: Files) -> None:
    _enable_bookmark(files)
    swap("scripts/second.py", ', transformation_ctx="read"', "")(files)


def _concurrent(files: Files) -> None:
    layout(_ARGUMENTS, _ARGUMENTS + _BOOKMARK.replace("  # <-", ""))(files)
    layout(
        "        WorkerType=", '        ExecutionProperty={"MaxConcurrentRuns": 3},  # <-\n        WorkerType='
    )(files)


def _three_crawlers(files: Files) -> None:
    crawler = (
        'Crawler(Name=name + "{0}", Role=role, DatabaseName="demo", Targets={{"S3Targets": [{{"Path": "{0}"}}]}})'
    )
    three = ", ".join(crawler.format(letter) for letter in "abc")
    layout("Crawlers=[crawl]", f"Crawlers=[crawl, {three}]")(files)


def _forty_jobs(files: Files) -> None:
    many = (
        '    many = [Job(Name="j%d" % n, Role=role, Command=first.Command, MaxCapacity=0.0625, Timeout=5,'
        ' DefaultArguments=first.DefaultArguments, DependsOn={first: "SUCCEEDED"}) for n in range(20)]\n'
    )
    layout(
        "    return Workflow(Name=name, Entities=Entities(Jobs=[first, second],",
        many + "    return Workflow(Name=name, Entities=Entities(Jobs=[first, second, *many],",
    )(files)
    layout("Crawlers=[crawl]))", "Crawlers=[crawl]))  # <-")(files)


def _in_layout(line: str) -> Broken:
    """Return the fault of a statement in the layout's function."""
    return Broken("", layout("    first = Job(\n", f"    {line}  # <-\n    first = Job(\n"))


def _named(rule: str, broken: Broken) -> Broken:
    return Broken(rule, broken.change, broken.file)


BROKEN = {
    # blueprint.cfg
    "cfg not JSON": Broken("config-not-json", add("blueprint.cfg", '{"a": }'), "blueprint.cfg"),
    "generator is a path": Broken(
        "wrong-layout-generator", config(layoutGenerator="demo/layout.py"), "blueprint.cfg"
    ),
    "generator missing": Broken("wrong-layout-generator", config(layoutGenerator=None), "blueprint.cfg"),
    "generator names no function of the layout": Broken(
        "layout-error", config(layoutGenerator="demo.layout.generate"), ""
    ),
    "unknown type": Broken("wrong-parameter-spec", parameter("Count", type="Int"), "blueprint.cfg"),
    "default of another type": Broken(
        "wrong-parameter-spec", parameter("Count", type="Integer", defaultValue="2"), "blueprint.cfg"
    ),
    "default is not allowed": Broken(
        "default-not-allowed",
        parameter("Size", type="String", defaultValue="S", allowedValues=["M", "L"]),
        "blueprint.cfg",
    ),
    "misspelt default": Broken(
        "unknown-member", parameter("Size", type="String", default="S", defaultValue="M"), "blueprint.cfg"
    ),
    "collection is text": Broken(
        "wrong-parameter-spec", parameter("Keys", type="String", collection="true"), "blueprint.cfg"
    ),
    "unknown member": Broken("unknown-member", config(description="x"), "blueprint.cfg"),
    # the example
    "example lacks a parameter": Broken(
        "example-parameters", parameter("Table", type="String"), "parameters.example.json"
    ),
    "example of another type": Broken(
        "example-parameters",
        add("parameters.example.json", '{"WorkflowName": 1}'),
        "parameters.example.json",
    ),
    "example not JSON": Broken(
        "example-parameters",
        add("parameters.example.json", "{"),
        "parameters.example.json",
    ),
    # the archive
    "zip too large": Broken("archive", add("data.txt", "x" * 5_100_000), "demo"),
    # the layout
    "pyspark in a layout": Broken(
        "import-not-available", layout("import boto3\n", "import boto3\nimport pyspark  # <-\n")
    ),
    "pandas in a layout": Broken(
        "import-not-certain", layout("import boto3\n", "import boto3\nimport pandas  # <-\n")
    ),
    "newer syntax": _named(
        "syntax-newer-than-python",
        Broken(
            "",
            layout(
                "    first = Job(\n",
                "    match region:  # <-\n        case _:\n            pass\n    first = Job(\n",
            ),
        ),
    ),
    "layout raises": _named("layout-error", _in_layout('raise ValueError("no such table")')),
    "syntax error": Broken("layout-error", layout("    first = Job(\n", "    first = = Job(  # <-\n")),
    "open beside the layout": _named(
        "layout-open-path", _in_layout('open_later = lambda: open("scripts/first.py")')
    ),
    "parameter is not declared": _named("parameter-not-declared", _in_layout('user_params["Role"]')),
    "client without region": _named("client-without-region", _in_layout('boto3.client("glue")')),
    "bucket created": Broken(
        "bucket-created",
        layout(
            "    first = Job(\n",
            '    s3.create_bucket(Bucket="etl-" + system_params["accountId"])\n    first = Job(\n',
        ),
        "layout.py",
    ),
    "database exists": _named(
        "rerun-fails",
        _in_layout('boto3.client("glue", region_name=region).create_database(DatabaseInput={"Name": "demo"})'),
    ),
    "name is fixed": Broken(
        "workflow-name-fixed",
        layout(
            "return Workflow(Name=name, Entities=Entities(Jobs=[first, second], Crawlers=[crawl]))",
            'return Workflow(Name="nightly", Entities=Entities(Jobs=[first, second], Crawlers=[crawl]))  # <-',
        ),
    ),
    "helper module of the zip": Broken(
        "module-of-zip",
        both(add("helper.py", "X = 1\n"), layout("import boto3\n", "import boto3\nfrom demo import helper\n")),
        "",
    ),
    # jobs
    "zero retries": Broken(
        "value-dropped",
        layout("        Timeout=60,\n", "        Timeout=60,\n        MaxRetries=0,\n"),
        "layout.py",
    ),
    "unknown member of a job": Broken(
        "value-dropped",
        layout("        Timeout=60,\n", '        Timeout=60,\n        JobMode="SCRIPT",\n'),
        "layout.py",
    ),
    "number as an argument": Broken("argument-not-text", layout('"--table": "orders",', '"--table": 7,'), ""),
    "capacity and workers": Broken(
        "capacity-with-workers",
        layout("        WorkerType=", "        MaxCapacity=2.0,  # <-\n        WorkerType="),
    ),
    "worker type alone": Broken(
        "job-refused", layout("        NumberOfWorkers=2,\n        Timeout=60", "        Timeout=60"), "layout.py"
    ),
    "shell capacity": Broken("job-refused", layout("MaxCapacity=0.0625,", "MaxCapacity=0.5,  # <-")),
    "worker type of a shell job": Broken(
        "capacity-with-workers",
        layout(
            "MaxCapacity=0.0625,",
            'MaxCapacity=0.0625,  # <-\n        WorkerType="G.1X",\n        NumberOfWorkers=2,',
        ),
    ),
    "week long timeout": Broken("job-refused", layout("Timeout=60,", "Timeout=10080,  # <-")),
    "shell Python 3": Broken(
        "python-version", layout(_FIRST_COMMAND, _FIRST_COMMAND.replace("3.9", "3").replace("\n", "  # <-\n"))
    ),
    "shell without Python": Broken("python-version", layout(_FIRST_COMMAND, 'code + "first.py"},  # <-\n')),
    "Spark Python 3.9": Broken(
        "python-version",
        layout(_SECOND_COMMAND, _SECOND_COMMAND.replace('"3"', '"3.9"').replace("\n", "  # <-\n")),
    ),
    "no GlueVersion": Broken("glue-version-missing", layout('        GlueVersion="5.1",\n', ""), "layout.py"),
    "GlueVersion 2.0": Broken("glue-version-ended", layout('GlueVersion="5.1",', 'GlueVersion="2.0",  # <-')),
    "Connections as a list of one": Broken(
        "connections-shape",
        layout("        WorkerType=", '        Connections={"Connections": "shop"},  # <-\n        WorkerType='),
    ),
    "no Timeout": Broken("timeout-missing", layout("        Timeout=60,\n", ""), "layout.py"),
    "role is a name": Broken(
        "role-without-arn",
        layout(
            '        Name=name + "_second",\n        Role=role,',
            '        Name=name + "_second",\n        Role="Etl",  # <-',
        ),
    ),
    "argument without dashes": Broken(
        "argument-without-dashes", layout(_ARGUMENTS, _ARGUMENTS + '            "zone": "a",  # <-\n')
    ),
    "value like an option": Broken(
        "argument-like-option", layout('"--table": "orders",', '"--table": "--orders",  # <-')
    ),
    "reserved argument": Broken(
        "job-refused", layout(_ARGUMENTS, _ARGUMENTS + '            "--JOB_NAME": "x",\n'), "layout.py"
    ),
    "password": Broken(
        "secret-in-arguments",
        both(
            layout(_ARGUMENTS, _ARGUMENTS + '            "--db_password": "hunter2",  # <-\n'),
            swap("scripts/second.py", '"table"])', '"table", "db_password"])'),
        ),
    ),
    "modules not pinned": Broken(
        "modules-unpinned",
        layout(
            _ARGUMENTS, _ARGUMENTS + '            "--additional-python-modules": "polars,duckdb==1.1.0",  # <-\n'
        ),
    ),
    "zip in a shell job": Broken(
        "shell-py-files",
        layout(
            '            "library-set"',
            '            "--extra-py-files": "s3://b/lib.zip",  # <-\n            "library-set"',
        ),
    ),
    # the workflow
    "no Logical": Broken(
        "logical-missing",
        layout('DependsOn={crawl: "SUCCEEDED"},', 'DependsOn={crawl: "SUCCEEDED", first: "SUCCEEDED"},  # <-'),
    ),
    "impossible state": Broken(
        "trigger-refused", layout('DependsOn={crawl: "SUCCEEDED"},', 'DependsOn={crawl: "READY"},  # <-')
    ),
    "three crawlers at the start": Broken("crawlers-of-trigger", _three_crawlers, ""),
    "forty jobs": Broken("many-objects", _forty_jobs),
    "secret run property": Broken(
        "secret-in-arguments",
        layout(
            "Workflow(Name=name, Entities",
            'Workflow(Name=name, DefaultRunProperties={"api_token": "abc"}, Entities',
        ),
        "layout.py",
    ),
    "contradiction": Broken(
        "contradictory-conditions",
        layout(
            'DependsOn={crawl: "SUCCEEDED"},',
            'DependsOn={crawl: "SUCCEEDED", first: "FAILED"}, WaitForDependencies="AND",  # <-',
        ),
    ),
    # scripts
    "script is not uploaded": Broken(
        "script-not-uploaded",
        layout('for script in ("first.py", "second.py"):', 'for script in ("second.py",):'),
        "layout.py",
    ),
    "script syntax": Broken(
        "script-syntax", swap("scripts/second.py", "job = Job(glue)", "job = = Job(glue)  # <-")
    ),
    "script of newer Python": Broken(
        "syntax-newer-than-python",
        swap("scripts/first.py", "glue = boto3", "match args: # <-\n    case _: pass\nglue = boto3"),
    ),
    "pyspark in a shell script": Broken(
        "import-not-available", swap("scripts/first.py", "import boto3\n", "import boto3\nimport pyspark  # <-\n")
    ),
    "numpy without library set": Broken(
        "import-needs-library-set",
        both(
            layout('            "library-set": "analytics",\n', ""),
            swap("scripts/first.py", "import boto3\n", "import boto3\nimport numpy  # <-\n"),
        ),
    ),
    "unknown module": Broken(
        "import-not-provided", swap("scripts/second.py", "import sys\n", "import sys\nimport polars  # <-\n")
    ),
    "argument not passed": Broken(
        "argument-not-passed",
        swap("scripts/second.py", '"region", "table"])', '"region", "table", "zone"])  # <-'),
    ),
    "JOB_NAME in a shell script": Broken(
        "argument-not-passed",
        swap("scripts/first.py", '"WORKFLOW_RUN_ID"])', '"WORKFLOW_RUN_ID", "JOB_NAME"])  # <-'),
    ),
    "argument not read": Broken(
        "argument-not-read", layout(_ARGUMENTS, _ARGUMENTS + '            "--tabel": "orders",  # <-\n')
    ),
    "iceberg without JARs": Broken(
        "jar-missing",
        swap(
            "scripts/second.py",
            "job.commit()",
            'frame.toDF().write.format("iceberg").save("x")  # <-\njob.commit()',
        ),
    ),
    "driver without JAR": Broken(
        "jar-missing",
        swap(
            "scripts/second.py",
            "job.commit()",
            'DRIVER = "com.snowflake.client.jdbc.SnowflakeDriver"  # <-\njob.commit()',
        ),
    ),
    "sys.exit(0) in a Spark script": Broken(
        "spark-exit", swap("scripts/second.py", "job.commit()", "job.commit()\nsys.exit(0)  # <-")
    ),
    "sys.exit(main()) in a Spark script": Broken(
        "spark-exit", swap("scripts/second.py", "job.commit()", "job.commit()\nsys.exit(print())  # <-")
    ),
    "bookmark not committed": Broken("bookmark-not-committed", _without_commit),
    "bookmark without context": Broken("bookmark-without-context", _without_context),
    "concurrent bookmarks": Broken("bookmark-concurrency", _concurrent),
}


def _checked(tmp_path: Path, files: Files) -> Checked:
    (subject,) = find_subjects(str(write(tmp_path, files)), tmp_path)
    return check(subject)


def test_a_sound_blueprint_has_no_findings(tmp_path: Path) -> None:
    """The blueprint that all others are made from is not reported for anything."""
    checked = _checked(tmp_path, sound())
    assert (checked.findings, checked.layout_ran) == ((), True)


@pytest.mark.parametrize("name", BROKEN)
def test_each_fault_is_found_at_its_line(tmp_path: Path, name: str) -> None:
    """One fault: its rule is reported in the file and line that has it, and no error of another rule is."""
    broken, files = BROKEN[name], sound()
    broken.change(files)
    checked = _checked(tmp_path, files)
    found = [one for one in checked.findings if one.rule == broken.rule]
    assert found, [str(one) for one in checked.findings]
    here = marked(files)
    places = {(one.place.path, one.place.line) for one in found}
    if here is not None:
        assert (f"{tmp_path}/demo/{here[0]}", here[1]) in places
    elif broken.file:
        assert any(path.endswith(broken.file) for path, _ in places), places
    others = [one for one in checked.findings if one.rule != broken.rule and one.severity is Severity.ERROR]
    assert [str(one) for one in others if (broken.rule, one.rule) not in ALSO] == []


ALSO = {
    ("import-not-available", "layout-error"),  # the import fails when the layout runs, too
    ("glue-version-ended", "job-refused"),
    ("syntax-newer-than-python", "layout-error"),
    ("connections-shape", "job-refused"),
    ("capacity-with-workers", "job-refused"),
    ("contradictory-conditions", "node-never-runs"),
    ("contradictory-conditions", "trigger-never-fires"),
}


def test_worker_types_that_the_library_refuses(tmp_path: Path) -> None:
    """The layout library accepts Standard, G.1X and G.2X only (docs/decisions/layout-classes.md)."""
    files = sound()
    layout('WorkerType="G.1X"', 'WorkerType="G1.X"')(files)
    (found,) = _checked(tmp_path, files).findings
    assert (found.rule, "not a valid value for worker type" in found.message) == ("layout-error", True)


def test_all_faults_at_once(tmp_path: Path) -> None:
    """Several faults are reported together, so that a person can correct a file once."""
    files = sound()
    for name in ("password", "capacity and workers", "no GlueVersion", "unknown module"):
        BROKEN[name].change(files)
    rules = {one.rule for one in _checked(tmp_path, files).findings}
    assert {"secret-in-arguments", "import-not-provided", "capacity-with-workers", "glue-version-missing"} <= rules


def test_sixty_faults() -> None:
    """The list of faults does not shrink unnoticed."""
    assert len(BROKEN) >= 60
    assert len({json.dumps(one.rule) for one in BROKEN.values()}) >= 35
