"""What each classifier sees in a file: columns, types, parameters (DG:add-classifier, DG:custom-classifier)."""

from __future__ import annotations

import bz2
import datetime
import decimal
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.orc
import pytest
from crawler_trees import parquet

from glueprint.crawler.contract import CrawlResult, FoundTable

Crawled = Callable[..., CrawlResult]
CSV = "id,name,price\n1,a,2.5\n2,b,3\n"


def table_of(crawled: Crawled, content: bytes | str, name: str = "file", **classifier: Any) -> FoundTable:
    """The table of a crawl of one file."""
    result = crawled({f"data/{name}": content}, classifiers=(classifier,) if classifier else ())
    assert result.error is None, result.error
    assert len(result.tables) == 1, result.warnings
    return result.tables[0]


def columns_of(crawled: Crawled, content: bytes | str, **classifier: Any) -> dict[str, str]:
    """The columns of the table of one file."""
    return dict(table_of(crawled, content, **classifier).columns)


def warning_of(crawled: Crawled, content: bytes | str, name: str = "file") -> str:
    """The warning about a file that gives no table."""
    result = crawled({f"data/{name}": content})
    assert (result.tables, len(result.warnings)) == ((), 1)
    return result.warnings[0]


# --- CSV


def test_csv_types_are_bigint_double_boolean_string(crawled: Crawled) -> None:
    """CSV columns are bigint, double, boolean or string; dates stay string (glue-facts 0.5)."""
    text = "I,D,B,S,Day,Mixed,Empty\n1,1.5,true,x,2024-01-31,1,\n-2,2e3,FALSE,y,2024-02-01,x,\n,,,,,,\n"
    assert columns_of(crawled, text) == {
        "i": "bigint",
        "d": "double",
        "b": "boolean",
        "s": "string",
        "day": "string",
        "mixed": "string",
        "empty": "string",
    }


def test_csv_numbers_beyond_64_bits_are_double(crawled: Crawled) -> None:
    """A whole number that no bigint holds is read as double, the next type that reads it (choice, as Hive
    does).
    """
    assert columns_of(crawled, "a,b\n9223372036854775807,1\n1,99999999999999999999\n") == {
        "a": "bigint",
        "b": "double",
    }


@pytest.mark.parametrize("delimiter", [",", "|", "\t", ";", "\x01"])
def test_csv_delimiters_are_found(crawled: Crawled, delimiter: str) -> None:
    """The five delimiters are told apart and written down (DG:add-classifier, built-in CSV classifier)."""
    table = table_of(crawled, CSV.replace(",", delimiter))
    assert table.columns == (("id", "bigint"), ("name", "string"), ("price", "double"))
    assert dict(table.parameters)["delimiter"] == delimiter
    assert dict(table.storage.serde_parameters) == {"field.delim": delimiter}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b\nx,y\nz,w\n", ["col0", "col1"]),
        ("1,b\n2,3\n", ["col0", "col1"]),
        (f"{'a' * 150},b\n1,2\n", ["col0", "col1"]),
        (f"a,{'b' * 150}\n1,2\n", ["a", "b" * 150]),
        (",b\n1,2\n", ["col0", "col1"]),
        ("a,b,\n1,2,\n", ["a", "b", "col2"]),
        ("Id,id\n1,2\n", ["id", "id_1"]),
        ("1,2\n3,4\n", ["col0", "col1"]),
    ],
)
def test_csv_header_rules(crawled: Crawled, text: str, names: list[str]) -> None:
    """A header is all strings, under 150 characters but for the last, and unlike the data (DG:add-classifier)."""
    table = table_of(crawled, text)
    assert [name for name, _ in table.columns] == names
    assert ("skip.header.line.count" in dict(table.parameters)) is (not names[0].startswith("col"))


