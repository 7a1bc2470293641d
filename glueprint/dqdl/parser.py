"""Reads DQDL documents by recursive descent."""

from __future__ import annotations

from collections.abc import Callable

from glueprint.dqdl.conditions import begins_condition, read_condition, read_constant_name
from glueprint.dqdl.errors import similar
from glueprint.dqdl.labels import read_labels
from glueprint.dqdl.model import (
    Analyzer,
    CompositeRule,
    Condition,
    Operator,
    Parameter,
    Rule,
    Ruleset,
    SimpleRule,
)
from glueprint.dqdl.operands import Date, OperandKind, Text
from glueprint.dqdl.reader import Reader
from glueprint.dqdl.rule_types import RULE_TYPES, RuleType
from glueprint.dqdl.sections import read_constant, read_metadata, read_sources
from glueprint.dqdl.tokens import Kind, Token

_AND, _OR = ("and", "AND"), ("or", "OR")
_CLAUSES = ("where", "with", "labels", "between", "in", "not", "matches", "of", "OF", *_AND, *_OR)
_INVENTED = {"IsNotNull": "IsComplete", "NotNull": "IsComplete", "IsNonNull": "IsComplete", "Count": "RowCount"}
"""Rule types of public scripts that never existed, and what they mean."""
_SECTIONS = ("Metadata", "DataSources", "DefaultLabels", "Rules", "Analyzers")


def parse(document: str) -> Ruleset:
    """Return the ruleset of a DQDL document.

    Raises:
        DqdlError: it is not valid.
    """
    return _Parser(document).read()


