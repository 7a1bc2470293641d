"""Which objects a source's paths and options mean; no Spark, a bucket made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.runtime.s3objects import S3Object
from glueprint.runtime.storage.errors import BadOption, StorageError
from glueprint.runtime.storage.file_options import Bounds, FileOptions
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.s3_paths import S3Path, list_objects, spark_uri

WRITTEN = datetime(2024, 1, 2, tzinfo=UTC)


class Bucket:
    """As much of a boto3 client as a listing needs; there is one bucket, ``b``."""

    class exceptions:  # noqa: N801 - boto3's name
        """Errors by name."""

        class NoSuchBucket(Exception):
            """There is no such bucket."""

    def __init__(self, *keys: str) -> None:
        self.keys = sorted(keys)

    def get_paginator(self, operation: str) -> Bucket:
        """The pages of ``list_objects_v2``."""
        assert operation == "list_objects_v2"
        return self

    def paginate(self, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's names
        """A key on each page."""
        if Bucket != "b":
            raise self.exceptions.NoSuchBucket
        for key in self.keys:
            if key.startswith(Prefix):
                yield {"Contents": [{"Key": key, "Size": 1, "LastModified": WRITTEN, "ETag": '"e"'}]}
        yield {}

    def found(self, *paths: str, recurse: bool = True) -> list[str]:
        """The keys that paths mean."""
        return [one.key for one in list_objects(lambda: self, paths, recurse=recurse)]


def test_a_path_is_a_folder_or_an_object() -> None:
    """As for Hadoop, which Glue's readers are made of: a name's beginning is no path."""
    bucket = Bucket("year/a", "year/sub/b", "year2/c", "top")
    assert bucket.found("s3://b/year") == ["year/a", "year/sub/b"]
    assert bucket.found("s3a://b/year/", recurse=False) == ["year/a"]
    assert bucket.found("s3://b/year2/c", "s3://b/year2/") == ["year2/c"]
    assert bucket.found("s3://b/", recurse=False) == ["top"]
    assert bucket.found("s3://b/nowhere") == []


def test_what_is_hidden_is_no_data() -> None:
    """Hadoop's hidden files and markers of folders; a partition folder may begin with an underscore."""
    bucket = Bucket("t/_SUCCESS", "t/.crc", "t/_tmp/x", "t/a_$folder$", "t/sub/", "t/_p=1/a", "t/b")
    assert bucket.found("s3://b/t") == ["t/_p=1/a", "t/b"]


def test_paths_with_wildcards() -> None:
    """Hadoop's wildcards name folders or objects; ``*`` stays within one name."""
    bucket = Bucket("t/2024/01/a.json", "t/2024/02/b.json", "t/2025/01/c.json", "t/d.json")
    assert bucket.found("s3://b/t/2024/*/") == ["t/2024/01/a.json", "t/2024/02/b.json"]
    assert bucket.found("s3://b/t/{2024,2025}/01/*.json") == ["t/2024/01/a.json", "t/2025/01/c.json"]
    assert bucket.found("s3://b/t/*", recurse=False) == ["t/d.json"]


def test_a_bucket_that_is_not_there() -> None:
    """S3's own error name, and which bucket."""
    with pytest.raises(StorageError, match="NoSuchBucket: the specified bucket does not exist: s3://other"):
        Bucket().found("s3://other/x")
    with pytest.raises(StorageError, match="is not an S3 path"):
        S3Path.parse("http://b/x")


def test_files_of_this_machine(tmp_path: Path) -> None:
    """The connection type ``file`` reads paths of the machine, without asking S3."""
    (tmp_path / "sub").mkdir()
    for name in ("a.csv", "_hidden", "sub/b.csv"):
        (tmp_path / name).write_text("x")

    def unasked() -> Any:
        raise AssertionError("S3 is not called")

    flat = list_objects(unasked, [f"file://{tmp_path}"], recurse=False)
    assert [spark_uri(one) for one in flat] == [f"file:{tmp_path}/a.csv"]
    assert len(list_objects(unasked, [str(tmp_path)], recurse=True)) == 2
    assert [one.size for one in list_objects(unasked, [str(tmp_path / "a.csv")], recurse=False)] == [1]