@pytest.mark.parametrize("text", ["one\ntwo\n", "a,b\n", "just a line of prose\n", "\n\n"])
def test_csv_needs_two_columns_and_two_rows(crawled: Crawled, text: str) -> None:
    """One column or one row is no CSV and gives no table (DG:add-classifier: at least two columns and two
    rows).
    """
    assert "UNKNOWN" in warning_of(crawled, text)


def test_csv_with_quotes_warns_of_the_serde(crawled: Crawled) -> None:
    """The built-in classifier keeps LazySimpleSerDe for quoted data, which is told (DG:add-classifier, note)."""
    result = crawled({"data/a.csv": 'id,name\n1,"a,b"\n2,"c"\n'})
    assert result.tables[0].storage.serde.endswith("LazySimpleSerDe")
    assert "OpenCSVSerDe" in result.warnings[0]


def test_custom_csv_with_quotes_uses_open_csv(crawled: Crawled) -> None:
    """With Serde None the crawler chooses by the quotes; OpenCSVSerDe reads strings (service model,
    CsvClassifier).
    """
    definition = {"Name": "mine", "QuoteSymbol": "'", "ContainsHeader": "PRESENT"}
    table = table_of(crawled, "id,name\n1,'a,b'\n2,'c'\n", CsvClassifier=definition)
    assert table.storage.serde == "org.apache.hadoop.hive.serde2.OpenCSVSerde"
    assert table.columns == (("id", "string"), ("name", "string"))
    assert dict(table.storage.serde_parameters) == {"separatorChar": ",", "quoteChar": "'", "escapeChar": "\\"}
    assert dict(table.parameters)["areColumnsQuoted"] == "true"


def test_custom_csv_header_delimiter_single_column_and_types(crawled: Crawled) -> None:
    """Delimiter, Header, AllowSingleColumn and CustomDatatypes do what the model says (CsvClassifier)."""
    named = {"Name": "n", "Delimiter": "~", "ContainsHeader": "ABSENT", "Header": ["First", "Second"]}
    assert columns_of(crawled, "1~x\n2~y\n", CsvClassifier=named) == {"first": "bigint", "second": "string"}
    single = {"Name": "n", "AllowSingleColumn": True, "ContainsHeader": "PRESENT"}
    assert columns_of(crawled, "word\na\nb\n", CsvClassifier=single) == {"word": "string"}
    typed = {
        "Name": "n",
        "CustomDatatypeConfigured": True,
        "CustomDatatypes": ["INT", "DATE", "TIMESTAMP", "FLOAT"],
    }
    text = "i,d,t,f\n1,2024-01-31,2024-01-31 10:00:00,1.5\n2,2024-02-01,2024-02-01T11:00:00.5,2\n"
    assert columns_of(crawled, text, CsvClassifier=typed) == {
        "i": "int",
        "d": "date",
        "t": "timestamp",
        "f": "float",
    }


# --- JSON


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


# --- Parquet, ORC, Avro


def test_parquet_types() -> None:
    """Parquet's types become Glue's (glue-facts 6.7; int32 -> int, decimal(p,s), array, struct, map in Hive's
    syntax).
    """
    from glueprint.crawler.formats.arrow_types import columns_of as converted

    schema = pa.schema(
        {
            "I8": pa.int8(),
            "i32": pa.int32(),
            "i64": pa.int64(),
            "u32": pa.uint32(),
            "f": pa.float32(),
            "d": pa.float64(),
            "b": pa.bool_(),
            "s": pa.large_string(),
            "day": pa.date32(),
            "ts": pa.timestamp("us", tz="UTC"),
            "dec": pa.decimal128(12, 3),
            "bin": pa.binary(4),
            "l": pa.list_(pa.int32()),
            "st": pa.struct({"A": pa.int32(), "b": pa.list_(pa.string())}),
            "m": pa.map_(pa.string(), pa.float64()),
            "cat": pa.dictionary(pa.int8(), pa.string()),
            "time": pa.time64("us"),
        }
    )
    columns, notes = converted(schema)
    assert {name: str(kind) for name, kind in columns} == {
        "i8": "tinyint",
        "i32": "int",
        "i64": "bigint",
        "u32": "bigint",
        "f": "float",
        "d": "double",
        "b": "boolean",
        "s": "string",
        "day": "date",
        "ts": "timestamp",
        "dec": "decimal(12,3)",
        "bin": "binary",
        "l": "array<int>",
        "st": "struct<A:int,b:array<string>>",
        "m": "map<string,double>",
        "cat": "string",
        "time": "bigint",
    }
    assert notes == ()


