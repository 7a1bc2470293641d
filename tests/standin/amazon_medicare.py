"""aws-glue-samples, resolve_choice and data_cleaning_and_lambda: providers, and the results that the documents
show.
"""

from __future__ import annotations

from typing import Any

from amazon_lake import Lake, Row, check, check_rows

REPOSITORY = "aws-samples/aws-glue-samples"
SOURCE = "s3://awsglue-datasets/examples/medicare"
OUT = "s3://glue-sample-target/output-dir"
COLUMNS = (
    "DRG Definition,Provider Id,Provider Name,Provider Street Address,Provider City,Provider State,"
    "Provider Zip Code,Hospital Referral Region Description, Total Discharges , Average Covered Charges ,"
    " Average Total Payments ,Average Medicare Payments"
)
READ_AS = {
    "drg definition": "string",
    "provider id": "bigint",
    "provider name": "string",
    "provider street address": "string",
    "provider city": "string",
    "provider state": "string",
    "provider zip code": "bigint",
    "hospital referral region description": "string",
    "total discharges": "bigint",
    "average covered charges": "string",
    "average total payments": "string",
    "average medicare payments": "string",
}
"""The table ``medicare`` as the documents' schemas show it: a crawler reads the first 2 MB of the file."""
ROWS = 20_000
"""Enough for more than 2 MB, so that the last two come after what a crawler reads."""


def providers() -> list[Row]:
    """Rows as in the file; the last two have a name in the place of the id, as the document describes."""
    found = [
        {
            "drg definition": f"{39 + number % 9:03} - EXTRACRANIAL PROCEDURES W/O CC/MCC {number % 9}",
            "provider id": 10001 + number,
            "provider name": f"HOSPITAL {number}",
            "provider street address": f"{number} ROSS CLARK CIRCLE",
            "provider city": "DOTHAN",
            "provider state": "AL",
            "provider zip code": 36301 + number % 500,
            "hospital referral region description": "AL - Dothan",
            "total discharges": 10 + number % 90,
            "average covered charges": f"${9000 + number}.{number % 100:02}",
            "average total payments": f"${5000 + number % 700}.24",
            "average medicare payments": f"${4000 + number % 600}.73",
        }
        for number in range(ROWS)
    ]
    shared = {
        "drg definition": "948 - SIGNS & SYMPTOMS W/O MCC",
        "provider state": "WI",
        "average covered charges": "$11961.41",
        "average total payments": "$4619.00",
        "average medicare payments": "$3775.33",
    }
    broken = [
        {
            "provider id": "MILE BLUFF MEDICAL CENTER",
            "provider name": "INC",
            "provider street address": "1050 DIVISION ST",
            "provider city": "MAUSTON",
            "provider zip code": 53948,
            "hospital referral region description": "WI - Madison",
            "total discharges": 12,
        },
        {
            "provider id": "WHEATON FRANCISCAN HEALTHCARE",
            "provider name": "INC- ST JOSEPH",
            "provider street address": "5000 W CHAMBERS ST",
            "provider city": "MILWAUKEE",
            "provider zip code": 53210,
            "hospital referral region description": "WI - Milwaukee",
            "total discharges": 14,
        },
    ]
    return [*found, *({**shared, **one} for one in broken)]


def _is_broken(row: Row) -> bool:
    return isinstance(row["provider id"], str)


def prepare(lake: Lake) -> None:
    """Write the file, and crawl it."""
    lake.bucket("awsglue-datasets", "glue-sample-target")
    lines = [COLUMNS, *(",".join(str(row[name]) for name in READ_AS) for row in providers())]
    lake.put(f"{SOURCE}/Medicare_Hospital_Provider.csv", "\n".join(lines) + "\n")
    tables = lake.crawl("payments", SOURCE)
    check("tables of the crawl", list(tables), ["medicare"])
    check("columns of medicare", tables["medicare"], READ_AS)


def run_resolve_choice(lake: Lake) -> None:
    """The five files that the script writes, one for each way to resolve a choice."""
    prepare(lake)
    lake.run(lake.copies.text(REPOSITORY, "examples/resolve_choice.py"))
    rows = providers()
    longs = [{**row, "provider id": None if _is_broken(row) else row["provider id"]} for row in rows]
    columns = [
        {
            **{name: value for name, value in row.items() if name != "provider id"},
            f"provider id_{_alternative(row)}": row["provider id"],
        }
        for row in rows
    ]
    structs = [{**row, "provider id": {_alternative(row): row["provider id"]}} for row in rows]
    many = [row for row in structs if row["total discharges"] > 30]
    for name, expected in {
        "cast": longs,
        "project": longs,
        "make_cols": columns,
        "make_struct": structs,
        "sql": many,
    }.items():
        check_rows(f"medicare_json_{name}", lake.records(f"{OUT}/medicare_json_{name}"), expected)


def _alternative(row: Row) -> str:
    return "string" if _is_broken(row) else "long"


def run_data_cleaning(lake: Lake) -> None:
    """The nested Parquet that the script writes; its schema is in the document."""
    prepare(lake)
    lake.run(lake.copies.text(REPOSITORY, "examples/data_cleaning_and_lambda.py"))
    out = f"{OUT}/medicare_parquet"
    check(
        "schema of medicare_parquet",
        lake.parquet_schema(out),
        {
            "drg": "string",
            "provider": "struct<id: int64, name: string, city: string, state: string, zip: int64>",
            "rr": "string",
            "charges": "struct<covered: double, total_pay: double, medicare_pay: double>",
        },
    )
    expected = [_cleaned(row) for row in providers() if not _is_broken(row)]
    check_rows("medicare_parquet", lake.parquet(out), expected)


def _cleaned(row: Row) -> Row:
    def amount(kind: str) -> Any:
        return float(row[f"average {kind}"][1:])

    return {
        "drg": row["drg definition"],
        "provider": {
            "id": row["provider id"],
            "name": row["provider name"],
            "city": row["provider city"],
            "state": row["provider state"],
            "zip": row["provider zip code"],
        },
        "rr": row["hospital referral region description"],
        "charges": {
            "covered": amount("covered charges"),
            "total_pay": amount("total payments"),
            "medicare_pay": amount("medicare payments"),
        },
    }
