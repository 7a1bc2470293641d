"""Properties of grouping, whatever the tree (docs/decisions/crawler-grouping.md)."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from glueprint.crawler.grouping import Grouping, grouped
from glueprint.crawler.inspection import Columns, CrawledFile, FileFormat, FileSchema, Inspection
from glueprint.crawler.similarity import SIMILAR, similarity
from glueprint.crawler.specification import ObjectEntry
from glueprint.facts.hive_types import BIGINT, STRING

NAMES = st.sampled_from(["a", "b", "x=1", "x=2", "y=1"])
SHAPES = st.builds(
    lambda classification, columns: FileSchema(
        FileFormat(classification, "none", ""), tuple((name, BIGINT) for name in sorted(columns))
    ),
    st.sampled_from(["csv", "json"]),
    st.sampled_from([{"p", "q"}, {"p", "q", "r", "s"}, {"p", "q", "r", "t"}, {"z"}]),
)
FILES = st.dictionaries(
    st.lists(NAMES, max_size=3).map(lambda folders: "/".join([*folders, "f"])), SHAPES, min_size=1, max_size=12
).map(
    lambda tree: [
        CrawledFile(ObjectEntry(path, 1, 1.0, ""), path, Inspection(shape, 1, 1, "c"))
        for path, shape in tree.items()
    ]
)
OPTIONS = st.builds(
    Grouping, base_level=st.just(2), combine=st.booleans(), table_level=st.one_of(st.none(), st.integers(1, 5))
)
COLUMNS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([BIGINT, STRING]), max_size=6).map(
    lambda columns: tuple(columns.items())
)


@given(FILES, OPTIONS, st.randoms(use_true_random=False))
def test_every_file_is_in_one_table_whatever_the_order(
    files: list[CrawledFile], how: Grouping, shuffled: random.Random
) -> None:
    """Grouping loses no file, takes none twice, and does not hang on the listing's order."""
    tables = grouped(files, how)
    assert sorted(file.relative for table in tables for file in table.files) == sorted(
        file.relative for file in files
    )
    assert len({(table.folder, table.is_file) for table in tables}) == len(tables)
    mixed = list(files)
    shuffled.shuffle(mixed)
    assert {(table.folder, frozenset(f.relative for f in table.files)) for table in grouped(mixed, how)} == {
        (table.folder, frozenset(f.relative for f in table.files)) for table in tables
    }


@given(FILES, OPTIONS)
def test_a_table_has_one_layout_and_one_depth(files: list[CrawledFile], how: Grouping) -> None:
    """Files of a table are read alike and lie equally deep below it (DG:crawler-grouping-policy,
    compatibility).
    """
    for table in grouped(files, how):
        assert len({file.schema.file_format for file in table.files}) == 1
        if table.is_file:
            assert [file.relative for file in table.files] == ["/".join(table.folder)]
        else:
            assert {len(file.folders) for file in table.files} == {len(table.folder) + table.levels}
            assert {file.folders[: len(table.folder)] for file in table.files} == {table.folder}


@given(FILES)
def test_combining_never_makes_more_tables_of_one_format(files: list[CrawledFile]) -> None:
    """Where everything is compatible, CombineCompatibleSchemas makes one table (DG:crawler-grouping-policy)."""
    deep = [file for file in files if len(file.folders) == 1 and file.schema.file_format.classification == "csv"]
    if deep:
        assert len(grouped(deep, Grouping(2, combine=True))) == 1


@given(COLUMNS, COLUMNS)
def test_similarity_is_a_symmetric_share(left: Columns, right: Columns) -> None:
    """Similarity lies between 0 and 1, does not depend on sides, and is 1 for equal schemas."""
    assert 0 <= similarity(left, right) <= 1
    assert similarity(left, right) == similarity(right, left)
    assert similarity(left, left) == 1


def test_the_threshold_is_exclusive() -> None:
    """Seven of ten columns in common are not more than 70 % (KC:glue-crawler-detect-schema: higher than 0.7)."""
    ten: Columns = tuple((name, BIGINT) for name in "abcdefghij")
    assert similarity(ten, ten[:7]) <= SIMILAR < similarity(ten, ten[:8])
