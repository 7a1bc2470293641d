"""The calls of AWS that a script can make: by its boto3 clients, found in its syntax tree.

A call is a method that has the name of an operation of a service for which the script makes a client, with keyword
arguments only, as boto3 requires. Only functions that can be reached from the script's top level count: modules
that the build bundles into a script contain more than it uses.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from botocore import xform_name

from glueprint.check.empty_account import service_model
from glueprint.compat import Self
from glueprint.deploy.permissions.value_flow import ValueFlow

TRANSFERS: Mapping[str, tuple[str, ...]] = {
    "copy": ("HeadObject", "CopyObject", "AbortMultipartUpload"),
    "download_file": ("HeadObject", "GetObject"),
    "download_fileobj": ("HeadObject", "GetObject"),
    "upload_file": ("PutObject", "AbortMultipartUpload"),
    "upload_fileobj": ("PutObject", "AbortMultipartUpload"),
}
"""Methods of boto3's S3 client that are not operations, with what they call (boto3, S3 transfers)."""
_TRANSFER_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "copy": ("CopySource", "Bucket", "Key"),
    "download_file": ("Bucket", "Key", "Filename"),
    "download_fileobj": ("Bucket", "Key", "Fileobj"),
    "upload_file": ("Filename", "Bucket", "Key"),
    "upload_fileobj": ("Fileobj", "Bucket", "Key"),
}
_HELPERS = ("get_paginator", "get_waiter")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class ScriptCall:
    """A call of AWS in a script.

    Attributes:
        parameters: the expressions of its parameters; of those in ``**mapping`` only that there are some.
    """

    service: str
    operation: str
    line: int
    parameters: Mapping[str, ast.expr] = field(default_factory=dict)
    has_mapping: bool = False


@dataclass(frozen=True)
class ScriptCalls:
    """What was found in one script.

    Attributes:
        resources: lines with boto3's resource interface, whose calls are not found.
    """

    calls: tuple[ScriptCall, ...]
    services: frozenset[str]
    resources: tuple[int, ...]


def script_calls(tree: ast.Module, flow: ValueFlow) -> ScriptCalls:
    """Return the calls that a script can make."""
    nodes = list(reachable(tree))
    services = _services(nodes, flow)
    clients = _Clients.of(services, nodes)
    found = [call for node in nodes if isinstance(node, ast.Call) for call in clients.calls(node)]
    resources = [node.lineno for node in nodes if isinstance(node, ast.Call) and _is_boto3(node, "resource")]
    return ScriptCalls(tuple(found), services, tuple(resources))


def _services(nodes: list[ast.AST], flow: ValueFlow) -> frozenset[str]:
    """Return the services for which the script makes clients; the name may be passed through functions."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Call) and (_is_boto3(node, "client") or _is_boto3(node, "resource")):
            by_name = [keyword.value for keyword in node.keywords if keyword.arg == "service_name"]
            for value in [*node.args[:1], *by_name]:
                found |= {text for text in flow.origins(value).texts if text in known_services()}
    return frozenset(found)


def _is_boto3(call: ast.Call, method: str) -> bool:
    """Whether it is ``boto3.client(...)``, or that of a session."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr != method:
        return False
    text = ast.unparse(function.value).lower()
    return "boto3" in text or "session" in text


