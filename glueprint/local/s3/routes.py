"""Which operation of S3 a request means: by its method, what its path addresses, its query and its headers.

The service model describes all of it; nothing is listed by hand except operations of other endpoints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from glueprint.local.s3.errors import S3Error

_OTHER_ENDPOINTS = frozenset({"ListDirectoryBuckets", "WriteGetObjectResponse"})
"""Operations with the path of another one, which S3 serves under other host names."""


@dataclass(frozen=True, slots=True)
class Target:
    """The bucket and the key that a request addresses; empty if it names none."""

    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class _Route:
    model: OperationModel
    query: Mapping[str, str | None]
    headers: frozenset[str]

    def accepts(self, query: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        if not query.keys() >= self.query.keys():
            return False
        if any(value is not None and query[name] != value for name, value in self.query.items()):
            return False
        # Presigned requests may carry what would be a header in the query.
        return all(name in headers or name in query for name in self.headers)

    @property
    def weight(self) -> tuple[int, bool]:
        return len(self.query) + len(self.headers), not self.model.deprecated


class Routes:
    """The operations of S3, by the requests that mean them."""

    @cached_property
    def service(self) -> ServiceModel:
        """botocore's model of S3."""
        return ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")

    @cached_property
    def _routes(self) -> dict[tuple[str, str], list[_Route]]:
        routes: dict[tuple[str, str], list[_Route]] = {}
        for name in self.service.operation_names:
            if name in _OTHER_ENDPOINTS:
                continue
            model = self.service.operation_model(name)
            path, _, query = model.http["requestUri"].partition("?")
            routes.setdefault((model.http["method"], _level(path)), []).append(_route(model, query))
        for candidates in routes.values():
            candidates.sort(key=lambda route: route.weight, reverse=True)
        return routes

    def find(
        self, method: str, target: Target, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> OperationModel:
        """Return the operation that a request means.

        Raises:
            S3Error: MethodNotAllowed.
        """
        level = "object" if target.key else "bucket" if target.bucket else "service"
        for route in self._routes.get((method, level), ()):
            if route.accepts(query, headers):
                return route.model
        raise S3Error(
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
            405,
            {"Method": method, "ResourceType": level.upper()},
        )


def _level(path: str) -> str:
    if "{Key+}" in path:
        return "object"
    return "bucket" if "{Bucket}" in path else "service"


def _route(model: OperationModel, literal: str) -> _Route:
    query: dict[str, str | None] = {}
    for item in literal.split("&") if literal else []:
        name, equals, value = item.partition("=")
        query[name] = value if equals else None
    headers: set[str] = set()
    shape = model.input_shape
    for name in shape.required_members if shape is not None else []:
        member = shape.members[name]
        wire = member.serialization.get("name", name)
        if member.serialization.get("location") == "querystring":
            query.setdefault(wire, None)
        elif member.serialization.get("location") == "header":
            headers.add(wire.lower())
    if model.name == "GetObjectAttributes":
        headers.clear()  # the sub-resource identifies it; the missing header has its own error
    return _Route(model, query, frozenset(headers))
