"""Named queries and prepared statements."""

from __future__ import annotations

import uuid

from glueprint.local.athena.family import (
    Answer,
    Family,
    Request,
    Transaction,
    group_of,
    invalid,
    missing,
    operation,
    page,
)
from glueprint.local.athena.work_groups import work_group
from glueprint.local.protocol import Context, Runs
from glueprint.local.store.resources import Document, Resources

NAMED = Resources("athenaNamedQuery")
PREPARED = Resources("athenaPrepared")


class NamedQueries(Family):
    """Operations on named queries."""

    @operation("CreateNamedQuery", runs=Runs.ON_WRITER)
    def create_named_query(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateNamedQuery``; a repeated ClientRequestToken creates nothing."""
        group, given = group_of(request), request.get("ClientRequestToken")

        def work(tx: Transaction) -> str:
            work_group(tx, group)
            for one in NAMED.children(tx, group):
                if given and one.get("Token") == given:
                    return str(one["NamedQueryId"])
            id_ = str(uuid.uuid4())
            members = {key: request.get(key) for key in ("Name", "Description", "Database", "QueryString")}
            NAMED.put(tx, id_, {**members, "NamedQueryId": id_, "WorkGroup": group, "Token": given}, group)
            return id_

        return {"NamedQueryId": self.database.write(work)}

    @operation("GetNamedQuery", runs=Runs.INLINE)
    def get_named_query(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetNamedQuery``."""
        return {"NamedQuery": _shown(self.database.read(lambda tx: _named(tx, request["NamedQueryId"])))}

    @operation("BatchGetNamedQuery", runs=Runs.IN_THREAD)
    def batch_get_named_query(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchGetNamedQuery``."""
        found = self.database.read(lambda tx: {id_: NAMED.get(tx, id_) for id_ in request["NamedQueryIds"]})
        failed = [
            {
                "NamedQueryId": id_,
                "ErrorCode": "INTERNAL_FAILURE",
                "ErrorMessage": f"Named query {id_} was not found",
            }
            for id_, one in found.items()
            if one is None
        ]
        return {
            "NamedQueries": [_shown(one) for one in found.values() if one],
            "UnprocessedNamedQueryIds": failed,
        }

    @operation("ListNamedQueries", runs=Runs.IN_THREAD)
    def list_named_queries(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListNamedQueries``."""
        group = group_of(request)

        def read(tx: Transaction) -> list[str]:
            work_group(tx, group)
            return [one["NamedQueryId"] for one in NAMED.children(tx, group)]

        found, following = page(self.database.read(read), request)
        return {"NamedQueryIds": list(found), "NextToken": following}

    @operation("UpdateNamedQuery", runs=Runs.ON_WRITER)
    def update_named_query(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateNamedQuery``."""

        def work(tx: Transaction) -> None:
            found = _named(tx, request["NamedQueryId"])
            changes = {
                key: request[key]
                for key in ("Name", "Description", "QueryString")
                if request.get(key) is not None
            }
            NAMED.put(tx, found["NamedQueryId"], {**found, **changes}, found["WorkGroup"])

        self.database.write(work)
        return {}

    @operation("DeleteNamedQuery", runs=Runs.ON_WRITER)
    def delete_named_query(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteNamedQuery``."""

        def work(tx: Transaction) -> None:
            _named(tx, request["NamedQueryId"])
            NAMED.delete(tx, request["NamedQueryId"])

        self.database.write(work)
        return {}


class PreparedStatements(Family):
    """Operations on prepared statements, whose names belong to a workgroup."""

    @operation("CreatePreparedStatement", runs=Runs.ON_WRITER)
    def create_prepared_statement(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreatePreparedStatement``."""
        key = _key(request)

        def work(tx: Transaction) -> None:
            work_group(tx, request["WorkGroup"])
            if PREPARED.exists(tx, key):
                raise invalid(
                    f"PreparedStatement {request['StatementName']} already exists in workGroup"
                    f" {request['WorkGroup']}"
                )
            self._put(tx, request)

        self.database.write(work)
        return {}

    @operation("UpdatePreparedStatement", runs=Runs.ON_WRITER)
    def update_prepared_statement(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdatePreparedStatement``."""

        def work(tx: Transaction) -> None:
            _prepared(tx, request)
            self._put(tx, request)

        self.database.write(work)
        return {}

    @operation("GetPreparedStatement", runs=Runs.INLINE)
    def get_prepared_statement(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetPreparedStatement``."""
        return {"PreparedStatement": self.database.read(lambda tx: _prepared(tx, request))}

    @operation("BatchGetPreparedStatement", runs=Runs.IN_THREAD)
    def batch_get_prepared_statement(self, context: Context, request: Request) -> Answer:
        """Service model, ``BatchGetPreparedStatement``."""
        group = request["WorkGroup"]
        names = request["PreparedStatementNames"]
        found = self.database.read(lambda tx: {name: PREPARED.get(tx, f"{group}\n{name}") for name in names})
        failed = [
            {
                "StatementName": name,
                "ErrorCode": "STATEMENT_NOT_FOUND",
                "ErrorMessage": f"PreparedStatement {name} was not found",
            }
            for name, one in found.items()
            if one is None
        ]
        return {
            "PreparedStatements": [one for one in found.values() if one],
            "UnprocessedPreparedStatementNames": failed,
        }

    @operation("ListPreparedStatements", runs=Runs.IN_THREAD)
    def list_prepared_statements(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListPreparedStatements``."""

        def read(tx: Transaction) -> list[Document]:
            work_group(tx, request["WorkGroup"])
            return PREPARED.children(tx, request["WorkGroup"])

        found, following = page(self.database.read(read), request)
        listed = [{key: one[key] for key in ("StatementName", "LastModifiedTime")} for one in found]
        return {"PreparedStatements": listed, "NextToken": following}

    @operation("DeletePreparedStatement", runs=Runs.ON_WRITER)
    def delete_prepared_statement(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeletePreparedStatement``."""

        def work(tx: Transaction) -> None:
            _prepared(tx, request)
            PREPARED.delete(tx, _key(request))

        self.database.write(work)
        return {}

    def _put(self, tx: Transaction, request: Request) -> None:
        members = {
            "StatementName": request["StatementName"],
            "QueryStatement": request["QueryStatement"],
            "WorkGroupName": request["WorkGroup"],
            "Description": request.get("Description"),
            "LastModifiedTime": self.clock.now(),
        }
        PREPARED.put(tx, _key(request), members, request["WorkGroup"])


def _shown(query: Document) -> Document:
    return {key: value for key, value in query.items() if key != "Token"}


def _key(request: Request) -> str:
    return f"{request['WorkGroup']}\n{request['StatementName']}"


def _named(tx: Transaction, id_: str) -> Document:
    found = NAMED.get(tx, id_)
    if found is None:
        raise invalid(f"NamedQuery {id_} was not found")
    return found


def _prepared(tx: Transaction, request: Request) -> Document:
    found = PREPARED.get(tx, _key(request))
    if found is None:
        raise missing(
            f"PreparedStatement {request['StatementName']} was not found in workGroup {request['WorkGroup']}"
        )
    return found
