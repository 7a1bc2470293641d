"""What the CSV classifiers see: delimiters, headers, types, quotes (DG:add-classifier, DG:custom-classifier)."""

from __future__ import annotations

import pytest
from crawler_files import CSV, Crawled, columns_of, table_of, warning_of


def test_csv_types_are_bigint_double_boolean_string(crawled: Crawled) -> None:
    """CSV columns are bigint, double, boolean or string; dates stay string (docs/facts/crawlers.md#csv)."""
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
    """The five delimiters are detected and written to the table (DG:add-classifier, built-in CSV classifier)."""
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
    """The built-in classifier keeps LazySimpleSerDe for quoted data, with a warning (DG:add-classifier, note)."""
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


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_only_line_ends_end_lines(crawled: Crawled, separator: str) -> None:
    """Form feeds and Unicode's separators are data, as for Hadoop's text reader, which splits at CR and LF."""
    assert columns_of(crawled, f"id,text\n1,a{separator}b\n2,c\n") == {"id": "bigint", "text": "string"}


def test_digits_of_other_scripts_are_text(crawled: Crawled) -> None:
    """Hive reads ASCII digits as numbers and no others (choice: docs/fidelity/crawler.md)."""
    assert columns_of(crawled, "id,n\n1,\u0661\n2,\u0662\n") == {"id": "bigint", "n": "string"}


def test_decimal_is_chosen_where_it_is_allowed(crawled: Crawled) -> None:
    """A number is DECIMAL when that is among CustomDatatypes, and no other number is (service model)."""
    typed = {"Name": "n", "CustomDatatypeConfigured": True, "CustomDatatypes": ["DECIMAL", "LONG"]}
    assert columns_of(crawled, "a,b\n1.25,1\n2,2\n", CsvClassifier=typed) == {"a": "decimal(38,18)", "b": "bigint"}


def test_a_quote_that_never_closes_swallows_no_rows(crawled: Crawled) -> None:
    """All rows decide, those behind a stray quote too; one within a value, or around line ends, is none
    (LazySimpleSerDe reads no quotes).
    """
    assert columns_of(crawled, 'id,name\n1,"open\n2,b\nx,c\n') == {"col0": "string", "col1": "string"}
    assert columns_of(crawled, 'id,name\n1,5" pipe\n2,b\n') == {"id": "bigint", "name": "string"}
    assert columns_of(crawled, 'id,name\n1,"two\nlines"\n2,b\n') == {"id": "bigint", "name": "string"}


def test_of_two_regular_delimiters_the_one_that_makes_numbers_counts(crawled: Crawled) -> None:
    """A comma in every line of tab-separated text splits it as regularly as the tab (choice:
    docs/fidelity/crawler.md).
    """
    assert columns_of(crawled, "id\tname, full\n1\ta, b\n2\tc, d\n") == {"id": "bigint", "name, full": "string"}
    assert columns_of(crawled, "id,name|x\n1,a|b\n2,c|d\n") == {"id": "bigint", "name|x": "string"}
