"""XML text as records (developer guide, "Using the XML format in AWS Glue"; databricks/spark-xml, README)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.runtime.frames.json_text import Malformed
from glueprint.runtime.frames.xml_text import MAX_LEVELS, XmlRows

BOOKS = """<?xml version="1.0" encoding="UTF-8"?>
<catalog>
  <book id="bk1"><title lang="en">A &amp; B</title><price>44.95</price><stock>7</stock><author>x</author></book>
  <book id="2"><title>C</title><price>5</price><sold>true</sold><author>x</author><author>y</author><note/></book>
</catalog>"""


def test_rows_of_one_tag() -> None:
    """Attributes have a prefix, text next to attributes is ``_VALUE``, repeated elements are a list, each text has
    its own type; the rest of the document is passed over."""
    assert list(XmlRows("book")(BOOKS)) == [
        {"_id": "bk1", "title": {"_lang": "en", "_VALUE": "A & B"}, "price": 44.95, "stock": 7, "author": "x"},
        {"_id": 2, "title": "C", "price": 5, "sold": True, "author": ["x", "y"], "note": None},
    ]
    assert list(XmlRows("title")(BOOKS)) == [{"_lang": "en", "_VALUE": "A & B"}, {"_VALUE": "C"}]
    assert list(XmlRows("magazine")(BOOKS)) == []


@pytest.mark.parametrize(
    ("options", "body", "record"),
    [
        ({"prefix": "@"}, '<r a="1"><b>x</b></r>', {"@a": 1, "b": "x"}),
        ({"prefix": None}, '<r a="1"><b c="2">x</b></r>', {"b": "x"}),
        ({"value_tag": "text"}, '<r><b c="2">x</b></r>', {"b": {"_c": 2, "text": "x"}}),
        ({}, "<r><b> 1 </b></r>", {"b": " 1 "}),
        ({"trims": True}, "<r><b> 1 </b></r>", {"b": 1}),
        ({}, "<r><b>  </b></r>", {"b": "  "}),
        ({"blank_is_null": True}, "<r><b>  </b></r>", {"b": None}),
        ({}, "<r><b><![CDATA[<i>]]></b></r>", {"b": "<i>"}),
        ({}, "<r><r><a>1</a></r></r>", {"r": {"a": 1}}),
        ({}, '<r xmlns:x="urn:x"><x:a>1</x:a></r>', {"_xmlns:x": "urn:x", "x:a": 1}),
        ({}, f"<r><b>{1 << 70}</b><c>1e3</c><d>12a</d></r>", {"b": float(1 << 70), "c": 1000.0, "d": "12a"}),
    ],
)
def test_options_and_texts(options: dict[str, Any], body: str, record: dict[str, Any]) -> None:
    """Each option of the guide; names keep the prefix of their namespace, rows within rows belong to the outer."""
    assert list(XmlRows("r", **options)(f"<all>{body}</all>")) == [record]


def test_rows_without_content_are_left_out() -> None:
    """"Row tags cannot be self-closing" (guide)."""
    assert list(XmlRows("r")("<all><r/><r a='1'/><r><a>1</a></r></all>")) == [{"a": 1}]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<all><r><a>1</a></r><r><a>2</a>", "no element found"),
        ("<all><r><a>1</a></r></b>", "mismatched tag"),
        ("<!DOCTYPE all [<!ENTITY a 'b'>]><all><r><a>1</a></r></all>", "the entity 'a', which is not followed"),
        ("<all><r><a>1</a></r><r>" + "<b>" * MAX_LEVELS, "nested more than 200 levels deep"),
    ],
)
def test_what_is_not_xml_is_an_error_after_the_rows_before_it(text: str, reason: str) -> None:
    """As for JSON, records before the error are read; entities cannot grow a file beyond its size."""
    *rows, last = XmlRows("r")(text)
    assert isinstance(last, Malformed)
    assert reason in last.reason
    assert rows == ([] if "ENTITY" in text else [{"a": 1}])


@given(st.text(alphabet="<>/=\"'&;! ar1\n", max_size=60))
def test_any_text_gives_records_or_one_error(text: str) -> None:
    """No other exception leaves the parser."""
    found = list(XmlRows("r")(f"<a>{text}</a>"))
    assert all(isinstance(one, dict) for one in found[:-1])
