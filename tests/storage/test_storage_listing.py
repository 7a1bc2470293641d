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
from glueprint.runtime.storage.folder_listing import list_folders
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.s3_paths import S3Path, list_objects, list_places, spark_uri

WRITTEN = datetime(2024, 1, 2, tzinfo=UTC)


class Bucket:
    """As much of a boto3 client as a listing needs; there is one bucket, ``b``."""

    class exceptions:  # noqa: N801 - boto3's name
        """Errors by name."""

        class NoSuchBucket(Exception):
            """There is no such bucket."""

    def __init__(self, *keys: str) -> None:
        self.keys = sorted(keys)
        self.page_size, self.requests = 1000, 0

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

    def list_objects_v2(self, Bucket: str, Prefix: str, StartAfter: str) -> dict[str, Any]:  # noqa: N803
        """A page of at most :attr:`page_size` keys."""
        if Bucket != "b":
            raise self.exceptions.NoSuchBucket
        self.requests += 1
        keys = [one for one in self.keys if one.startswith(Prefix) and one > StartAfter]
        page = keys[: self.page_size]
        entries = [{"Key": one, "Size": 1, "LastModified": WRITTEN, "ETag": '"e"'} for one in page]
        return {"Contents": entries, "IsTruncated": len(keys) > self.page_size}

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


def test_several_slashes_in_a_path_are_one() -> None:
    """``f"{folder}/{name}"`` with a folder that ends with a slash: Hadoop's Path, through which Spark and Glue
    read, keeps one of them."""
    bucket = Bucket("in/x.csv", "in/deep/y.csv")
    assert bucket.found("s3://b/in//x.csv") == ["in/x.csv"]
    assert set(bucket.found("s3://b//in//")) == {"in/x.csv", "in/deep/y.csv"}
    assert bucket.found("s3://b//in///*.csv") == ["in/x.csv"]


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


def test_many_partitions_are_listed_with_few_requests() -> None:
    """A page of ListObjectsV2 has 1,000 keys (S3 API reference): 2,000 partitions of two files take as many
    requests as their files need, and not one each.
    """
    folders = [f"t/day={at:05d}/" for at in range(2_000)]
    bucket = Bucket(*(f"{folder}{name}" for folder in folders for name in ("a", "b")))
    found = list(list_places(lambda: bucket, [f"s3://b/{one}" for one in folders], recurse=True))
    assert [[one.key for one in objects] for objects in found] == [[f"{one}a", f"{one}b"] for one in folders]
    assert bucket.requests == 4


NAMES = st.sampled_from(["a", "b", "a-b", "a!", "a/b", "a/b/c", "b/é", "k=1", "_x"])


KEYS = st.lists(st.tuples(NAMES, NAMES), max_size=60)


@given(st.lists(NAMES, max_size=30), KEYS, st.integers(1, 5))
def test_folders_listed_together_are_complete(
    paths: list[str], keys: list[tuple[str, str]], page_size: int
) -> None:
    """Whatever the folders, within each other or far apart, each has exactly the entries below it."""
    bucket = Bucket(*{f"t/{folder}/{name}" for folder, name in keys})
    bucket.page_size = page_size
    folders = [f"t/{one}/" for one in paths]
    for folder, entries in list_folders(bucket, "b", folders).items():
        assert [one["Key"] for one in entries] == [one for one in bucket.keys if one.startswith(folder)]
    assert bucket.requests <= len(set(folders)) + len(bucket.keys) / page_size + 1


PATHS = st.lists(NAMES | st.tuples(NAMES, NAMES).map("/".join), min_size=25, max_size=40)


@given(PATHS, KEYS)
def test_places_are_listed_as_each_for_itself(paths: list[str], keys: list[tuple[str, str]]) -> None:
    """Objects, folders, hidden names, repeated and nested places: the same objects as single listings find. A name
    is an object or a folder (docs/decisions/s3-storage.md, ``KeyConflict``).
    """
    every = {f"t/{folder}/{name}" for folder, name in keys}
    bucket = Bucket(*(one for one in every if not any(other.startswith(f"{one}/") for other in every)))
    bucket.page_size = 7
    uris = [f"s3://b/t/{one}{'/' * (at % 2)}" for at, one in enumerate(paths)]
    for recurse in (True, False):
        together = list(list_places(lambda: bucket, uris, recurse=recurse))
        assert together == [list_objects(lambda: bucket, [one], recurse=recurse) for one in uris]


def test_a_bucket_that_is_not_there() -> None:
    """S3's own error name, and which bucket."""
    with pytest.raises(StorageError, match="NoSuchBucket"):
        list(list_places(lambda: Bucket(), [f"s3://other/{at}" for at in range(30)], recurse=True))
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
