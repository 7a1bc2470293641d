"""The state of a workflow in a bucket of its account: versions, the journal of an apply, contents of scripts.

Below ``s3://BUCKET/PREFIX/REGION/WORKFLOW/``:

* ``current.json``: the number of the deployed version; replacing it commits an apply.
* ``versions/000007.json``: what version 7 is: definitions, names, parameters, digests of its objects.
* ``journal.json``: there while an apply is under way or was interrupted: what was there before, what it makes.
* ``objects/SHA256``: contents of scripts, so that every version can be restored.
* ``lock.json``: see ``lock``.

The workflow's tag ``glueprint:state`` has bucket and prefix, so that everyone finds the same state.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from botocore.exceptions import BotoCoreError

from glueprint.client.errors import GlueprintError, NotFound, error_code
from glueprint.client.objects import Location
from glueprint.deploy.definitions.model import Key, Kind, WorkflowDefinition

STATE_TAG = "glueprint:state"
VERSION_TAG = "glueprint:version"
_MISSING = ("404", "NoSuchKey", "NotFound")
FORMAT = 1
"""Of all documents; a newer Glueprint that writes another one is refused by this one."""


@dataclass(frozen=True, slots=True)
class ObjectRecord:
    """An object that belongs to a version: where it is and what it contains.

    Attributes:
        digest: SHA-256 of its content; None: there is no object.
        options: other members of its PutObject request.
    """

    bucket: str
    key: str
    digest: str | None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def location(self) -> str:
        """``s3://bucket/key``."""
        return f"s3://{self.bucket}/{self.key}"

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON has it."""
        options = {"Options": dict(self.options)} if self.options else {}
        return {"Bucket": self.bucket, "Key": self.key, "Sha256": self.digest, **options}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ObjectRecord:
        """Return what :meth:`to_json` was called on."""
        return cls(data["Bucket"], data["Key"], data["Sha256"], data.get("Options", {}))


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a workflow.

    Attributes:
        number: from 1; 0 is a workflow of which nothing is recorded.
        definition: its definitions; None: there is no workflow.
        names: deployed names of jobs, crawlers and triggers, by logical name.
        suffix: of the names of new jobs and crawlers.
        objects: the objects that the layout uploaded.
        reason: ``apply``, ``found`` (as it was before the first apply) or ``rollback to N``.
        blueprint: name of the blueprint, if one made it.
        parameters: its parameters.
        created: when, ISO 8601.
        by: who.
    """

    number: int
    definition: WorkflowDefinition | None
    names: Mapping[Key, str] = field(default_factory=dict)
    suffix: str = ""
    objects: tuple[ObjectRecord, ...] = ()
    reason: str = "apply"
    blueprint: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    created: str = ""
    by: str = ""

    @property
    def is_recorded(self) -> bool:
        """Whether it is known what the version is; else only its number counts."""
        return self.definition is not None

    @property
    def keys(self) -> frozenset[Key]:
        """The resources of this version."""
        return frozenset(one.key for one in self.definition) if self.definition is not None else frozenset()

    def to_json(self) -> dict[str, Any]:
        """Return the version as JSON has it."""
        return {
            "Format": FORMAT,
            "Version": self.number,
            "Reason": self.reason,
            "Created": self.created,
            "By": self.by,
            "Blueprint": self.blueprint,
            "Parameters": dict(self.parameters),
            "Suffix": self.suffix,
            "Names": [[key.kind.value, key.name, name] for key, name in self.names.items()],
            "Definition": self.definition.to_json() if self.definition is not None else None,
            "Objects": [one.to_json() for one in self.objects],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Version:
        """Return what :meth:`to_json` was called on.

        Raises:
            GlueprintError: a newer Glueprint has written it.
        """
        check_format(data)
        found = data["Definition"]
        return cls(
            number=data["Version"],
            definition=WorkflowDefinition.from_json(found) if found is not None else None,
            names={Key(Kind(kind), logical): name for kind, logical, name in data["Names"]},
            suffix=data["Suffix"],
            objects=tuple(map(ObjectRecord.from_json, data["Objects"])),
            reason=data["Reason"],
            blueprint=data["Blueprint"],
            parameters=data["Parameters"],
            created=data["Created"],
            by=data["By"],
        )


@dataclass(frozen=True, slots=True)
class Journal:
    """An apply that is under way, or was interrupted.

    Attributes:
        before: what was there before, with the objects that are overwritten.
        target: the version that is made.
        is_adoption: nothing was recorded of the workflow before; ``before`` becomes a version, too.
        earlier: targets of applies that were interrupted before this one: parts of them may be there.
    """

    before: Version
    target: Version
    is_adoption: bool = False
    earlier: tuple[Version, ...] = ()

    @property
    def made(self) -> tuple[Version, ...]:
        """The versions that applies have made, in part at least."""
        return (*self.earlier, self.target)

    @property
    def versions(self) -> tuple[Version, ...]:
        """All versions of which parts may be there."""
        return (self.before, *self.made)

    @property
    def keys(self) -> frozenset[Key]:
        """The resources of all versions."""
        return frozenset().union(*(one.keys for one in self.versions))

    def to_json(self) -> dict[str, Any]:
        """Return the journal as JSON has it."""
        return {
            "Format": FORMAT,
            "Before": self.before.to_json(),
            "Target": self.target.to_json(),
            "IsAdoption": self.is_adoption,
            "Earlier": [one.to_json() for one in self.earlier],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Journal:
        """Return what :meth:`to_json` was called on."""
        check_format(data)
        earlier = tuple(map(Version.from_json, data["Earlier"]))
        before, target = Version.from_json(data["Before"]), Version.from_json(data["Target"])
        return cls(before, target, data["IsAdoption"], earlier)


def check_format(data: Mapping[str, Any]) -> None:
    """Refuse documents of a newer Glueprint.

    Raises:
        GlueprintError: it is one.
    """
    if data.get("Format") != FORMAT:
        raise GlueprintError(
            f"a state or plan of format {data.get('Format')!r} cannot be read: this Glueprint reads {FORMAT}",
            "use the Glueprint that wrote it",
        )


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a content."""
    return hashlib.sha256(content).hexdigest()


class StateStore:
    """The state of one workflow.

    Args:
        s3: a boto3 S3 client.
        place: bucket and prefix of all states.
        region: of the workflow.
        workflow: its name.
        account_id: the account that must own the bucket.
    """

    def __init__(self, s3: Any, place: Location, region: str, workflow: str, account_id: str) -> None:
        self.s3 = s3
        self.place = place
        self.workflow = workflow
        prefix = place.key.strip("/")
        self._root = f"{prefix}/{region}/{quote(workflow, safe='')}/".lstrip("/")
        self._owner = {"ExpectedBucketOwner": account_id}

    @property
    def tag(self) -> str:
        """The value of the workflow's tag."""
        return f"s3://{self.place.bucket}/{self.place.key.strip('/')}"

    def key(self, name: str) -> str:
        """Return the key of a document."""
        return self._root + name

    def read(self, name: str) -> tuple[Any, str] | None:
        """Return a JSON document with its ETag; None if there is none."""
        found = self._get(name)
        return None if found is None else (json.loads(found[0]), found[1])

    def write(self, name: str, data: Any, *, if_match: str | None = None, is_new: bool = False) -> str:
        """Write a JSON document; return its ETag.

        Args:
            name: of the document.
            data: its content.
            if_match: write only if the document has this ETag.
            is_new: write only if there is none.

        Raises:
            ClientError: PreconditionFailed, or another refusal of S3.
        """
        body = json.dumps(data, indent=1, sort_keys=True).encode()
        condition = {"IfMatch": if_match} if if_match is not None else {"IfNoneMatch": "*"} if is_new else {}
        return self._put(name, body, "application/json", condition)

    def current(self) -> Version:
        """Return the deployed version; number 0 if nothing is recorded."""
        found = self.read("current.json")
        return Version(0, None) if found is None else self.version(found[0]["Version"])

    def version(self, number: int) -> Version:
        """Return a version.

        Raises:
            NotFound: there is no such version.
        """
        found = self.read(_version_name(number))
        if found is None:
            numbers = ", ".join(map(str, self.numbers())) or "none"
            raise NotFound(f"workflow {self.workflow} has no version {number}", f"there are: {numbers}")
        return Version.from_json(found[0])

    def numbers(self) -> list[int]:
        """Return the numbers of the versions that were deployed."""
        found = self.read("current.json")
        newest = 0 if found is None else found[0]["Version"]
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.place.bucket, Prefix=self.key("versions/"), **self._owner
        )
        names = (one["Key"].rpartition("/")[2] for page in pages for one in page.get("Contents", ()))
        return sorted(number for name in names if (number := int(name.removesuffix(".json"))) <= newest)

    def journal(self) -> Journal | None:
        """Return the journal of an apply that has not been committed; None if there is none."""
        found = self.read("journal.json")
        if found is None:
            return None
        journal = Journal.from_json(found[0])
        current = self.read("current.json")
        is_committed = current is not None and current[0]["Version"] >= journal.target.number
        return None if is_committed else journal

    def begin(self, journal: Journal) -> None:
        """Write the journal."""
        self.write("journal.json", journal.to_json())

    def commit(self, journal: Journal) -> None:
        """Record that the journal's target is deployed."""
        if journal.is_adoption and journal.before.definition is not None:
            self.write(_version_name(journal.before.number), journal.before.to_json())
        self.write(_version_name(journal.target.number), journal.target.to_json())
        self.write("current.json", {"Format": FORMAT, "Version": journal.target.number})
        with contextlib.suppress(self.s3.exceptions.ClientError, BotoCoreError):
            self.end()  # a journal of a version that is deployed counts as none

    def end(self) -> None:
        """Remove the journal."""
        self.s3.delete_object(Bucket=self.place.bucket, Key=self.key("journal.json"), **self._owner)

    def keep(self, contents: Iterable[bytes]) -> None:
        """Store contents, each once."""
        for content in contents:
            name = f"objects/{digest_of(content)}"
            if not self._exists(name):
                self._put(name, content, "application/octet-stream", {})

    def content(self, digest: str) -> bytes:
        """Return a stored content.

        Raises:
            NotFound: there is none.
        """
        found = self._get(f"objects/{digest}")
        if found is None:
            raise NotFound(f"the content {digest[:12]} of a script is missing in the state of {self.workflow}")
        return found[0]

    def _put(self, name: str, body: bytes, content_type: str, condition: Mapping[str, str]) -> str:
        answer = self.s3.put_object(
            Bucket=self.place.bucket,
            Key=self.key(name),
            Body=body,
            ContentType=content_type,
            **self._owner,
            **condition,
        )
        return str(answer["ETag"])

    def _get(self, name: str) -> tuple[bytes, str] | None:
        try:
            found = self.s3.get_object(Bucket=self.place.bucket, Key=self.key(name), **self._owner)
        except self.s3.exceptions.ClientError as error:
            if error_code(error) == "NoSuchBucket":
                raise NotFound(
                    f"there is no bucket {self.place.bucket}", "name another one with --state s3://BUCKET/PREFIX"
                ) from error
            if error_code(error) not in _MISSING:
                raise
            return None
        return found["Body"].read(), str(found["ETag"])

    def _exists(self, name: str) -> bool:
        try:
            self.s3.head_object(Bucket=self.place.bucket, Key=self.key(name), **self._owner)
        except self.s3.exceptions.ClientError as error:
            if error_code(error) not in _MISSING:
                raise
            return False
        return True


def _version_name(number: int) -> str:
    return f"versions/{number:06d}.json"
