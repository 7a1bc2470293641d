"""SerDes and file formats of tables (docs/facts/crawlers.md#formats)."""

from __future__ import annotations

import pytest

from glueprint.facts.serdes import DEFAULT_SERDES, TEXT_INPUT, TEXT_OUTPUT, file_formats


@pytest.mark.parametrize("classification", ["csv", "json"])
def test_formats_of_lines_are_hadoops_text_formats(classification: str) -> None:
    """Tables of CSV and JSON files are read line by line (developer guide, "Creating tables")."""
    formats = file_formats(DEFAULT_SERDES[classification])
    assert (formats.input_format, formats.output_format) == (TEXT_INPUT, TEXT_OUTPUT)


@pytest.mark.parametrize("classification", ["parquet", "orc", "avro"])
def test_binary_formats_have_their_own(classification: str) -> None:
    """Input and output format belong to the SerDe's package in Hive."""
    formats = file_formats(DEFAULT_SERDES[classification])
    assert classification in formats.input_format
    assert formats.input_format.endswith("InputFormat")
    assert formats.output_format.endswith("OutputFormat")
