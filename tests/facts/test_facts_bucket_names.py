"""S3's rules for the names of buckets: which one a name breaks, as text."""

from __future__ import annotations

import pytest

from glueprint.facts.bucket_names import bucket_name_problem


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("ab", "it has 2 characters"),
        ("t", "it has 1 character"),
        ("a" * 64, "it has 64 characters"),
        ("", "it has 0 characters"),
        ("My_Bucket", "it has other characters: 'M' '_' 'B'"),
        ("MyBucket", "it has capital letters: 'M' 'B'"),
        ("a b", "it has other characters: ' '"),
        ("-abc", "it starts with a hyphen"),
        ("abc.", "it ends with a dot"),
        ("a..b", "it has two dots in a row"),
        ("192.168.5.4", "it has the form of an IP address"),
        ("xn--abc", "names that start with 'xn--' are reserved"),
        ("shop--ol-s3", "names that end with '--ol-s3' are reserved"),
        ("shop.raw-1", None),
        ("amzn-s3-demo-bucket", None),
    ],
)
def test_the_rule_that_a_name_breaks(name: str, problem: str | None) -> None:
    """The rules of "General purpose bucket naming rules" (Amazon S3 user guide)."""
    assert bucket_name_problem(name) == problem
