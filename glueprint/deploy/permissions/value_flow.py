"""Which of a job's arguments reach an expression of its script, without running it.

The script is read once; every assignment, call of a function, return, constructor and dictionary adds edges
between names. The order of statements is ignored, so that an argument may be reported too many, and none too few,
as long as values flow through names, attributes, parameters, returns and containers. Values that come from outside
(an object, an answer of AWS) are reported as external.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

Node = tuple[str, ...]
"""A name in a scope, an attribute, a dictionary's key, a function's result, an argument, a text, the outside."""

EXTERNAL: Node = ("external",)
_REQUESTS = ("batch_get_", "describe_", "get_", "head_", "list_", "paginate", "query", "scan", "search_")
"""Prefixes of methods of AWS clients whose answers come from outside, when they are called with keywords only."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Origins:
    """Where the value of an expression comes from.

    Attributes:
        arguments: names of the job's arguments that may be part of it.
        texts: constants of the script that may be its value.
        is_external: whether it may come from an answer of AWS or from a file.
    """

    arguments: frozenset[str]
    texts: frozenset[str]
    is_external: bool


class ValueFlow:
    """The flow of values through one script.

    Args:
        tree: of the script.
        arguments: names of the job's arguments, without dashes.
    """

    def __init__(self, tree: ast.Module, arguments: Collection[str]) -> None:
        self._arguments = frozenset(arguments)
        self._edges: dict[Node, set[Node]] = {}
        self._functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self._fields: dict[str, list[str]] = {}
        self._scopes: dict[int, str] = {}
        self._calls: dict[Node, tuple[str, dict[str, set[Node]]]] = {}
        self._locals: dict[str, set[str]] = {}
        self._classes: dict[tuple[str, str], str] = {}
        self._summaries: dict[str, tuple[set[str], set[Node]]] = {}
        self._globals = {name for node in tree.body for name in _bound(node)}
        for node in ast.walk(tree):
            if isinstance(node, _FUNCTIONS):
                self._functions[node.name] = node
                for inner in ast.walk(node):
                    self._scopes[id(inner)] = node.name
            elif isinstance(node, ast.ClassDef):
                self._fields[node.name] = list(_fields_of(node))
        self._data_classes = frozenset(
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef) and not node.bases and any(map(_is_dataclass, node.decorator_list))
        )
        self._known_fields = frozenset(field for fields in self._fields.values() for field in fields)
        for node in ast.walk(tree):  # inner functions last: they have their own scope
            if isinstance(node, _FUNCTIONS):
                for inner in ast.walk(node):
                    self._scopes[id(inner)] = node.name
        self._find_classes(tree)
        for node in ast.walk(tree):
            self._read(node)

    def origins(self, expression: ast.expr) -> Origins:
        """Return where the value of an expression comes from."""
        return self._origins(self._nodes(expression))

    def origins_of_key(self, key: str) -> Origins:
        """Return where the values of a dictionary's key come from, in any dictionary of the script."""
        return self._origins({("key", key)})

    def _origins(self, start: set[Node]) -> Origins:
        seen, queue = set(start), list(start)
        while queue:
            node = queue.pop()
            found = self._of_call(node) if node[0] == "call" else self._edges.get(node, set())
            queue += found - seen
            seen |= found
        return Origins(
            frozenset(node[1] for node in seen if node[0] == "argument"),
            frozenset(node[1] for node in seen if node[0] == "text"),
            EXTERNAL in seen,
        )

    def _of_call(self, node: Node) -> set[Node]:
        """Return where the result of one call of a function comes from: from the arguments of this call only."""
        function, given = self._calls[node]
        parameters, rest = self._summary(function)
        return rest.union(*(given.get(one, set()) for one in parameters))

    def _summary(self, function: str) -> tuple[set[str], set[Node]]:
        """Return the parameters that a function's result depends on, and what else it depends on."""
        if function in self._summaries:
            return self._summaries[function]
        parameters: set[str] = set()
        rest: set[Node] = set()
        self._summaries[function] = (parameters, rest)  # of a function that calls itself: what was found so far
        own = _parameters(self._functions[function])
        seen: set[Node] = {("result", function)}
        queue = list(seen)
        while queue:
            node = queue.pop()
            if node[0] == "call":
                found = self._of_call(node)
            elif node[0] == "name" and node[1] == function and node[2] in own:
                parameters.add(node[2])
                continue
            elif node[0] == "result" or (node[0] == "name" and node[1] == function):
                found = self._edges.get(node, set())
            else:
                rest.add(node)
                continue
            queue += found - seen
            seen |= found
        return parameters, rest

    def _read(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value)
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and node.value is not None:
            self._assign(node.target, node.value)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            self._assign(node.target, node.iter)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self._assign(node.optional_vars, node.context_expr)
        elif isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom)) and node.value is not None:
            self._add([("result", self._scopes.get(id(node), ""))], node.value)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    self._add([("key", key.value)], value)
        elif isinstance(node, ast.Call):
            self._read_call(node)

    def _read_call(self, call: ast.Call) -> None:
        name = _name_of(call.func)
        function = self._functions.get(name)
        for keyword in call.keywords:
            if keyword.arg is None:
                for field in self._fields.get(name, ()):
                    self._add([("attribute", field), ("attribute", name, field)], keyword.value)
            else:
                targets: list[Node] = [("attribute", keyword.arg)]
                if keyword.arg in self._fields.get(name, ()):
                    targets.append(("attribute", name, keyword.arg))
                elif name == "replace":
                    targets += [("attribute", one, keyword.arg) for one in self._fields]
                if name == "dict":
                    targets.append(("key", keyword.arg))
                self._add(targets, keyword.value)
        if function is not None:
            for parameter, value in self._given(call, name):
                self._add([("name", name, parameter)], value)
        fields = self._fields.get(name, [])
        for field, value in zip(fields, call.args, strict=False):
            self._add([("attribute", field), ("attribute", name, field), ("name", "__init__", field)], value)
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("append", "add", "extend", "update", "put"):
            for value in call.args:
                self._assign(call.func.value, value)

    def _given(self, call: ast.Call, name: str) -> Iterator[tuple[str, ast.expr]]:
        """Yield the parameters of a function of the script with what a call passes."""
        arguments = self._functions[name].args
        parameters = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        if isinstance(call.func, ast.Attribute) and parameters[:1] in (["self"], ["cls"]):
            yield parameters[0], call.func.value
            parameters = parameters[1:]
        rest = [arguments.vararg.arg] if arguments.vararg else []
        for position, value in enumerate(call.args):
            for one in parameters[position : position + 1] or rest:
                yield one, value
        for keyword in call.keywords:
            if keyword.arg is not None:
                yield keyword.arg, keyword.value

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        pairs: list[tuple[ast.expr, ast.expr]] = [(target, value)]
        if isinstance(target, (ast.Tuple, ast.List)):
            values = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
            same = len(values) == len(target.elts)
            pairs = list(zip(target.elts, values, strict=True)) if same else [(one, value) for one in target.elts]
        for one, given in pairs:
            if isinstance(one, (ast.Tuple, ast.List)):
                self._assign(one, given)
            elif isinstance(one, ast.Starred):
                self._assign(one.value, given)
            elif isinstance(one, ast.Subscript):
                if isinstance(one.slice, ast.Constant) and isinstance(one.slice.value, str):
                    self._add([("key", one.slice.value)], given)
                self._assign(one.value, given)
            elif isinstance(one, ast.Attribute):
                self._add([("attribute", one.attr), self._attribute(one)], given)
            elif isinstance(one, ast.Name):
                self._add([self._variable(one)], given)

    def _add(self, targets: list[Node], value: ast.expr) -> None:
        nodes = self._nodes(value)
        for target in targets:
            self._edges.setdefault(target, set()).update(nodes)

    def _variable(self, name: ast.Name) -> Node:
        scope = self._scopes.get(id(name), "")
        return (
            "name",
            "" if scope and name.id in self._globals and not self._is_local(scope, name.id) else scope,
            name.id,
        )

    def _is_local(self, scope: str, name: str) -> bool:
        if scope not in self._locals:
            walked = ast.walk(self._functions[scope])
            stored = {one.id for one in walked if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
            self._locals[scope] = stored | _parameters(self._functions[scope])
        return name in self._locals[scope]

    def _nodes(self, expression: ast.expr) -> set[Node]:
        """Return the nodes of an expression; what only decides between values is left out."""
        return set(self._parts(expression))

    def _parts(self, value: ast.AST) -> Iterator[Node]:
        if isinstance(value, ast.Constant):
            if isinstance(value.value, str):
                yield ("text", value.value)
        elif isinstance(value, ast.Name):
            yield self._variable(value)
        elif isinstance(value, ast.Attribute):
            yield self._attribute(value)
            if value.attr not in self._known_fields:  # a field's value is not that of the object around it
                yield from self._parts(value.value)
        elif isinstance(value, ast.Subscript):
            yield from self._subscript(value)
        elif isinstance(value, ast.IfExp):
            yield from self._parts(value.body)
            yield from self._parts(value.orelse)
        elif isinstance(value, ast.Call):
            yield from self._call(value)
        elif not isinstance(value, (ast.Lambda, ast.Compare)):
            for child in ast.iter_child_nodes(value):
                yield from self._parts(child)

    def _attribute(self, value: ast.Attribute) -> Node:
        """Return the node of an attribute: of its class if the script states the class, else of all classes."""
        owner = self._class_of(value.value)
        return ("attribute", owner, value.attr) if owner is not None else ("attribute", value.attr)

    def _class_of(self, value: ast.expr) -> str | None:
        """Return the data class of an expression, if an annotation or a constructor states it."""
        if isinstance(value, ast.Name):
            scope = self._scopes.get(id(value), "")
            return self._classes.get((scope, value.id)) or self._classes.get(("", value.id))
        if isinstance(value, ast.Call):
            name = _name_of(value.func)
            if name in self._data_classes:
                return name
            function = self._functions.get(name)
            return self._named(function.returns) if function is not None else None
        return None

    def _named(self, annotation: ast.expr | None) -> str | None:
        """Return the data class that an annotation names, also in ``Optional[...]`` and as text."""
        if annotation is None:
            return None
        text = ast.unparse(annotation).strip("'\"").removeprefix("Optional[").rstrip("]")
        text = text.partition(" | ")[0]
        return text if text in self._data_classes else None

    def _find_classes(self, tree: ast.Module) -> None:
        """Find the data classes of parameters and variables; a variable of several classes has none."""
        found: dict[tuple[str, str], set[str | None]] = {}
        for node in ast.walk(tree):
            if isinstance(node, _FUNCTIONS):
                arguments = node.args
                for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                    found.setdefault((node.name, one.arg), set()).add(self._named(one.annotation))
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                place = (self._scopes.get(id(node), ""), node.target.id)
                found.setdefault(place, set()).add(self._named(node.annotation))
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        place = (self._scopes.get(id(node), ""), target.id)
                        found.setdefault(place, set()).add(self._class_of(node.value))
            elif isinstance(node, (ast.For, ast.comprehension)) and isinstance(node.target, ast.Name):
                found.setdefault((self._scopes.get(id(node.target), ""), node.target.id), set()).add(None)
        self._classes = {place: next(iter(names)) or "" for place, names in found.items() if len(names) == 1}
        self._classes = {place: name for place, name in self._classes.items() if name}

    def _subscript(self, value: ast.Subscript) -> Iterator[Node]:
        key = value.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            if key.value in self._arguments:
                yield ("argument", key.value)
                return
            yield ("key", key.value)
        yield from self._parts(value.value)

    def _call(self, call: ast.Call) -> Iterator[Node]:
        name = _name_of(call.func)
        first = call.args[0] if call.args else None
        if name in ("get", "pop") and isinstance(first, ast.Constant) and first.value in self._arguments:
            yield ("argument", str(first.value))
            return
        if name in self._functions:
            node: Node = ("call", str(id(call)))
            self._calls[node] = (name, {one: self._nodes(value) for one, value in self._given(call, name)})
            yield node
            return
        if isinstance(call.func, ast.Attribute):
            yield from self._parts(call.func.value)
        for value in (*call.args, *(keyword.value for keyword in call.keywords)):
            yield from self._parts(value)
        is_request = name.startswith(_REQUESTS) and call.keywords and not call.args
        if name in ("read", "getenv", "open", "loads", "load") or is_request:
            yield EXTERNAL


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        yield node.name
        return
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return {one.arg for one in (*every, arguments.vararg, arguments.kwarg) if one is not None}


def _fields_of(node: ast.ClassDef) -> Iterator[str]:
    """Yield the parameters of a constructor: the fields of a data class, or those of ``__init__``."""
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            yield from (one.arg for one in statement.args.args[1:])
            return
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id


def _is_dataclass(decorator: ast.expr) -> bool:
    return "dataclass" in ast.unparse(decorator)


def _name_of(function: ast.expr) -> str:
    name: str = getattr(function, "id", getattr(function, "attr", ""))
    return name
