"""XML and grok, custom classifiers that cannot work, files that nothing recognises (DG:custom-classifier)."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import Any

import pytest
from crawler_files import CSV, Crawled, table_of, warning_of
from crawler_trees import parquet

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


def test_xml_tags_that_repeat_in_some_rows_are_arrays(crawled: Crawled) -> None:
    """A tag that stands once in one row and twice in another is an array, at any depth (choice:
    docs/fidelity/crawler.md).
    """
    rows = "<row><a>1</a><b><c>x</c></b></row><row><a>2</a><a>3.5</a><b><c>y</c><c>z</c></b></row><row/>"
    assert dict(table_of(crawled, f"<r>{rows}</r>").columns) == {
        "a": "array<double>",
        "b": "struct<c:array<string>>",
    }


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
    """Without certainty 1.0 from a custom classifier the built-in ones are tried (DG:add-classifier)."""
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
        ({"CsvClassifier": {"Name": "n", "Delimiter": "|", "QuoteSymbol": "|"}}, "different from the column"),
        ({"CsvClassifier": {"Name": "n", "CustomDatatypes": ["INT", "MONEY"]}}, "CustomDatatypes MONEY"),
        ({"JsonClassifier": {"Name": "n", "JsonPath": "a"}}, "must begin with"),
        ({"Nonsense": {}}, "Nonsense"),
    ],
)
def test_classifiers_that_cannot_work_fail_the_crawl_in_words(
    crawled: Crawled, classifier: dict[str, Any], words: str
) -> None:
    """A classifier that cannot be used is the crawl's error, which says why."""
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
    """Formats that Glue knows and we do not are named in the warning (ion refused by name)."""
    assert "Amazon Ion" in warning_of(crawled, b"\xe0\x01\x00\xea\x0f")
    document = b"\x10\x00\x00\x00\x10a\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"
    assert "BSON" in warning_of(crawled, document)


def test_grok_takes_lines_and_digits_as_hadoop_and_java_do(crawled: Crawled) -> None:
    """A form feed ends no line, and ``\\d`` is no Arabic digit (Hadoop's text reader; Java's expressions)."""
    definition = {"Name": "n", "Classification": "x", "GrokPattern": "^%{INT:number:int} %{GREEDYDATA:text}$"}
    table = table_of(crawled, "1 a\x0cb\u2028c\n2 d\n", GrokClassifier=definition)
    assert dict(table.parameters)["recordCount"] == "2"
    assert not crawled({"data/a": "\u0661 a\n" * 3}, classifiers=({"GrokClassifier": definition},)).tables


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("a.csv")
        member.size = len(CSV)
        archive.addfile(member, io.BytesIO(CSV.encode()))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (CSV.encode("utf-16"), "UTF-16"),
        (CSV.encode("utf-16-be"), "UTF-16"),
        (b"name\nann\nbob\n", "AllowSingleColumn"),
        (b"id,name\n", "a single line"),
        (b"a,b,c\n1,2\n3\n4,5,6,7\n", "different numbers of columns"),
        (b"\n\n", "no lines"),
        (gzip.compress(parquet(a=[1]), mtime=0), "Parquet within gzip"),
        (_tar(), "tar archive"),
        (bytes(range(256)), "binary data"),
        (b"\0\1", "binary data"),
        (b'<r><row id="1"/><row id="2"/></r>', "XML"),
    ],
)
def test_warnings_describe_unknown_files(crawled: Crawled, content: bytes, words: str) -> None:
    """UNKNOWN alone helps no one: the warning contains the reason."""
    warning = warning_of(crawled, content)
    assert "(UNKNOWN)" in warning
    assert words in warning
