"""Our awsglue.blueprint against Amazon's own: same requests, same refusals.

Needs a fetched copy of awslabs/aws-glue-blueprint-libs (a git directory), which is never committed: its path is
taken from GLUEPRINT_BLUEPRINT_LIBS, or is where `make upgrade` has put it.
"""

from __future__ import annotations

import copy
import importlib
import io
import json
import os
import subprocess
import sys
import tarfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.config import parse_config
from glueprint.blueprint.layout_host import run_layout
from glueprint.blueprint.layout_library import crawler as our_crawler
from glueprint.blueprint.layout_library import job as our_job
from glueprint.blueprint.layout_library import workflow as our_workflow

FETCHED = Path(__file__).parents[2] / ".venv-public" / "awslabs+aws-glue-blueprint-libs" / "repo"
MIRROR = Path(os.environ.get("GLUEPRINT_BLUEPRINT_LIBS", FETCHED))
pytestmark = pytest.mark.skipif(
    not MIRROR.is_dir(),
    reason="no copy of awslabs/aws-glue-blueprint-libs: set GLUEPRINT_BLUEPRINT_LIBS to its git directory",
)
SAMPLES = [
    "compaction",
    "conversion",
    "crawl_s3_locations",
    "custom_connection_to_catalog",
    "encoding",
    "jdbc_to_s3",
    "partitioning",
    "s3_to_dynamodb",
    "s3_to_jdbc",
    "standard_table_to_governed",
]
SYSTEM = {"region": "us-east-1", "accountId": "123456789012"}

FAKE_BOTO3 = '''
"""Just enough of boto3 for the sample layouts: every bucket exists, no table does."""


class _Refused(Exception):
    pass


class _Exceptions:
    AlreadyExistsException = type("AlreadyExistsException", (_Refused,), {})
    EntityNotFoundException = type("EntityNotFoundException", (_Refused,), {})


class _Client:
    exceptions = _Exceptions

    def __getattr__(self, operation):
        return lambda *args, **kwargs: {}

    def get_table(self, **kwargs):
        raise _Exceptions.EntityNotFoundException(kwargs)

    def upload_fileobj(self, file, bucket, key):
        assert file.read()


class Session:
    def __init__(self, region_name):
        assert region_name == "us-east-1"

    def client(self, service):
        return _Client()


def client(service):
    return _Client()
'''
FAKE_BOTOCORE = """
class ClientError(Exception):
    def __init__(self, response, operation):
        super().__init__(response["Error"]["Message"])
        self.response = response
"""
FAKES = {
    "boto3.py": FAKE_BOTO3.encode(),
    "botocore/__init__.py": b"",
    "botocore/client.py": FAKE_BOTOCORE.encode(),
    "botocore/exceptions.py": FAKE_BOTOCORE.encode(),
}
# Runs every sample with Amazon's classes, in one process, without site-packages (-S): the awsglue there
# is a regular package and would hide the library, which is a namespace package.
THEIR_RUNNER = """
import contextlib, importlib, io, json, os, sys
amazon, root, requests = sys.argv[1:]
sys.path[:0] = [root, amazon]
os.chdir(root)
answers = []
for sample, generator, params, system in json.load(open(requests)):
    module, _, function = generator.rpartition(".")
    with contextlib.redirect_stdout(io.StringIO()):
        workflow = getattr(importlib.import_module(module), function)(params, system)
        answers.append(workflow.to_json("suffix"))
json.dump(answers, sys.stdout)
"""


@dataclass(frozen=True)
class Sample:
    """A sample blueprint with parameters for one run."""

    name: str
    files: dict[str, bytes]
    params: dict[str, Any]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the mirror's newest commit."""
    target = tmp_path_factory.mktemp("amazon")
    packed = subprocess.run(
        ["git", f"--git-dir={MIRROR}", "archive", "HEAD", "awsglue", "samples"],
        capture_output=True,
        check=True,
    )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(target, filter="data")
    return target


