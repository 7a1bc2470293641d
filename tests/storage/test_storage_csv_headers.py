"""CSV files whose columns change: values stay under their own names, or the read is refused.

Glue documents no rule for its readers; Glueprint's is in docs/fidelity/storage.md.
"""

from __future__ import annotations

import gzip

import pytest
from harness.storage_lake import Lake, rows

from glueprint.runtime.storage.errors import StorageError

pytestmark = pytest.mark.spark

_ONE = "id,name\n1,a\n2,\n"
_TWO = 'id,"qty",name\n3,7,c\n'
_EXPECTED = [
    {"id": "1", "name": "a", "qty": None},
    {"id": "2", "name": "", "qty": None},
    {"id": "3", "name": "c", "qty": "7"},
]


def test_values_stay_under_the_names_of_their_files_header(lake: Lake) -> None:
    """A column in the middle that only one file has: null in the other's records; an empty cell is an empty text.
    The first file's columns come first; compressed files, one with a byte order mark, an empty file.
    """
    lake.put("in/1.csv", "\ufeff" + _ONE)
    lake.put("in/2.csv.gz", gzip.compress(_TWO.encode()))
    lake.put("in/3.csv", "")
    frame = lake.read("s3", "csv", {"withHeader": True}, paths=[lake.uri("in/")])
    assert frame.schema.names == ["id", "name", "qty"]
    assert sorted(rows(frame), key=lambda row: row["id"]) == _EXPECTED


def test_columns_that_differ_only_in_case_are_renamed_with_a_note(
    lake: Lake, capfd: pytest.CaptureFixture[str]
) -> None:
    """Spark takes them for one name; Glue's records would not. Each gets its place, and the log states it once."""
    for name in ("1", "2"):
        lake.put(f"in/{name}.csv", "cnpj,CNPJ,x\n1,2,3\n")
    frame = lake.read("s3", "csv", {"withHeader": True}, paths=[lake.uri("in/")])
    assert frame.schema.names == ["cnpj0", "CNPJ1", "x"]
    assert capfd.readouterr().err.count("cnpj is cnpj0, CNPJ is CNPJ1") == 1


def test_a_tables_columns_are_found_by_name(lake: Lake) -> None:
    """From the catalog too, in any order and case; a column that the table does not have is left out."""
    lake.put("t/1.csv", _ONE)
    lake.put("t/2.csv", _TWO)
    lake.put("t/3.csv", "NAME,ID,qty,extra\nd,4,8,x\n")
    header = {"skip.header.line.count": "1"}
    lake.table("t", "csv", {"id": "bigint", "name": "string", "qty": "int"}, parameters=header)
    found = sorted(rows(lake.read_table("t")), key=lambda row: row["id"])
    assert [tuple(row.values()) for row in found] == [
        (1, "a", None),
        (2, "", None),
        (3, "c", 7),
        (4, "d", 8),
    ]


def test_renamed_columns_go_by_position(lake: Lake) -> None:
    """A table whose columns were renamed in the catalog, over files with one header."""
    lake.put("t/1.csv", _ONE)
    lake.table("t", "csv", {"key": "bigint", "name": "string"}, parameters={"skip.header.line.count": "1"})
    assert [tuple(row.values()) for row in rows(lake.read_table("t"))] == [(1, "a"), (2, "")]


def test_headers_that_do_not_fit_are_refused_with_the_files(lake: Lake) -> None:
    """Else values would get other columns' names."""
    lake.put("t/1.csv", _ONE)
    lake.put("t/2.csv", "id,city\n3,x\n")
    lake.table("t", "csv", {"id": "bigint", "name": "string"}, parameters={"skip.header.line.count": "1"})
    with pytest.raises(StorageError, match=r"the header id, city of s3://\S+/t/2\.csv does not fit .* id, name"):
        lake.read_table("t")


def test_a_cell_that_a_line_lacks_is_null(lake: Lake) -> None:
    """As for Hive's SerDes, and so for Spark SQL over the same table; an empty cell is an empty text for both."""
    lake.put("t/1.csv", '1,"x,y"\n2,,\n3,,z\n4,a,b,c\n')
    lake.table("t", "csv", {"id": "bigint", "a": "string", "b": "string"}, serde={"field.delim": ","})
    found = sorted(rows(lake.read_table("t")), key=lambda row: row["id"])
    assert [tuple(row.values()) for row in found] == [
        (1, "x,y", None),
        (2, "", ""),
        (3, "", "z"),
        (4, "a", "b"),
    ]
