"""Random rulesets for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from glueprint.dqdl.model import Analyzer, CompositeRule, Condition, Operator, Parameter, Rule, Ruleset, SimpleRule
from glueprint.dqdl.operands import (
    SIZE_UNITS,
    Arithmetic,
    Call,
    Date,
    Duration,
    Keyword,
    Now,
    Number,
    NumberExpression,
    Operand,
    OperandKind,
    Size,
    Text,
    Unit,
)
from glueprint.dqdl.rule_types import RULE_TYPES, RuleType

_ORDERED = (Operator.GREATER, Operator.GREATER_EQUAL, Operator.LESS, Operator.LESS_EQUAL)
_EQUAL = (Operator.EQUAL, Operator.NOT_EQUAL)

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
plain_texts = texts.filter(lambda text: not text[:1].isdigit())
names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,6}", fullmatch=True).filter(
    lambda name: (
        name.lower()
        not in (
            "of",
            "and",
            "or",
            "where",
            "with",
            "labels",
            "between",
            "in",
            "not",
            "matches",
            "null",
            "empty",
            "now",
        )
    )
)
atoms = st.one_of(
    st.integers(-(10**6), 10**6).map(lambda n: Number(str(n))),
    st.decimals(-1000, 1000, places=3).map(lambda n: Number(f"{n:.3f}")),
)


def _extended(inner: st.SearchStrategy[NumberExpression]) -> st.SearchStrategy[NumberExpression]:
    nested = inner.map(
        lambda one: Arithmetic(one.left, one.operator, one.right, True) if isinstance(one, Arithmetic) else one
    )
    return st.one_of(
        st.builds(Call, st.sampled_from(["last", "avg", "std", "index"]), st.lists(inner, max_size=2).map(tuple)),
        st.builds(Arithmetic, inner, st.sampled_from("+-*/"), nested, st.booleans()),
    )


numbers = st.recursive(atoms, _extended, max_leaves=4)
dates = st.one_of(
    st.dates().map(lambda day: Date(day.isoformat())),
    st.times().map(lambda time: Date(f"{time:%H:%M}")),
    st.times().map(lambda time: Date(f"{time:%I:%M %p}")),
    st.just(Now()),
    st.builds(Now, st.sampled_from("+-"), st.builds(Duration, st.integers(0, 99), st.sampled_from(Unit))),
)
_OPERANDS: dict[OperandKind, st.SearchStrategy[Operand]] = {
    OperandKind.NUMBER: numbers,
    OperandKind.TEXT: st.one_of(plain_texts.map(Text), st.sampled_from(Keyword)),
    OperandKind.DATE: dates,
    OperandKind.DURATION: st.builds(Duration, st.integers(0, 99), st.sampled_from(Unit)),
    OperandKind.SIZE: st.builds(Size, st.integers(0, 99), st.sampled_from(sorted(SIZE_UNITS))),
}


@st.composite
def conditions(draw: st.DrawFn, kind: OperandKind) -> Condition:
    """A condition whose operands are of one kind."""
    operand = _OPERANDS[kind]
    is_text = kind is OperandKind.TEXT
    allowed = [*_EQUAL, Operator.IN, Operator.NOT_IN]
    allowed += [Operator.MATCHES, Operator.NOT_MATCHES] if is_text else [*_ORDERED, Operator.BETWEEN]
    operator = draw(st.sampled_from(allowed))
    if operator in (Operator.MATCHES, Operator.NOT_MATCHES):
        return Condition(operator, (draw(plain_texts.map(Text)),))
    if operator is Operator.BETWEEN:
        return Condition(operator, (draw(operand), draw(operand)))
    if operator in (Operator.IN, Operator.NOT_IN):
        return Condition(operator, tuple(draw(st.lists(operand, min_size=1, max_size=4))))
    return Condition(operator, (draw(operand),))


labels = st.dictionaries(texts.filter(bool), texts.filter(bool), max_size=3)
parameters = st.one_of(
    texts.map(Parameter),
    names.map(lambda name: Parameter(name, is_quoted=False)),
    st.builds(Parameter, texts, st.just(True), st.sampled_from(["of", "and", "OF", "AND"])),
)


@st.composite
def simple_rules(draw: st.DrawFn, *, with_labels: bool = True) -> SimpleRule:
    """A rule of any type."""
    name = draw(st.sampled_from([name for name, one in RULE_TYPES.items() if one.rule and name != "FileMatch"]))
    kind: RuleType = RULE_TYPES[name]
    least, most = kind.parameters
    count = draw(st.integers(least, least + 2 if most is None else most))
    condition = None
    if kind.conditions:
        condition = draw(conditions(draw(st.sampled_from(sorted(kind.conditions, key=str)))))
    where = draw(st.none() | texts.filter(lambda text: bool(text.strip()))) if kind.where else None
    threshold = draw(st.none() | conditions(OperandKind.NUMBER)) if kind.threshold else None
    tags = (
        draw(st.lists(st.tuples(names.filter(lambda n: n != "threshold"), texts), max_size=2)) if kind.tags else []
    )
    return SimpleRule(
        name,
        tuple(draw(st.lists(parameters, min_size=count, max_size=count))),
        condition,
        where,
        threshold,
        tuple(tags),
        draw(labels) if with_labels else {},
    )


def _composite(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    return st.builds(
        CompositeRule, st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=2, max_size=3).map(tuple)
    )


rules = st.one_of(
    simple_rules(),
    st.recursive(simple_rules(with_labels=False), _composite, max_leaves=4),
)
analyzers = st.sampled_from(["RowCount", "ColumnCount"]).map(Analyzer)
rulesets = st.builds(
    Ruleset,
    st.lists(rules, min_size=1, max_size=4).map(tuple),
    st.lists(analyzers, max_size=2).map(tuple),
    st.dictionaries(
        names.filter(lambda n: n not in ("Metadata", "DataSources", "DefaultLabels", "Rules", "Analyzers")),
        st.one_of(texts, st.lists(texts, min_size=1, max_size=3).map(tuple)),
        max_size=2,
    ),
    st.just({}) | st.just({"Version": "1.0"}),
    st.none() | texts,
    st.lists(texts, max_size=2).map(tuple),
    labels,
)