def sample_runs(checkout: Path) -> Iterator[Sample]:
    """Every sample with its defaults, and with whatever its optional parameters allow turned on."""
    values = {"S3Uri": "s3://bucket/{}/", "IAMRoleName": "GlueRole", "IAMRoleArn": "arn:aws:iam::1:role/r"}
    options = {
        "Frequency": "Custom",
        "FrequencyCronFormat": "cron(0 1 * * ? *)",
        "PartitionKeys": ["year", "month"],
        "EnableSizeControl": True,
        "EnableJobBookmark": False,
        "InputDataFormatOptions": "withHeader=true",
        "OutputDataFormatOptions": "separator=;",
        "TimestampColumnName": "ts",
        "DestinationTableNamePrefix": "p_",
        "TableNamePrefix": "p_",
    }
    for name in SAMPLES:
        folder = checkout / "samples" / name
        files = {f"{name}/{path.name}": path.read_bytes() for path in folder.iterdir()}
        spec = parse_config(files[f"{name}/blueprint.cfg"]).spec
        given: dict[str, Any] = {}
        for parameter in spec.parameters.values():
            if parameter.default is None:
                value = values.get(parameter.type, "{}").format(parameter.name.lower())
                given[parameter.name] = [value, value + "2/"] if parameter.collection else value
        if "InputDataLocation" in spec.parameters:
            given["InputDataLocation"] = "s3://bucket/in/"
        yield Sample(name, files, spec.resolve(given))
        optional = {key: value for key, value in options.items() if key in spec.parameters}
        yield Sample(name, files, spec.resolve(given | optional))


def test_the_ten_samples_give_the_same_requests(checkout: Path, tmp_path: Path) -> None:
    """Same Create* requests as Amazon's public library for its ten sample layouts."""
    samples = list(sample_runs(checkout))
    root = tmp_path / "root"
    for name, content in {
        key: value for one in samples for key, value in (one.files | FAKES).items()
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    requests = tmp_path / "requests.json"
    requests.write_text(
        json.dumps([(one.name, f"{one.name}.layout.generate_layout", one.params, SYSTEM) for one in samples])
    )
    theirs = subprocess.run(
        [sys.executable, "-I", "-S", "-c", THEIR_RUNNER, str(checkout), str(root), str(requests)],
        stdout=subprocess.PIPE,
        check=True,
    )
    seen = set()
    for one, expected in zip(samples, json.loads(theirs.stdout), strict=True):
        archive = read_archive(write_archive(one.files | FAKES), one.name)
        result = run_layout(
            archive, parse_config(archive.config), one.params, SYSTEM, environment={}, suffix="suffix"
        )
        own = result.requests
        workflow = {key: value for key, value in expected["Workflow"].items() if value is not None}
        assert own.workflow == workflow
        assert list(own.crawlers) == expected["Crawlers"]
        assert list(own.triggers) == expected["Triggers"]
        assert list(own.jobs) == [with_text_arguments(job) for job in expected["Jobs"]]
        seen.add(one.name)
        if one.name == "conversion":
            assert {warning.place.member for warning in result.warnings} >= {"Grouping"}
    assert sorted(seen) == SAMPLES


def with_text_arguments(job: dict[str, Any]) -> dict[str, Any]:
    """Amazon's request with the one difference of Glueprint: argument values as JSON text."""
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in job["DefaultArguments"].items()
    }
    return {**job, "DefaultArguments": texts}


@dataclass(frozen=True)
class Library:
    """The three modules of one implementation."""

    job: ModuleType
    crawler: ModuleType
    workflow: ModuleType


OWN_LIBRARY = Library(our_job, our_crawler, our_workflow)


@pytest.fixture(scope="module")
def amazons(checkout: Path) -> Iterator[Library]:
    """Amazon's modules, under a package name of their own so that nothing else sees them."""
    package = ModuleType("amazon_blueprint")
    package.__path__ = [str(checkout / "awsglue" / "blueprint")]
    sys.modules["amazon_blueprint"] = package
    yield Library(
        *(importlib.import_module(f"amazon_blueprint.{name}") for name in ("job", "crawler", "workflow"))
    )
    for name in [name for name in sys.modules if name.partition(".")[0] == "amazon_blueprint"]:
        del sys.modules[name]


