"""The account that answers a layout while it is checked: empty, in memory, and never anything outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from broken import LAYOUT, config, sound, swap, write

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.aws_calls import AwsCall, CallRefused
from glueprint.blueprint.config import parse_config
from glueprint.blueprint.layout_host import LayoutError, run_layout
from glueprint.check.checking import check
from glueprint.check.empty_account import EmptyAccount
from glueprint.check.subject import find_subjects

BODY = """
import boto3
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow


def generate_layout(user_params, system_params):
    s3 = boto3.client("s3", region_name="us-east-1")
    glue = boto3.client("glue", region_name="us-east-1")
{statements}
    job = Job(Name="j", Role="r", Command={{"Name": "glueetl", "ScriptLocation": "s3://b/k"}})
    return Workflow(Name="w", Entities=Entities(Jobs=[job]))
"""


def printed(*statements: str, account: EmptyAccount | None = None) -> list[str]:
    """Run a layout with these statements in an empty account; return the lines that it prints."""
    text = BODY.format(statements="\n".join(f"    {one}" for one in statements))
    files = {"d/blueprint.cfg": b'{"layoutGenerator": "d.layout.generate_layout"}', "d/layout.py": text.encode()}
    archive = read_archive(write_archive(files), "d")
    answer = (account or EmptyAccount()).answer
    places = {"region": "us-east-1", "accountId": "123456789012"}
    result = run_layout(
        archive, parse_config(archive.config), {}, places, environment={}, suffix="x", answer_call=answer
    )
    return result.output.splitlines()


def test_objects_are_what_was_put() -> None:
    """What a layout uploads, from bytes or a file, it can read, list and look at; other keys do not exist
    (S3's API: NoSuchKey, 404)."""
    account = EmptyAccount()
    assert printed(
        's3.put_object(Bucket="b", Key="a/1", Body=b"one")',
        's3.upload_file("d/blueprint.cfg", "b", "a/2")',
        'print(s3.get_object(Bucket="b", Key="a/1")["Body"].read())',
        'pages = s3.get_paginator("list_objects_v2").paginate(Bucket="b", Prefix="a/")',
        'print([one["Key"] for page in pages for one in page.get("Contents", [])])',
        'print(s3.head_object(Bucket="b", Key="a/1")["ContentLength"])',
        "try:",
        '    s3.get_object(Bucket="b", Key="z")',
        "except s3.exceptions.NoSuchKey as error:",
        '    print(error.response["ResponseMetadata"]["HTTPStatusCode"])',
        account=account,
    ) == ["b'one'", "['a/1', 'a/2']", "3", "404"]
    assert account.objects["b", "a/2"].startswith(b"{")


def test_what_is_created_is_remembered() -> None:
    """GetDatabase returns the created database; a second CreateDatabase fails with AlreadyExistsException, and
    what was never created is EntityNotFoundException (service model)."""
    assert printed(
        "try:",
        '    glue.get_database(Name="shop")',
        "except glue.exceptions.EntityNotFoundException:",
        '    print("none")',
        'glue.create_database(DatabaseInput={"Name": "shop", "Description": "d"})',
        'print(glue.get_database(Name="shop")["Database"]["Description"])',
        "try:",
        '    glue.create_database(DatabaseInput={"Name": "shop"})',
        "except glue.exceptions.AlreadyExistsException:",
        '    print("exists")',
        'print(glue.get_tables(DatabaseName="shop")["TableList"])',
    ) == ["none", "d", "exists", "[]"]


def test_requests_are_validated() -> None:
    """A request that botocore refuses is refused: the layout would fail in the same way in Glue."""
    with pytest.raises(LayoutError, match="Missing required parameter"):
        printed('glue.create_database(DatabaseInput={"Description": "d"})')


def test_an_error_of_the_answers_is_not_hidden() -> None:
    """A fault in what answers is raised where the layout was called; it is not taken for the layout's."""

    class Faulty(EmptyAccount):
        def answer(self, call: AwsCall) -> dict[str, str]:
            raise RuntimeError("a fault")

    with pytest.raises((RuntimeError, LayoutError), match=r"a fault|gone"):
        printed('glue.get_database(Name="shop")', account=Faulty())


def test_refusals_are_the_services_errors() -> None:
    """A refused call is a ClientError with code, message and status."""

    class Refusing(EmptyAccount):
        def answer(self, call: AwsCall) -> dict[str, str]:
            raise CallRefused("AccessDeniedException", f"not authorized: {call.service}:{call.operation}", 403)

    lines = printed(
        "try:",
        "    glue.get_databases()",
        "except glue.exceptions.ClientError as error:",
        '    print(error.response["Error"]["Code"], error)',
        account=Refusing(),
    )
    assert lines == [
        "AccessDeniedException An error occurred (AccessDeniedException) when calling the GetDatabases operation: "
        "not authorized: glue:GetDatabases"
    ]


def test_a_layout_without_example_gets_values_of_the_right_types(tmp_path: Path) -> None:
    """Without an example file the layout runs with invented values, which a note states (docs/check.md)."""
    files = sound()
    del files["parameters.example.json"]
    config(
        parameterSpec={
            **json.loads(files["blueprint.cfg"])["parameterSpec"],
            "Keys": {"type": "String", "collection": True},
            "Size": {"type": "Integer", "allowedValues": [4, 8]},
            "Source": {"type": "S3Uri"},
        }
    )(files)
    assert 'region = system_params["region"]' in LAYOUT
    line = 'assert (user_params["Keys"], user_params["Size"]) == (["example"], 4)'
    swap("layout.py", '    region = system_params["region"]', f'    region = system_params["region"]\n    {line}')(
        files
    )
    (subject,) = find_subjects(str(write(tmp_path, files)), tmp_path)
    checked = check(subject)
    assert ([one.rule for one in checked.findings], checked.layout_ran) == (["example-missing"], True)


@pytest.mark.parametrize(
    ("reading", "missing"),
    [
        ('getResolvedOptions(sys.argv, ["region", "zone"])', {"zone"}),
        ('getResolvedOptions(sys.argv, REQUIRED + ("zone",))', {"zone"}),
        ("getResolvedOptions(sys.argv, [*REQUIRED, *OPTIONAL])", {"zone"}),
        ('getResolvedOptions(sys.argv, ["region"] + [n for n in OPTIONAL if "--" + n in sys.argv])', set()),
        ("read(REQUIRED, optional=OPTIONAL)", set()),
        ("read(REQUIRED + OPTIONAL)", {"zone"}),
        ('more(["region"])', set()),
        ('getResolvedOptions(sys.argv, ["zone"]) if "--zone" in sys.argv else None', set()),
    ],
)
def test_arguments_are_followed_to_where_they_are_listed(tmp_path: Path, reading: str, missing: set[str]) -> None:
    """Names reach getResolvedOptions through constants, sums, functions and comprehensions; those that are read
    only if they were given are optional. The idioms are those of Glue's guide and of public scripts."""
    files = sound()
    files["scripts/first.py"] = f"""
import sys

from awsglue.utils import getResolvedOptions

REQUIRED = ("region",)
OPTIONAL = ("zone",)


def read(required, optional=()):
    given = [name for name in optional if "--" + name in sys.argv]
    return getResolvedOptions(list(sys.argv), [*required, *given])


def more(names):
    params = ["region"]
    if "--zone" in sys.argv:
        params.append("zone")
    return getResolvedOptions(sys.argv, params)


args = {reading}
"""
    (subject,) = find_subjects(str(write(tmp_path, files)), tmp_path)
    found = [one for one in check(subject).findings if one.rule == "argument-not-passed"]
    assert {one.message.split("'")[1] for one in found} == missing
    assert not [one for one in check(subject).findings if one.rule == "argument-not-read"]
