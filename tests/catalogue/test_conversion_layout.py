"""The layout of ``conversion``, run from its built zip by the layout host as Glue would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_catalogue_layout import ACCOUNT, endpoint, jobs  # noqa: F401 - a fixture

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.bundler import bundle
from glueprint.blueprint.config import parse_config
from glueprint.blueprint.layout_host import LayoutError, LayoutResult, run_layout

ROOT = Path(__file__).parents[2]
GIVEN = {
    "WorkflowName": "orders",
    "IAMRole": f"arn:aws:iam::{ACCOUNT}:role/glue",
    "ScriptBucket": "scripts",
    "Location": "s3://landing/in",
    "DestinationLocation": "s3://lake/Out-2/",
}
KEYS = {
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",  # the fake reads plain bodies only
}


def layout(address: str, **changes: Any) -> LayoutResult:
    """Run the layout with these parameters."""
    archive = read_archive(write_archive(bundle(ROOT, "conversion")), "conversion")
    config = parse_config(archive.files["conversion/blueprint.cfg"])
    return run_layout(
        archive,
        config,
        config.spec.resolve({**GIVEN, **changes}),
        {"region": "us-east-1", "accountId": ACCOUNT},
        environment={**KEYS, "AWS_ENDPOINT_URL": address},
        suffix="x1",
    )


def arguments(result: LayoutResult) -> dict[str, str]:
    """The arguments of the converting job."""
    found: dict[str, str] = jobs(result)["convert"]["DefaultArguments"]
    return found


def test_what_is_left_out_has_a_value(endpoint: str) -> None:  # noqa: F811 - the fixture
    """README: default compression, folder of bad records, no table; empty values are no arguments."""
    result = layout(endpoint)
    found = arguments(result)
    assert [job["Name"] for job in result.requests.jobs] == [
        "orders_look_x1",
        "orders_convert_x1",
        "orders_report_x1",
    ]
    assert found["--compression"] == "snappy"
    assert found["--bad_records"] == "s3://lake/Out-2/_bad_records/"
    assert not {"--database", "--table", "--schema", "--column_types", "--row_tag"} & set(found)


def test_every_parameter_reaches_a_job(endpoint: str) -> None:  # noqa: F811 - the fixture
    """Each value is an argument of the job that needs it."""
    result = layout(
        endpoint,
        InputFormat="xml",
        RowTag="order",
        OutputFormat="json",
        DestinationDatabase="Sales",
        BadRecordsLocation="s3://other/bad",
        ColumnTypes=["Zip = string", "", "price=decimal(10,2)"],
        ChoiceTypes="fail",
        Header="false",
        MultiLine="false",
        Encoding="latin-1",
        NullText="NA",
        Quote="'",
        Escape="\\",
        Delimiter=";",
        MaximumBadRecords=7,
        Tags=["a=b"],
        TimeoutMinutes=9,
    )
    found = arguments(result)
    expected = {
        "input_format": "xml",
        "row_tag": "order",
        "output_format": "json",
        "compression": "gzip",
        "database": "sales",
        "table": "out_2",
        "bad_records": "s3://other/bad/",
        "column_types": "zip string, price decimal(10,2)",
        "choice_types": "fail",
        "header": "false",
        "multi_line": "false",
        "encoding": "latin-1",
        "null_text": "NA",
        "quote": "'",
        "escape": "\\",
        "delimiter": ";",
        "maximum_bad_records": "7",
    }
    assert {name: found["--" + name] for name in expected} == expected
    convert = jobs(result)["convert"]
    assert (convert["Timeout"], convert["Tags"], convert["GlueVersion"]) == (9, {"a": "b"}, "5.1")


WRONG = [
    (
        {
            "Location": "s3://lake/Out-2/x/",
            "BadRecordsLocation": "s3://lake/Out-2/x/bad/",
            "FilePattern": "[a",
            "MaximumBadRecords": -1,
            "OutputFormat": "csv",
            "Compression": "snappy",
            "InputFormat": "xml",
            "Schema": "id int, x nonsense",
            "SchemaTable": "orders",
            "ColumnTypes": ["id", "x=int", "X=int"],
            "Delimiter": ";;",
            "Quote": "",
            "Escape": "é",
            "Encoding": "klingon",
            "NullText": "-",
            "DestinationTable": "a b",
            "DestinationDatabase": "a b",
        },
        [
            "DestinationLocation and Location must not lie in one another",
            "BadRecordsLocation must not lie in Location",
            "FilePattern has an opening bracket",
            "MaximumBadRecords must be 0 or more",
            "Compression must be default or one of gzip, none for csv",
            "RowTag must be the element that is a row",
            "Schema and SchemaTable must not both be given",
            "Schema: 'nonsense' is not a type",
            "SchemaTable must be a table such as database.table",
            "ColumnTypes must be a list of name=type",
            "ColumnTypes must not name a column twice",
            "ColumnTypes must be empty with Schema",
            "Delimiter must be one ASCII character",
            "Quote must be one ASCII character, or none",
            "Escape must be empty or one ASCII character",
            "Encoding must be one that Python knows",
            "NullText must not be a dash",
            "DestinationTable must consist of letters",
            "DestinationDatabase must consist of letters",
        ],
    ),
    (
        {"BadRecordsLocation": "bad", "RowTag": "<order>", "Schema": "id", "Quote": ",", "NullText": "-1"},
        [
            "BadRecordsLocation must be an S3 folder",
            "RowTag must be the name of an element",
            "Schema must be columns with types",
            "Delimiter, Quote and Escape must differ",
            "NullText must not start with a dash",
        ],
    ),
]


@pytest.mark.parametrize(("changes", "problems"), WRONG)
def test_all_problems_are_reported_at_once(changes: dict[str, Any], problems: list[str]) -> None:
    """Each problem names its parameter; nothing is created."""
    with pytest.raises(LayoutError) as caught:
        layout("http://127.0.0.1:9", **changes)
    for problem in problems:
        assert problem in str(caught.value)