def test_a_parquet_table_is_written_as_glue_writes_it(crawled: Crawled) -> None:
    """Formats, SerDe and counts come from the footer; names that clash in lower case are told (glue-facts 6.7)."""
    rows = 5
    content = parquet(a=list(range(rows)), A=[1.5] * rows, when=[datetime.date(2024, 1, 1)] * rows)
    result = crawled({"data/a.parquet": content})
    (table,) = result.tables
    assert dict(table.columns) == {"a": "bigint", "when": "date"}
    assert "'A' is dropped" in result.warnings[0]
    assert table.storage.input_format.endswith("MapredParquetInputFormat")
    assert dict(table.storage.serde_parameters) == {"serialization.format": "1"}
    assert dict(table.parameters)["recordCount"] == str(rows)
    assert dict(table.parameters)["sizeKey"] == str(len(content))


def test_orc(crawled: Crawled) -> None:
    """ORC is read from its footer (DG:add-classifier; classes as in the osm-pds tables that a crawler made)."""
    buffer = io.BytesIO()
    columns = {"Id": [1], "price": [decimal.Decimal("1.25")], "tags": [["x"]]}
    pyarrow.orc.write_table(pa.table(columns), buffer)
    table = table_of(crawled, buffer.getvalue())
    assert dict(table.columns) == {"id": "bigint", "price": "decimal(3,2)", "tags": "array<string>"}
    assert table.storage.serde == "org.apache.hadoop.hive.ql.io.orc.OrcSerde"
    assert table.classification == "orc"


def test_avro(crawled: Crawled) -> None:
    """Avro's schema stands in the SerDe and table parameters (dump of Amazon's flights table)."""
    schema = {
        "type": "record",
        "name": "r",
        "fields": [
            {"name": "Yr", "type": ["null", "int"]},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 8, "scale": 2}},
            {"name": "tags", "type": {"type": "map", "values": {"type": "array", "items": "string"}}},
            {"name": "kind", "type": {"type": "enum", "name": "k", "symbols": ["A"]}},
            {"name": "next", "type": ["null", "r"]},
        ],
    }
    buffer = io.BytesIO()
    record = {
        "Yr": 1,
        "at": datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
        "amount": decimal.Decimal("1.25"),
        "tags": {},
        "kind": "A",
        "next": None,
    }
    fastavro.writer(buffer, fastavro.parse_schema(schema), [record] * 7, codec="deflate")
    table = table_of(crawled, buffer.getvalue())
    assert dict(table.columns) == {
        "yr": "int",
        "at": "timestamp",
        "amount": "decimal(8,2)",
        "tags": "map<string,array<string>>",
        "kind": "string",
        "next": "string",
    }
    literal = dict(table.parameters)["avro.schema.literal"]
    assert dict(table.storage.serde_parameters) == {"avro.schema.literal": literal, "serialization.format": "1"}
    assert json.loads(literal)["fields"][0]["name"] == "Yr"
    assert dict(table.parameters)["recordCount"] == "7"


# --- Compression


def _zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("inside.csv", data)
    return buffer.getvalue()


def _arrow_compressed(codec: str) -> Callable[[bytes], bytes]:
    def compress(data: bytes) -> bytes:
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, codec) as stream:
            stream.write(data)
        return bytes(sink.getvalue())

    return compress