ODD = st.sampled_from(
    [None, "", 0, 0.0, False, True, 1, 1.5, "x", [], ["x"], {}, {"a": "b"}, {"a": 1}, ("x",)]
)
TEXT = st.sampled_from(["x", ""])
NUMBER = st.sampled_from([0, 2])
MAP = st.sampled_from([{}, {"a": "b"}, {"a": 1}])
WAIT = st.sampled_from(["AND", "ANY", ""])
COMMAND = st.sampled_from(
    [
        {"Name": "glueetl", "ScriptLocation": "s3://b/s.py"},
        {"Name": "pythonshell", "ScriptLocation": "s3://b/s.py", "PythonVersion": "3.9", "Runtime": "x"},
        {"Name": "gluestreaming", "ScriptLocation": "s3://b/s.py", "PythonVersion": ""},
    ]
)
WRONG_COMMAND = st.sampled_from(
    [
        {"Name": "glueray", "ScriptLocation": "s3://b/s.py"},
        {"Name": "glueetl"},
        {"Name": 5, "ScriptLocation": "s3://b/s.py"},
        {"Name": "glueetl", "ScriptLocation": "s3://b/s.py", "PythonVersion": 3},
        {"ScriptLocation": ""},
    ]
)
TARGETS = st.sampled_from(
    [
        {"S3Targets": [{"Path": "s3://b"}, {}, {"Path": "s3://c", "Exclusions": []}]},
        {"JDBCTargets": [{"Path": "a", "ConnectionName": "c"}]},
        {"JdbcTargets": 5, "MongoDBTargets": "x"},
        {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}], "DynamoDBTargets": []},
    ]
)
WRONG_TARGETS = st.sampled_from(
    [
        {"S3Targets": [{"Path": 5}]},
        {"S3Targets": "s3://b"},
        {"JDBCTargets": [{"ConnectionName": 1}]},
        {"CatalogTargets": [{"Tables": "t"}]},
        {"DynamoDBTargets": [5]},
    ]
)
JOB_MEMBERS = {
    "Description": TEXT,
    "description": TEXT,
    "LogUri": TEXT,
    "ExecutionProperty": st.sampled_from([{"MaxConcurrentRuns": 2}, {"x": 1}, {}]),
    "DefaultArguments": MAP,
    "NonOverridableArguments": MAP,
    "Connections": MAP,
    "MaxRetries": NUMBER,
    "AllocatedCapacity": NUMBER,
    "Timeout": NUMBER,
    "MaxCapacity": st.sampled_from([0.0, 0.0625]),
    "WorkerType": st.sampled_from(["Standard", "G.1X", "G.2X", ""]),
    "NumberOfWorkers": NUMBER,
    "SecurityConfiguration": TEXT,
    "NotificationProperty": MAP,
    "GlueVersion": TEXT,
    "Tags": MAP,
    "ExecutionClass": TEXT,
    "WaitForDependencies": WAIT,
}
CRAWLER_MEMBERS = {
    "Description": TEXT,
    "DatabaseName": TEXT,
    "Classifiers": st.sampled_from([[], ["x"]]),
    "SchemaChangePolicy": st.sampled_from([{"DeleteBehavior": "LOG"}, {"UpdateBehavior": ""}, {}]),
    "TablePrefix": TEXT,
    "Configuration": TEXT,
    "CrawlerSecurityConfiguration": TEXT,
    "Tags": MAP,
    "Schedule": TEXT,
    "RecrawlPolicy": MAP,
    "WaitForDependencies": WAIT,
}
WORKFLOW_MEMBERS = {
    "Description": TEXT,
    "DefaultRunProperties": MAP,
    "Tags": MAP,
    "OnSchedule": st.sampled_from(["cron(0 1 * * ? *)", "", None]),
    "MaxConcurrentRuns": NUMBER,
}
WRONG_POLICY = st.sampled_from([{"DeleteBehavior": "X"}, {"UpdateBehavior": "Y"}, {"UpdateBehavior": 1}])
WRONG = {
    "Command": WRONG_COMMAND,
    "Targets": WRONG_TARGETS,
    "SchemaChangePolicy": WRONG_POLICY,
    "WorkerType": st.sampled_from(["G.4X", "G.025X", 5]),
    "ExecutionProperty": st.just({"MaxConcurrentRuns": "2"}),
}
# Who waits for whom: (waiting, waited for, state), by position among all entities; 6 is no entity at all.
WAITS = st.lists(
    st.tuples(
        st.integers(0, 5), st.integers(0, 5) | st.integers(0, 6), st.sampled_from(["SUCCEEDED", "FAILED"])
    ),
    max_size=4,
)


