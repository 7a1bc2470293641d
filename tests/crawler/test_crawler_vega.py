"""Real files: the 17 data sets that the package vega_datasets ships; tables written down by hand."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from glueprint.crawler.crawl import crawl
from glueprint.crawler.found_tables import FoundTable
from glueprint.crawler.specification import CrawlSpec, ObjectEntry, S3Target

BIGINT, DOUBLE, STRING = "bigint", "double", "string"

CSV: dict[str, tuple[int, dict[str, str]]] = {
    "airports": (
        3376,
        {
            "iata": STRING,
            "name": STRING,
            "city": STRING,
            "state": STRING,
            "country": STRING,
            "latitude": DOUBLE,
            "longitude": DOUBLE,
        },
    ),
    "iowa_electricity": (51, {"year": STRING, "source": STRING, "net_generation": BIGINT}),
    "la_riots": (
        63,
        {
            "first_name": STRING,
            "last_name": STRING,
            "age": BIGINT,  # one of them is not known
            "gender": STRING,
            "race": STRING,
            "death_date": STRING,
            "address": STRING,
            "neighborhood": STRING,
            "type": STRING,
            "longitude": DOUBLE,
            "latitude": DOUBLE,
        },
    ),
    "seattle_temps": (8759, {"date": STRING, "temp": DOUBLE}),
    "seattle_weather": (
        1461,
        {
            "date": STRING,
            "precipitation": DOUBLE,
            "temp_max": DOUBLE,
            "temp_min": DOUBLE,
            "wind": DOUBLE,
            "weather": STRING,
        },
    ),
    "sf_temps": (8759, {"temp": DOUBLE, "date": STRING}),
    "stocks": (560, {"symbol": STRING, "date": STRING, "price": DOUBLE}),
    "us_employment": (
        120,
        {
            "month": STRING,
            "nonfarm": BIGINT,
            "private": BIGINT,
            "goods_producing": BIGINT,
            "service_providing": BIGINT,
            "private_service_providing": BIGINT,
            "mining_and_logging": BIGINT,
            "construction": BIGINT,
            "manufacturing": BIGINT,
            "durable_goods": BIGINT,
            "nondurable_goods": BIGINT,
            "trade_transportation_utilties": BIGINT,  # the file's own spelling
            "wholesale_trade": DOUBLE,
            "retail_trade": DOUBLE,
            "transportation_and_warehousing": DOUBLE,
            "utilities": DOUBLE,
            "information": BIGINT,
            "financial_activities": BIGINT,
            "professional_and_business_services": BIGINT,
            "education_and_health_services": BIGINT,
            "leisure_and_hospitality": BIGINT,
            "other_services": BIGINT,
            "government": BIGINT,
            "nonfarm_change": BIGINT,
        },
    ),
}
"""Records and columns. Dates are strings in a crawl of CSV
(docs/facts/crawlers.md#csv), the first row names the columns."""

ARRAYS: dict[str, str] = {
    "anscombe": "Series:string,X:double,Y:double",
    "barley": "yield:double,variety:string,year:int,site:string",
    "burtin": (
        "Bacteria:string,Penicillin:double,Streptomycin:double,Neomycin:double,Gram_Staining:string,Genus:string"
    ),
    "cars": (
        "Name:string,Miles_per_Gallon:double,Cylinders:int,Displacement:double,Horsepower:int,"
        "Weight_in_lbs:int,Acceleration:double,Year:string,Origin:string"
    ),
    "crimea": "date:string,wounds:int,other:int,disease:int",
    "driving": "side:string,year:int,miles:int,gas:double",
    "iris": "sepalLength:double,sepalWidth:double,petalLength:double,petalWidth:double,species:string",
    "ohlc": "date:string,open:double,high:double,low:double,close:double,signal:string,ret:double",
    "wheat": "year:string,wheat:double,wages:double",
}
"""Fields of the elements. Each file is one JSON array: for the built-in classifier one record, one column."""


def _entries(*, in_folders: bool) -> tuple[ObjectEntry, ...]:
    package = importlib.util.find_spec("vega_datasets")
    assert package is not None
    assert package.origin is not None
    files = sorted((Path(package.origin).parent / "_data").glob("*.[cj]s*"))
    keys = [f"data/{file.stem}/{file.name}" if in_folders else f"data/{file.name}" for file in files]
    return tuple(
        ObjectEntry(key, file.stat().st_size, 1.0, str(file)) for key, file in zip(keys, files, strict=True)
    )


@pytest.fixture(scope="module")
def tables() -> dict[str, FoundTable]:
    """One crawl over all files, each in a folder of its own."""
    result = crawl(CrawlSpec("c", "db", (S3Target("s3://b/data/", objects=_entries(in_folders=True)),)))
    assert result.error is None
    (quoted,) = result.warnings
    assert "airports.csv: values are in quotes" in quoted
    return {table.name: table for table in result.tables}


def test_every_file_is_a_table(tables: dict[str, FoundTable]) -> None:
    """17 files of 17 schemas in 17 folders are 17 tables (DG:crawler-s3-folder-table-partition)."""
    assert sorted(tables) == sorted([*CSV, *ARRAYS])
    assert not any(table.partition_keys for table in tables.values())


@pytest.mark.parametrize("name", CSV)
def test_csv(tables: dict[str, FoundTable], name: str) -> None:
    """Columns, header and records of each CSV file (DG:add-classifier, built-in CSV classifier)."""
    records, columns = CSV[name]
    table = tables[name]
    parameters = dict(table.parameters)
    assert table.classification == "csv"
    assert dict(table.columns) == columns
    assert list(dict(table.columns)) == list(columns)
    assert parameters["recordCount"] == str(records)
    assert parameters["skip.header.line.count"] == "1"
    assert parameters["delimiter"] == ","


@pytest.mark.parametrize("name", ARRAYS)
def test_json_arrays(tables: dict[str, FoundTable], name: str) -> None:
    """A file that is one array has one column ``array`` of its elements' structure (seen in crawled tables)."""
    table = tables[name]
    assert table.classification == "json"
    assert table.columns == (("array", f"array<struct<{ARRAYS[name]}>>"),)
    assert dict(table.storage.serde_parameters) == {"paths": "array"}


@pytest.mark.parametrize("name", ARRAYS)
def test_json_arrays_with_a_json_path(name: str) -> None:
    """With the custom classifier ``$[*]`` every element is a record (DG:custom-classifier, its example)."""
    target = S3Target("s3://b/data/", objects=_entries(in_folders=True))
    folder = name.replace("_", "-")
    target = S3Target(f"s3://b/data/{folder}/", objects=target.objects)
    classifier = {"JsonClassifier": {"Name": "rows", "JsonPath": "$[*]"}}
    (table,) = crawl(CrawlSpec("c", "db", (target,), classifiers=(classifier,))).tables
    expected = [pair.split(":") for pair in ARRAYS[name].split(",")]
    assert table.columns == tuple((field.lower(), kind) for field, kind in expected)


def test_the_files_in_one_folder() -> None:
    """Files of 17 schemas side by side are a table each, named by file (DG:crawler-maximum-number-of-tables)."""
    result = crawl(CrawlSpec("c", "db", (S3Target("s3://b/data/", objects=_entries(in_folders=False)),)))
    stems = [*CSV, *ARRAYS]
    assert sorted(table.name.rpartition("_")[0] for table in result.tables) == sorted(stems)