def s3_object(key: str, modified: float = 0, size: int = 1) -> S3Object:
    """An object of the bucket ``b``."""
    return S3Object("b", key, size, modified)


@pytest.mark.parametrize("pattern", ['["**.pdf"]', ["s3://b/t/x/**"], "t/x/*.pdf", ["x/*"]])
def test_exclusions_match_address_key_or_path(pattern: object) -> None:
    """AWS's examples have patterns of each kind ("S3 connection option reference"; tables that crawlers made)."""
    is_excluded = FileOptions.of(Options({"exclusions": pattern}), recurse=True).is_excluded()
    assert is_excluded(s3_object("t/x/a.pdf"), "x/a.pdf")
    assert not is_excluded(s3_object("t/y/a.txt"), "y/a.txt")


def test_options_that_cannot_be_used() -> None:
    """The error names the option, its value, and what it must be."""
    with pytest.raises(StorageError, match=r"option 'exclusions': .* opening bracket"):
        FileOptions.of(Options({"exclusions": ["[a"]}), recurse=True).is_excluded()
    with pytest.raises(BadOption, match="option 'groupFiles': 'all' is not one of"):
        FileOptions.of(Options({"groupFiles": "all"}), recurse=True)
    with pytest.raises(BadOption, match="option 'boundedFiles': '-1' is not a whole number"):
        FileOptions.of(Options({"boundedFiles": "-1"}), recurse=True)
    with pytest.raises(BadOption, match="option 'recurse': 'yes' is not true or false"):
        FileOptions.of(Options({"recurse": "yes"}), recurse=True)
    with pytest.raises(BadOption, match="option 'paths': 1 is not a list of strings"):
        Options({"paths": 1}).texts("paths")
    with pytest.raises(StorageError, match="a sink needs the option 'path'"):
        Options({}).required("path", "a sink")


def test_options_are_found_in_any_case() -> None:
    """Amazon's pages write ``dbtable`` and ``dbTable``, ``multiLine`` and ``multiline``; exact names win."""
    options = Options({"dbTable": "t", "a": 1, "A": 2})
    assert (options.text("dbtable"), options["a"], options["A"]) == ("t", 1, 2)
    assert dict(options.merged({"DBTABLE": "u"}))["dbTable"] == "u"
    assert Options({"x": '["a", "b"]'}).texts("x") == ("a", "b")


OBJECTS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 50)), max_size=12
).map(lambda found: [s3_object(f"k{at}", modified, size) for at, (modified, size) in enumerate(found)])


@given(OBJECTS, st.none() | st.integers(1, 10), st.none() | st.integers(1, 120))
def test_bounds_take_the_oldest_that_fit(objects: list[S3Object], files: int | None, size: int | None) -> None:
    """``boundedFiles`` and ``boundedSize``: no more than fit, but always one; nothing older is left behind
    ("Workload partitioning with bounded execution").
    """
    taken = Bounds(files, size).limit(objects)
    left = [one for one in objects if one not in taken]
    assert taken == [one for one in objects if one in taken]
    assert bool(taken) == bool(objects)
    assert files is None or len(taken) <= files
    assert size is None or len(taken) <= 1 or sum(one.size for one in taken) <= size
    assert not left or not taken or max(one.modified for one in taken) <= min(one.modified for one in left)
    assert left == [] or files is not None or size is not None


def test_files_are_read_in_groups() -> None:
    """``groupFiles``, ``groupSize``: without a size, groups that use all cores; above 50,000 files always
    (developer guide, "Reading input files in larger groups").
    """

    def groups(files: int, **options: Any) -> int | None:
        return FileOptions.of(Options(options), recurse=True).groups(files, size=3 << 20, cores=4)

    assert groups(1000) is None
    assert groups(1000, groupFiles="inPartition") == 4
    assert groups(1000, groupFiles="inPartition", groupSize="1048576") == 3
    assert groups(1000, groupFiles="none") is None
    assert groups(60_000) == 4
    assert groups(60_000, groupFiles="none") is None
