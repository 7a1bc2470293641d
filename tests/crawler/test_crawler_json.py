"""What the JSON classifiers see: objects, arrays, paths (DG:add-classifier, DG:custom-classifier)."""

from __future__ import annotations

import json

import pytest
from crawler_files import Crawled, columns_of, table_of, warning_of


def test_json_lines_and_concatenated_objects(crawled: Crawled) -> None:
    """Objects one after the other make columns, in lower case; ``paths`` keeps their names (dumps of crawled
    tables).
    """
    table = table_of(
        crawled, '{"Id": 1, "Big": 9999999999, "Tags": ["a"]}\n{"Id": 2, "At": {"Lat": 1.5}, "ok": null}\n'
    )
    assert dict(table.columns) == {
        "id": "int",
        "big": "bigint",
        "tags": "array<string>",
        "at": "struct<Lat:double>",
        "ok": "string",
    }
    assert dict(table.storage.serde_parameters) == {"paths": "At,Big,Id,Tags,ok"}
    assert table.storage.serde == "org.openx.data.jsonserde.JsonSerDe"
    assert dict(table.parameters)["recordCount"] == "2"
    assert columns_of(crawled, '{\n "a": 1\n}{"a": 2.5}') == {"a": "double"}


def test_json_types_that_differ_become_string(crawled: Crawled) -> None:
    """Values without a common type are strings, also within arrays and structs (choice:
    docs/fidelity/crawler.md).
    """
    text = '{"a": 1, "b": [1, "x"], "c": {"d": true}}\n{"a": "x", "b": [], "c": {"d": 1, "e:f": 2}}\n'
    assert columns_of(crawled, text) == {"a": "string", "b": "array<string>", "c": "struct<d:string,e_f:int>"}


def test_a_json_array_is_one_column_without_a_path(crawled: Crawled) -> None:
    """The built-in classifier takes an array as one value; ``$[*]`` takes its records (DG:custom-classifier)."""
    text = json.dumps([{"type": "constituency", "id": f"ak{number}", "name": "x"} for number in range(3)])
    assert columns_of(crawled, text) == {"array": "array<struct<type:string,id:string,name:string>>"}
    table = table_of(crawled, text, JsonClassifier={"Name": "rows", "JsonPath": "$[*]"})
    assert dict(table.columns) == {"type": "string", "id": "string", "name": "string"}
    assert dict(table.parameters)["jsonPath"] == "$[*]"
    assert dict(table.parameters)["recordCount"] == "3"


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        ("$.id", {"record": "string"}),
        ("$.identifiers[*].identifier", {"record": "string"}),
        ("$['identifiers'][0]", {"scheme": "string", "identifier": "string"}),
        ("$.identifiers[*]", {"scheme": "string", "identifier": "string"}),
    ],
)
def test_json_paths(crawled: Crawled, path: str, columns: dict[str, str]) -> None:
    """A path to a value makes the column ``record``, a path to objects their fields (DG:custom-classifier)."""
    text = '{"id": "a", "identifiers": [{"scheme": "dmoz", "identifier": "US"}]}\n{"id": "b"}\n'
    assert columns_of(crawled, text, JsonClassifier={"Name": "n", "JsonPath": path}) == columns


def test_json_records_longer_than_a_megabyte_are_found(crawled: Crawled) -> None:
    """JSON is read in steps of 1 MB up to 10 MB until there is a record (KC:glue-crawler-detect-schema)."""
    assert columns_of(crawled, json.dumps({"long": "x" * 3_000_000, "n": 1})) == {"long": "string", "n": "int"}


ROW = {"id": 1, "name": "x" * 90, "at": {"lat": 1.5}}
LONG = "[\n" + ",\n".join([json.dumps(ROW)] * 100_000) + "\n]"
"""12 MB: more than a crawler reads of a file."""


def test_an_array_of_any_length_has_records_for_a_path_to_its_elements(crawled: Crawled) -> None:
    """With ``$[*]`` the elements are the records, and those of the first megabyte decide
    (KC:glue-crawler-detect-schema: a valid record within the first megabyte); the rest is counted in proportion.
    """
    table = table_of(crawled, LONG, JsonClassifier={"Name": "rows", "JsonPath": "$[*]"})
    assert dict(table.columns) == {"id": "int", "name": "string", "at": "struct<lat:double>"}
    assert 95_000 < int(dict(table.parameters)["recordCount"]) < 105_000
    short = table_of(crawled, json.dumps([{"n": 1}] * 2500), JsonClassifier={"Name": "n", "JsonPath": "$[*]"})
    assert 2400 < int(dict(short.parameters)["recordCount"]) < 2600


def test_a_path_to_elements_goes_through_arrays_and_objects_line_by_line(crawled: Crawled) -> None:
    """``$[*]`` leads to the elements of each array and the members of each object (DG:custom-classifier)."""
    path = {"Name": "n", "JsonPath": "$[*]"}
    assert columns_of(crawled, '[{"a": 1}, {"b": 2}]\n[{"c": 3}]\n', JsonClassifier=path) == {
        "a": "int",
        "b": "int",
        "c": "int",
    }
    assert columns_of(crawled, '{"x": {"a": 1}, "y": {"a": 2.5}}\n', JsonClassifier=path) == {"a": "double"}
    deeper = {"Name": "n", "JsonPath": "$[*].at"}
    assert columns_of(crawled, json.dumps([ROW, ROW]), JsonClassifier=deeper) == {"lat": "double"}


def test_what_begins_as_json_is_never_csv(crawled: Crawled) -> None:
    """An array too long for the built-in classifier, and JSON that is broken, are warnings that say so; as CSV,
    which splits their lines at commas, they were tables of nonsense (KC:glue-crawler-detect-schema: up to 10 MB).
    """
    warning = warning_of(crawled, LONG)
    assert "longer than 10 MB" in warning
    assert "$[*]" in warning
    assert "goes on behind its first dict" in warning_of(crawled, '{"a": 1, "b": 2},\n' * 5)
    assert "cannot be read as such" in warning_of(crawled, '[\n{"a": 1, "b": 2},\n{"a": 1, "b": 2},\n]')


def test_names_that_differ_by_case_alone_are_one_field(crawled: Crawled) -> None:
    """Engines read fields by lower-case name: Spark refuses a table with ``struct<A:int,a:string>``."""
    assert columns_of(crawled, '{"Id": 1, "s": {"A": 1}}\n{"id": 2.5, "s": {"a": 2.5, "b": 1}}\n') == {
        "id": "double",
        "s": "struct<A:double,b:int>",
    }


def test_objects_without_fields_are_no_table(crawled: Crawled) -> None:
    """A table without columns can be read by nothing: the file is left out (choice: docs/fidelity/crawler.md)."""
    assert "no fields" in warning_of(crawled, "{}\n{}\n")
