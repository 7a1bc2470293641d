"""Error messages within the limits of the service model, or of Glueprint where it has none."""

from __future__ import annotations

import pytest
from botocore.session import get_session

from glueprint.facts.long_text import MAX_DESCRIPTION_LENGTH, description, shortened


@pytest.mark.parametrize(("length", "limit"), [(0, 100), (100, 100), (101, 100), (5_000_000, 10_000)])
def test_a_text_keeps_its_start_and_its_end_within_the_limit(length: int, limit: int) -> None:
    """What was left out is counted; a text within the limit is not changed."""
    text = ("start" + "." * length + "end")[:length] if length < 101 else "start" + "." * (length - 8) + "end"
    found = shortened(text, limit)
    assert len(found) <= limit
    if length <= limit:
        assert found == text
    else:
        assert (found[:5], found[-3:]) == ("start", "end")
        assert f" of {length:,} characters left out" in found


def test_a_description_is_what_the_service_model_allows() -> None:
    """ErrorMessage of crawls: at most 2,048 characters, no control characters but CR, LF, TAB (model)."""
    shape = get_session().get_service_model("glue").shape_for("Crawl").members["ErrorMessage"]
    assert (shape.name, shape.metadata["max"]) == ("DescriptionString", MAX_DESCRIPTION_LENGTH)
    assert description("a\x1b[31m\0b\tc\nd\ud800\U0001f600") == "a\\x1b[31m\\x00b\tc\nd\\ud800\U0001f600"
    assert len(description("\0" * 5_000)) == MAX_DESCRIPTION_LENGTH