@dataclass(frozen=True)
class _Clients:
    """The services for which a script makes clients, and their operations by boto3's method names.

    Attributes:
        pages: calls of ``paginate`` of paginators that are in a variable.
        chained: ids of ``get_paginator(...)`` and ``get_waiter(...)`` whose result is used at once.
    """

    services: frozenset[str]
    operations: Mapping[str, tuple[str, str]]
    pages: tuple[ast.Call, ...]
    chained: frozenset[int]

    @classmethod
    def of(cls, services: frozenset[str], nodes: list[ast.AST]) -> Self:
        """Return those of a script's reachable nodes."""
        operations = {
            name: (service, operation)
            for service in sorted(services)
            for name, operation in _methods(service).items()
        }
        users = [node for node in nodes if isinstance(node, ast.Call) and _method(node) in ("paginate", "wait")]
        inner = {id(node): node.func.value for node in users if isinstance(node.func, ast.Attribute)}
        chained = frozenset(
            id(one) for one in inner.values() if isinstance(one, ast.Call) and _method(one) in _HELPERS
        )
        pages = tuple(node for node in users if id(inner[id(node)]) not in chained and _method(node) == "paginate")
        return cls(services, operations, pages, chained)

    def calls(self, call: ast.Call) -> Iterator[ScriptCall]:
        """Yield the calls of AWS that a call in the script makes."""
        if not isinstance(call.func, ast.Attribute) or id(call) in self.chained:
            return
        name, parameters, has_mapping = call.func.attr, _keywords(call), _has_mapping(call)
        inner = call.func.value
        if isinstance(inner, ast.Call) and id(inner) in self.chained:
            yield from self._of_helper(inner, call.lineno, parameters, has_mapping)
        elif name in _HELPERS:
            uses = self.pages if name == "get_paginator" else ()
            for use in uses:
                yield from self._of_helper(call, call.lineno, _keywords(use), _has_mapping(use))
            if not uses:
                yield from self._of_helper(call, call.lineno, {}, True)
        elif name in TRANSFERS and "s3" in self.services and (call.args or parameters):
            given = dict(zip(_TRANSFER_PARAMETERS[name], call.args, strict=False)) | parameters
            if "Bucket" in given:
                for operation in TRANSFERS[name]:
                    yield ScriptCall("s3", operation, call.lineno, given)
        elif name in self.operations and not call.args:
            service, operation = self.operations[name]
            yield ScriptCall(service, operation, call.lineno, parameters, has_mapping)

    def _of_helper(
        self, helper: ast.Call, line: int, parameters: Mapping[str, ast.expr], has_mapping: bool
    ) -> Iterator[ScriptCall]:
        """Yield the operation that a paginator or a waiter calls."""
        first = helper.args[0] if helper.args else None
        if not isinstance(first, ast.Constant):
            return
        name = str(first.value)
        if _method(helper) == "get_paginator" and name in self.operations:
            service, operation = self.operations[name]
            yield ScriptCall(service, operation, line, parameters, has_mapping)
        elif _method(helper) == "get_waiter":
            for service in sorted(self.services):
                operation = _waiters(service).get(name, "")
                if operation:
                    yield ScriptCall(service, operation, line, parameters, has_mapping)


def _keywords(call: ast.Call) -> dict[str, ast.expr]:
    return {one.arg: one.value for one in call.keywords if one.arg is not None}


def _has_mapping(call: ast.Call) -> bool:
    return any(one.arg is None for one in call.keywords)


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def reachable(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes of the top level and of all functions and classes whose names are used from there."""
    definitions: dict[str, list[ast.AST]] = {}
    for node in ast.walk(tree):
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            definitions.setdefault(node.name, []).append(node)
    queue: list[ast.AST] = [node for node in tree.body if not isinstance(node, (*_FUNCTIONS, ast.ClassDef))]
    seen: set[str] = set()
    while queue:
        node = queue.pop()
        for inner in _own_nodes(node):
            yield inner
            name = getattr(inner, "id", None) or getattr(inner, "attr", None)
            if isinstance(name, str) and name in definitions and name not in seen:
                seen.add(name)
                queue += definitions[name]


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what is in it; of a class without its methods, except those that Python calls itself."""
    queue = [node]
    while queue:
        one = queue.pop()
        yield one
        for child in ast.iter_child_nodes(one):
            is_method = isinstance(one, ast.ClassDef) and isinstance(child, _FUNCTIONS)
            if not is_method or child.name.startswith("__"):  # type: ignore[attr-defined]
                queue.append(child)


@functools.cache
def known_services() -> frozenset[str]:
    """Return the names of all services that botocore knows."""
    import botocore.session

    return frozenset(botocore.session.Session().get_available_services())


@functools.cache
def _methods(service: str) -> Mapping[str, str]:
    """Return the operations of a service by the names of boto3's methods."""
    return {xform_name(name): name for name in service_model(service).operation_names}


@functools.cache
def _waiters(service: str) -> Mapping[str, str]:
    """Return the operations of a service's waiters by their names in boto3."""
    import botocore.session
    from botocore.exceptions import UnknownServiceError

    try:
        model = botocore.session.Session().get_waiter_model(service)
    except (UnknownServiceError, ValueError):
        return {}
    return {xform_name(name): str(model.get_waiter(name).operation) for name in model.waiter_names}
