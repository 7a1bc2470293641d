"""The ledger of the files that ``incremental_chain`` has loaded."""

from __future__ import annotations

from chain_world import frozen
from fake_s3 import FakeS3
from hypothesis import given
from hypothesis import strategies as st

from glue_jobs.common.loaded_files import Ledger, read_ledger, sort_files, write_ledger
from glue_jobs.common.manifest import FrozenFile

FILES = st.lists(
    st.builds(frozen, st.sampled_from("abcdef"), st.sampled_from(["1", "2", "3"])),
    max_size=6,
    unique_by=lambda file: file.key,
)


@given(FILES, FILES)
def test_every_file_is_new_known_changed_or_a_duplicate(
    loaded: list[FrozenFile], listed: list[FrozenFile]
) -> None:
    """Each file is in exactly one group, and no content is new twice (loaded_files.py)."""
    ledger = Ledger({}).added(loaded, "wr_1")
    found = sort_files(listed, ledger)
    groups = [*found.new, *found.known, *found.changed, *found.duplicates]
    assert sorted(groups, key=lambda file: file.key) == sorted(listed, key=lambda file: file.key)
    contents = [file.etag for file in found.new]
    assert len(contents) == len(set(contents))
    assert not set(contents) & {file.etag for file in loaded}
    assert sort_files(listed, ledger.added(found.new, "wr_2")).new == ()


@given(FILES)
def test_a_ledger_survives_its_file(files: list[FrozenFile]) -> None:
    """What was published is what is read; the same ledger has the same bytes."""
    s3 = FakeS3()
    ledger = Ledger({}).added(files, "wr_1")
    write_ledger(s3, "s3://b/one.gz", ledger)
    write_ledger(s3, "s3://b/two.gz", Ledger(dict(reversed(ledger.files.items()))))
    assert read_ledger(s3, "s3://b/one.gz") == ledger
    assert s3.objects["b", "one.gz"] == s3.objects["b", "two.gz"]
    assert read_ledger(s3, "") == Ledger({})
