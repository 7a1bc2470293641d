"""Requests as the service model allows them, and as it does not: strategies built from its shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from hypothesis import strategies as st

from glueprint.facts.validation import problems
from glueprint.local.glue.paging import page_token
from glueprint.local.logs.tokens import pack

SEEDED = "a"
"""The name of whatever a seeded Glue holds."""

_DEEPEST = 4
"""Below this many levels, only members that are required are given."""

_TOKENS = (
    page_token(1),
    page_token(-1),
    page_token(10**30),
    page_token("a"),
    page_token("\ud800"),
    page_token([1.5, 2]),
    page_token([{}, []]),
    page_token(["x"] * 5),
    page_token(None),
    pack({"start": 1}),
    pack({"start": -1, "a": 10**30}),
    "f/3/s",
    "b/99999999999999999999/s",
    "bm90IGpzb24=",
    "é",
)
_TEXTS = (
    "",
    "b",
    "A",
    "*",
    "a b",
    "a/b",
    "é😀\u2028",
    "\t",
    "\x00",
    "x" * 300,
    "-1",
    "0",
    "99999999999999999999",
    "1e400",
    "nan",
    "null",
    "{}",
    "[1]",
    '{"a": "\\ud800"}',
    "cron(0 12 * * ? *)",
    "cron(61 * * * ? *)",
    "s3://data/a.zip",
    "s3://data/in/",
    "s3://",
    "data/in",
    "(((",
    "a{99999999999}",
    "day = '1' and id > 2",
    "day in (1,2",
    "%{NOSUCH:x}",
    "$[*].a",
    "2024-01-01T00:00:00Z",
    "string",
    "bigint",
    "arn:aws:iam::123456789012:role/glueprint",
    "arn:aws:glue:us-east-1:123456789012:job/a",
    "arn:aws:glue:us-east-1:123456789012:table/a/a",
    "123456789012",
    '{"Name": "x"}',
    '{"Version": 1.0, "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}}',
    *_TOKENS,
)
_TIMES = (0, 1.5, -1, 1e308, -1e308, 253_402_300_800, "2024-01-01T00:00:00Z", "soon", "", "1e999")
_JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(_TEXTS),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(_TEXTS), inner, max_size=2),
    max_leaves=4,
)


_VALID_TEXTS: Mapping[str, tuple[str, ...]] = {
    "CatalogIdString": ("123456789012",),
    "CronExpression": ("cron(0 12 * * ? *)", ""),
    "OrchestrationS3Location": ("s3://data/a.zip",),
    "Path": ("s3://data/in", "data/in", "s3://none/x"),
    "PredicateString": ("day = 'a'", "day in ('a', 'b') or not day like 'x%'", "id > 2"),
    "VersionString": ("0", "1"),
}
"""Valid texts for the shapes of these names."""


class Requests:
    """Strategies for the requests of operations; ``ids`` are further texts, such as the ids of runs."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._texts = (SEEDED, *ids, *_TEXTS)
        self._ids = tuple(ids)
        self._of_text = lru_cache(maxsize=None)(self._text)

    def of(self, operation: OperationModel) -> st.SearchStrategy[Any]:
        """Return requests that the model allows, and requests with one error."""
        sound = self._value(operation.input_shape, 0)
        return (
            sound
            | sound
            | st.tuples(sound, st.randoms(use_true_random=False), _JUNK).map(lambda drawn: _spoilt(*drawn))
        )

    def _value(self, shape: Shape | None, depth: int) -> st.SearchStrategy[Any]:
        if isinstance(shape, StructureShape):
            return self._structure(shape, depth)
        if isinstance(shape, ListShape):
            least = shape.metadata.get("min", 0)
            return st.lists(self._later(shape.member, depth), min_size=least, max_size=max(least, 2))
        if isinstance(shape, MapShape):
            keys = self._value(shape.key, depth + 1)
            return st.dictionaries(keys, self._later(shape.value, depth), max_size=2)
        assert shape is not None
        return self._scalar(shape)

    def _later(self, shape: Shape, depth: int) -> st.SearchStrategy[Any]:
        """Shapes contain each other: what lies deeper is made when it is drawn."""
        return st.deferred(lambda: self._value(shape, depth + 1))

    def _structure(self, shape: StructureShape, depth: int) -> st.SearchStrategy[Any]:
        members = {name: self._later(member, depth) for name, member in shape.members.items()}
        if getattr(shape, "is_tagged_union", False):
            return st.sampled_from(sorted(members)).flatmap(
                lambda name: st.fixed_dictionaries({name: members[name]})
            )
        required = {name: members[name] for name in shape.required_members}
        if depth >= _DEEPEST:
            return st.fixed_dictionaries(required)
        optional = sorted(set(members) - set(required))

        def with_some(chosen: list[str]) -> st.SearchStrategy[Any]:
            return st.fixed_dictionaries(required | {name: members[name] for name in chosen})

        if not optional:
            return st.fixed_dictionaries(required)
        some = st.lists(st.sampled_from(optional), unique=True, max_size=3 if depth else 6)
        return some.flatmap(with_some)

    def _scalar(self, shape: Shape) -> st.SearchStrategy[Any]:
        least, most = shape.metadata.get("min"), shape.metadata.get("max")
        match shape.type_name:
            case "string":
                return self._of_text(shape)
            case "boolean":
                return st.booleans()
            case "integer":
                return st.integers(-(2**31) if least is None else least, 2**31 - 1 if most is None else most)
            case "long":
                return st.integers(-(2**63) if least is None else least, 2**63 - 1 if most is None else most)
            case "float" | "double":
                return st.floats(least, most, allow_nan=False, allow_infinity=False)
            case "timestamp":
                return st.sampled_from(_TIMES)
            case other:
                return st.sampled_from(("", "YQ==", "no base64!")) if other == "blob" else _JUNK

    def _text(self, shape: Shape) -> st.SearchStrategy[Any]:
        if shape.enum:
            return st.sampled_from(shape.enum)
        if shape.name.endswith("Token"):
            return st.sampled_from(_TOKENS)
        fitting = _VALID_TEXTS.get(shape.name) or (self._ids if "Id" in shape.name else (SEEDED,))
        known = [text for text in fitting if not problems(shape, text)]
        allowed = [text for text in self._texts if not problems(shape, text)]
        if not allowed:
            return st.from_regex(shape.metadata["pattern"], fullmatch=True)
        return st.sampled_from([*known * (3 * len(allowed) // max(1, len(known))), *allowed])


def _spoilt(request: Any, random: Any, junk: Any) -> Any:
    """The request with one value in it replaced, or left out."""
    if not request or not isinstance(request, dict | list) or random.random() > 0.9:
        return junk
    copied: Any = dict(request) if isinstance(request, Mapping) else list(request)
    places = sorted(copied) if isinstance(copied, dict) else range(len(copied))
    place = random.choice(list(places))
    if isinstance(copied, dict) and random.random() > 0.8:
        del copied[place]
    else:
        copied[place] = _spoilt(copied[place], random, junk)
    return copied
