"""Files are read as Athena's SerDes read them; partitions are projected as the user guide describes."""

from __future__ import annotations

import bz2
import gzip

import cramjam
import pytest
from query_running import Statements

OPEN_CSV = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'"
OPENX = "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'"


def test_opencsv(shop: Statements) -> None:
    """User guide, "Open CSV SerDe": quotes, escapes, days, milliseconds; what is not a number fails."""
    shop.put("open/a.csv", 'id,text,day,at\n1,"a, ""b""",19723,1704067200500\n"2","c\\"d",0,0\n3,,\n')
    shop.run(
        f"CREATE EXTERNAL TABLE open_csv (id int, text string, day date, at timestamp) {OPEN_CSV} "
        "LOCATION 's3://data/open/' TBLPROPERTIES ('skip.header.line.count' = '1')"
    )
    assert shop.rows("SELECT id, text FROM open_csv ORDER BY id") == [
        ["1", 'a, "b"'],
        ["2", 'c"d'],
        ["3", ""],
    ]
    assert shop.rows("SELECT day, at FROM open_csv WHERE id = 1") == [
        ["2024-01-01", "2024-01-01 00:00:00.500"]
    ]
    reason = shop.error("SELECT day FROM open_csv WHERE id = 3")
    assert reason.startswith("HIVE_BAD_DATA: Error parsing field value '' for field day")


def test_lazy_simple(shop: Statements) -> None:
    """Hive's LazySimpleSerDe: no quotes, ``\\N`` is null, what is not of its type is null, nested separators."""
    rows = '1|"q"|2.5|true|x,y|k:1\n2|\\N|z|maybe||\nq|a\\|b|1|false|p|a:1,b:2\n'
    shop.put("lazy/a.txt.gz", gzip.compress(rows.encode()))
    shop.put("lazy/b.txt.bz2", bz2.compress(b"9|bz||||\r\n"))
    columns = "id int, text string, n double, yes boolean, list array<string>, pairs map<string,int>"
    delimiters = "FIELDS TERMINATED BY '|' COLLECTION ITEMS TERMINATED BY ',' MAP KEYS TERMINATED BY ':'"
    shop.run(
        f"CREATE EXTERNAL TABLE lazy ({columns}) ROW FORMAT DELIMITED {delimiters} LOCATION 's3://data/lazy/'"
    )
    found = shop.rows("SELECT id, text, n, yes, list, pairs FROM lazy WHERE id IN (1, 2, 9) ORDER BY id")
    assert found[:2] == [
        ["1", '"q"', "2.5", "true", "[x, y]", "{k=1}"],
        ["2", None, None, None, "[]", "{}"],
    ]
    assert found[2][:2] == ["9", "bz"]
    escaped = delimiters.replace("'|'", "'|' ESCAPED BY '\\\\'", 1)
    shop.run(
        f"CREATE EXTERNAL TABLE lazy_escaped ({columns}) ROW FORMAT DELIMITED {escaped} LOCATION 's3://data/lazy/'"
    )
    assert shop.rows("SELECT text, n FROM lazy_escaped WHERE text LIKE 'a%'") == [["a|b", "1.0"]]


@pytest.mark.parametrize(
    "row_format",
    [
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','",
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\\\'",
        OPEN_CSV,
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' "
        "WITH SERDEPROPERTIES ('input.regex' = '(.*)')",
    ],
    ids=["lazy", "lazy-escaped", "open-csv", "regex"],
)
def test_a_header_that_is_no_number(shop: Statements, row_format: str) -> None:
    """Trino (``HiveUtil``): a property that is not a whole number is HIVE_INVALID_METADATA, for each SerDe."""
    shop.put("header/a.csv", "1\n")
    shop.run(
        f"CREATE EXTERNAL TABLE header (text string) {row_format} LOCATION 's3://data/header/' "
        "TBLPROPERTIES ('skip.header.line.count' = 'one')"
    )
    try:
        reason = shop.error("SELECT * FROM header")
    finally:
        shop.run("DROP TABLE header")
    assert reason == "HIVE_INVALID_METADATA: Invalid value for 'skip.header.line.count' property: one"


def test_json(shop: Statements) -> None:
    """User guide, "OpenX JSON SerDe": names in any case, mappings, nested values; a bad line fails or is null."""
    shop.put(
        "json/a.json",
        '{"Id": 1, "Name": "a", "tags": ["x"], "inner": {"A": 2.5}, "at": "2024-01-01 10:00:00"}\n\n{"id": "2"}\n',
    )
    columns = "id int, name string, tags array<string>, `inner` struct<a:double>, at timestamp"
    shop.run(f"CREATE EXTERNAL TABLE js ({columns}) {OPENX} LOCATION 's3://data/json/'")
    assert shop.rows('SELECT id, name, tags, "inner".a, at FROM js ORDER BY id') == [
        ["1", "a", "[x]", "2.5", "2024-01-01 10:00:00.000"],
        ["2", None, None, None, None],
    ]
    shop.put("bad/a.json", '{"id": 1}\nnot json\n')
    shop.run(
        f"CREATE EXTERNAL TABLE bad (id int) {OPENX} LOCATION 's3://data/bad/'",
        f"CREATE EXTERNAL TABLE bad_ignored (id int) {OPENX} "
        "WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true') LOCATION 's3://data/bad/'",
    )
    assert "Row is not a valid JSON Object" in shop.error("SELECT * FROM bad")
    assert shop.rows("SELECT * FROM bad_ignored ORDER BY id") == [["1"], [None]]


