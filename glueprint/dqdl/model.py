"""A parsed DQDL document. ``str()`` of each part is DQDL again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Union

from glueprint.dqdl.operands import Operand, OperandKind, any_history, kind_of
from glueprint.dqdl.tokens import quoted


class Operator(Enum):
    """How a condition compares. The values are DQDL's words."""

    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    GREATER_EQUAL = ">="
    LESS = "<"
    LESS_EQUAL = "<="
    BETWEEN = "between"
    NOT_BETWEEN = "not between"
    IN = "in"
    NOT_IN = "not in"
    MATCHES = "matches"
    NOT_MATCHES = "not matches"


@dataclass(frozen=True)
class Condition:
    """An operator and its operands: two for ``between``, any number for ``in``, one for the others."""

    operator: Operator
    operands: tuple[Operand, ...]

    @property
    def kind(self) -> OperandKind | None:
        """The kind of the operands; None if there is only NULL."""
        return next((kind for kind in map(kind_of, self.operands) if kind is not None), None)

    @property
    def is_dynamic(self) -> bool:
        """Whether it compares with earlier runs."""
        return any_history(self.operands)

    def __str__(self) -> str:
        word = self.operator.value
        if self.operator in (Operator.IN, Operator.NOT_IN):
            return f"{word} [{','.join(map(str, self.operands))}]"
        return f"{word} {' and '.join(map(str, self.operands))}"


@dataclass(frozen=True)
class Parameter:
    """A column, a statement, an alias; ``connector`` is the word ``of`` or ``and`` before it."""

    value: str
    is_quoted: bool = True
    connector: str = ""
    constant: str = ""
    """The name of the constant that the value comes from, without ``$``."""

    def __str__(self) -> str:
        text = quoted(self.value) if self.is_quoted else self.value
        if self.constant:
            text = f"${self.constant}"
        return f"{self.connector} {text}" if self.connector else text


def _labels_text(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{quoted(key)}={quoted(value)}" for key, value in labels.items())


@dataclass(frozen=True)
class SimpleRule:
    """A rule of one rule type."""

    type: str
    parameters: tuple[Parameter, ...] = ()
    condition: Condition | None = None
    where: str | None = None
    threshold: Condition | None = None
    tags: tuple[tuple[str, str], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_dynamic(self) -> bool:
        """Whether it compares with earlier runs."""
        return any(one is not None and one.is_dynamic for one in (self.condition, self.threshold))

    def __str__(self) -> str:
        parts = [self.type, *map(str, self.parameters)]
        if self.condition is not None:
            parts.append(str(self.condition))
        if self.where is not None:
            parts.append(f"where {quoted(self.where)}")
        if self.threshold is not None:
            parts.append(f"with threshold {self.threshold}")
        parts += [f"with {name} = {quoted(value)}" for name, value in self.tags]
        if self.labels:
            parts.append(f"labels=[{_labels_text(self.labels)}]")
        return " ".join(parts)


@dataclass(frozen=True)
class CompositeRule:
    """Rules that are combined by ``AND`` or ``OR``."""

    operator: str
    rules: tuple[Rule, ...]
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_dynamic(self) -> bool:
        """Whether any of its rules compares with earlier runs."""
        return any(one.is_dynamic for one in self.rules)

    def __str__(self) -> str:
        text = f" {self.operator} ".join(f"({one})" for one in self.rules)
        return f"({text}) labels=[{_labels_text(self.labels)}]" if self.labels else text


Rule = Union[SimpleRule, CompositeRule]


def simple_rules(rule: Rule) -> Iterator[SimpleRule]:
    """Return the rules that ``rule`` consists of."""
    if isinstance(rule, SimpleRule):
        yield rule
    else:
        for one in rule.rules:
            yield from simple_rules(one)


@dataclass(frozen=True)
class Analyzer:
    """Computes metrics and checks nothing."""

    type: str
    parameters: tuple[Parameter, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        text = " ".join([self.type, *map(str, self.parameters)])
        options = ", ".join(f"{name} = {value}" for name, value in self.tags)
        return f"{text} with {options}" if options else text


@dataclass(frozen=True)
class Ruleset:
    """A document: rules, analyzers, and what they refer to."""

    rules: tuple[Rule, ...] = ()
    analyzers: tuple[Analyzer, ...] = ()
    constants: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    primary: str | None = None
    additional_sources: tuple[str, ...] = ()
    default_labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_dynamic(self) -> bool:
        """Whether any rule compares with earlier runs."""
        return any(rule.is_dynamic for rule in self.rules)

    def labels_of(self, rule: Rule) -> dict[str, str]:
        """Return the labels of a rule; its own take precedence over the ruleset's."""
        return {**self.default_labels, **rule.labels}

    def __str__(self) -> str:
        sections = []
        if self.metadata:
            sections.append(f"Metadata = {{{_pairs_text(self.metadata)}}}")
        if self.primary is not None or self.additional_sources:
            sections.append(f"DataSources = {{{self._sources_text()}}}")
        sections += [f"{name} = {_constant_text(value)}" for name, value in self.constants.items()]
        if self.default_labels:
            sections.append(f"DefaultLabels=[{_labels_text(self.default_labels)}]")
        if self.rules:
            sections.append(_list_text("Rules", self.rules))
        if self.analyzers:
            sections.append(_list_text("Analyzers", self.analyzers))
        return "\n\n".join(sections)

    def _sources_text(self) -> str:
        parts = [] if self.primary is None else [f'"Primary": {quoted(self.primary)}']
        if self.additional_sources:
            names = ", ".join(map(quoted, self.additional_sources))
            parts.append(f'"AdditionalDataSources": [{names}]')
        return ", ".join(parts)


def _pairs_text(pairs: Mapping[str, str]) -> str:
    return ", ".join(f"{quoted(key)}: {quoted(value)}" for key, value in pairs.items())


def _constant_text(value: str | tuple[str, ...]) -> str:
    return quoted(value) if isinstance(value, str) else f"[{', '.join(map(quoted, value))}]"


def _list_text(name: str, items: tuple[Rule, ...] | tuple[Analyzer, ...]) -> str:
    lines = ",\n".join(f"    {one}" for one in items)
    return f"{name} = [\n{lines}\n]"