def _snappy_framed(data: bytes) -> bytes:
    body = pa.Codec("snappy").compress(data, asbytes=True)
    return b"\xff\x06\x00\x00sNaPpY\x00" + (len(body) + 4).to_bytes(3, "little") + b"\0\0\0\0" + body


def _snappy_hadoop(data: bytes) -> bytes:
    body = pa.Codec("snappy").compress(data, asbytes=True)
    return len(data).to_bytes(4, "big") + len(body).to_bytes(4, "big") + body


@pytest.mark.parametrize(
    ("compression", "suffix", "compress"),
    [
        ("gzip", "gz", gzip.compress),
        ("bzip2", "bz2", bz2.compress),
        ("zip", "zip", _zipped),
        ("zstd", "zst", _arrow_compressed("zstd")),
        ("lz4", "lz4", _arrow_compressed("lz4")),
        ("snappy", "sz", _snappy_framed),
        ("snappy", "snappy", _snappy_hadoop),
    ],
)
def test_compressed_text_is_seen_through(
    crawled: Crawled, compression: str, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    """Files in these compressions are classified, and ``compressionType`` says which (DG:add-classifier)."""
    table = table_of(crawled, compress(CSV.encode()), name=f"a.csv.{suffix}")
    assert table.columns == (("id", "bigint"), ("name", "string"), ("price", "double"))
    assert dict(table.parameters)["compressionType"] == compression


def test_different_compressions_do_not_share_a_table(crawled: Crawled) -> None:
    """Compression is part of data compatibility (DG:crawler-grouping-policy)."""
    result = crawled({"data/a.csv": CSV, "data/b.csv.gz": gzip.compress(CSV.encode())})
    assert [table.name for table in result.tables] == ["a_csv", "b_csv_gz"]


# --- XML, grok, what is refused

BOOKS = """<?xml version="1.0"?>
<catalog>
  <book id="1"><author>Rivera</author><price>1.5</price><tag>a</tag><tag>b</tag></book>
  <book id="2"><author lang="es">Stiles</author><price>2</price></book>
</catalog>"""


def test_xml_rows(crawled: Crawled) -> None:
    """Rows are the elements of the row tag; tags make the schema (DG:add-classifier, DG:custom-classifier)."""
    table = table_of(crawled, BOOKS, XMLClassifier={"Name": "n", "Classification": "books", "RowTag": "book"})
    assert dict(table.columns) == {
        "_id": "bigint",
        "author": "string",
        "price": "double",
        "tag": "array<string>",
    }
    assert table.classification == "books"
    assert dict(table.parameters)["rowTag"] == "book"
    assert dict(table_of(crawled, BOOKS).parameters)["rowTag"] == "book"


def test_grok(crawled: Crawled) -> None:
    """A grok pattern's fields are the columns, with their casts (DG:custom-classifier, the page's own example)."""
    definition = {
        "Name": "n",
        "Classification": "special-logs",
        "GrokPattern": r"%{TIMESTAMP_ISO8601:timestamp} \[%{MESSAGEPREFIX:message_prefix}\] "
        "%{CRAWLERLOGLEVEL:loglevel} : %{GREEDYDATA:message} %{NUMBER:num:int}",
        "CustomPatterns": "CRAWLERLOGLEVEL (BENCHMARK|ERROR|WARN|INFO|TRACE)\nMESSAGEPREFIX .*-.*-.*-.*-.*",
    }
    table = table_of(crawled, "2024-01-31T10:00:00Z [a-b-c-d-e] INFO : done 5\n" * 3, GrokClassifier=definition)
    assert dict(table.columns) == {
        "timestamp": "string",
        "message_prefix": "string",
        "loglevel": "string",
        "message": "string",
        "num": "int",
    }
    assert table.classification == "special-logs"
    assert table.storage.serde == "com.amazonaws.glue.serde.GrokSerDe"
    assert dict(table.storage.serde_parameters)["input.format"] == definition["GrokPattern"]


def test_a_certain_built_in_wins_over_an_uncertain_custom_one(crawled: Crawled) -> None:
    """Without certainty 1.0 from a custom classifier the built-in ones are asked (DG:add-classifier)."""
    definition = {"Name": "n", "Classification": "x", "GrokPattern": "^%{INT:number:int},"}
    assert table_of(crawled, CSV, GrokClassifier=definition).classification == "csv"
    assert table_of(crawled, "1,\nprose\n2,\n", GrokClassifier=definition).classification == "x"


@pytest.mark.parametrize(
    ("classifier", "words"),
    [
        ({"GrokClassifier": {"Name": "n", "Classification": "x", "GrokPattern": "%{NOPE:a}"}}, "'NOPE'"),
        ({"GrokClassifier": {"Name": "n", "Classification": "x", "GrokPattern": "%{INT:a:date}"}}, "'date'"),
        (
            {"GrokClassifier": {"Name": "n", "Classification": "x", "GrokPattern": "%{INT:a}("}},
            "regular expression",
        ),
        (
            {
                "GrokClassifier": {
                    "Name": "n",
                    "Classification": "x",
                    "GrokPattern": "%{A:a}",
                    "CustomPatterns": "A %{A}",
                }
            },
            "without end",
        ),
        ({"JsonClassifier": {"Name": "n", "JsonPath": "$.a[?(@.b)]"}}, "position 3"),
        ({"JsonClassifier": {"Name": "n", "JsonPath": "a"}}, "must begin with"),
        ({"Nonsense": {}}, "Nonsense"),
    ],
)
def test_classifiers_that_cannot_work_fail_the_crawl_in_words(
    crawled: Crawled, classifier: dict[str, Any], words: str
) -> None:
    """A classifier that cannot be used is the crawl's error, which says why (brief: errors are interface)."""
    error = crawled({"data/a": CSV}, classifiers=(classifier,)).error
    assert error is not None
    assert words in error


def test_every_grok_pattern_compiles() -> None:
    """Each of the built-in pattern names can be used (DG:custom-classifier, list of built-in patterns)."""
    from glueprint.crawler.formats.grok import GrokPattern
    from glueprint.crawler.formats.grok_patterns import BUILT_IN_PATTERNS

    for name in BUILT_IN_PATTERNS:
        assert GrokPattern.compile(f"%{{{name}:field}}").fields[0][0] == "field"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("IP", "10.0.0.255"),
        ("IP", "fe80::1"),
        ("IP", "2001:0db8:0:0:0:0:0:1"),
        ("HTTPDATE", "10/Oct/2000:13:55:36 -0700"),
        ("TIMESTAMP_ISO8601", "2024-01-31 10:00:00.123+01:00"),
        ("QS", r'"with \" inside"'),
        ("UUID", "661311a4-a3bd-4dd1-877c-65e76fe064a6"),
        ("URI", "https://user@example.org:8080/a/b?c=d&e"),
        ("SYSLOGTIMESTAMP", "Feb 1 06:25:43"),
        ("LOGLEVEL", "WARNING"),
        ("HOSTNAME", "example.org"),
        ("COMMONAPACHELOG", '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326'),
    ],
)
def test_grok_patterns_match_what_they_are_named_after(pattern: str, text: str) -> None:
    """Built-in patterns match whole samples of their kind (names: DG:custom-classifier)."""
    from glueprint.crawler.formats.grok import GrokPattern

    assert GrokPattern.compile(f"^%{{{pattern}}}$").expression.search(text)


def test_ion_and_bson_are_refused_by_name(crawled: Crawled) -> None:
    """Formats that Glue knows and we do not are named in the warning (issue 6: ion refused by name)."""
    assert "Amazon Ion" in warning_of(crawled, b"\xe0\x01\x00\xea\x0f")
    document = b"\x10\x00\x00\x00\x10a\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"
    assert "BSON" in warning_of(crawled, document)
