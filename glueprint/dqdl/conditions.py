"""Reads conditions: operators and what they compare with."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping

from glueprint.dqdl.errors import similar
from glueprint.dqdl.model import Condition, Operator
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
    kind_of,
)
from glueprint.dqdl.reader import Reader
from glueprint.dqdl.tokens import Kind, Token

Constants = Mapping[str, "str | tuple[str, ...]"]

_WORDS = ("between", "in", "not", "matches")
_SIGNS = {one.value: one for one in Operator if not one.value[0].isalpha()}
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}:\d\d [AP]M|\d\d:\d\d")
_UNITS = {str(unit): unit for unit in Unit}
_KEYWORDS = {word: one for one in Keyword for word in (one.value, one.value.lower())}
_BEHIND_NUMBERS = ("and", "AND", "or", "OR", "where", "with", "labels")
_OPERATORS = ("+", "-", "*", "/")


def begins_condition(reader: Reader) -> bool:
    """Whether the next token begins a condition."""
    token = reader.next
    return reader.is_word(*_WORDS) or (token.kind is Kind.SIGN and (token.text in _SIGNS or token.text == "!"))


def read_condition(reader: Reader, constants: Constants) -> Condition:
    """Read an operator and its operands.

    Raises:
        DqdlError: they are not a condition.
    """
    start = reader.next
    operator = _read_operator(reader)
    if operator in (Operator.BETWEEN, Operator.NOT_BETWEEN):
        low = _read_operand(reader, constants)
        if not reader.take_word("and", "AND"):
            reader.fail(f"expected 'and' and an upper bound behind 'between {low}', found {reader.next}")
        operands: tuple[Operand, ...] = (low, _read_operand(reader, constants))
    elif operator in (Operator.IN, Operator.NOT_IN):
        operands = _read_list(reader, constants)
    else:
        operands = (_read_operand(reader, constants),)
    _check(reader, start, operator, operands)
    return Condition(operator, operands)


def read_constant_name(reader: Reader, constants: Constants) -> tuple[str, str | tuple[str, ...]]:
    """Read the name behind ``$``; return it with the value of the constant.

    Raises:
        DqdlError: no constant has this name.
    """
    token = reader.take()
    if token.kind not in (Kind.NAME, Kind.NUMBER):
        reader.fail(f"expected the name of a constant behind '$', found {token}", at=token)
    if token.text not in constants:
        reader.fail(
            f"constant '{token.text}' is not defined",
            similar(token.text, constants) or f'define it before the rules: {token.text} = "..."',
            at=token,
        )
    return token.text, constants[token.text]


def _read_operator(reader: Reader) -> Operator:
    negated = False
    if reader.is_word("not"):
        reader.take()
        negated = True
    token = reader.take()
    if not negated and token.text == "!" and reader.is_sign("="):
        reader.take()
        return Operator.NOT_EQUAL
    if token.kind is Kind.SIGN and token.text in _SIGNS and not negated:
        return _SIGNS[token.text]
    if token.kind is Kind.NAME and token.text in ("between", "in", "matches"):
        return Operator(f"not {token.text}" if negated else token.text)
    behind = " behind 'not'" if negated else ""
    raise reader.error(
        f"expected between, in or matches{behind}, found {token}", similar(token.text, _WORDS), at=token
    )


def _read_list(reader: Reader, constants: Constants) -> tuple[Operand, ...]:
    if reader.take_sign("$"):
        _, value = read_constant_name(reader, constants)
        return tuple(map(_text_operand, [value] if isinstance(value, str) else value))
    reader.expect_sign("[", "and a list behind 'in'")
    operands = [_read_operand(reader, constants)]
    while reader.take_sign(","):
        operands.append(_read_operand(reader, constants))
    reader.expect_sign("]", "or ',' in the list")
    return tuple(operands)


def _read_operand(reader: Reader, constants: Constants) -> Operand:
    token = reader.next
    if token.kind is Kind.TEXT:
        reader.take()
        operand = _text_operand(token.value)
        if isinstance(operand, Date):
            _check_date(reader, operand, token)
        return operand
    if reader.take_sign("$"):
        name, value = read_constant_name(reader, constants)
        if not isinstance(value, str):
            reader.fail(f"constant '{name}' is a list; one value is needed here", "use it with 'in'", at=token)
        return _text_operand(value)
    if token.kind is Kind.NAME and token.text in _KEYWORDS:
        reader.take()
        return _KEYWORDS[token.text]
    if _is_now(reader):
        return _read_now(reader)
    if reader.is_sign("(") and _is_now(reader, 1):
        reader.take()
        moment = _read_now(reader)
        if reader.is_sign("+") or reader.is_sign("-"):
            moment = Now(reader.take().text, _read_duration(reader))
        reader.expect_sign(")", "behind the date expression")
        return moment
    return _read_quantity(reader)


def _text_operand(value: str) -> Operand:
    return Date(value) if _DATE.fullmatch(value) else Text(value)


def _check_date(reader: Reader, date: Date, token: Token) -> None:
    try:
        date.at(datetime.datetime(2000, 1, 1))
    except ValueError:
        reader.fail(f"{date} is not a date or time that exists", at=token)


def _is_now(reader: Reader, ahead: int = 0) -> bool:
    return reader.is_word("now", ahead=ahead) and reader.is_sign("(", ahead + 1) and reader.is_sign(")", ahead + 2)


def _read_now(reader: Reader) -> Now:
    for _ in range(3):
        reader.take()
    return Now()


def _read_duration(reader: Reader) -> Duration:
    token = reader.take()
    if token.kind is not Kind.NUMBER or not token.text.isdigit():
        reader.fail(f"expected a whole number of days, hours or minutes, found {token}", at=token)
    unit = reader.take()
    if unit.text not in _UNITS:
        reader.fail(
            f"expected days, hours or minutes behind {token.text}, found {unit}",
            similar(unit.text, _UNITS),
            at=unit,
        )
    return Duration(int(token.text), _UNITS[unit.text])


def _read_quantity(reader: Reader) -> Operand:
    """Read a number, a duration or a size."""
    unit = reader.ahead(1)
    if reader.next.kind is Kind.NUMBER and unit.kind is Kind.NAME:
        if unit.text in _UNITS:
            return _read_duration(reader)
        if unit.text in SIZE_UNITS and reader.next.text.isdigit():
            return Size(int(reader.take().text), reader.take().text)
        if unit.text not in _BEHIND_NUMBERS:
            known = [*_UNITS, *SIZE_UNITS]
            reader.fail(
                f"'{unit.text}' behind {reader.next.text} is not a unit",
                similar(unit.text, known) or f"units are {', '.join(known)}; rules are separated by commas",
                at=unit,
            )
    return read_number(reader)


def read_number(reader: Reader) -> NumberExpression:
    """Read a number or an expression of numbers; operators have no precedence, as in AWS's grammar.

    Raises:
        DqdlError: it is not a number.
    """
    left = _read_atom(reader)
    while any(reader.is_sign(sign) for sign in _OPERATORS):
        operator = reader.take().text
        left = Arithmetic(left, operator, _read_atom(reader))
    return left


def _read_atom(reader: Reader) -> NumberExpression:
    token = reader.take()
    if token.kind is Kind.NUMBER:
        return Number(token.text)
    if token.text == "-" and reader.next.kind is Kind.NUMBER:
        return Number("-" + reader.take().text)
    if token.kind is Kind.NAME and reader.take_sign("("):
        reader.enter()
        arguments: list[NumberExpression] = []
        if not reader.is_sign(")"):
            arguments.append(read_number(reader))
            while reader.take_sign(","):
                arguments.append(read_number(reader))
        reader.expect_sign(")", f"behind the arguments of {token.text}")
        reader.leave()
        return Call(token.text, tuple(arguments))
    if token.kind is Kind.SIGN and token.text == "(":
        reader.enter()
        inner = read_number(reader)
        reader.expect_sign(")", "behind the expression")
        reader.leave()
        if isinstance(inner, Arithmetic):
            return Arithmetic(inner.left, inner.operator, inner.right, in_parentheses=True)
        return inner
    advice = "texts are in double quotes" if token.kind is Kind.NAME else ""
    raise reader.error(f"expected a value to compare with, found {token}", advice, at=token)


def _check(reader: Reader, start: Token, operator: Operator, operands: tuple[Operand, ...]) -> None:
    kinds = {kind for kind in map(kind_of, operands) if kind is not None}
    if len(kinds) > 1:
        names = " and ".join(sorted(f"{kind.value}s" for kind in kinds))
        reader.fail(f"one condition cannot compare with {names} at the same time", at=start)
    kind = next(iter(kinds), None)
    if operator in (Operator.MATCHES, Operator.NOT_MATCHES) and not isinstance(operands[0], (Text, Date)):
        reader.fail("'matches' needs a regular expression in double quotes", at=start)
    is_ordered = operator not in (
        Operator.EQUAL,
        Operator.NOT_EQUAL,
        Operator.IN,
        Operator.NOT_IN,
        Operator.MATCHES,
        Operator.NOT_MATCHES,
    )
    if is_ordered and kind is OperandKind.TEXT:
        reader.fail(
            f"'{operator.value}' compares numbers, dates, durations and sizes, not texts",
            "write numbers without quotes",
            at=start,
        )
