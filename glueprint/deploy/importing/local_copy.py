"""Creates a collected workflow in another Glue: buckets, objects, catalog, connections, then the workflow itself.

Names stay as they are: buckets, databases and roles of another account are other ones even under the same names. A
local Glue takes any role. What exists there already is never changed. If a step fails, everything that this copy
has created is deleted again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from glueprint.client.errors import GlueprintError, error_code, is_not_found
from glueprint.client.names import listed
from glueprint.client.session import Session
from glueprint.deploy.definitions.comparison import differences
from glueprint.deploy.definitions.model import Definition, Kind, WorkflowDefinition
from glueprint.deploy.definitions.reading import owner, read_nodes, read_workflow
from glueprint.deploy.importing.collected import Collected

PLACEHOLDER = "not-imported"
"""The password of a copied connection: Glue requires one, and that of the source is never read."""
_MISSING = ("404", "NoSuchBucket", "NoSuchKey")


class AlreadyThere(GlueprintError):
    """Something of the same name exists where the workflow would be created, and is different."""


class NotUndone(GlueprintError):
    """The import failed, and so did deleting what it had created."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy did.

    Attributes:
        created: kinds and names.
        unchanged: kinds and names of what was there already, and is left as it is.
        notes: what the user should know.
    """

    created: tuple[str, ...]
    unchanged: tuple[str, ...]
    notes: tuple[str, ...]


def copy(
    collected: Collected,
    target: Session,
    *,
    schedules: bool = False,
    notify: Callable[[str], None] = lambda line: None,
) -> Copied:
    """Create a collected workflow in another Glue.

    Args:
        collected: the workflow.
        target: where it is created.
        schedules: activate its schedule; otherwise it starts on request only.
        notify: receives a line at each step.

    Raises:
        AlreadyThere: a resource of the same name is different. Nothing was created.
    """
    wanted = collected.definition if schedules else _without_schedules(collected.definition)
    copying = _Copying(target)
    if wanted is not collected.definition:
        copying.notes.append("its schedule is not active; --schedules activates it")
    missing = copying.missing(wanted)
    with copying.undone_on_failure():
        notify(f"creating {len(collected.buckets)} buckets, {len(collected.scripts)} scripts, the catalog")
        copying.storage(collected)
        copying.catalog(collected)
        notify(f"creating workflow {wanted.name}")
        for one in missing:
            copying.definition(one)
    return Copied(tuple(copying.created), tuple(copying.unchanged), tuple(copying.notes))


def _without_schedules(definition: WorkflowDefinition) -> WorkflowDefinition:
    def is_active(one: Definition) -> bool:
        return one.members.get("Type") == "SCHEDULED" and bool(one.members.get("StartOnCreation"))

    if not any(is_active(one) for one in definition.triggers):
        return definition
    triggers = [
        replace(one, members={name: value for name, value in one.members.items() if name != "StartOnCreation"})
        if is_active(one)
        else one
        for one in definition.triggers
    ]
    return replace(definition, triggers=tuple(triggers))


def _succeeds(undo: Callable[[], Any]) -> bool:
    try:
        undo()
    except Exception as error:  # noqa: BLE001 - whatever it is, the rest is deleted, too
        return is_not_found(error)
    return True


class _Copying:
    """One copy: what it has created, in order, and how each is undone."""

    def __init__(self, target: Session) -> None:
        self._target = target
        self._glue = target.glue
        self._s3 = target.client("s3")
        self.created: list[str] = []
        self.unchanged: list[str] = []
        self.notes: list[str] = []
        self._undo: list[tuple[str, Callable[[], Any]]] = []

    def missing(self, wanted: WorkflowDefinition) -> list[Definition]:
        """Return what does not exist yet.

        Raises:
            AlreadyThere: something exists and is different; the error names all of it.
        """
        there = {one.key: one for one in read_nodes(self._glue, [one.key for one in wanted.nodes])}
        found = read_workflow(self._glue, wanted.name, account_id=owner(self._target), tags=False)
        there.update(found.by_key() if found is not None else {})
        different = []
        for one in wanted:
            if one.key in there and differences(replace(one, tags={}), replace(there[one.key], tags={})):
                different.append(str(one.key))
            elif one.key in there:
                self.unchanged.append(str(one.key))
        if different:
            raise AlreadyThere(
                f"there are already others of the same name: {listed(different)}; nothing was created",
                "delete them (`glueprint delete NAME --all`), or import into another --data-dir",
            )
        return [one for one in wanted if one.key not in there]

    @contextlib.contextmanager
    def undone_on_failure(self) -> Iterator[None]:
        """Delete what was created if the block fails.

        Raises:
            NotUndone: the block failed, and something could not be deleted.
        """
        try:
            yield
        except BaseException as failure:
            left = [what for what, undo in reversed(self._undo) if not _succeeds(undo)]
            if left:
                reason = str(failure) or type(failure).__name__
                raise NotUndone(
                    f"the import failed ({reason}), and this could not be deleted again: {listed(left)}",
                    "delete it, then import again",
                ) from failure
            raise

    def storage(self, collected: Collected) -> None:
        """Create buckets and objects."""
        for bucket in collected.buckets:
            if not self._exists(self._s3.head_bucket, Bucket=bucket):
                self._s3.create_bucket(Bucket=bucket)
                self._made(f"bucket {bucket}", self._s3.delete_bucket, Bucket=bucket)
        for one in (*collected.scripts, *collected.objects):
            if self._exists(self._s3.head_object, Bucket=one.bucket, Key=one.key):
                self.unchanged.append(f"object {one.location}")
                continue
            self._s3.put_object(Bucket=one.bucket, Key=one.key, Body=one.content)
            self._made(f"object {one.location}", self._s3.delete_object, Bucket=one.bucket, Key=one.key)

    def catalog(self, collected: Collected) -> None:
        """Create classifiers, connections, databases and tables."""
        glue = self._glue
        for request in collected.classifiers:
            name = next(iter(request.values()))["Name"]
            self._create(f"classifier {name}", glue.create_classifier, request, glue.delete_classifier, Name=name)
        for wire in collected.connections:
            request = {"ConnectionInput": self._with_placeholder(wire)}
            name = wire["Name"]
            self._create(
                f"connection {name}", glue.create_connection, request, glue.delete_connection, ConnectionName=name
            )
        for wire in collected.databases:
            name = wire["Name"]
            self._create(
                f"database {name}", glue.create_database, {"DatabaseInput": wire}, glue.delete_database, Name=name
            )
        for table in collected.tables:
            request = {"DatabaseName": table.database, "TableInput": table.table}
            names = {"DatabaseName": table.database, "Name": table.table["Name"]}
            if self._create(f"table {table.name}", glue.create_table, request, glue.delete_table, **names):
                for partition in table.partitions:
                    glue.create_partition(
                        DatabaseName=table.database, TableName=table.table["Name"], PartitionInput=partition
                    )

    def _with_placeholder(self, wire: Mapping[str, Any]) -> dict[str, Any]:
        properties = dict(wire.get("ConnectionProperties") or {})
        if wire.get("ConnectionType", "JDBC") == "JDBC" and not {"SECRET_ID", "PASSWORD"} & set(properties):
            properties["PASSWORD"] = PLACEHOLDER
        return {**wire, "ConnectionProperties": properties}

    def definition(self, one: Definition) -> None:
        """Create a workflow, job, crawler or trigger."""
        getattr(self._glue, f"create_{one.kind}")(**one.request())
        member = "JobName" if one.kind is Kind.JOB else "Name"
        self._made(str(one.key), getattr(self._glue, f"delete_{one.kind}"), **{member: one.name})

    def _create(
        self,
        what: str,
        create: Callable[..., Any],
        request: Mapping[str, Any],
        delete: Callable[..., Any],
        **names: str,
    ) -> bool:
        try:
            create(**request)
        except self._glue.exceptions.ClientError as error:
            if error_code(error) != "AlreadyExistsException":
                raise
            self.unchanged.append(what)
            return False
        self._made(what, delete, **names)
        return True

    def _made(self, what: str, undo: Callable[..., Any], **names: str) -> None:
        self.created.append(what)
        self._undo.append((what, lambda: undo(**names)))

    def _exists(self, head: Callable[..., Any], **names: str) -> bool:
        try:
            head(**names)
        except self._s3.exceptions.ClientError as error:
            if error_code(error) not in _MISSING and not is_not_found(error):
                raise
            return False
        return True