class _Parser:
    def __init__(self, document: str) -> None:
        self._reader = Reader(document)
        self._constants: dict[str, str | tuple[str, ...]] = {}
        self._labels: dict[str, str] = {}

    def read(self) -> Ruleset:
        reader = self._reader
        metadata = read_metadata(reader) if self._begins("Metadata") else {}
        primary, additional = read_sources(reader) if self._begins("DataSources") else (None, ())
        while self._begins_constant():
            read_constant(reader, self._constants)
        if self._begins("DefaultLabels"):
            reader.take()
            self._labels = read_labels(reader)
        rules: tuple[Rule, ...] = ()
        analyzers: tuple[Analyzer, ...] = ()
        start = reader.next
        if self._begins("Rules"):
            rules = tuple(self._read_rules())
        if self._begins("Analyzers"):
            analyzers = tuple(self._read_analyzers())
        self._expect_end(start)
        if not rules and not analyzers:
            reader.fail("No rules or analyzers provided.", "write Rules = [ ... ]", at=start)
        return Ruleset(rules, analyzers, dict(self._constants), metadata, primary, additional, self._labels)

    def _begins(self, section: str) -> bool:
        return self._reader.is_word(section) and self._reader.is_sign("=", 1)

    def _begins_constant(self) -> bool:
        return (
            self._reader.next.kind is Kind.NAME
            and not self._reader.is_word(*_SECTIONS)
            and self._reader.is_sign("=", 1)
        )

    def _expect_end(self, start: Token) -> None:
        reader = self._reader
        if reader.next.kind is Kind.END:
            return
        if reader.is_word(*_SECTIONS):
            reader.fail(
                f"section {reader.next.text} is not at its place",
                "the order is Metadata, DataSources, constants, DefaultLabels, Rules, Analyzers, each once",
            )
        if reader.next is start:
            word = similar(reader.next.text, _SECTIONS) if reader.next.kind is Kind.NAME else ""
            reader.fail(f"expected Rules = [ ... ], found {reader.next}", word)
        reader.fail(f"unexpected {reader.next} behind the ruleset")

    # --- rules ---

    def _read_rules(self) -> list[Rule]:
        reader = self._reader
        start = reader.take()
        reader.expect_sign("=", "behind Rules")
        reader.expect_sign("[", "before the rules")
        rules: list[Rule] = []
        if reader.take_sign("]"):
            return rules
        rules.append(self._read_rule())
        while reader.take_sign(","):
            if reader.is_sign("]"):
                reader.fail("expected a rule behind ','", "delete the last comma")
            rules.append(self._read_rule())
        if not reader.take_sign("]"):
            advice = "rules are separated by commas" if reader.next.kind is Kind.NAME else ""
            reader.fail(f"expected ',' or ']' behind a rule, found {reader.next}", advice)
        for rule in rules:
            _check_nested_labels(reader, rule, start)
        return rules

    def _read_rule(self) -> Rule:
        return self._read_operator(_OR, lambda: self._read_operator(_AND, self._read_part))

    def _read_operator(self, words: tuple[str, str], read_one: Callable[[], Rule]) -> Rule:
        first = read_one()
        rules = [first]
        while self._reader.take_word(*words):
            rules.append(read_one())
        return first if len(rules) == 1 else CompositeRule(words[1], tuple(rules))

    def _read_part(self) -> Rule:
        reader = self._reader
        if not reader.take_sign("("):
            return self._read_simple()
        reader.enter()
        rule = self._read_rule()
        reader.expect_sign(")", "behind the rule")
        reader.leave()
        if not reader.is_word("labels"):
            return rule
        reader.take()
        labels = read_labels(reader, self._labels)
        if isinstance(rule, CompositeRule):
            return CompositeRule(rule.operator, rule.rules, labels)
        return SimpleRule(
            rule.type, rule.parameters, rule.condition, rule.where, rule.threshold, rule.tags, labels
        )

    def _read_simple(self) -> SimpleRule:
        reader = self._reader
        name = reader.next
        rule_type = self._read_type("Rule")
        parameters = self._read_parameters(name, rule_type)
        condition = read_condition(reader, self._constants) if begins_condition(reader) else None
        _check_condition(reader, name, rule_type, condition)
        if name.text == "FileMatch" and condition is None and len(parameters) < 2:
            reader.fail("FileMatch needs two paths, or a condition with checksums", 'for example: in ["..."]')
        where: str | None = None
        threshold: Condition | None = None
        tags: list[tuple[str, str]] = []
        labels: dict[str, str] = {}
        while reader.is_word("where", "with", "labels"):
            word = reader.take()
            if word.text == "where":
                if where is not None or threshold is not None or tags:
                    reader.fail("'where' comes once, before 'with'", at=word)
                where = self._read_where(name, rule_type)
            elif word.text == "labels":
                labels = read_labels(reader, self._labels)
            else:
                threshold = self._read_with(name, rule_type, threshold, tags)
        return SimpleRule(name.text, parameters, condition, where, threshold, tuple(tags), labels)

    def _read_type(self, what: str) -> RuleType:
        name = self._reader.take()
        if name.kind is not Kind.NAME:
            self._reader.fail(f"expected the type of the next {what.lower()}, found {name}", at=name)
        found = RULE_TYPES.get(name.text)
        if found is None:
            self._reader.fail(f"{what} Type: {name.text} is not valid", _advice(name.text), at=name)
        if what == "Rule" and not found.rule:
            self._reader.fail(f"Analyzer Type: {name.text} is not supported in rules section", at=name)
        if what == "Analyzer" and not found.analyzer:
            self._reader.fail(f"Analyzer Type: {name.text} is not supported", at=name)
        return found

    def _read_parameters(self, name: Token, rule_type: RuleType) -> tuple[Parameter, ...]:
        reader = self._reader
        found: list[Parameter] = []
        while True:
            connector = ""
            if reader.is_word("of", "OF", *_AND) and _is_parameter(reader, 1):
                connector = reader.take().text
            elif not _is_parameter(reader):
                break
            found.append(self._read_parameter(connector))
        least, most = rule_type.parameters
        if len(found) < least or (most is not None and len(found) > most):
            wanted = f"{least}" if most == least else f"at least {least}" if most is None else f"{least} to {most}"
            reader.fail(f"{name.text} takes {wanted} parameter(s), not {len(found)}", at=name)
        return tuple(found)

    def _read_parameter(self, connector: str) -> Parameter:
        reader = self._reader
        token = reader.take()
        if token.text != "$" or token.kind is not Kind.SIGN:
            is_quoted = token.kind is Kind.TEXT
            return Parameter(token.value if is_quoted else token.text, is_quoted, connector)
        constant, value = read_constant_name(reader, self._constants)
        if not isinstance(value, str):
            reader.fail(f"constant '{constant}' is a list; a parameter is one text", at=token)
        return Parameter(value, True, connector, constant)

    def _read_where(self, name: Token, rule_type: RuleType) -> str:
        token = self._reader.next
        if not rule_type.where:
            self._reader.fail(f"Where clause is not supported for rule type: {name.text}", at=token)
        where = self._reader.expect_text("a Spark SQL condition")
        if not where.strip():
            self._reader.fail(f"Empty where condition provided for rule type: {name.text}", at=token)
        return where

    def _read_with(
        self, name: Token, rule_type: RuleType, before: Condition | None, tags: list[tuple[str, str]]
    ) -> Condition | None:
        reader = self._reader
        word = reader.take()
        if word.kind is not Kind.NAME:
            reader.fail(f"expected 'threshold' behind 'with', found {word}", at=word)
        if word.text.lower() == "threshold":
            if not rule_type.threshold:
                reader.fail(f"Threshold condition not supported for rule type: {name.text}", at=word)
            if before is not None:
                reader.fail("Only one threshold condition at a time is supported.", at=word)
            found = read_condition(reader, self._constants)
            if found.kind is not OperandKind.NUMBER:
                reader.fail("a threshold is compared with numbers", "for example: with threshold > 0.9", at=word)
            return found
        if not rule_type.tags:
            reader.fail(
                f"{name.text} does not take 'with {word.text}'", similar(word.text, ["threshold"]), at=word
            )
        tags.append(self._read_tag(word))
        return before

    def _read_tag(self, word: Token) -> tuple[str, str]:
        reader = self._reader
        reader.expect_sign("=", f"behind 'with {word.text}'")
        value = reader.take()
        if value.kind not in (Kind.TEXT, Kind.NUMBER, Kind.NAME):
            reader.fail(f"expected a value of {word.text}, found {value}", at=value)
        return word.text, value.value if value.kind is Kind.TEXT else value.text

    # --- analyzers ---

    def _read_analyzers(self) -> list[Analyzer]:
        reader = self._reader
        reader.take()
        reader.expect_sign("=", "behind Analyzers")
        reader.expect_sign("[", "before the analyzers")
        found: list[Analyzer] = []
        if reader.take_sign("]"):
            return found
        found.append(self._read_analyzer())
        while reader.take_sign(","):
            found.append(self._read_analyzer())
        if begins_condition(reader):
            reader.fail("an analyzer has no condition", "to check a value, write a rule in Rules = [ ... ]")
        reader.expect_sign("]", "or ',' behind an analyzer")
        return found

    def _read_analyzer(self) -> Analyzer:
        reader = self._reader
        name = reader.next
        analyzer_type = self._read_type("Analyzer")
        parameters = self._read_parameters(name, analyzer_type)
        tags: list[tuple[str, str]] = []
        if analyzer_type.tags and reader.take_word("with"):
            tags.append(self._read_tag(reader.take()))
            while reader.is_sign(",") and reader.is_sign("=", 2):
                reader.take()
                tags.append(self._read_tag(reader.take()))
        return Analyzer(name.text, parameters, tuple(tags))