def test_parquet_of_another_type_is_bad_data(shop: Statements) -> None:
    """User guide, "HIVE_BAD_DATA": text is not converted to a number; a column that files lack is null."""
    shop.run(
        "CREATE EXTERNAL TABLE retyped (id bigint, name int, more string) STORED AS PARQUET LOCATION 's3://data/sales/'"
    )
    assert shop.rows("SELECT id, more FROM retyped WHERE id = 1") == [["1", None]]
    assert shop.error("SELECT name FROM retyped").startswith(
        "HIVE_BAD_DATA: Field name's type VARCHAR in parquet file"
    )


def test_projection(shop: Statements) -> None:
    """User guide, "Supported types for partition projection": each type, and a location template."""
    for region in ("n", "s"):
        for day in ("2024-01-01", "2024-01-02"):
            shop.put(f"projected/{region}/{day}/07/a.txt", f"{region}{day}\n")
    properties = {
        "projection.enabled": "true",
        "projection.region.type": "enum",
        "projection.region.values": "n,s,w",
        "projection.day.type": "date",
        "projection.day.format": "yyyy-MM-dd",
        "projection.day.range": "2024-01-01,2024-01-31",
        "projection.hour.type": "integer",
        "projection.hour.range": "6,8",
        "projection.hour.digits": "2",
        "storage.location.template": "s3://data/projected/${region}/${day}/${hour}/",
    }
    create = (
        "CREATE EXTERNAL TABLE {} (text string) PARTITIONED BY (region string, day string, hour string) "
        "LOCATION 's3://data/projected/' TBLPROPERTIES ({})"
    )
    listed = ", ".join(f"'{key}' = '{value}'" for key, value in properties.items())
    shop.run(create.format("projected", listed))
    assert shop.rows("SELECT count(*) FROM projected") == [["4"]]
    answer = shop.answer(
        "SELECT text FROM projected WHERE region = 'n' AND day > '2024-01-01' AND hour = '07'"
    )
    assert (answer.error, answer.statistics["Files"], answer.statistics["Partitions"]) == (None, 1, 30)
    injected = listed.replace("'projection.region.type' = 'enum'", "'projection.region.type' = 'injected'")
    shop.run(create.format("injected", injected))
    assert shop.rows("SELECT count(*) FROM injected WHERE region IN ('n', 'x')") == [["2"]]
    assert shop.error("SELECT count(*) FROM injected").startswith(
        "CONSTRAINT_VIOLATION: For the injected projected"
    )


COMPRESSED = [
    *(("PARQUET", one) for one in ("SNAPPY", "ZSTD", "LZ4", "NONE")),
    *(("ORC", one) for one in ("SNAPPY", "ZSTD", "LZ4", "NONE")),
    *(("AVRO", one) for one in ("SNAPPY", "BZIP2", "NONE")),
    *((form, one) for form in ("JSON", "TEXTFILE") for one in ("ZSTD", "BZIP2", "NONE")),
]


@pytest.mark.query
@pytest.mark.parametrize(("form", "compression"), COMPRESSED)
def test_compressed_tables(shop: Statements, form: str, compression: str) -> None:
    """User guide, "Use compression in Athena": what CTAS writes is read back."""
    name = f"pressed_{form}_{compression}".lower()
    options = f"format = '{form}', write_compression = '{compression}'"
    shop.run(f"CREATE TABLE {name} WITH ({options}) AS SELECT id, name, price FROM sales")
    assert shop.rows(f"SELECT id, name, price FROM {name} ORDER BY id") == [
        ["1", "ann", "10.50"],
        ["2", "bob", "2.25"],
        ["3", None, "0.75"],
    ]


def test_text_compressed_by_others(shop: Statements) -> None:
    """User guide, "Compression support": snappy (Hadoop's blocks and the framed format), zstd, lz4 by suffix."""
    line = b"1\x01a\n"
    raw = bytes(cramjam.snappy.compress_raw(line))
    blocks = len(line).to_bytes(4, "big") + len(raw).to_bytes(4, "big") + raw
    shop.put("packed/a.snappy", blocks)
    shop.put("packed/b.snappy", bytes(cramjam.snappy.compress(line)))
    shop.put("packed/c.zst", bytes(cramjam.zstd.compress(line)))
    shop.put("packed/d.lz4", bytes(cramjam.lz4.compress(line)))
    shop.put("packed/e.deflate", bytes(cramjam.zlib.compress(line)))
    shop.run("CREATE EXTERNAL TABLE packed (id int, text string) LOCATION 's3://data/packed/'")
    assert shop.rows("SELECT id, text, count(*) FROM packed GROUP BY 1, 2") == [["1", "a", "5"]]
    shop.put("unread/a.lzo", b"x")
    shop.run("CREATE EXTERNAL TABLE unread (id int) LOCATION 's3://data/unread/'")
    assert shop.error("SELECT * FROM unread").startswith("NOT_SUPPORTED: LZO compression")