@st.composite
def members(
    draw: st.DrawFn, needed: dict[str, st.SearchStrategy[Any]], others: dict[str, st.SearchStrategy[Any]]
) -> dict[str, Any]:
    """Keywords of one constructor; in one of eight cases one of them is odd or wrong."""
    given = draw(st.fixed_dictionaries(needed, optional=others))
    if draw(st.integers(0, 7)) == 0:
        member = draw(st.sampled_from(sorted(needed | others)))
        given[member] = draw(ODD | WRONG.get(member, ODD))
    return given


def some(entities: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]] | None]:
    """A list of entities, now and then None, which the library takes for Crawlers and not for Jobs."""
    return st.integers(0, 9).flatmap(lambda n: st.lists(entities, max_size=3) if n else st.none())


JOBS = members({"Name": st.just("one"), "Role": st.just("r"), "Command": COMMAND}, JOB_MEMBERS)
CRAWLERS = members({"Name": st.just("two"), "Role": st.just("r"), "Targets": TARGETS}, CRAWLER_MEMBERS)
WORKFLOWS = members({"Name": st.just("w")}, WORKFLOW_MEMBERS)


def outcome(
    library: Library,
    jobs: list[dict[str, Any]] | None,
    crawlers: list[dict[str, Any]] | None,
    waits: list[tuple[int, int, Any]],
    workflow: dict[str, Any],
) -> Any:
    """What a layout that makes these entities comes to: the library's JSON, or the exception's type and text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = [library.crawler.Crawler(**copy.deepcopy(one)) for one in crawlers or ()]
            made += [library.job.Job(**copy.deepcopy(one)) for one in jobs or ()]
            for waiting, waited, state in waits:
                if made:
                    entity = made[waiting % len(made)]
                    other: Any = made[waited % len(made)] if waited < 6 else "someone"
                    entity.DependsOn = {**(getattr(entity, "DependsOn", None) or {}), other: state}
            split = len(crawlers or ())
            entities = library.workflow.Entities(
                Crawlers=None if crawlers is None else made[:split],
                Jobs=None if jobs is None else made[split:],
            )
            return library.workflow.Workflow(**copy.deepcopy(workflow), Entities=entities).to_json("s")
    except (TypeError, AttributeError, ValueError, KeyError) as error:
        # Where a text shows a set, its order is chance; where it shows a class, its module's name.
        text = str(error).replace("amazon_blueprint.", "").replace("glueprint.blueprint.layout_library.", "")
        return type(error).__name__, sorted(text)


@settings(deadline=None, max_examples=300)
@given(some(JOBS), some(CRAWLERS), WAITS, WORKFLOWS)
def test_any_entities_come_to_the_same_with_both_libraries(
    amazons: Library,
    jobs: list[dict[str, Any]] | None,
    crawlers: list[dict[str, Any]] | None,
    waits: list[tuple[int, int, Any]],
    workflow: dict[str, Any],
) -> None:
    """Same requests, same refusals in the same words, same drops, for whatever a layout says."""
    theirs = outcome(amazons, jobs, crawlers, waits, workflow)
    assert outcome(OWN_LIBRARY, jobs, crawlers, waits, workflow) == theirs


@pytest.mark.parametrize("module", ["job", "crawler", "workflow"])
def test_star_imports_give_the_same_names(amazons: Library, module: str) -> None:
    """Layouts say ``from awsglue.blueprint.job import *``: what that gives them must be there."""
    theirs = {name for name in vars(getattr(amazons, module)) if not name.startswith("_")}
    assert set(getattr(OWN_LIBRARY, module).__all__) == theirs
