"""Idioms of public blueprints that are sound, and were once reported (docs/decisions/amazon-samples.md)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from broken import Files, add, both, config, layout, sound, swap, write
from click.testing import CliRunner

from glueprint.check.checking import check
from glueprint.check.subject import find_subjects
from glueprint.cli.main import cli

START = "    first = Job(\n"


def _rules(tmp_path: Path, files: Files, objects: dict[tuple[str, str], bytes] | None = None) -> list[str]:
    (subject,) = find_subjects(str(write(tmp_path, files)), tmp_path)
    return [one.rule for one in check(subject, None, objects).findings]


def _before(*lines: str) -> str:
    return "".join(f"    {line}\n" for line in lines) + START


def test_a_layout_may_read_a_list_from_s3(tmp_path: Path) -> None:
    """A file that the layout downloads or writes itself need not be in the zip; its content is the object that the
    caller provides (aws-samples/aws-glue-blueprint-rel-db-to-s3 reads its list of tables in this way)."""
    files = sound()
    statements = (
        'with open("tables.json", "wb") as target:',
        '    s3.download_fileobj("etl", "tables.json", target)',
        's3.download_file("etl", "tables.json", "again.json")',
        'assert json.load(open("tables.json")) == json.load(open("again.json")) == {"tables": ["a"]}',
    )
    both(layout("import boto3\n", "import json\nimport boto3\n"), layout(START, _before(*statements)))(files)
    assert _rules(tmp_path, files, {("etl", "tables.json"): b'{"tables": ["a"]}'}) == []


def test_objects_on_the_command_line(tmp_path: Path) -> None:
    """--object provides an object of S3; without it the layout fails as in Glue, and a wrong value is refused."""
    files = sound()
    layout(START, _before('assert s3.get_object(Bucket="etl", Key="t.json")["Body"].read() == b"{}"'))(files)
    folder, object_file = write(tmp_path, files), tmp_path / "t.json"
    object_file.write_text("{}")
    run = CliRunner().invoke
    assert run(cli, ["check", str(folder), "--object", f"s3://etl/t.json={object_file}"]).exit_code == 0
    missing = run(cli, ["check", str(folder)])
    assert (missing.exit_code, "NoSuchKey" in missing.output) == (1, True)
    for wrong in ("etl/t.json=x", f"s3://etl={object_file}", "s3://etl/t.json=nowhere"):
        refused = run(cli, ["check", str(folder), "--object", wrong])
        assert (refused.exit_code, "Error: " in refused.output) == (2, True), wrong


def test_a_folder_whose_content_is_zipped(tmp_path: Path) -> None:
    """layoutGenerator without the folder's name means a zip with blueprint.cfg at its root, which Glue accepts
    (PacktPublishing/Serverless-ETL-and-Analytics-with-AWS-Glue has such a zip)."""
    files = sound()
    config(layoutGenerator="layout.generate_layout")(files)
    swap("layout.py", 'open("demo/scripts/"', 'open("scripts/"')(files)
    assert _rules(tmp_path, files) == []


def test_two_tables_of_one_name(tmp_path: Path) -> None:
    """Tables of one name in two databases are two tables (awslabs/athena-glue-service-logs creates such)."""
    files = sound()
    create = 'glue.create_table(DatabaseName="{0}", TableInput={{"Name": "logs"}})'
    statements = ["try:", *(f"    {create.format(one)}" for one in ("raw", "clean"))]
    statements += ["except glue.exceptions.AlreadyExistsException:", '    assert user_params is None, "exists"']
    client = 'glue = boto3.client("glue", region_name=region)'
    layout(START, _before(client, *statements))(files)
    assert _rules(tmp_path, files) == ["rerun-fails"]  # the second run stops at the first table


def test_what_the_layout_does_not_create_may_be_missing_again(tmp_path: Path) -> None:
    """The second run meets what the first has created, and nothing else: a source table that was missing is
    still missing (the sample compaction of awslabs/aws-glue-blueprint-libs looks for one)."""
    files = sound()
    layout(
        START,
        _before(
            'glue = boto3.client("glue", region_name=region)',
            "try:",
            '    glue.get_table(DatabaseName="shop", Name="orders")["Table"]["StorageDescriptor"]',
            "except glue.exceptions.EntityNotFoundException:",
            "    pass",
            "try:",
            '    glue.create_database(DatabaseInput={"Name": "shop"})',
            "except glue.exceptions.AlreadyExistsException:",
            "    pass",
        ),
    )(files)
    assert _rules(tmp_path, files) == []


@pytest.mark.parametrize(
    ("reading", "version", "rules"),
    [
        ('if "--role" in sys.argv: NAMES.append("redshift_role")', "5.1", []),
        ('NAMES.append("role_arn")', "5.1", []),
        ('NAMES.append("role_arn")', "6.0", ["argument-not-passed", "argument-not-read"]),
    ],
)
def test_arguments_that_are_read_in_another_way(
    tmp_path: Path, reading: str, version: str, rules: list[str]
) -> None:
    """An argument that the script looks for in sys.argv is read, and before Glue 6.0 so is one that is the start
    of a single name that is required (argparse; the sample jdbc_to_s3 depends on both)."""
    files = sound()
    required = 'args = getResolvedOptions(sys.argv, ["JOB_NAME", "region", "table"])'
    names = 'NAMES = ["JOB_NAME", "region", "table"]'
    both(
        layout(
            '            "--table": "orders",\n', '            "--table": "orders",\n            "--role": "r",\n'
        ),
        swap("scripts/second.py", required, f"{names}\n{reading}\nargs = getResolvedOptions(sys.argv, NAMES)"),
    )(files)
    layout('GlueVersion="5.1"', f'GlueVersion="{version}"')(files)
    assert sorted(_rules(tmp_path, files)) == rules


def test_parameters_that_may_be_absent(tmp_path: Path) -> None:
    """What the layout sets itself, looks for with ``in`` or reads with ``get`` need not be declared."""
    files = sound()
    statements = (
        'zone = user_params["Zone"] if "Zone" in user_params else user_params.get("Area", "a")',
        'user_params["Day"] = "a"',
        'day = user_params["Day"]',
    )
    layout(START, _before(*statements))(files)
    assert _rules(tmp_path, files) == []


def test_a_package_of_the_zip_is_one_finding(tmp_path: Path) -> None:
    """Modules of one package of the zip are reported once, with the package."""
    files = sound()
    both(
        both(add("tools/__init__.py", ""), add("tools/names.py", "X = 1\n")),
        both(
            config(layoutGenerator="layout.generate_layout"),
            layout("import boto3\n", "import boto3\nfrom tools.names import X\n"),
        ),
    )(files)
    swap("layout.py", 'open("demo/scripts/"', 'open("scripts/"')(files)
    assert _rules(tmp_path, files) == ["module-of-zip"]
    assert json.loads(files["blueprint.cfg"])["layoutGenerator"] == "layout.generate_layout"