def _advice(rule_type: str) -> str:
    """Return a suggestion for a rule type that does not exist."""
    if rule_type in _INVENTED:
        return f"did you mean {_INVENTED[rule_type]}?"
    return similar(rule_type, RULE_TYPES)


def _is_parameter(reader: Reader, ahead: int = 0) -> bool:
    token = reader.ahead(ahead)
    if token.kind is Kind.NAME:
        return token.text not in _CLAUSES
    return token.kind is Kind.TEXT or reader.is_sign("$", ahead)


def _check_condition(reader: Reader, name: Token, rule_type: RuleType, condition: Condition | None) -> None:
    kinds = " or ".join(sorted(kind.value for kind in rule_type.conditions))
    if condition is None:
        if rule_type.conditions and rule_type.condition_required:
            reader.fail(f"{name.text} needs a condition that compares with a {kinds}", _EXAMPLES.get(kinds, ""))
        return
    if not rule_type.conditions:
        reader.fail(f"Unexpected condition for rule of type {name.text} with boolean return type", at=name)
    kind = condition.kind
    allowed = rule_type.conditions
    if kind is OperandKind.DATE and OperandKind.TEXT in allowed:
        return
    if kind is None and (OperandKind.NUMBER in allowed or OperandKind.TEXT in allowed):
        return
    if kind not in allowed:
        reader.fail(
            f"Unexpected condition for rule of type {name.text} with {kinds} return type: '{condition}'",
            _EXAMPLES.get(kinds, ""),
            at=name,
        )
    if (
        condition.operator in (Operator.MATCHES, Operator.NOT_MATCHES)
        and isinstance(condition.operands[0], (Date, Text))
        and OperandKind.TEXT not in allowed
    ):
        reader.fail(f"{name.text} cannot be compared by 'matches'", at=name)


_EXAMPLES = {
    "number": "for example: > 0.9",
    "duration": "for example: <= 24 hours",
    "text": 'for example: = "Integer"',
}


def _check_nested_labels(reader: Reader, rule: Rule, start: Token) -> None:
    if isinstance(rule, SimpleRule):
        return
    for one in rule.rules:
        if one.labels:
            reader.fail(
                f"labels of '{one}' are inside a composite rule",
                "put parentheses around the complete composite rule and the labels behind them",
                at=start,
            )
        _check_nested_labels(reader, one, start)
