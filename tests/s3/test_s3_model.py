"""The store against a dictionary, with another program that writes and deletes the same files."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from s3_harness import open_store

from glueprint.local.s3 import S3Error
from glueprint.local.s3.uploads import RequestedPart

KEYS = st.sampled_from(["a", "a/", "a/b", "a//b", "b/.c.crc", "b/c", "b/c/d", "../x", "é/ü", "d" * 300])
BODIES = st.binary(max_size=20)
FOREIGN = st.sampled_from(["f", "b/f", "a/f"])


class StoreAgainstDictionary(RuleBasedStateMachine):
    """Objects equal a dictionary of keys, except that one name cannot be object and folder."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.database, self.store = open_store(self.folder, min_part_bytes=1)
        self.store.create_bucket("bucket")
        self.model: dict[str, bytes] = {}

    def conflicts(self, key: str) -> bool:
        """Whether a name on the way is an object, or objects are below the key."""
        return any(
            other != key and (other.startswith(key + "/") or key.startswith(other + "/")) for other in self.model
        )

    @rule(key=KEYS, body=BODIES)
    def put(self, key: str, body: bytes) -> None:
        """PutObject replaces, or is refused without a change."""
        if self.conflicts(key):
            with pytest.raises(S3Error, match="KeyConflict"):
                self.store.put("bucket", key, body)
        else:
            self.store.put("bucket", key, body)
            self.model[key] = body

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        """DeleteObject removes that key and no other."""
        self.store.delete("bucket", key)
        self.model.pop(key, None)

    @rule(source=KEYS, key=KEYS)
    def upload_in_parts(self, source: str, key: str) -> None:
        """Two parts, the second a copy of an object's bytes, become one object."""
        if source not in self.model or self.conflicts(key):
            return
        with self.store.open("bucket", source) as found:
            upload = self.store.uploads.create("bucket", key, found.record.attributes)
            parts = []
            for number, body in enumerate([b"first", found.read()], start=1):
                with self.store.stage() as staged:
                    staged.write(body)
                    part = self.store.uploads.put_part(upload, number, staged, {})
                    parts.append(RequestedPart(number, part.etag, {}))
        record = self.store.complete(upload, parts).record
        assert record.etag.endswith("-2")
        self.model[key] = b"first" + self.model[source]

    @rule(name=FOREIGN, body=BODIES)
    def foreign_write(self, name: str, body: bytes) -> None:
        """Another program writes a file where it can."""
        if not self.conflicts(name):
            path = self.folder / "s3" / "bucket" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
            self.model[name] = body

    @rule(name=FOREIGN)
    def foreign_delete(self, name: str) -> None:
        """Another program deletes a file."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            (self.folder / "s3" / "bucket" / name).unlink()
        self.model.pop(name, None)

    @rule()
    def restart(self) -> None:
        """The store is closed and opened again."""
        self.database.close()
        self.database, self.store = open_store(self.folder, min_part_bytes=1)

    @invariant()
    def objects_are_the_models(self) -> None:
        """Every key lists in order and reads back."""
        listed = self.store.listing("bucket")
        assert [item.key for item in listed] == sorted(self.model)
        assert [item.size for item in listed] == [len(self.model[key]) for key in sorted(self.model)]
        for key, body in self.model.items():
            assert self.store.read("bucket", key) == body

    def teardown(self) -> None:
        """Close and remove everything."""
        self.database.close()
        shutil.rmtree(self.folder)


class TestStore(StoreAgainstDictionary.TestCase):  # type: ignore[valid-type,misc]
    """After any sequence of operations the store equals the dictionary (S3's semantics, but for `a` and `a/b`)."""

    settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
